"""The record of a meeting: as older nodes wrote it, and what it says of itself."""

import msgpack
import pytest
from msgspec.structs import replace

from signalling.core import address
from signalling.core.policy import USUAL
from signalling.core.room import Carrier, Handover, Meeting, ParticipantState, Recording
from signalling.store.records import pack, unpack
from tests.core.samples import ANN, CUSTOMER, NOW
from tests.core.test_carriage import of
from tests.core.test_lobby import WAITS
from tests.core.test_lobby_handover import ASKED, BOTH_IN
from tests.core.test_meeting import GUEST, LIVE, participant
from tests.core.test_recording import PAUSED

# As meetings were written before they were carried, recorded or had guests.
OLD = {
    "schema": 1,
    "id": "m1",
    "app": "hospital",
    "mode": "video",
    "parties": [{"address": CUSTOMER, "role": "customer", "name": "Kari"}],
    "created_ms": NOW,
    "until_ms": NOW + 1,
    "assignment": "a1",
    "topology": "mesh",
    "state": "live",
    "locked": False,
    "participants": [
        {
            "id": "p-kari",
            "address": CUSTOMER,
            "role": "customer",
            "name": "Kari",
            "session": "s-kari",
            "epoch": 1,
            "single_offerer": False,
            "joined_ms": NOW,
            "state": "joined",
            "media": {"audio": True},
            "tell_ms": None,
            "gone_ms": None,
            "left_ms": None,
            "reason": None,
        }
    ],
    "alone_ms": None,
    "live_ms": NOW,
    "ended_ms": None,
    "reason": None,
}


def test_a_meeting_of_before_is_read_and_goes_on() -> None:
    m, _ = unpack(Meeting, msgpack.packb(OLD))

    assert (m.policy, m.carrier, m.recording, m.history) == (USUAL, None, Recording(), ())
    assert (m.inside[0].connected_ms, m.inside[0].quality.reports) == (None, 0)
    assert msgpack.unpackb(pack(m, m.schema))["participants"][0].items() >= (
        {"id": "p-kari", "media": {"audio": True}}.items()
    )


@pytest.mark.parametrize("m", [WAITS, BOTH_IN, PAUSED, of(4)], ids=["a", "b", "c", "d"])
def test_what_is_written_is_read(m: Meeting) -> None:
    assert unpack(Meeting, pack(m, m.schema))[0] == m


def test_its_next_wake() -> None:
    lost = participant(GUEST, gone_ms=NOW + 7, tell_ms=NOW + 3)
    waits = replace(lost, state=ParticipantState.WAITING, tell_ms=None)
    handover = Handover(ANN, "i:bo", NOW + 5)
    people = LIVE.participants

    assert LIVE.wake_at_ms == LIVE.until_ms
    assert replace(LIVE, alone_ms=NOW + 9).wake_at_ms == NOW + 9
    assert replace(LIVE, participants=(*people, lost)).wake_at_ms == NOW + 3
    assert replace(LIVE, participants=(*people, waits)).wake_at_ms == NOW + 7
    assert replace(LIVE, handovers=(handover,)).wake_at_ms == NOW + 5
    assert ASKED.wake_at_ms == LIVE.until_ms  # nobody has come yet


def test_where_it_is_listed() -> None:
    carried = replace(LIVE, carrier=Carrier("md-1.1", "relay", "md-1"))

    assert set(carried.indexes) - set(LIVE.indexes) == {"carried:md-1"}


@pytest.mark.parametrize("state", ParticipantState)
def test_whom_a_guest_sees(state: ParticipantState) -> None:
    m = replace(LIVE, participants=(*LIVE.participants, participant(GUEST, state=state)))

    assert m.sees(GUEST.address) == (state in ("joined", "reconnecting"))
    assert m.sees(ANN)
    assert m.sees(address.operator("hospital", "olga"))
