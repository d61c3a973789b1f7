"""What each party sees of a meeting, and of those in it."""

from typing import Any

import pytest
from msgspec.structs import replace

from signalling.core import events as on
from signalling.core import views
from signalling.core.quality import NOTHING, Report, fold
from signalling.core.room import Carrier, Happening, ParticipantState, Recording, RecordingState
from signalling.core.times import rfc3339
from tests.core.samples import (
    ANN,
    CUSTOMER,
    NOW,
)
from tests.core.test_meeting import ENDED, GUEST, INTERPRETER, LIVE, participant

# Who is polite and who offers: the later to join, unless an end cannot roll back an offer.
PEERS = [
    # (I cannot, they cannot, I came later) -> polite, offers, negotiation
    ((False, False, True), (True, True, "perfect")),
    ((False, False, False), (False, False, "perfect")),
    ((True, False, True), (True, False, "single")),
    ((True, False, False), (False, False, "single")),
    ((False, True, True), (True, True, "single")),
    ((False, True, False), (False, True, "single")),
    ((True, True, True), (True, True, "single")),
    ((True, True, False), (False, False, "single")),
]


@pytest.mark.parametrize(("ends", "want"), PEERS)
def test_politeness(ends: tuple[bool, bool, bool], want: tuple[bool, bool, str]) -> None:
    """On each leg exactly one side is polite and exactly one makes the first offer."""
    i_cannot, they_cannot, later = ends
    mine = participant(GUEST, single_offerer=i_cannot, joined_ms=NOW + later)
    other = participant(LIVE.parties[0], single_offerer=they_cannot, joined_ms=NOW + (not later))

    here, there = views.peer(mine, other), views.peer(other, mine)

    assert (here["polite"], here["offers"], here["negotiation"]) == want
    assert here["polite"] != there["polite"]
    assert here["offers"] != there["offers"]
    assert here["negotiation"] == there["negotiation"]


def test_politeness_of_two_who_join_at_once() -> None:
    mine, other = LIVE.participants

    assert views.peer(mine, other)["polite"] != views.peer(other, mine)["polite"]


def test_a_meeting_as_its_parties_see_it() -> None:
    muted = replace(LIVE.participants[0], media={"audio": False})
    live = views.meeting(replace(LIVE, participants=(muted,)), CUSTOMER)
    over = views.meeting(replace(ENDED, assignment=None), CUSTOMER)

    assert live["assignment"] == "a1"
    assert live["participants"] == [
        {
            "participant": "p-kari",
            "user": "kari",
            "role": "customer",
            "name": "Kari",
            "state": "joined",
            "joined_at": rfc3339(NOW),
            "media": {"audio": False},
        }
    ]
    assert {"ended_at", "reason"} & set(live) == set()
    assert (over["ended_at"], over["reason"], "assignment" in over) == (
        rfc3339(NOW),
        "ended",
        False,
    )


RECORDED = Recording(RecordingState.PAUSED, "r1", CUSTOMER, {ANN: NOW, "i:cy": NOW})
CARRIED = replace(
    LIVE, topology="relay", carrier=Carrier("md-1.1", "relay", "md-1"), recording=RECORDED
)


def test_how_a_meeting_is_carried_and_recorded() -> None:
    """Not where: the node's name is nobody's business. Of consents, those of who is inside."""
    shown = views.meeting(CARRIED, CUSTOMER)

    assert (shown["topology"], shown["carrier"]) == ("relay", {"id": "md-1.1", "kind": "relay"})
    assert shown["recording"] == {"state": "paused", "consents": ["p-ann"]}
    failed = replace(RECORDED, state=RecordingState.OFF, consents=None, failure="no disk")
    assert views.recording(replace(LIVE, recording=failed)) == {
        "state": "off",
        "consents": [],
        "failure": "no disk",
    }


@pytest.mark.parametrize("state", ParticipantState)
def test_a_guest_sees_the_others_only_while_inside(state: ParticipantState) -> None:
    gro = participant(GUEST, state=state)
    m = replace(CARRIED, participants=(*LIVE.participants, gro))

    shown = views.meeting(m, GUEST.address)

    inside = state in ("joined", "reconnecting")
    ids = [p["participant"] for p in shown["participants"]]
    assert ids == (["p-kari", "p-ann", "p-gro"] if inside else ["p-gro"])
    assert (shown["topology"], shown["recording"]["state"]) == (
        "relay" if inside else "mesh",
        "paused",
    )
    for name in ("carrier", "assignment"):
        assert (name in shown) == inside
    assert ("consents" in shown["recording"]) == inside
    assert len(views.meeting(m, ANN)["participants"]) == 3


def test_history_and_attendance() -> None:
    lines = (
        Happening(NOW, "joined", "p-ann", "ann", "interpreter"),
        Happening(NOW + 5, "ended", detail="done"),
    )
    ann = participant(
        INTERPRETER,
        state=ParticipantState.LEFT,
        connected_ms=NOW + 1_000,
        left_ms=NOW + 61_500,
        reason="left",
        quality=fold(NOTHING, Report(rtt_ms=20)),
    )
    m = replace(LIVE, participants=(LIVE.participants[0], ann), history=lines)

    assert views.history(m) == [
        {
            "at": rfc3339(NOW),
            "what": "joined",
            "participant": "p-ann",
            "user": "ann",
            "role": "interpreter",
        },
        {"at": rfc3339(NOW + 5), "what": "ended", "detail": "done"},
    ]
    kari, gone = views.attendance(m, NOW + 90_000)
    assert (kari["connected_at"], kari["connected_s"], kari["left_at"]) == (None, 0.0, None)
    assert gone | {"quality": None} == {
        "participant": "p-ann",
        "user": "ann",
        "role": "interpreter",
        "joined_at": rfc3339(NOW),
        "connected_at": rfc3339(NOW + 1_000),
        "left_at": rfc3339(NOW + 61_500),
        "connected_s": 60.5,
        "reason": "left",
        "quality": None,
    }
    assert gone["quality"]["rtt_ms"]["mean"] == 20


def test_why_a_participant_left() -> None:
    assert views.participant(participant(GUEST, reason="left"))["reason"] == "left"


@pytest.mark.parametrize("to", [None, "p-ann"])
def test_a_message(to: str | None) -> None:
    shown: dict[str, Any] = views.message(
        LIVE, LIVE.participants[0], on.Message(CUSTOMER, None, "x1", "hello", to), NOW
    )

    assert (shown["from"], shown["text"], shown["sent_at"]) == ("p-kari", "hello", rfc3339(NOW))
    assert shown.get("to") == to
