"""Adapters to media: TURN credentials, addresses of peers, tracks that can be recognised."""
