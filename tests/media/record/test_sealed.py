"""Encryption while a file grows: what reaches the disk, and what a crash leaves of it."""

import errno
import io
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pyrage
import pytest
from pyrage.x25519 import Identity

from signalling.media.record import sealed as module
from signalling.media.record.sealed import CHUNK, Erased, Sealed, create, replace, tail_of
from signalling.media.record.unseal import unseal

KEY = Identity.generate()
TO = [KEY.to_public()]


def plain_of(path: Path) -> tuple[bytes, bool]:
    target = io.BytesIO()
    whole = unseal(path, [KEY], target)
    return target.getvalue(), whole


def pulling(*pieces: bytes | None) -> Iterator[bytes | None]:
    yield from pieces
    while True:
        yield b""


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 17])
def test_what_is_written_is_read_with_the_key(tmp_path: Path, size: int) -> None:
    path, plain = tmp_path / "a.ogg.age", os.urandom(size)
    pieces = [plain[at : at + 5000] for at in range(0, size, 5000)]
    source = pulling(None, *pieces, None)
    sealed = Sealed(path, TO)

    sealed.encrypt(lambda: next(source))

    assert plain_of(path) == (plain, True)
    assert (sealed.plain_bytes, sealed.written_bytes) == (size, path.stat().st_size)
    assert list(tmp_path.iterdir()) == [path]


def test_only_the_owner_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "a.ogg.age"
    source = pulling(b"x")
    Sealed(path, TO).encrypt(lambda: next(source))

    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_no_other_key_opens_it(tmp_path: Path) -> None:
    path = tmp_path / "a.ogg.age"
    source = pulling(b"x" * 1000)
    Sealed(path, TO).encrypt(lambda: next(source))

    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(path.read_bytes(), [Identity.generate()])


def test_several_keys_each_open_it(tmp_path: Path) -> None:
    path, other = tmp_path / "a.ogg.age", Identity.generate()
    source = pulling(b"said")
    Sealed(path, [*TO, other.to_public()]).encrypt(lambda: next(source))

    assert pyrage.decrypt(path.read_bytes(), [KEY]) == b"said"
    assert pyrage.decrypt(path.read_bytes(), [other]) == b"said"


def test_an_older_file_is_never_written_over(tmp_path: Path) -> None:
    path = tmp_path / "a.ogg.age"
    path.write_bytes(b"older")

    with pytest.raises(FileExistsError):
        Sealed(path, TO).encrypt(lambda: b"")
    assert path.read_bytes() == b"older"


@pytest.mark.parametrize("size", [100, CHUNK + 100])
def test_a_disk_that_is_full_is_told(
    tmp_path: Path, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when only the last write is refused, of which age itself says nothing."""
    monkeypatch.setattr(module, "create", lambda _: os.open("/dev/full", os.O_WRONLY))
    source = pulling(os.urandom(size))

    with pytest.raises(OSError, match="No space") as raised:
        Sealed(tmp_path / "a.ogg.age", TO).encrypt(lambda: next(source))
    assert raised.value.errno == errno.ENOSPC


def test_what_the_source_raises_comes_out(tmp_path: Path) -> None:
    def pull() -> bytes:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        Sealed(tmp_path / "a.ogg.age", TO).encrypt(pull)


@pytest.fixture
def kept_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEEP_S", 0.0)


@pytest.mark.usefixtures("kept_at_once")
@pytest.mark.parametrize("size", [0, 10, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 5 * CHUNK + 99])
def test_all_that_was_kept_survives(tmp_path: Path, size: int) -> None:
    """A copy taken while the file is written has everything that age had read by then."""
    path, plain = tmp_path / "a.ogg.age", os.urandom(size)
    crashed = tmp_path / "crashed"
    crashed.mkdir()
    left = [plain[at : at + 7000] for at in range(0, size, 7000)]

    def pull() -> bytes | None:
        if left:
            return left.pop(0)
        if not any(crashed.iterdir()):
            for file in (path, tail_of(path)):
                (crashed / file.name).write_bytes(file.read_bytes())
            return None
        return b""

    Sealed(path, TO).encrypt(pull)

    assert plain_of(crashed / path.name) == (plain, False)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.glob("*.tail*")) == []


@pytest.mark.usefixtures("kept_at_once")
def test_a_file_that_grew_after_its_tail_was_kept_is_not_doubled(tmp_path: Path) -> None:
    path, plain = tmp_path / "a.ogg.age", os.urandom(3 * CHUNK)
    tails: list[bytes] = []
    left = [plain[at : at + 7000] for at in range(0, len(plain), 7000)]

    def pull() -> bytes:
        if tail_of(path).exists():
            tails.append(tail_of(path).read_bytes())
        return left.pop(0) if left else b""

    Sealed(path, TO).encrypt(pull)
    whole = path.read_bytes()
    for tail in tails:
        tail_of(path).write_bytes(tail)
        path.write_bytes(whole[:-100])
        got, complete = plain_of(path)
        assert not complete
        assert got == plain[: len(got)]
        assert len(got) >= 2 * CHUNK


@pytest.mark.usefixtures("kept_at_once")
def test_whoever_erases_the_file_ends_it(tmp_path: Path) -> None:
    path = tmp_path / "a.ogg.age"

    def pull() -> bytes:
        path.unlink(missing_ok=True)
        return b"more"

    with pytest.raises(Erased):
        Sealed(path, TO).encrypt(pull)
    assert list(tmp_path.iterdir()) == [tail_of(path)] or not list(tmp_path.iterdir())


WRITES = """
import sys
from pathlib import Path
from pyrage.x25519 import Recipient
from signalling.media.record import sealed
sealed.KEEP_S = 0
count = 0
def pull():
    global count
    count += 1
    print(count, flush=True)
    return count.to_bytes(4, "big") * 100
sealed.Sealed(Path(sys.argv[1]), [Recipient.from_str(sys.argv[2])]).encrypt(pull)
"""


def test_a_killed_process_leaves_all_but_its_last_moments(tmp_path: Path) -> None:
    path = tmp_path / "a.ogg.age"
    arguments = [sys.executable, "-c", WRITES, str(path), str(TO[0])]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        for line in child.stdout:
            if int(line) == 300:
                child.send_signal(signal.SIGKILL)
                break

    got, whole = plain_of(path)

    assert not whole
    assert got == b"".join(n.to_bytes(4, "big") * 100 for n in range(1, len(got) // 400 + 1))
    assert len(got) // 400 >= 300 - 30  # a tail after each read, which is of 8 kB at once


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    replace(path, b"one")
    (tmp_path / "a.json.new").write_bytes(b"left by a crash")
    replace(path, b"two")

    assert path.read_bytes() == b"two"
    assert list(tmp_path.iterdir()) == [path]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_new_file_is_new(tmp_path: Path) -> None:
    os.close(create(tmp_path / "a"))

    with pytest.raises(FileExistsError):
        create(tmp_path / "a")
