"""Sockets and HTTP: who is connected here, what they may ask, and what reaches them."""
