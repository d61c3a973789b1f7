"""Fresh ids: short, unguessable, and telling what they name."""

import secrets


def mint(prefix: str) -> str:
    """Return a new id with 80 random bits, e.g. `as-4f0c…`."""
    return f"{prefix}-{secrets.token_hex(10)}"


def mint_offer(assignment: str) -> str:
    """Return a new offer's id, which begins with its assignment's."""
    return f"{assignment}.{secrets.token_hex(6)}"


def assignment_of(offer: str) -> str:
    """Return the assignment that an offer's id begins with."""
    return offer.rpartition(".")[0]
