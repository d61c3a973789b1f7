"""What a media node's recorder does as the meetings' records say."""

from collections.abc import Coroutine
from types import SimpleNamespace
from typing import Any

import pytest
from msgspec.structs import replace

from signalling.core import events as on
from signalling.core import room_events as room
from signalling.core.room import Carrier, Meeting
from signalling.errors import Unavailable
from signalling.media.record import About, Began, Failed, Finished
from signalling.media_recording import Recordings
from tests.core.samples import ANN, CUSTOMER, NOW
from tests.core.test_meeting import GUEST
from tests.core.test_recording import ASKED, ON, OWN, PAUSED, STOP, after
from tests.logs import hearing_logs

AGREED = after(PAUSED, room.Consent(GUEST.address, given=True))
AGAIN = after(after(ON, STOP), room.Record(CUSTOMER, on=True, id="r2"))
ANOTHER = after(AGAIN, room.Consent(ANN, given=True))
MOVED = replace(ON, carrier=Carrier("md-2.2", "relay", "md-2"))
KARI_AND_ANN = {"p-kari": NOW, "p-ann": NOW}
ALL = {**KARI_AND_ANN, "p-gro": NOW}


class Fake:
    """A recorder that notes what it is asked, and the node that it belongs to."""

    def __init__(self) -> None:
        self.node = "md-1"
        self.asked: list[tuple[Any, ...]] = []
        self.told: list[tuple[Any, ...]] = []
        self.failing = False
        self.work: list[Coroutine[Any, Any, None]] = []

    def note(self, meeting: str, *what: Any) -> None:
        assert meeting == "w/m1"
        self.asked.append(what)

    async def start(self, meeting: str, recording: str, consents: dict[str, int]) -> None:
        self.note(meeting, "start", recording, consents)
        if self.failing:
            raise Unavailable("no disk")

    async def pause(self, meeting: str) -> None:
        self.note(meeting, "pause")

    async def resume(self, meeting: str, consents: dict[str, int]) -> None:
        self.note(meeting, "resume", consents)

    async def stop(self, meeting: str) -> list[Any]:
        self.note(meeting, "stop")
        return [SimpleNamespace(recording="r1", bytes=9, seconds=1.0)]

    async def tell(self, marketplace: str, meeting: str, event: object) -> None:
        self.told.append((marketplace, meeting, event))

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        self.work.append(work)

    async def settle(self) -> None:
        while self.work:
            await self.work.pop()


@pytest.fixture
def fake() -> Fake:
    return Fake()


async def followed(fake: Fake, *meetings: Meeting) -> list[tuple[Any, ...]]:
    """Return what the recorder was asked by those, one after the other."""
    node: Any = fake
    recordings = Recordings(node, node)
    for m in meetings:
        await recordings.follow("w", m)
    return fake.asked


START = ("start", "r1", KARI_AND_ANN)
CASES: list[tuple[tuple[Meeting, ...], list[tuple[Any, ...]]]] = [
    ((OWN, ASKED), []),
    ((ASKED, ON, ON), [START]),
    ((ON, PAUSED, PAUSED), [START, ("pause",), ("pause",)]),
    ((ON, PAUSED, AGREED), [START, ("pause",), ("pause",), ("resume", ALL)]),
    ((ON, AGREED), [START, ("pause",), ("resume", ALL)]),
    ((ON, after(ON, STOP)), [START, ("stop",)]),
    ((ON, after(ON, on.End(CUSTOMER))), [START, ("stop",)]),
    ((ON, MOVED), [START, ("stop",)]),
    ((ON, ANOTHER), [START, ("stop",), ("start", "r2", KARI_AND_ANN)]),
    ((MOVED,), []),
    ((PAUSED,), []),
    ((PAUSED, AGREED), [("start", "r1", ALL)]),
]


@pytest.mark.parametrize("case", range(len(CASES)))
async def test_it_does_as_the_record_says(fake: Fake, case: int) -> None:
    meetings, asked = CASES[case]

    assert await followed(fake, *meetings) == asked


@pytest.mark.parametrize("m", [ON, AGREED, ANOTHER])
async def test_whoever_is_recorded_has_agreed(fake: Fake, m: Meeting) -> None:
    """Named with when, and nobody else is."""
    asked = await followed(fake, m)

    assert {p.id for p in m.inside} == set(asked[0][2])


async def test_what_cannot_be_written_is_told(fake: Fake) -> None:
    """To the meeting, so that nobody thinks that they are recorded."""
    fake.failing = True

    asked = await followed(fake, ON)
    await fake.settle()

    assert asked == [START, ("stop",)]
    assert fake.told == [("w", "m1", room.Recorder("r1", "failed", "no disk"))]


async def test_a_recording_that_ends_by_itself_is_told(fake: Fake) -> None:
    node: Any = fake
    recordings = Recordings(node, node)
    about = About(
        recording="r1",
        meeting="w/m1",
        participant="p1",
        part=1,
        container="ogg",
        started_ms=1,
        consents={},
    )

    with hearing_logs() as logs:
        recordings.told(Began(about))
        recordings.told(Finished(about))
        recordings.told(Failed("w/m1", "r1", "disk", "no disk"))
    await fake.settle()

    begun = "a file of a recording has begun"
    assert [each["participant"] for each in logs.entries if each["event"] == begun] == ["p1"]
    assert fake.told == [("w", "m1", room.Recorder("r1", "failed", "no disk"))]
