"""Bookings before their time: who could take one, who is chosen, whose calendar it is in."""

import pytest

from signalling.core import booking_events as book
from signalling.core import events as on
from signalling.core.bookings import INTERESTED_MOST, TRIED_MOST
from signalling.core.rules import Rules
from signalling.errors import Conflict, Gone, IllegalTransition, NotEligible
from tests.core.booked import (
    ANN,
    CLOSES,
    CUSTOMER,
    HOUR,
    MIN,
    NOW,
    START,
    accept,
    ask,
    confirmed,
    could,
    diary,
    hooks,
    market,
    offer,
    request,
    states,
    until,
    withdrawn,
)
from tests.core.conductor import Conductor
from tests.core.samples import candidate


@pytest.fixture
def c() -> Conductor:
    return market()


def choose(c: Conductor, *ranked: str, slot: str = "1") -> None:
    candidates = tuple(candidate(f"chosen-{who}-{slot}", who) for who in ranked)
    c.tell("assignment", "a1", book.Choose(slot, candidates, "d1"))


def confirm(c: Conductor, who: str, by: str = CUSTOMER) -> None:
    c.tell("assignment", "a1", book.Confirm(by, candidate(f"a1-{who}-could", who)))


# --- offers of a booking --------------------------------------------------------------------


def test_an_offer_of_a_booking_is_a_letter(c: Conductor) -> None:
    """It reaches who is away, takes nobody from other work, and stands for half an hour."""
    c.tell("availability", "bo", on.SetStatus("away"))
    ask(c)
    offer(c, "ann", "bo")

    assert [o.expires_ms - NOW for o in request(c).slots[0].ringing] == [30 * MIN] * 2
    assert [e.method for e in c.sent("i:bo")] == ["offer.made"]
    assert [str(c.get("availability", who).status) for who in ("ann", "bo")] == [
        "available",
        "away",
    ]
    assert hooks(c)[-3:] == ["offer.made", "offer.made", "assignment.offering"]


STANDS = [(START - 48 * HOUR, 30 * MIN), (START - 80 * MIN, 20 * MIN), (START - MIN, 20_000)]


@pytest.mark.parametrize(("now_ms", "stands_ms"), STANDS)
def test_a_letter_stands_for_a_quarter_of_what_is_left(
    c: Conductor, now_ms: int, stands_ms: int
) -> None:
    ask(c)
    until(c, now_ms)
    offer(c, "ann")

    assert request(c).slots[0].ringing[0].expires_ms == now_ms + stands_ms


def test_who_accepts_a_letter_is_booked_and_stays_available(c: Conductor) -> None:
    ask(c)
    offer(c, "ann", "bo")
    accept(c, "ann")

    assert states(c) == ["confirmed"]
    assert request(c).wake_at_ms == START - 24 * HOUR  # the first reminder
    assert diary(c, "ann") == [("a1", "1", 0, 30)]
    assert withdrawn(c, "bo") == ["taken"]
    assert str(c.get("availability", "ann").status) == "available"
    assert hooks(c)[-1] == "assignment.confirmed"


def test_two_bookings_that_race_for_one_interpreter_leave_one(c: Conductor) -> None:
    ask(c, "a1")
    ask(c, "a2", start_ms=START + 20 * MIN)
    offer(c, "ann", id_="a1")
    offer(c, "ann", id_="a2")
    accept(c, "ann", "a2")
    before = request(c, "a1")

    with pytest.raises(NotEligible):
        accept(c, "ann", "a1")
    assert request(c, "a1") == before
    assert diary(c, "ann") == [("a2", "1", 20, 50)]


def test_nobody_is_taken_now_who_is_booked_in_ten_minutes(c: Conductor) -> None:
    confirmed(c)
    until(c, START - 10 * MIN)
    ask(c, "a2", start_ms=None)
    offer(c, "ann", id_="a2")

    with pytest.raises(NotEligible):
        accept(c, "ann", "a2")


