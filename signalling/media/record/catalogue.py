"""What recordings there are: read from the files, so that nothing can disagree with them.

<directory>/<recording>/<began, ms>-<random>.<ogg|webm>.age   mode 0600, in a folder of 0700
                        <began, ms>-<random>.json             its description (about.py)
                        <began, ms>-<random>.<…>.tail.age     while it is written, or after a crash
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from signalling.media.record import about
from signalling.media.record.about import About

DAY_MS: Final = 86_400_000


@dataclass(frozen=True, slots=True)
class Kept:
    """Everything of one stem: the sealed file, what is beside it, and what is known of it.

    *sealed* is None where only remains are left, *known* where no description can be read.
    *ended_ms* is when it was last written to, if nothing says when it ended.
    """

    recording: str
    stem: str
    paths: tuple[Path, ...]
    sealed: Path | None
    known: About | None
    ended_ms: int

    @property
    def interrupted(self) -> bool:
        """Whether it is still being written, or its process died."""
        return self.known is None or self.known.ended is None


def kept(directory: Path) -> Iterator[Kept]:
    """Find all files of all recordings, the oldest first within each."""
    for folder in sorted(_folders(directory)):
        stems: dict[str, list[Path]] = {}
        for path in sorted(folder.iterdir()):
            if path.is_file() and not path.is_symlink():
                stems.setdefault(path.name.split(".", 1)[0], []).append(path)
        for stem, paths in stems.items():
            yield _kept(folder.name, stem, paths)


def of(directory: Path, name: str) -> list[Kept]:
    """Return the files of a recording or a meeting by its id."""
    return [one for one in kept(directory) if name in _names(one)]


def erase(files: list[Kept]) -> int:
    """Remove files with all that is beside them; return how many.

    The descriptions go last: what a crash leaves over is found again by its meeting.
    """
    for one in files:
        for path in sorted(one.paths, key=lambda path: path.suffix == about.SUFFIX):
            path.unlink(missing_ok=True)
    for folder in {one.paths[0].parent for one in files}:
        with contextlib.suppress(OSError):  # it has other files, or is gone
            folder.rmdir()
    return len(files)


def sweep(directory: Path, keep_days: float, now_ms: int) -> int:
    """Erase what ended more than *keep_days* ago; return how many files."""
    before_ms = now_ms - keep_days * DAY_MS
    return erase([one for one in kept(directory) if one.ended_ms < before_ms])


def _folders(directory: Path) -> list[Path]:
    if not directory.is_dir():
        return []
    return [path for path in directory.iterdir() if path.is_dir() and not path.is_symlink()]


def _kept(recording: str, stem: str, paths: list[Path]) -> Kept:
    known = next((about.read(p) for p in paths if p.suffix == about.SUFFIX), None)
    sealed = next((p for p in paths if p.name.count(".") == 2 and p.suffix == ".age"), None)
    if known is not None and known.ended_ms is not None:
        ended_ms = known.ended_ms
    else:
        ended_ms = max(map(_written_ms, paths))
    return Kept(recording, stem, tuple(paths), sealed, known, ended_ms)


def _written_ms(path: Path) -> int:
    try:
        return round(path.stat().st_mtime * 1000)
    except FileNotFoundError:  # erased meanwhile
        return 0


def _names(one: Kept) -> set[str]:
    return {one.recording} | ({one.known.meeting} if one.known else set())
