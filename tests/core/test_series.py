"""Every week the same interpreter, where they are free."""

import pytest

from signalling.core import booking_events as book
from signalling.core import events as on
from signalling.core import series as life
from signalling.core.effects import Key, Tell
from signalling.core.series import Begin, Led, Off, Series, decide
from signalling.core.series_place import SeriesPlace
from signalling.errors import NotFound
from tests.core.booked import (
    ANN,
    CLOSES,
    CUSTOMER,
    HOUR,
    MIN,
    START,
    accept,
    ask,
    confirmed,
    could,
    diary,
    market,
    offer,
    request,
    states,
    until,
)
from tests.core.conductor import Conductor
from tests.core.samples import candidate, moment

WEEK = 7 * 24 * HOUR
MEMBERS = ("w1", "w2", "w3")


@pytest.fixture
def c() -> Conductor:
    """A talk in each of three weeks; nobody has any of them."""
    return weekly(market())


def weekly(c: Conductor, *, window: bool = False) -> Conductor:
    c.tell("series", "se", Begin("se", "hospital", MEMBERS))
    for n, id_ in enumerate(MEMBERS):
        place = SeriesPlace("se", n + 1, 3)
        ask(c, id_, start_ms=START + n * WEEK, series=place, window=window)
    return c


def everywhere(c: Conductor) -> list[tuple[str, str | None]]:
    return [(states(c, id_)[0], request(c, id_).slots[0].interpreter) for id_ in MEMBERS]


def seeking(c: Conductor) -> list[bool]:
    return ["seeking" in request(c, id_).indexes for id_ in MEMBERS]


def test_who_takes_the_first_takes_the_others_with_it(c: Conductor) -> None:
    assert seeking(c) == [True, False, False]
    offer(c, "ann", id_="w1")
    accept(c, "ann", "w1")

    assert everywhere(c) == [("confirmed", "ann")] * 3
    weeks = [(id_, "1", n * 7 * 24 * 60, n * 7 * 24 * 60 + 30) for n, id_ in enumerate(MEMBERS)]
    assert diary(c, "ann") == weeks
    won = [request(c, id_).slots[0].offers[0].id for id_ in MEMBERS]
    assert len(set(won)) == 3
    assert [id_.partition(".")[0] for id_ in won[1:]] == ["w2", "w3"]


def test_where_they_are_not_free_another_is_looked_for(c: Conductor) -> None:
    confirmed(c, id_="other", start_ms=START + WEEK + 10 * MIN)
    offer(c, "ann", id_="w1")
    accept(c, "ann", "w1")

    assert everywhere(c) == [("confirmed", "ann"), ("searching", None), ("confirmed", "ann")]
    assert seeking(c) == [False, True, False]
    offer(c, "bo", id_="w2")
    accept(c, "bo", "w2")
    assert everywhere(c)[1] == ("confirmed", "bo")


def test_while_the_others_wait_nobody_else_gets_them(c: Conductor) -> None:
    """A wave, or that there is nobody, that crossed with something else changes nothing."""
    before = request(c, "w2")
    offer(c, "bo", id_="w2")
    c.tell("assignment", "w2", on.NoMatch("1", {}, never=True))

    assert request(c, "w2") == before


def test_in_a_window_only_the_first_gathers() -> None:
    """Those who could take the first could take the others."""
    c = weekly(market(), window=True)
    assert [states(c, id_) for id_ in MEMBERS] == [["gathering"], ["searching"], ["searching"]]
    could(c, "ann", "bo", id_="w1")
    until(c, CLOSES)
    c.tell("assignment", "w1", book.Choose("1", (candidate("w1.x", "bo"),), "d1"))

    assert everywhere(c) == [("confirmed", "bo")] * 3


