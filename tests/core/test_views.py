"""What each audience sees: nothing of the customer before accepting, nobody's probabilities."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from signalling.core import address, views
from signalling.core import events as on
from signalling.core.assignment import decide
from signalling.core.effects import Announce, Send, Tell
from signalling.core.quality import NOTHING, Report, fold
from signalling.core.room import Carrier, Happening, ParticipantState, Recording, RecordingState
from signalling.core.slot import Rating, SlotState
from signalling.core.times import rfc3339, rfc3339_or_none
from tests.core.samples import (
    ANN,
    CUSTOMER,
    NOW,
    TERMS,
    assignment,
    candidate,
    follow,
    hours,
    moment,
)
from tests.core.test_meeting import ENDED, GUEST, INTERPRETER, LIVE, participant

WHO = ("kari", "nordmann", "hospital", "ward 7", "59.91", "10.75", "blocked", "preferred")


def traces(shown: object) -> list[str]:
    """Return what of the customer a text for somebody else would give away."""
    text = json.dumps(shown, default=str).lower()
    return [word for word in WHO if word in text]


def names(shown: object) -> Iterator[str]:
    """Return every field name, however deep."""
    if isinstance(shown, Mapping):
        for name, value in shown.items():
            yield name
            yield from names(value)
    elif isinstance(shown, list | tuple):
        for value in shown:
            yield from names(value)


# --- before accepting ---------------------------------------------------------------------


def test_an_offer_tells_the_work_and_not_the_customer() -> None:
    shown = views.summary(TERMS | {"starts_at": None, "public_body": True})

    assert shown == {
        "languages": {"from": "ti", "to": "no"},
        "mode": "video",
        "duration_min": 30,
        "requirements": {"min_qualification": "C"},
        "public_body": True,
    }
    assert traces(shown) == []
    assert traces(TERMS) != []


def test_an_offer_tells_how_many_and_which_others_come_with_it() -> None:
    more = {"interpreters_needed": 2, "series": ["2026-12-01T09:00:00Z"]}
    shown = views.summary(TERMS | more)

    assert more.items() <= shown.items()
    assert not more.keys() & views.summary(TERMS | {"interpreters_needed": 1}).keys()


def test_an_agency_learns_the_work_and_not_the_customer() -> None:
    shown = views.for_agency(assignment("searching"))

    assert (shown["id"], shown["mode"], shown["duration_min"]) == ("a1", "video", 30)
    assert shown["deadline_at"]
    assert shown["location"] == {axis: round(at, 2) for axis, at in TERMS["location"].items()}
    assert set(traces(shown)) <= {"59.91", "10.75"}


def test_nothing_that_is_sent_before_an_accept_names_the_customer() -> None:
    """Rung, passed over, and told why: an interpreter never learns who asked."""
    picked = replace(candidate("o9", "cy"), made={"assignment": views.summary(TERMS)})
    rung, effects = decide(assignment("searching"), on.Wave("1", (picked,), 1, "d1"), moment())

    rings = [e.event for e in effects if isinstance(e, Tell)]
    assert [(r.made["offer"], "expires_at" in r.made) for r in rings] == [("o9", True)]  # type: ignore[attr-defined]
    assert traces([r.made for r in rings]) == []  # type: ignore[attr-defined]
    for event in (on.Update(CUSTOMER, {"duration_min": 60}), on.Cancel(CUSTOMER, "Kari died")):
        _, told = decide(rung, event, moment())
        assert traces([e.event for e in told if isinstance(e, Tell)]) == []
        assert [e.address for e in told if isinstance(e, Send)] == [CUSTOMER]


def test_what_anybody_may_hear_names_nobody() -> None:
    """The dispatcher's work is announced by ids alone."""
    _, effects = decide(None, on.Create("a1", "hospital", "kari", TERMS), moment())

    (work,) = [e for e in effects if isinstance(e, Announce)]
    assert work.params == {"assignment": "a1", "slot": "1"}


# --- after accepting ----------------------------------------------------------------------


@pytest.mark.parametrize("audience", ["customer", "interpreter"])
@pytest.mark.parametrize("state", SlotState)
def test_nobody_but_operators_sees_the_machinery(state: SlotState, audience: str) -> None:
    """No probability, score or other candidate, in any state."""
    shown = views.assignment(assignment(state), audience)

    assert {"p_accept", "score", "offers"} & set(names(shown)) == set()
    assert "bo" not in json.dumps(shown)


@pytest.mark.parametrize("state", SlotState)
def test_a_customer_sees_the_card_of_whoever_comes(state: SlotState) -> None:
    """And of their place the band alone."""
    (slot,) = views.assignment(assignment(state), "customer")["slots"]

    filled = state in {"confirmed", "held", "connecting", "in_progress", "wrap_up"}
    filled |= state in {"completed", "no_show"}
    card = {"id": "ann", "name": "Ann", "distance_band": "5-10 km"}
    assert slot.get("interpreter") == (card if filled else None)


