"""The history of an assignment: who did what, when, why, and under which policy."""

from typing import Any

import pytest

from signalling.core import booking_events as book
from signalling.core import events as on
from signalling.core.audit import MOST, is_own, log, name, view
from signalling.core.effects import Log
from signalling.core.rules import Rules
from tests.core import booked
from tests.core.booked import ANN, CUSTOMER, HOUR, LATE, MIN, NOW, OPENS, START, confirmed
from tests.core.conductor import Conductor
from tests.core.samples import assignment, candidate, moment
from tests.core.story import join

OPERATOR = "o:hospital:op"


@pytest.fixture
def c() -> Conductor:
    return booked.market()


def history(c: Conductor, id_: str = "a1") -> list[dict[str, Any]]:
    """Return the entries, each with its time."""
    logs = [e for e in c.effects if isinstance(e, Log) and e.name == f"assignment:{id_}"]
    return [{"at": e.entry["at_ms"], **entry} for e in logs for entry in e.entry["entries"]]


def words(c: Conductor) -> list[str]:
    return [entry["what"] for entry in history(c)]


def test_the_whole_of_a_booking(c: Conductor) -> None:
    booked.ask(c, rules=Rules(version=7, reminders_min=(60,)))
    booked.offer(c, "ann", "bo")
    c.tell("assignment", "a1", on.Ack("a1-ann-1-1", "ann", seen=True))
    c.tell("assignment", "a1", on.Decline("a1-bo-1-1", "bo", "on leave"))
    booked.accept(c, "ann")
    booked.until(c, OPENS)
    for who in (ANN, CUSTOMER):
        join(c, who, "room-a1")
    booked.until(c, START + 30 * MIN)
    c.tell("assignment", "a1", on.Complete(ANN))
    c.advance(HOUR)
    c.tell("assignment", "a1", book.Correct(OPERATOR, "ann", 30))

    ann = {"slot": "1", "interpreter": "ann", "offer": "a1-ann-1-1"}
    bo = {"slot": "1", "interpreter": "bo", "offer": "a1-bo-1-1"}
    hers = {"slot": "1", "interpreter": "ann"}
    corrected = START + 30 * MIN + HOUR
    assert history(c) == [
        {"at": NOW, "what": "created", "by": CUSTOMER, "state": "searching", "policy": "rules 7"},
        {"at": NOW, "what": "offer.made", "decision": "d1", **ann},
        {"at": NOW, "what": "offer.made", "decision": "d1", **bo},
        {"at": NOW, "what": "offering", "state": "offering", "slot": "1"},
        {"at": NOW, "what": "offer.seen", "by": ANN, **ann},
        {"at": NOW, "what": "offer.declined", "by": "i:bo", "reason": "on leave", **bo},
        {"at": NOW, "what": "offer.accepted", "by": ANN, **ann},
        {"at": NOW, "what": "confirmed", "state": "confirmed", **hers},
        {"at": START - HOUR, "what": "reminded"},
        {"at": OPENS, "what": "held", "state": "held", **hers},
        {"at": OPENS, "what": "connecting", "state": "connecting", **hers},
        {"at": OPENS, "what": "in_progress", "state": "in_progress", **hers},
        {"at": START + 30 * MIN, "what": "complete", "by": ANN},
        {"at": START + 30 * MIN, "what": "wrap_up", "state": "wrap_up", "by": ANN, **hers},
        {"at": START + 32 * MIN, "what": "completed", "state": "completed", **hers},
        {"at": corrected, "what": "corrected", "by": OPERATOR},
        {"at": corrected, "what": "minutes", "minutes": 30, "by": OPERATOR, **hers},
    ]


def test_a_window_and_who_was_chosen(c: Conductor) -> None:
    booked.ask(c, window=True)
    booked.could(c, "ann", "bo")
    c.tell("assignment", "a1", book.Confirm(CUSTOMER, candidate("x", "ann")))

    assert words(c) == [
        "created",
        "interested",
        "interested",
        "chosen",
        "interest_over",
        "interest_over",
        "offer.accepted",
        "confirmed",
    ]
    assert [e.get("by") for e in history(c)[1:4]] == [ANN, "i:bo", CUSTOMER]


