"""Encrypt a recording to public keys while it is written: what reaches the disk nobody here reads.

The format is age's (age-encryption.org/v1, X25519 recipients). It encrypts in chunks of 64 KiB and
only whole ones reach the file, which is a second of video but a quarter of a minute of sound. So
what is not yet in a whole chunk is kept beside the file every three seconds in a small age file of
its own, the *tail*: eight bytes, big-endian, of where its plaintext belongs in the whole, then the
plaintext. Both are synced to the disk then. The tail goes when the file ends; after a crash
`unseal.py` puts the two together.
"""

import os
import struct
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import pyrage
from pyrage.x25519 import Recipient

CHUNK: Final = 65_536
SEALED_CHUNK: Final = CHUNK + 16  # with its tag
KEEP_S: Final = 3.0
PLACE: Final = struct.Struct(">Q")
TAIL: Final = ".tail.age"


class Erased(Exception):
    """The file was removed while it was written: who erases a recording ends it."""


class Sealed:
    """One encrypted file while it grows; `encrypt` writes it from its beginning to its end."""

    def __init__(self, path: Path, recipients: Sequence[Recipient]) -> None:
        self._path = path
        self._recipients = list(recipients)
        self.plain_bytes = 0
        self.written_bytes = 0
        self._pull: Callable[[], bytes | None] = lambda: b""
        self._pulled = b""  # what age has not read yet
        self._open = bytearray()  # what age has read, and is in no whole chunk yet
        self._kept_at_s = time.monotonic()
        self._fd = -1
        self._raised: BaseException | None = None

    def encrypt(self, pull: Callable[[], bytes | None]) -> None:
        """Write what *pull* returns until it returns b"", in the thread of the caller.

        *pull* may wait, for KEEP_S at most, and then return None. What it raises, and the
        OSError of a disk that refuses, come out of here; what is written stays.
        """
        self._pull = pull
        self._fd = create(self._path)
        try:
            try:
                pyrage.encrypt_io(self, self, self._recipients)
            except pyrage.EncryptError as error:  # says that we raised, but loses what
                raise self._raised or error from None
            if self._raised is not None:  # a refused last write goes without a word
                raise self._raised
            os.fdatasync(self._fd)
        finally:
            os.close(self._fd)
        tail_of(self._path).unlink(missing_ok=True)

    def read(self, most: int) -> bytes:
        """Return up to *most* bytes of plaintext, b"" at the end; age asks for them."""
        try:
            while not self._pulled:
                if time.monotonic() - self._kept_at_s >= KEEP_S:
                    self._keep()
                pulled = self._pull()
                if pulled == b"":
                    return b""
                self._pulled = pulled or b""
        except BaseException as error:
            self._raised = error
            raise
        given, self._pulled = self._pulled[:most], self._pulled[most:]
        self._open += given
        self.plain_bytes += len(given)
        return given

    def write(self, data: bytes) -> int:
        """Write ciphertext: age's header with the first chunk, then whole chunks."""
        try:
            if self._raised is not None:
                raise self._raised
            write_all(self._fd, data)
        except BaseException as error:
            self._raised = error
            raise
        self.written_bytes += len(data)
        del self._open[: self._whole - (self.plain_bytes - len(self._open))]
        return len(data)

    def flush(self) -> None:
        """Do nothing: nothing is held back."""

    @property
    def _whole(self) -> int:
        """How much plaintext is in whole chunks on the disk; the header is less than a chunk."""
        return max(0, self.written_bytes - 1) // SEALED_CHUNK * CHUNK

    def _keep(self) -> None:
        """Put what is in no whole chunk beside the file, and both on the disk."""
        if not os.fstat(self._fd).st_nlink:
            raise Erased
        os.fdatasync(self._fd)
        place = self.plain_bytes - len(self._open)
        sealed = pyrage.encrypt(PLACE.pack(place) + bytes(self._open), self._recipients)
        replace(tail_of(self._path), sealed)
        self._kept_at_s = time.monotonic()


def tail_of(path: Path) -> Path:
    """Return where the tail of an encrypted file is."""
    return path.with_name(path.name.removesuffix(".age") + TAIL)


def create(path: Path) -> int:
    """Create a file that its owner alone may read; return its descriptor, open for writing."""
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)


def replace(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, whoever dies meanwhile."""
    new = path.with_name(path.name + ".new")
    new.unlink(missing_ok=True)
    fd = create(new)
    try:
        write_all(fd, content)
        os.fdatasync(fd)
    finally:
        os.close(fd)
    new.replace(path)


def write_all(fd: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(fd, rest) :]
