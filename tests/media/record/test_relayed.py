"""Real people at a real relay, recorded: what was said and shown is what is on the files."""

import asyncio
import io
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from pyrage.x25519 import Identity

from signalling.media.record.about import About
from signalling.media.record.catalogue import kept
from signalling.media.record.recorder import Recorder
from signalling.media.record.told import Began, Failed, Finished
from signalling.media.record.unseal import unseal
from signalling.media.relay.relay import Relay
from signalling.media.relay.source import Source
from signalling.media.tones import dominant_hz
from signalling.settings import Recording
from tests.media.record.probe import Probed, probe
from tests.media.relay.people import BOUNDS, people

KEY = Identity.generate()


class Recorded:
    """A relay with a recorder at it."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.relay = Relay(BOUNDS, published=self._published)
        settings = Recording((str(KEY.to_public()),), str(directory), free_mb=0)
        self.recorder = Recorder(settings, self.relay, self._tell)
        self._began = asyncio.Condition()
        self._news: list[Began | Finished | Failed] = []
        self._told = asyncio.Event()

    def _published(self, source: Source) -> None:
        self.recorder.published(source)

    def _tell(self, event: Began | Finished | Failed) -> None:
        self._news.append(event)
        self._told.set()

    async def until_begun(self, containers: list[str]) -> None:
        def begun() -> list[str]:
            return sorted(e.about.container for e in self._news if isinstance(e, Began))

        while begun() != containers:
            self._told.clear()
            await self._told.wait()

    def played(self, about: About) -> Probed:
        (one,) = (k for k in kept(self.directory) if k.known == about)
        assert one.sealed is not None
        plain, path = io.BytesIO(), self.directory / f"plain.{about.container}"
        assert unseal(one.sealed, [KEY], plain)
        path.write_bytes(plain.getvalue())
        return probe(path)


async def test_a_meeting_of_two_is_recorded(tmp_path: Path) -> None:
    made = Recorded(tmp_path)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(made.relay.close)
        ann, ben = await stack.enter_async_context(people(made.relay, 2, slots=1))
        ben.kinds = ("audio",)
        await ann.offer()
        await ann.connected()
        await made.recorder.start("m1", "r1", {"p0": 1, "p1": 2})
        await ben.offer()
        await ben.connected()
        await made.until_begun(["ogg", "webm"])
        await ben.want(ann)
        await ben.observer(0, "video").seen(30)  # two seconds
        files = {about.participant: about for about in await made.recorder.stop("m1")}

    said, shown = made.played(files["p1"]), made.played(files["p0"])
    assert (files["p1"].container, files["p0"].container) == ("ogg", "webm")
    for person, seen in ((ann, shown), (ben, said)):
        assert dominant_hz(seen.sound.astype(float)) == pytest.approx(person.hz, abs=5)
    assert len(shown.pictures) >= 25
    times = [at for at, _ in shown.pictures]
    assert times == sorted(set(times))