def test_a_booking_that_nobody_took_is_unfilled_at_its_start(c: Conductor) -> None:
    ask(c)
    offer(c, "ann")
    until(c, START - 1)
    assert states(c) == ["searching"]
    until(c, START)

    assert states(c) == ["unfilled"]
    assert request(c).outcome == {"reason": "nobody_accepted"}
    assert (request(c).wake_at_ms, hooks(c)[-1]) == (None, "assignment.unfilled")


# --- who could ------------------------------------------------------------------------------


def test_who_could_says_so_until_the_window_closes(c: Conductor) -> None:
    ask(c, window=True)
    could(c, "ann", "bo", "ann")

    assert states(c) == ["gathering"]
    assert [i.interpreter for i in request(c).interests] == ["ann", "bo"]
    until(c, CLOSES - 1)
    assert states(c) == ["gathering"]
    until(c, CLOSES)
    assert states(c) == ["searching"]
    with pytest.raises(Gone) as late:
        could(c, "cy")
    assert late.value.extra == {"reason": "decided"}


def test_who_could_may_take_it_back(c: Conductor) -> None:
    ask(c, window=True)
    could(c, "ann", "bo")
    back = book.Interest("ann", False, "x", {})
    c.tell("assignment", "a1", back)
    c.tell("assignment", "a1", back)

    assert [i.interpreter for i in request(c).interests] == ["bo"]


def test_no_more_than_some_may_say_so(c: Conductor) -> None:
    ask(c, window=True)
    could(c, *(f"i{n}" for n in range(INTERESTED_MOST)))

    with pytest.raises(Conflict):
        could(c, "ann")
    could(c, "i0")  # again is harmless


def test_at_the_windows_end_the_best_who_could_is_confirmed(c: Conductor) -> None:
    """Without asking again; the others hear that another was chosen."""
    ask(c, window=True)
    could(c, "ann", "bo", "cy")
    until(c, CLOSES)
    choose(c, "bo", "ann")

    slot = request(c).slots[0]
    assert (states(c), slot.interpreter, slot.wave) == (["confirmed"], "bo", 1)
    assert diary(c, "bo") == [("a1", "1", 0, 30)]
    assert [withdrawn(c, who) for who in ("ann", "bo", "cy")] == [
        ["another_chosen"],
        [],
        ["another_chosen"],
    ]
    choose(c, "ann")
    assert request(c).slots[0] == slot


def test_who_is_booked_elsewhere_by_then_is_passed_over(c: Conductor) -> None:
    ask(c, window=True)
    could(c, "ann", "bo")
    confirmed(c, "bo", id_="a2")
    until(c, CLOSES)
    choose(c, "bo", "ann")

    assert request(c).slots[0].interpreter == "ann"
    assert withdrawn(c, "bo") == ["another_chosen"]


def test_when_all_who_could_are_booked_elsewhere_everybody_is_asked(c: Conductor) -> None:
    ask(c, window=True)
    could(c, "ann", "bo")
    confirmed(c, "ann", id_="a2")
    confirmed(c, "bo", id_="a3")
    until(c, CLOSES)
    choose(c, "bo", "ann")

    assert (states(c), request(c).interests) == (["searching"], ())
    assert withdrawn(c, "ann") == withdrawn(c, "bo") == ["not_eligible"]
    offer(c, "cy")
    accept(c, "cy")
    assert states(c) == ["confirmed"]


def test_no_more_diaries_are_tried_than_one_commit_may(c: Conductor) -> None:
    """As many as could and are booked: it comes to an end all the same."""
    ask(c, window=True)
    people = [f"i{n}" for n in range(30)]
    could(c, *people)
    for n, who in enumerate(people):
        confirmed(c, who, id_=f"b{n}")
    until(c, CLOSES)
    choose(c, *people)

    assert (states(c), request(c).interests) == (["searching"], ())
    assert len(people) > TRIED_MOST


def test_a_window_in_which_nobody_could(c: Conductor) -> None:
    ask(c, window=True)
    until(c, CLOSES)
    choose(c, "ann")
    assert states(c) == ["searching"]
    assert "seeking" in request(c).indexes
    offer(c, "ann")
    accept(c, "ann")

    assert states(c) == ["confirmed"]