@pytest.mark.parametrize("end", ["cancelled", "unfilled"])
def test_if_nobody_takes_the_first_each_looks_for_itself(c: Conductor, end: str) -> None:
    if end == "cancelled":
        c.tell("assignment", "w1", on.Cancel(CUSTOMER))
    else:
        until(c, START)

    assert everywhere(c) == [(end, None), ("searching", None), ("searching", None)]
    assert seeking(c) == [False, True, True]
    c.tell("series", "se", Off("1"))  # again
    c.tell("series", "se", Led("1", candidate("w1.x", "ann")))  # too late
    assert seeking(c) == [False, True, True]


def test_what_becomes_of_the_first_later_is_its_own(c: Conductor) -> None:
    """Given back, taken by another, called off: who has the others keeps them."""
    offer(c, "ann", id_="w1")
    accept(c, "ann", "w1")
    c.tell("assignment", "w1", on.Cancel(ANN))
    assert everywhere(c)[1:] == [("confirmed", "ann")] * 2
    offer(c, "bo", id_="w1")
    accept(c, "bo", "w1")
    assert everywhere(c) == [("confirmed", "bo"), *[("confirmed", "ann")] * 2]
    c.tell("assignment", "w1", on.Cancel(CUSTOMER))

    assert everywhere(c)[1:] == [("confirmed", "ann")] * 2


def test_one_of_a_series_that_is_off_stays_off(c: Conductor) -> None:
    c.tell("assignment", "w2", on.Cancel(CUSTOMER))
    offer(c, "ann", id_="w1")
    accept(c, "ann", "w1")

    assert everywhere(c) == [("confirmed", "ann"), ("cancelled", None), ("confirmed", "ann")]


def test_one_that_moved_looks_for_itself(c: Conductor) -> None:
    """Whoever takes the first has read of its old time."""
    c.tell("assignment", "w2", on.Update(CUSTOMER, {"start_ms": START + WEEK + HOUR}))
    assert seeking(c) == [True, True, False]
    offer(c, "ann", id_="w1")
    accept(c, "ann", "w1")

    assert everywhere(c) == [("confirmed", "ann"), ("searching", None), ("confirmed", "ann")]


def test_one_of_which_only_the_note_changed_still_waits(c: Conductor) -> None:
    c.tell("assignment", "w2", on.Update(CUSTOMER, {"note": "Ward 8"}))
    assert seeking(c) == [True, False, False]


def test_a_waiting_one_ends_at_its_start(c: Conductor) -> None:
    """Should the first never tell."""
    ask(c, "late", series=SeriesPlace("other", 2, 2))
    until(c, START)

    assert states(c, "late") == ["unfilled"]


def test_each_place_of_a_series_is_followed_by_itself() -> None:
    c = market()
    c.tell("series", "se", Begin("se", "hospital", MEMBERS[:2]))
    for n, id_ in enumerate(MEMBERS[:2]):
        ask(c, id_, start_ms=START + n * WEEK, series=SeriesPlace("se", n + 1, 2), needed=2)
    offer(c, "ann", id_="w1", slot="2")
    accept(c, "ann", "w1", slot="2")
    assert states(c, "w2") == ["searching", "confirmed"]
    offer(c, "bo", id_="w1", slot="1")
    accept(c, "bo", "w1", slot="1")

    assert [s.interpreter for s in request(c, "w2").slots] == ["bo", "ann"]


def test_the_record_of_a_series() -> None:
    begun, effects = decide(None, Begin("se", "hospital", MEMBERS), moment())

    assert (begun, effects) == (Series("se", "hospital", MEMBERS), ())
    assert decide(begun, Begin("se", "hospital", ("other",)), moment()) == (begun, ())
    assert begun.indexes == {}
    assert decide(begun, on.Deadline(), moment()) == (begun, ())
    assert decide(begun, Off("1"), moment())[1] == tuple(
        Tell(Key("assignment", id_), book.Alone("1")) for id_ in MEMBERS[1:]
    )
    with pytest.raises(NotFound):
        decide(None, Off("1"), moment())
    assert life.Series.wake_at_ms is None
