"""The lines of the decision log, by the stories that they come from."""

from typing import Any

import pytest

from signalling.core import events as on
from signalling.core.effects import Bounds, Log
from signalling.core.profile import PutProfile, RecordDecision, RemoveProfile
from tests.core.conductor import Conductor
from tests.core.samples import ANN, CUSTOMER, NOW, candidate, hours
from tests.core.story import accept, join, ring

OFFER = {
    "kind": "offer",
    "offer": "ann-1",
    "decision": "d1",
    "assignment": "a1",
    "interpreter": "ann",
    "wave": 1,
    "made_ms": NOW,
    "expires_ms": NOW + 20_000,
    "delivered_ms": None,
    "seen_ms": None,
    "answered_ms": NOW + 3_000,
    "state": "accepted",
    "reason": None,
}


def lines(c: Conductor, kind: str) -> list[dict[str, Any]]:
    entries = [e.entry for e in c.effects if isinstance(e, Log) and e.name == "decisions"]
    return [dict(entry) for entry in entries if entry["kind"] == kind]


def states(c: Conductor) -> list[tuple[str, str, str | None]]:
    return [(o["interpreter"], o["state"], o["reason"]) for o in lines(c, "offer")]


def meet(c: Conductor) -> None:
    ring(c, "ann")
    accept(c, "ann")
    join(c, ANN)
    join(c, CUSTOMER)


# --- offers -------------------------------------------------------------------------------


def test_an_accept_ends_every_offer(c: Conductor) -> None:
    """Each has the times of what happened to it, and the decision that it came from."""
    ring(c, "ann", "bo")
    c.now_ms += 1_000
    c.tell("assignment", "a1", on.Ack("bo-1", "bo", seen=True))
    assert lines(c, "offer") == []
    c.now_ms += 2_000
    accept(c, "ann")

    other = {
        "offer": "bo-1",
        "interpreter": "bo",
        "delivered_ms": NOW + 1_000,
        "seen_ms": NOW + 1_000,
        "state": "withdrawn",
        "reason": "taken",
    }
    assert lines(c, "offer") == [OFFER, OFFER | other]


def test_every_way_an_offer_ends(c: Conductor) -> None:
    ring(c, "ann", "bo")
    c.tell("assignment", "a1", on.Decline("ann-1", "ann", "lunch"))
    c.advance(20_000)
    ring(c, "ann", wave=2)
    assert states(c) == [("ann", "declined", "lunch"), ("bo", "expired", None)]
    c.tell("assignment", "a1", on.Update(CUSTOMER, {"duration_min": 60}))
    ring(c, "ann", wave=3)
    c.tell("availability", "ann", on.Drop("s-ann", 1))
    c.advance(5_000)
    ring(c, "bo", wave=4)
    c.tell("assignment", "a1", on.Cancel(CUSTOMER))

    assert states(c)[2:] == [
        ("ann", "undelivered", None),
        ("bo", "withdrawn", "cancelled"),
    ]
    assert [o["decision"] for o in lines(c, "offer")] == ["d1", "d1", "d3", "d4"]


def test_who_stands_in_comes_from_the_same_decision(c: Conductor) -> None:
    """And whoever could not be rung was never offered anything."""
    c.tell("availability", "ann", on.SetStatus("busy"))
    picked = (candidate("ann-1", "ann"), candidate("bo-1", "bo"))
    c.tell("assignment", "a1", on.Wave("1", picked, 1, "d1"))
    c.tell("assignment", "a1", on.Decline("bo-1", "bo"))

    assert [(o["offer"], o["decision"]) for o in lines(c, "offer")] == [("bo-1", "d1")]


def test_the_log_is_kept_to_what_is_set() -> None:
    c = Conductor(bounds=Bounds(decision_log=7))
    c.tell("decision", "d1", RecordDecision({"id": "d1"}))

    assert c.effects == [Log("decisions", {"kind": "decision", "id": "d1", "at_ms": NOW}, 7)]


# --- work ---------------------------------------------------------------------------------


def test_completed_work(c: Conductor) -> None:
    """Its line is written when it is completed, and only then."""
    meet(c)
    c.now_ms += 25 * 60_000
    c.tell("assignment", "a1", on.Complete(ANN))
    assert lines(c, "work") == []
    c.advance(120_000)

    assert lines(c, "work") == [
        {
            "kind": "work",
            "assignment": "a1",
            "interpreter": "ann",
            "offer": "ann-1",
            "accepted_ms": NOW,
            "started_ms": NOW,
            "ended_ms": NOW + 25 * 60_000,
            "minutes": 25,
            "state": "completed",
            "fault": "nobody",
        }
    ]
    counts = c.get("availability", "ann").counts
    assert (counts.completed, counts.streak_min) == (1, 25)
    assert counts.connects == pytest.approx(0.5 ** (25 / (14 * 24 * 60)))


def test_minutes_said_in_the_wrap_up_count_in_the_line(c: Conductor) -> None:
    meet(c)
    c.tell("assignment", "a1", on.Complete(ANN))
    c.tell("assignment", "a1", on.Complete(ANN, hours(17)))

    assert [(w["minutes"], w["state"]) for w in lines(c, "work")] == [(17, "completed")]


