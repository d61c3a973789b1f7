"""Decrypt recordings, with a key that the server does not have."""

from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO, Final

import pyrage
from pyrage.x25519 import Identity, Recipient

from signalling.media.record.sealed import PLACE, tail_of

SECRET: Final = "AGE-SECRET-KEY-"  # noqa: S105 - how such a key begins


class Unreadable(Exception):
    """A recording, or a key, that cannot be read; the words say why."""


class _Plain:
    """Take plaintext from age as it is decrypted."""

    def __init__(self, target: BinaryIO) -> None:
        self._target = target
        self.count = 0
        self.raised: OSError | None = None

    def write(self, data: bytes) -> int:
        try:
            self._target.write(data)
        except OSError as error:
            self.raised = error
            raise
        self.count += len(data)
        return len(data)

    def flush(self) -> None:
        """Do nothing: the target's owner closes it."""


def recipients_of(keys: Sequence[str]) -> list[Recipient]:
    """Return the public keys ("age1…") that recordings are encrypted to; raise ValueError."""
    found: list[Recipient] = []
    for key in keys:
        try:
            found.append(Recipient.from_str(key.strip()))
        except pyrage.RecipientError:
            raise ValueError(f"{key!r} is no public key of age (age1…)") from None
    return found


def identities_in(file: Path) -> list[Identity]:
    """Return the secret keys in a file as age-keygen writes it; raise Unreadable."""
    try:
        lines = file.read_text(encoding="ascii").splitlines()
    except (OSError, ValueError) as error:
        raise Unreadable(f"{file}: {error}") from None
    found: list[Identity] = []
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        try:
            found.append(Identity.from_str(line.strip()))
        except pyrage.IdentityError:  # never the line: it may be nearly a key
            raise Unreadable(f"{file}: line {number} is no secret key of age") from None
    if not found:
        raise Unreadable(f"{file}: no line begins with {SECRET}")
    return found


def unseal(path: Path, identities: Sequence[Identity], target: BinaryIO) -> bool:
    """Write the plaintext of a sealed file to *target*; return whether it was whole.

    What a crash cut off comes as far as it was kept: its whole chunks, then the tail. Raise
    Unreadable when none of the identities opens it, or nothing of it is left.
    """
    keys = list(identities)
    plain, reason = _Plain(target), None
    try:
        with path.open("rb") as sealed:
            pyrage.decrypt_io(sealed, plain, keys)
    except (pyrage.DecryptError, OSError) as error:
        reason = str(error)
    if plain.raised is not None:  # age may not have said so
        raise plain.raised
    if reason is None:
        return True
    tail = tail_of(path)
    if not tail.exists():
        if plain.count:
            return False
        raise Unreadable(f"{path.name}: {reason}")
    try:
        place, rest = _tail(tail.read_bytes(), keys)
    except (pyrage.DecryptError, OSError, ValueError) as error:
        raise Unreadable(f"{tail.name}: {error}") from None
    if place > plain.count:
        raise Unreadable(f"{path.name}: {place - plain.count} bytes are missing before its tail")
    target.write(rest[plain.count - place :])
    return False


def _tail(sealed: bytes, keys: Sequence[Identity]) -> tuple[int, bytes]:
    plain = pyrage.decrypt(sealed, list(keys))
    if len(plain) < PLACE.size:
        raise ValueError("too short")
    return PLACE.unpack_from(plain)[0], plain[PLACE.size :]
