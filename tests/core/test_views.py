"""What each audience sees: nothing of the customer before accepting, nobody's probabilities."""

import json
from collections.abc import Iterator, Mapping

import pytest
from msgspec.structs import replace

from signalling.core import address, views
from signalling.core import events as on
from signalling.core.assignment import decide
from signalling.core.effects import Announce, Send, Tell
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
