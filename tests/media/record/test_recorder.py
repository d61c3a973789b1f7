"""Recordings of meetings: who is on them, parts, failures, and what is told."""

import asyncio
import io
import stat
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import msgspec
import pytest
from pyrage.x25519 import Identity

from signalling.errors import IllegalTransition, InvalidParams, NotFound, Unavailable
from signalling.media.record import recorder as module
from signalling.media.record import writer
from signalling.media.record.about import About
from signalling.media.record.catalogue import kept
from signalling.media.record.recorder import Recorder
from signalling.media.record.told import Began, Failed, Finished
from signalling.media.record.unseal import unseal
from signalling.settings import Recording
from tests.media.record.probe import Probed, probe
from tests.media.record.studio import (
    FPS,
    Meetings,
    Person,
    camera,
    opus,
    soon,
    together,
    voice,
    vp8,
)

KEY = Identity.generate()
ALL = {"ann": 1, "ben": 2}


class Studio:
    """A recorder with the meetings that it records, and what it told."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.settings = Recording(
            recipients=(str(KEY.to_public()),), directory=str(directory), free_mb=0
        )
        self.meetings = Meetings()
        self.told: list[Began | Finished | Failed] = []
        self._news = asyncio.Event()
        self.recorder = Recorder(self.settings, self.meetings, self._tell)

    def _tell(self, event: Began | Finished | Failed) -> None:
        self.told.append(event)
        self._news.set()

    async def until(self, true: Callable[[], object]) -> None:
        async with asyncio.timeout(20):
            while not true():
                self._news.clear()
                await self._news.wait()

    def began(self) -> list[About]:
        return [event.about for event in self.told if isinstance(event, Began)]

    def failures(self) -> list[Failed]:
        return [event for event in self.told if isinstance(event, Failed)]

    def played(self, about: About) -> Probed:
        (one,) = (k for k in kept(self.directory) if k.known == about)
        plain, path = io.BytesIO(), self.directory / f"plain.{about.container}"
        assert one.sealed is not None
        assert unseal(one.sealed, [KEY], plain)
        path.write_bytes(plain.getvalue())
        return probe(path)


@pytest.fixture
async def studio(tmp_path: Path) -> AsyncIterator[Studio]:
    studio = Studio(tmp_path / "recordings")
    yield studio
    await studio.recorder.close()


async def test_everybody_who_agreed_has_a_file(studio: Studio) -> None:
    ann, ben = studio.meetings.publish("ann"), studio.meetings.publish("ben")
    seen = studio.meetings.publish("ben", "video")
    await studio.recorder.start("m1", "r1", ALL)
    begun_s = soon()
    ann.send(voice(opus(3), begun_s))
    for packet in together(voice(opus(3, hz=880), begun_s), camera(vp8(3), begun_s)):
        (ben if packet.kind == "audio" else seen).send([packet])

    files = {about.participant: about for about in await studio.recorder.stop("m1")}

    assert (files["ann"].container, files["ben"].container) == ("ogg", "webm")
    assert studio.played(files["ann"]).seconds == pytest.approx(3, abs=0.02)
    assert len(studio.played(files["ben"]).pictures) == 3 * FPS
    assert seen.asked == 1
    assert files["ann"].consents == ALL
    assert {event.about.participant for event in studio.told if isinstance(event, Finished)} == {
        "ann",
        "ben",
    }
    assert ann.sinks == ben.sinks == seen.sinks == []


async def test_whoever_has_not_agreed_is_not_recorded(studio: Studio) -> None:
    ann, eve = studio.meetings.publish("ann"), studio.meetings.publish("eve")
    await studio.recorder.start("m1", "r1", {"ann": 1})
    late = Person("audio", "eve")
    studio.recorder.published(late)

    assert (len(ann.sinks), eve.sinks, late.sinks) == (1, [], [])


async def test_a_pause_ends_the_files_and_a_new_part_begins_others(studio: Studio) -> None:
    ann = studio.meetings.publish("ann")
    await studio.recorder.start("m1", "r1", {"ann": 1})
    ann.send(voice(opus(1), soon()))
    await studio.recorder.pause("m1")
    await studio.recorder.pause("m1")
    ann.send(voice(opus(1), soon()))  # said while it was paused
    studio.recorder.published(Person("audio", "ann"))
    ben = studio.meetings.publish("ben")
    await studio.recorder.resume("m1", ALL)
    await studio.recorder.resume("m1", ALL)
    ben.send(voice(opus(2), soon()))

    files = await studio.recorder.stop("m1")

    assert [(a.participant, a.part, a.ended) for a in files] == [
        ("ann", 1, "paused"),
        ("ben", 2, "stopped"),
    ]
    assert [studio.played(a).seconds for a in files] == pytest.approx([1, 2], abs=0.02)
    assert [a.consents for a in files] == [{"ann": 1}, ALL]


async def test_whoever_comes_later_or_leaves_is_recorded_meanwhile(studio: Studio) -> None:
    await studio.recorder.start("m1", "r1", ALL)
    ann = studio.meetings.publish("ann")
    studio.recorder.published(ann)
    ann.send(voice(opus(1), soon()))
    ann.end()
    await studio.until(lambda: [e for e in studio.told if isinstance(e, Finished)])
    again = Person("audio")
    studio.recorder.published(again)
    again.send(voice(opus(1), soon(), ssrc=9))

    files = await studio.recorder.stop("m1")

    assert [(a.participant, a.part, a.ended) for a in files] == [
        ("ann", 1, "left"),
        ("ann", 1, "stopped"),
    ]


async def test_a_new_connection_takes_the_place_of_the_old_one(studio: Studio) -> None:
    old, new = studio.meetings.publish("ann"), Person("audio")
    await studio.recorder.start("m1", "r1", ALL)
    said, begun_s = opus(2), soon()
    old.send(voice(said[:50], begun_s))
    studio.recorder.published(new)
    new.send(voice(said[50:], begun_s + 1, ssrc=9, first=4))
    old.end()

    (about,) = await studio.recorder.stop("m1")

    assert studio.played(about).seconds == pytest.approx(2, abs=0.05)


async def test_starting_and_stopping_again_is_harmless(studio: Studio) -> None:
    await studio.recorder.start("m1", "r1", ALL)
    await studio.recorder.start("m1", "r1", ALL)
    with pytest.raises(IllegalTransition):
        await studio.recorder.start("m1", "r2", ALL)
    assert await studio.recorder.stop("m1") == ()
    assert await studio.recorder.stop("m1") == ()
    for step in (studio.recorder.pause("m1"), studio.recorder.resume("m1", ALL)):
        with pytest.raises(NotFound):
            await step
    studio.recorder.published(Person("audio", "ann"))


async def test_a_recording_that_is_stopped_while_it_begins_does_not_begin(studio: Studio) -> None:
    ann = studio.meetings.publish("ann")
    beginning = asyncio.create_task(studio.recorder.start("m1", "r1", ALL))
    await asyncio.sleep(0)
    await studio.recorder.stop("m1")

    with pytest.raises(IllegalTransition):
        await beginning
    assert ann.sinks == []


@pytest.mark.parametrize("recording", ["", "../r1", "r/1", "r" * 65, "r1\n", "."])
async def test_an_id_that_could_be_a_path_is_refused(studio: Studio, recording: str) -> None:
    with pytest.raises(InvalidParams):
        await studio.recorder.start("m1", recording, ALL)


async def test_without_a_key_nothing_is_recorded(studio: Studio, tmp_path: Path) -> None:
    recorder = Recorder(Recording(directory=str(tmp_path)), studio.meetings, studio.told.append)

    with pytest.raises(Unavailable, match=r"recording\.recipients"):
        await recorder.start("m1", "r1", ALL)
    assert list(kept(tmp_path)) == []


async def test_a_key_that_is_none_is_told_at_once(studio: Studio) -> None:
    with pytest.raises(ValueError, match="no public key"):
        Recorder(Recording(recipients=("age1x",)), studio.meetings, studio.told.append)


async def test_without_space_or_a_directory_it_does_not_begin(studio: Studio) -> None:
    full = msgspec.structs.replace(studio.settings, free_mb=1 << 29)
    studio.directory.parent.joinpath("file").touch()
    nowhere = msgspec.structs.replace(
        studio.settings, directory=str(studio.directory.parent / "file")
    )
    for settings, words in ((full, "full"), (nowhere, "cannot be written")):
        recorder = Recorder(settings, studio.meetings, studio.told.append)
        with pytest.raises(Unavailable, match=words):
            await recorder.start("m1", "r1", ALL)
        assert await recorder.stop("m1") == ()


async def test_folders_are_the_servers_alone(studio: Studio) -> None:
    await studio.recorder.start("m1", "r1", ALL)

    modes = [stat.S_IMODE(p.stat().st_mode) for p in (studio.directory, studio.directory / "r1")]
    assert modes == [0o700, 0o700]


async def test_a_disk_that_fails_ends_the_recording_once_and_the_others_files(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, ben = studio.meetings.publish("ann"), studio.meetings.publish("ben")
    await studio.recorder.start("m1", "r1", ALL)
    ann.send(voice(opus(1), soon()))
    await studio.until(lambda: len(studio.began()) == 1)
    monkeypatch.setattr("signalling.media.record.about.create", _refuse)
    ben.send(voice(opus(1), soon()))

    await studio.until(studio.failures)

    (failed,) = studio.failures()
    assert (failed.meeting, failed.recording, failed.reason) == ("m1", "r1", "disk")
    assert "disk" in failed.words
    await studio.until(lambda: [e for e in studio.told if isinstance(e, Finished)])
    await studio.recorder.close()
    assert len(studio.failures()) == 1
    assert ann.sinks == ben.sinks == []
    with pytest.raises(NotFound):
        await studio.recorder.pause("m1")


def _refuse(path: Path) -> int:
    raise PermissionError(13, "no", str(path))


async def test_packets_that_the_disk_does_not_keep_up_with_end_it(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "PACKETS_MOST", 40)
    people = studio.meetings.publish("ann"), studio.meetings.publish("ben")
    await studio.recorder.start("m1", "r1", ALL)
    for person in people:
        person.send(voice(opus(1), soon()))

    await studio.until(lambda: sum(isinstance(e, Finished) for e in studio.told) == 2)
    await studio.until(studio.failures)
    await studio.recorder.close()

    assert [failed.reason for failed in studio.failures()] == ["slow"]
    assert [person.sinks for person in people] == [[], []]


async def test_only_so_many_people_are_recorded(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "WRITERS_MOST", 1)
    ann, ben = studio.meetings.publish("ann"), studio.meetings.publish("ben")
    await studio.recorder.start("m1", "r1", ALL)

    assert [failed.reason for failed in studio.failures()] == ["busy"]
    assert ann.sinks == ben.sinks == []


async def test_a_disk_that_hangs_is_given_up(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    held, free = threading.Event(), threading.Event()

    def hang(*_: object) -> None:
        held.set()
        assert free.wait(20)

    monkeypatch.setattr("os.fdatasync", hang)
    ann = studio.meetings.publish("ann")
    await studio.recorder.start("m1", "r1", ALL)
    ann.send(voice(opus(1), soon()))
    monkeypatch.setattr(module, "STOP_S", 0.5)
    await studio.recorder.stop("m1")

    assert held.is_set()
    assert [failed.reason for failed in studio.failures()] == ["disk"]
    free.set()
    monkeypatch.setattr(module, "STOP_S", 20)
