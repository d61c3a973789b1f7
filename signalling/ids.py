"""Fresh ids: short, unguessable, and telling what they name."""

import os
from typing import Final

SIZE: Final = 10  # bytes of the longest
AT_ONCE: Final = 400  # asked of the system together: each call costs as much as ten ids

_drawn: Final[list[bytes]] = []
os.register_at_fork(after_in_child=_drawn.clear)  # or both would mint the same


def random_hex(size: int) -> str:
    """Return *size* random bytes that nobody can guess, ten at most, as hexadecimal digits."""
    if not _drawn:
        drawn = os.urandom(SIZE * AT_ONCE)
        _drawn.extend(drawn[at : at + SIZE] for at in range(0, len(drawn), SIZE))
    return _drawn.pop()[:size].hex()


def mint(prefix: str) -> str:
    """Return a new id with 80 random bits, e.g. `as-4f0c…`."""
    return f"{prefix}-{random_hex(10)}"


def mint_offer(assignment: str) -> str:
    """Return a new offer's id, which begins with its assignment's."""
    return f"{assignment}.{random_hex(6)}"


def assignment_of(offer: str) -> str:
    """Return the assignment that an offer's id begins with."""
    return offer.rpartition(".")[0]
