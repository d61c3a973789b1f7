"""Recordings opened by age itself, another program than ours: nobody depends on this one."""

import shutil
import subprocess
from pathlib import Path

import pytest
from pyrage.x25519 import Identity

from signalling.media.record import sealed as module
from signalling.media.record.sealed import CHUNK, PLACE, Sealed, tail_of

AGE = shutil.which("age")
KEY = Identity.generate()


def opened(path: Path, directory: Path) -> subprocess.CompletedProcess[bytes]:
    assert AGE, "these tests need age on the PATH"
    key = directory / "key"
    key.write_text(f"{KEY}\n", "ascii")
    return subprocess.run(
        [AGE, "--decrypt", "--identity", str(key), str(path)],
        capture_output=True,
        check=False,
        timeout=20,
    )


def test_a_recording_is_an_age_file(tmp_path: Path) -> None:
    path, left = tmp_path / "1-a.ogg.age", [b"said" * 50_000, b""]
    Sealed(path, [KEY.to_public()]).encrypt(lambda: left.pop(0))

    result = opened(path, tmp_path)

    assert (result.returncode, result.stdout) == (0, b"said" * 50_000)


def test_what_a_crash_leaves_is_put_together_by_hand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """age writes the whole chunks, and complains; the tail says where it goes on."""
    monkeypatch.setattr(module, "KEEP_S", 0.0)
    path, plain = tmp_path / "1-a.ogg.age", bytes(range(256)) * 600
    left = [plain, None, b""]
    found: list[bytes] = []

    def pull() -> bytes | None:
        piece = left.pop(0)
        if piece is None:
            found.extend((path.read_bytes(), tail_of(path).read_bytes()))
        return piece

    Sealed(path, [KEY.to_public()]).encrypt(pull)
    path.write_bytes(found[0])
    tail_of(path).write_bytes(found[1])

    whole, tail = opened(path, tmp_path), opened(tail_of(path), tmp_path)

    assert (whole.returncode, tail.returncode) == (1, 0)
    assert whole.stdout == plain[: 2 * CHUNK]
    assert PLACE.unpack_from(tail.stdout) == (2 * CHUNK,)
    assert whole.stdout + tail.stdout[PLACE.size :] == plain