def test_nobody_who_could_is_eligible_any_more(c: Conductor) -> None:
    """The matcher says so; then everybody is asked."""
    ask(c, window=True)
    could(c, "ann")
    until(c, CLOSES)
    c.tell("assignment", "a1", on.NoMatch("1", {}, never=False))

    assert (states(c), request(c).interests) == (["searching"], ())
    assert withdrawn(c, "ann") == ["not_eligible"]


# --- the customer chooses -------------------------------------------------------------------


def test_the_customer_chooses_before_the_window_closes(c: Conductor) -> None:
    ask(c, window=True)
    could(c, "ann", "bo")
    confirm(c, "bo")
    chosen = request(c)

    assert (states(c), chosen.slots[0].interpreter) == (["confirmed"], "bo")
    assert withdrawn(c, "ann") == ["another_chosen"]
    confirm(c, "bo")  # a client's retry
    assert request(c) == chosen
    with pytest.raises(IllegalTransition):
        confirm(c, "ann")


def test_only_who_said_so_is_chosen(c: Conductor) -> None:
    ask(c, window=True)
    could(c, "ann")

    with pytest.raises(NotEligible):
        confirm(c, "bo")


def test_the_chosen_one_is_booked_elsewhere_meanwhile(c: Conductor) -> None:
    """It is refused to the customer, who may choose another; nothing has changed."""
    ask(c, window=True)
    could(c, "ann", "bo")
    confirmed(c, "bo", id_="a2")
    before = request(c)
    with pytest.raises(NotEligible):
        confirm(c, "bo")
    assert request(c) == before
    confirm(c, "ann")

    assert request(c).slots[0].interpreter == "ann"


def test_a_confirmation_after_cancellation(c: Conductor) -> None:
    """Those who could have heard that it is off."""
    ask(c, window=True)
    could(c, "ann")
    c.tell("assignment", "a1", on.Cancel(CUSTOMER))

    assert (request(c).interests, withdrawn(c, "ann")) == ((), ["cancelled"])
    with pytest.raises(IllegalTransition):
        confirm(c, "ann")


def test_who_gave_a_booking_back_is_not_asked_again(c: Conductor) -> None:
    """Also who was chosen without an offer."""
    ask(c, window=True)
    could(c, "ann")
    confirm(c, "ann")
    c.tell("assignment", "a1", on.Cancel(ANN))
    offer(c, "ann")
    assert states(c) == ["searching"]
    offer(c, "bo")

    assert states(c) == ["offering"]
    assert diary(c, "ann") == []


ASKED = [(Rules(), 90, 90_000), (Rules(offer_s=45), None, 45_000), (Rules(offer_s=45), 90, 90_000)]


@pytest.mark.parametrize(("rules", "offer_s", "stands_ms"), ASKED)
def test_how_long_offers_stand_is_for_whoever_asks_or_their_app_to_say(
    c: Conductor, rules: Rules, offer_s: int | None, stands_ms: int
) -> None:
    for id_, start_ms in (("a1", None), ("a2", START)):
        ask(c, id_, start_ms=start_ms, rules=rules)
        if offer_s is not None:
            changes = {"offering": {"offer_s": offer_s}}
            c.tell("assignment", id_, on.Update(CUSTOMER, changes))
        offer(c, "ann", id_=id_)
        assert request(c, id_).slots[0].ringing[0].expires_ms - NOW == stands_ms


def test_an_emergency_takes_whoever_rings_for_something_else(c: Conductor) -> None:
    """They are told so; whoever else rings goes on, and a late one changes nothing."""
    ask(c, start_ms=None)
    offer(c, "ann", "bo")
    preempt = book.Preempt("a1-ann-1-1", "ann")
    c.tell("assignment", "a1", preempt)

    assert (states(c), withdrawn(c, "ann")) == (["offering"], ["emergency"])
    assert str(c.get("availability", "ann").status) == "available"
    with pytest.raises(Gone) as gone:
        accept(c, "ann")
    assert gone.value.extra == {"reason": "emergency"}
    c.tell("assignment", "a1", book.Preempt("a1-bo-1-1", "bo"))
    assert states(c) == ["searching"]
    before = request(c)
    c.tell("assignment", "a1", preempt)
    assert request(c) == before