def test_changes_and_reasons(c: Conductor) -> None:
    confirmed(c)
    c.tell("assignment", "a1", on.Update(CUSTOMER, {"start_ms": START + HOUR, "note": "Ward 8"}))
    c.tell("assignment", "a1", on.Cancel(CUSTOMER, "recovered"))

    changed, *rest = history(c)[-5:]
    assert changed == {
        "at": NOW,
        "what": "changed",
        "by": CUSTOMER,
        "changed": ("note", "start_ms"),
    }
    assert [(e["what"], e.get("reason")) for e in rest] == [
        ("offer.let_go", "changed"),
        ("searching", None),
        ("cancel", "recovered"),
        ("cancelled", None),
    ]


def test_who_was_late_and_never_came(c: Conductor) -> None:
    confirmed(c, mode="onsite")
    booked.until(c, LATE)
    c.tell("assignment", "a1", book.NeverCame(CUSTOMER))

    late, never, offer, over = history(c)[-4:]
    assert (late["what"], late["interpreter"]) == ("late", "ann")
    assert (never["what"], never["by"]) == ("never_came", CUSTOMER)
    assert (offer["what"], offer["by"], offer["reason"]) == ("offer.let_go", CUSTOMER, "no_show")
    assert (over["what"], over["interpreter"]) == ("searching", "ann")


def test_an_outside_agency_was_told(c: Conductor) -> None:
    booked.ask(c, rules=Rules(backstop=True))
    c.tell("assignment", "a1", on.NoMatch("1", {}, never=False))

    assert words(c) == ["created", "backstop"]


def test_who_gave_back_and_why(c: Conductor) -> None:
    confirmed(c)
    c.tell("assignment", "a1", on.Cancel(ANN, "illness"))

    assert [(e["what"], e["by"], e.get("reason")) for e in history(c)[-3:]] == [
        ("cancel", ANN, "illness"),
        ("offer.let_go", ANN, "given_back"),
        ("searching", ANN, None),
    ]


def test_what_changes_nothing_leaves_no_entry() -> None:
    a = assignment("offering")

    assert log(a, a, on.Cancel(CUSTOMER), moment()) == ()
    assert name("a1") == "assignment:a1"
    (made,) = log(None, a, None, moment())
    assert made.most == MOST


SEEN = [
    (ANN, "customer", {"role": "interpreter", "by": "ann"}),
    (CUSTOMER, "customer", {"role": "customer", "by": "kari"}),
    (CUSTOMER, "interpreter", {"role": "customer"}),
    (OPERATOR, "customer", {"role": "operator"}),
    (OPERATOR, "operator", {"role": "operator", "by": "op", "decision": "d1"}),
    (None, "operator", {"decision": "d1"}),
]


@pytest.mark.parametrize(("by", "audience", "want"), SEEN)
def test_who_reads_who_did_it(by: str | None, audience: str, want: dict[str, str]) -> None:
    entry = {"what": "confirmed", "decision": "d1", **({"by": by} if by else {})}

    shown = view("now", entry, audience, assignment("held"))
    assert shown == {"at": "now", "what": "confirmed", **want}


VAIN = {"what": "offer.declined", "by": ANN, "interpreter": "ann", "offer": "o1", "reason": "far"}
GIVEN_BACK = {"what": "cancel", "by": ANN, "reason": "illness"}


def test_customers_read_neither_who_declined_nor_why_it_was_given_back() -> None:
    a = assignment("held")

    assert view("now", VAIN, "customer", a) == {
        "at": "now",
        "what": "offer.declined",
        "role": "interpreter",
    }
    given = {"at": "now", "what": "cancel", "role": "interpreter", "by": "ann"}
    assert view("now", GIVEN_BACK, "customer", a) == given
    assert view("now", GIVEN_BACK, "operator", a) == given | {"reason": "illness"}


OWN = [
    ({"what": "confirmed", "interpreter": "ann"}, True),
    ({"what": "reminded"}, True),
    ({"what": "changed", "by": CUSTOMER}, True),
    (VAIN, True),
    ({"what": "confirmed", "interpreter": "bo"}, False),
    ({"what": "cancel", "by": "i:bo"}, False),
]


@pytest.mark.parametrize(("entry", "own"), OWN)
def test_interpreters_read_nothing_of_each_other(entry: dict[str, str], own: bool) -> None:
    assert is_own(entry, "ann") == own
