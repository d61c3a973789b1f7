"""Janus servers as carriers of meetings."""