ENDS: list[tuple[str, list[str], tuple[str, str], tuple[float, float, float]]] = [
    ("wait", [], ("failed", "nobody"), (0, 0, 0)),
    ("wait", [CUSTOMER], ("failed", "interpreter"), (1, 0, 1)),
    ("wait", [ANN], ("failed", "customer"), (0, 1, 0)),
    ("give_back", [], ("cancelled", "interpreter"), (1, 0, 0)),
    ("cancel", [ANN], ("cancelled", "customer"), (0, 1, 0)),
    ("end", [], ("cancelled", "customer"), (0, 0, 0)),
]


@pytest.mark.parametrize(("how", "present", "want", "counted"), ENDS)
def test_work_that_came_to_nothing(
    c: Conductor,
    how: str,
    present: list[str],
    want: tuple[str, str],
    counted: tuple[float, float, float],
) -> None:
    """Whose fault it was; only their own counts against the interpreter."""
    ring(c, "ann")
    accept(c, "ann")
    for who in present:
        join(c, who)
    match how:
        case "wait":
            c.advance(60_000)
        case "give_back":
            c.tell("assignment", "a1", on.Cancel(ANN))
        case "cancel":
            c.tell("assignment", "a1", on.Cancel(CUSTOMER))
        case _:
            c.tell("meeting", "m-ann", on.End(CUSTOMER))

    (line,) = lines(c, "work")
    assert (line["state"], line["fault"]) == want
    assert (line["started_ms"], line["minutes"]) == (None, None)
    assert line["ended_ms"] <= c.now_ms
    counts = c.get("availability", "ann").counts
    found = (counts.failed, counts.connects, counts.connect_failures)
    assert found == pytest.approx(counted, rel=1e-3)


def test_a_forgotten_visit_counts_as_it_was_planned(c: Conductor) -> None:
    c.tell("assignment", "a1", on.Update(CUSTOMER, {"mode": "onsite"}))
    ring(c, "ann")
    accept(c, "ann")
    c.advance(24 * 3_600_000)

    (line,) = lines(c, "work")
    assert (line["state"], line["minutes"], line["started_ms"]) == ("completed", 30, None)
    assert c.get("availability", "ann").counts.connects == 0


# --- history and ratings ------------------------------------------------------------------


def rate(c: Conductor, stars: int, text: str | None = None) -> None:
    c.tell("assignment", "a1", on.Rate(CUSTOMER, stars, text))


def test_completed_work_is_told_to_the_history(c: Conductor) -> None:
    c.tell("interpreter", "ann", PutProfile({"id": "ann"}))
    meet(c)
    c.tell("assignment", "a1", on.Complete(ANN))
    assert c.get("history", "ann") is None
    c.advance(120_000)

    history = c.get("history", "ann")
    assert history.sessions == {"no-ti": 1}
    assert history.customers == {"hospital:kari": (1, c.now_ms)}
    c.tell("interpreter", "ann", RemoveProfile())
    assert c.get("history", "ann") is None


def test_a_rating_counts_once_and_the_newest_replaces(c: Conductor) -> None:
    c.tell("interpreter", "ann", PutProfile({"id": "ann"}))
    meet(c)
    c.tell("assignment", "a1", on.Complete(ANN))
    rate(c, 2)
    c.tell("assignment", "a1", on.Complete(ANN))
    assert c.get("history", "ann").customers == {}

    rate(c, 5, "I was wrong")
    rate(c, 5, "I was wrong")

    history = c.get("history", "ann")
    assert (history.stars, history.rated) == (5, 1)
    assert history.customers == {"hospital:kari": (1, c.now_ms)}
    shared = {"kind": "rating", "assignment": "a1", "interpreter": "ann", "at_ms": NOW}
    assert lines(c, "rating") == [shared | {"stars": 2}, shared | {"stars": 5}]
    rating = c.get("assignment", "a1").slots[0].rating
    assert (rating.stars, rating.text, rating.at_ms) == (5, "I was wrong", NOW)


def test_who_was_removed_is_rated_for_nothing(c: Conductor) -> None:
    meet(c)
    c.tell("assignment", "a1", on.Complete(ANN))
    rate(c, 1)
    c.advance(120_000)

    assert c.get("history", "ann") is None
    assert c.get("assignment", "a1").state == "completed"


# --- online -------------------------------------------------------------------------------


def test_spells_of_being_available(c: Conductor) -> None:
    """A ring ends one, and so do a wish and a lost socket."""
    c.now_ms += 10_000
    ring(c, "ann")
    c.tell("assignment", "a1", on.Decline("ann-1", "ann"))
    c.now_ms += 5_000
    c.tell("availability", "ann", on.SetStatus("away"))
    c.tell("availability", "bo", on.Drop("s-bo", 1))
    c.advance(20_000)

    assert [(e["interpreter"], e["from_ms"], e["to_ms"]) for e in lines(c, "online")] == [
        ("ann", NOW, NOW + 10_000),
        ("ann", NOW + 10_000, NOW + 15_000),
        ("bo", NOW, NOW + 35_000),
    ]
    counts = c.get("availability", "ann").counts
    assert counts.offers == pytest.approx(1, rel=1e-4)
    assert counts.online_h * 3_600 == pytest.approx(15, rel=1e-4)
