"""One participant's sources joined to the thread that writes them."""

import asyncio
from pathlib import Path

import pytest
from pyrage.x25519 import Identity
from structlog.testing import capture_logs

from signalling.media.record.about import About
from signalling.media.record.file import Home
from signalling.media.record.tap import Tap
from signalling.media.record.told import Began, Finished
from signalling.media.record.writer import Writer
from tests.media.record.studio import Person, camera, opus, soon, voice, vp8

KNOWN = About(
    recording="r1",
    meeting="m1",
    participant="ann",
    part=1,
    container="ogg",
    started_ms=0,
    consents={"ann": 1},
)


def tapped(directory: Path, told: list[Began | Finished]) -> Tap:
    return Tap(Home(directory, [Identity.generate().to_public()], 0), KNOWN, told.append)


async def done(tap: Tap) -> str | None:
    async with asyncio.timeout(20):
        return await tap.done


async def test_it_ends_when_its_last_source_has(tmp_path: Path) -> None:
    told: list[Began | Finished] = []
    tap, said, seen = tapped(tmp_path, told), Person("audio"), Person("video")
    tap.attach(said)
    tap.attach(seen)
    seen.end()
    still_on = not tap.ending
    said.send(voice(opus(1), soon()))
    said.end()

    assert still_on
    assert tap.ending
    assert await done(tap) is None
    assert [type(event) for event in told] == [Began, Finished]
    assert told[1].about.ended == "left"


async def test_the_publisher_is_asked_for_a_picture_until_one_comes(tmp_path: Path) -> None:
    tap, seen = tapped(tmp_path, []), Person("video")
    tap.attach(seen)
    assert seen.asked == 1
    seen.send(camera(vp8(3)[3:15], soon()))
    async with asyncio.timeout(20):
        await seen.asked_again.wait()
    tap.end("stopped")

    assert await done(tap) is None


async def test_a_source_that_was_replaced_ends_nothing(tmp_path: Path) -> None:
    tap, old, new = tapped(tmp_path, []), Person("audio"), Person("audio")
    tap.attach(old)
    (line,) = old.sinks
    tap.attach(new)
    assert old.sinks == []
    line.ended()

    assert not tap.ending
    tap.end("paused")
    tap.end("stopped")
    assert new.sinks == []
    assert await done(tap) is None


async def test_a_fault_of_ours_fails_and_is_logged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(_: Writer) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Writer, "run", run)

    with capture_logs() as logs:
        assert await done(tapped(tmp_path, [])) == "media"
    assert "a recording could not be written" in [line["event"] for line in logs]
