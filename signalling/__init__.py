"""Dragoman: real-time matching and meeting signalling for an interpreter marketplace."""