def test_an_interpreter_sees_where_and_the_note_after_accepting() -> None:
    a = assignment("held", outcome={"reason": "kept from them"})

    mine, theirs = views.assignment(a, "interpreter"), views.assignment(a, "customer")

    assert (mine["location"], mine["note"]) == (TERMS["location"], TERMS["note"])
    assert {"preferences", "outcome", "customer"} & set(mine) == set()
    assert {"preferences", "outcome", "customer"} <= set(theirs)
    assert (theirs["meeting"], theirs["slots"][0]["hold_until"]) == ("m1", rfc3339(NOW + 10_000))


def test_times_and_counts_of_an_assignment() -> None:
    done = follow(assignment("in_progress"), on.Complete(ANN))

    shown = views.assignment(done, "customer")

    assert (shown["started_at"], shown["ended_at"]) == (rfc3339(NOW), rfc3339(NOW))
    assert shown["slots"][0]["asked"] == 2
    assert views.assignment(done, "interpreter")["slots"][0]["asked"] == 1


def test_what_a_side_says_of_the_times_stands_beside_what_was_measured() -> None:
    done = follow(assignment("in_progress"), on.Complete(ANN, hours(25)))

    shown = views.assignment(done, "customer")["slots"][0]

    assert shown["said"] == {
        "started_at": rfc3339(NOW - 25 * 60_000),
        "ended_at": rfc3339(NOW),
        "by": "interpreter",
    }
    assert (shown["started_at"], shown["ended_at"]) == (rfc3339(NOW), rfc3339(NOW))
    assert shown["minutes"] == 25


@pytest.mark.parametrize(
    ("audience", "reader", "sees"),
    [
        ("operator", "olga", True),
        ("interpreter", "ann", True),
        ("interpreter", "bo", False),
        ("interpreter", "", False),
        ("customer", "kari", False),
        ("customer", "ann", False),
    ],
)
def test_what_interpreters_think_of_the_customer_is_for_them_and_staff(
    audience: str, reader: str, sees: bool
) -> None:
    done = follow(assignment("in_progress"), on.Complete(ANN), on.Rate(ANN, 2, "Shouted"))

    (slot,) = views.assignment(done, audience, reader)["slots"]

    assert (slot.get("their_stars"), slot.get("their_comment")) == (
        (2, "Shouted") if sees else (None, None)
    )


def test_what_is_called_off_still_names_who_had_accepted() -> None:
    called_off = follow(assignment("held"), on.Cancel(CUSTOMER))

    for audience in ("customer", "interpreter", "operator"):
        (slot,) = views.assignment(called_off, audience)["slots"]
        assert (slot["state"], slot["interpreter"]["id"]) == ("cancelled", "ann")
    (nobody,) = views.assignment(assignment("cancelled"), "customer")["slots"]
    assert "interpreter" not in nobody


def test_who_is_asked_again_is_counted_once() -> None:
    (slot,) = assignment("held").slots
    again = replace(assignment("held"), slots=(replace(slot, offers=slot.offers * 2),))

    assert views.assignment(again, "customer")["slots"][0]["asked"] == 2


def test_an_operator_sees_every_offer() -> None:
    offers = views.assignment(assignment("held"), "operator")["offers"]

    assert [(o["interpreter"], o["state"], o["reason"]) for o in offers] == [
        ("ann", "accepted", None),
        ("bo", "withdrawn", "taken"),
    ]


# --- meetings -----------------------------------------------------------------------------

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


# --- names and times ----------------------------------------------------------------------

ADDRESSES = [
    (address.interpreter("ann"), "i:ann", "ann", "interpreter"),
    (address.customer("app", "kari"), "c:app:kari", "kari", "customer"),
    (address.operator("app", "op"), "o:app:op", "op", "operator"),
    ("a:app", "a:app", "app", "app"),
    ("g:m1:gro", "g:m1:gro", "gro", "guest"),
]


@pytest.mark.parametrize(("made", "text", "user", "role"), ADDRESSES)
def test_address(made: str, text: str, user: str, role: str) -> None:
    assert (made, address.user_id(made), address.role(made)) == (text, user, role)


def test_times_on_the_wire() -> None:
    assert rfc3339(1_795_426_200_007) == "2026-11-23T09:30:00.007Z"
    assert (rfc3339_or_none(None), rfc3339_or_none(0)) == (None, "1970-01-01T00:00:00.000Z")


@pytest.mark.parametrize("audience", ["customer", "operator"])
def test_a_rating_is_not_shown_to_whom_it_is_about(audience: str) -> None:
    slot = replace(assignment("completed").slots[0], rating=Rating(2, NOW, "late"))
    rated = assignment("completed", slots=(slot,))

    (seen,) = views.assignment(rated, audience)["slots"]
    assert (seen["stars"], seen["comment"]) == (2, "late")
    (own,) = views.assignment(rated, "interpreter")["slots"]
    assert not {"stars", "comment"} & own.keys()
    bare = assignment("completed", slots=(replace(slot, rating=Rating(5, NOW)),))
    assert "comment" not in views.assignment(bare, audience)["slots"][0]
