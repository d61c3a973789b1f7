"""The snapshot files of markets: with one, a process reads the rest of the feed only.

A file holds the records as the store has them, the population made of them, and the position in
the feed that both are no older than. It is written in slices, so people may change meanwhile: what
changed is in the feed after that position, and is told again when the file is read.
"""

import asyncio
import fcntl
import io
import os
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import structlog

from matching import blocks, snapshot
from matching.blocks import Sink, Source
from matching.errors import InvalidSnapshot
from matching.tables import Tables
from signalling.core.availability import Availability
from signalling.core.history import History
from signalling.core.profile import Profile
from signalling.market import Market
from signalling.settings import Store
from signalling.store.store import StoreUnavailable

LOG = structlog.get_logger(__name__)
MAGIC: Final = b"dragoman market\n"
SCHEMA: Final = 2  # raise it when `translate` or `past` makes something else of a record
HEAD: Final = "head"
AT_ONCE: Final = 500
SMALLEST: Final = 1_000  # people; fewer are read from the store as quickly
PAUSE_S: Final = 0.01  # between two slices, for others


def snapshots_of(settings: Store, tables: Tables) -> "Snapshots | None":
    """Return the snapshots that are set, None for none."""
    if not settings.snapshot_s:
        return None
    return Snapshots(Path(settings.data) / "index", tables, settings.snapshot_s)


class Snapshots:
    """The files of one *directory*, written every *every_s* seconds."""

    def __init__(self, directory: Path, tables: Tables, every_s: float) -> None:
        self.every_s = every_s
        self._directory = directory
        self._tables = tables
        self._saved: dict[str, str | None] = {}  # the position in each market's file

    def path(self, marketplace: str) -> Path:
        """Return where a market's snapshot is, or would be."""
        return self._directory / f"{marketplace}.snapshot"

    async def load(
        self, marketplace: str, known: Callable[[str], Awaitable[bool]]
    ) -> Market | None:
        """Return a market as it was, if there is a file and *known* says yes to its position.

        The market is up to its `position`, nobody has been told of it. None says why in the log.
        """
        started, market = time.perf_counter(), None
        path = self.path(marketplace)
        with _logged("a snapshot is not used", path):
            if not await asyncio.to_thread(path.exists):
                return None
            position = await asyncio.to_thread(_read_position, path, marketplace)
            if not await known(position):
                raise InvalidSnapshot("the feed does not know its position")
            market = await asyncio.to_thread(_read_file, path, marketplace, self._tables)
            self._saved[marketplace] = market.position
            LOG.info(
                "a snapshot is read",
                marketplace=marketplace,
                interpreters=len(market.population),
                seconds=round(time.perf_counter() - started, 2),
            )
        return market

    async def save(self, market: Market, pause_s: float = 0.0) -> None:
        """Write a market's file, if it is worth one and has changed; log what prevents it."""
        position, path = market.position, self.path(market.marketplace)
        small = len(market.population) < SMALLEST
        if position is None or small or position == self._saved.get(market.marketplace):
            return
        started = time.perf_counter()
        with _logged("a snapshot cannot be written", path):
            try:
                draft = await asyncio.to_thread(_Draft, path)
            except BlockingIOError:  # another process writes it just now
                return
            with closing(draft):
                for part in slices(market, position):
                    await asyncio.to_thread(draft.write, part)
                    await asyncio.sleep(pause_s)
                await asyncio.to_thread(draft.finish)
            self._saved[market.marketplace] = position
            seconds = round(time.perf_counter() - started, 2)
            LOG.info("a snapshot is written", marketplace=market.marketplace, seconds=seconds)


@contextmanager
def _logged(what: str, path: Path) -> Iterator[None]:
    """Log what goes wrong with a file, and go on: without it a process only starts more slowly."""
    try:
        yield
    except StoreUnavailable:
        raise
    except (InvalidSnapshot, OSError) as error:
        LOG.warning(what, path=str(path), error=str(error))
    except Exception:
        LOG.exception(what, path=str(path))


class _Draft:
    """A file of the owner's alone that takes the place of *path* once it is whole.

    One process at a time writes it: the others get BlockingIOError.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._path = path
        self._new = path.with_suffix(".new")
        self._lock = os.open(path.with_suffix(".lock"), os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            flags = os.O_CREAT | os.O_WRONLY | os.O_TRUNC
            self._file = os.fdopen(os.open(self._new, flags, 0o600), "wb")
        except OSError:
            os.close(self._lock)
            raise
        self.write = self._file.write

    def finish(self) -> None:
        """Put it in its place, whole even if the machine fails now."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._new.replace(self._path)
        directory = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)

    def close(self) -> None:
        """Let go of it; what is not finished is dropped."""
        with suppress(OSError):  # of a full disk: what it still held is not wanted
            self._file.close()
        self._new.unlink(missing_ok=True)
        os.close(self._lock)


def slices(market: Market, position: str) -> Iterator[bytes]:
    """Yield a market's file, a few milliseconds' work at a time: others may go between."""
    buffer = io.BytesIO()
    for _ in _write(market, position, buffer):
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def _write(market: Market, position: str, file: Sink) -> Iterator[int]:
    writer = blocks.Writer(file, MAGIC)
    writer.write(HEAD, _head(market.marketplace) | {"position": position})
    for some in _in_turn(market):
        for kind, kept in market.kept.items():
            bodies = kept.bodies
            writer.write(kind, {id_: bodies[id_] for id_ in some if id_ in bodies})
        yield len(some)
    writer.end()
    yield from snapshot.write(market.population, file)
    yield 0


def _in_turn(market: Market) -> Iterator[list[str]]:
    """Yield everybody's ids. A list by number stays one while people come and go, a map does not.

    Who takes another number meanwhile may be left out: they came back, which is in the feed.
    """
    ids, start = market.population.ids, 0
    while start < len(ids):
        yield ids[start : start + AT_ONCE]
        start += AT_ONCE
    yield list(market.strangers)


def _head(marketplace: str) -> dict[str, Any]:
    schemas = {kind.kind: kind.schema for kind in (Profile, Availability, History)}
    return {"schema": SCHEMA, "marketplace": marketplace, "records": schemas}


def _position(content: Iterator[tuple[str, Any]], marketplace: str) -> str:
    kind, head = next(content)
    position = head.pop("position", None)
    if kind != HEAD or head != _head(marketplace) or not isinstance(position, str):
        raise InvalidSnapshot("made by another version, or for another marketplace")
    return position


def _read_position(path: Path, marketplace: str) -> str:
    with path.open("rb") as file:
        return _position(blocks.read(file, MAGIC), marketplace)


def _read_file(path: Path, marketplace: str, tables: Tables) -> Market:
    with path.open("rb") as file:
        return read(file, marketplace, tables)


def read(file: Source, marketplace: str, tables: Tables) -> Market:
    """Return the market of a file; raise `InvalidSnapshot` if it is damaged or another's."""
    with snapshot.uncollected():
        content = blocks.read(file, MAGIC)
        position = _position(content, marketplace)
        found = list(content)
        market = Market(marketplace, snapshot.load(file, tables))
        for kind, bodies in found:
            market.kept[kind].bodies.update(bodies)
        market.resume()
    market.position = position
    return market
