"""Keys, and sealed files that are damaged."""

import io
from pathlib import Path

import pyrage
import pytest
from pyrage.x25519 import Identity

from signalling.media.record.sealed import CHUNK, PLACE, tail_of
from signalling.media.record.unseal import Unreadable, identities_in, recipients_of, unseal

KEY = Identity.generate()


def sealed(path: Path, plain: bytes) -> bytes:
    content: bytes = pyrage.encrypt(plain, [KEY.to_public()])
    path.write_bytes(content)
    return content


def test_public_keys_are_read() -> None:
    key = str(KEY.to_public())

    assert [str(one) for one in recipients_of([f" {key} ", key])] == [key, key]
    assert recipients_of([]) == []


@pytest.mark.parametrize(
    "wrong", ["", "age1", "ssh-ed25519 AAAA", pytest.param(str(KEY), id="secret key")]
)
def test_what_is_no_public_key_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="no public key"):
        recipients_of([wrong])


def test_secret_keys_are_read_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(f"# created: today\n# public key: {KEY.to_public()}\n\n{KEY}\n", "ascii")

    assert [str(one.to_public()) for one in identities_in(file)] == [str(KEY.to_public())]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "AGE-SECRET-KEY-"),
        (b"# nothing\n", "AGE-SECRET-KEY-"),
        (b"# one\nAGE-SECRET-KEY-1NEARLY\n", "line 2 is no secret key"),
        (b"\xff\xfe", "ascii"),
    ],
)
def test_a_file_without_keys_is_refused_and_not_repeated(
    tmp_path: Path, content: bytes, words: str
) -> None:
    file = tmp_path / "key"
    file.write_bytes(content)

    with pytest.raises(Unreadable, match=words) as raised:
        identities_in(file)
    assert "NEARLY" not in str(raised.value)


def test_a_key_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="absent"):
        identities_in(tmp_path / "absent")


def test_another_key_opens_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.ogg.age"
    sealed(path, b"said")

    with pytest.raises(Unreadable, match="No matching keys"):
        unseal(path, [Identity.generate()], io.BytesIO())


@pytest.mark.parametrize("content", [b"", b"not age", b"age-encryption.org/v1\n"])
def test_what_is_not_sealed_is_unreadable(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.ogg.age"
    path.write_bytes(content)

    with pytest.raises(Unreadable):
        unseal(path, [KEY], io.BytesIO())


def test_whole_chunks_are_read_from_a_file_without_a_tail(tmp_path: Path) -> None:
    path, plain, target = tmp_path / "a.ogg.age", bytes(range(256)) * 1000, io.BytesIO()
    path.write_bytes(sealed(path, plain)[:-10])

    assert not unseal(path, [KEY], target)
    assert target.getvalue() == plain[: 3 * CHUNK]


def test_a_byte_that_was_changed_ends_it_there(tmp_path: Path) -> None:
    path, plain, target = tmp_path / "a.ogg.age", bytes(200_000), io.BytesIO()
    content = bytearray(sealed(path, plain))
    content[100_000] ^= 1
    path.write_bytes(content)

    assert not unseal(path, [KEY], target)
    assert target.getvalue() == plain[:CHUNK]


@pytest.mark.parametrize(
    ("tail", "words"),
    [
        (b"short", "too short"),
        (PLACE.pack(CHUNK + 1) + b"said", "1 bytes are missing"),
    ],
)
def test_a_tail_that_does_not_fit_is_refused(tmp_path: Path, tail: bytes, words: str) -> None:
    path = tmp_path / "a.ogg.age"
    path.write_bytes(sealed(path, bytes(CHUNK + 10))[:-1])
    sealed(tail_of(path), tail)

    with pytest.raises(Unreadable, match=words):
        unseal(path, [KEY], io.BytesIO())


@pytest.mark.parametrize("size", [100, 200_000])
def test_a_full_disk_is_no_fault_of_the_recording(tmp_path: Path, size: int) -> None:
    path = tmp_path / "a.ogg.age"
    sealed(path, bytes(size))

    with (
        open("/dev/full", "wb", buffering=0) as full,  # noqa: PTH123 - unbuffered
        pytest.raises(OSError, match="No space"),
    ):
        unseal(path, [KEY], full)
