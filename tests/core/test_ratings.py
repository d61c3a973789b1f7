"""Both sides of finished work rate each other: whose say counts for what, and who hears of it."""

import pytest
from msgspec.structs import replace

from signalling.core.assignment import decide
from signalling.core.effects import Hook, Send
from signalling.core.events import Rate
from signalling.core.ratings import rated_by
from signalling.core.slot import Assignment, Rating
from signalling.errors import IllegalTransition, InvalidParams, NotFound
from tests.core.samples import ANN, CUSTOMER, LATER, NOW, SLOTS, assignment, moment, told

BO = "i:bo"
APP = "a:hospital"


def pair() -> Assignment:
    """Return work that Ann and Bo did together."""
    second = replace(SLOTS["completed"], id="2", interpreter="bo")
    return assignment("completed", slots=(SLOTS["completed"], second))


def rate(a: Assignment, by: str, stars: int, interpreter: str | None = None) -> Assignment:
    return decide(a, Rate(by, stars, "on time", interpreter), moment())[0]


@pytest.mark.parametrize("state", ["wrap_up", "completed"])
def test_each_side_has_a_say_of_its_own(state: str) -> None:
    (slot,) = rate(rate(assignment(state), CUSTOMER, 4), ANN, 2).slots

    assert slot.rating == Rating(4, NOW, "on time")
    assert slot.their_rating == Rating(2, NOW, "on time")


def test_the_newest_counts_and_a_retry_changes_nothing() -> None:
    a = rate(assignment("completed"), ANN, 2)
    again = Rate(ANN, 2, "on time")

    assert decide(a, again, moment(LATER)) == (a, ())
    assert rate(a, ANN, 5).slots[0].their_rating == Rating(5, NOW, "on time")


def test_only_the_customers_stars_go_into_the_history() -> None:
    _, theirs = decide(assignment("completed"), Rate(CUSTOMER, 1), moment())
    _, own = decide(assignment("completed"), Rate(ANN, 1, "rude"), moment())

    assert told(theirs) == [("interpreter", "ann", "Rated")]
    data = {"assignment": "a1", "interpreter": "ann", "stars": 1, "of": "customer", "text": "rude"}
    hook = Hook("feedback.rated", "a1", data, "hospital")
    assert [e for e in own if isinstance(e, Hook)] == [hook]
    assert told(own) == []
    assert not any(isinstance(e, Send) for e in (*theirs, *own))


def test_who_was_not_in_it_has_no_say() -> None:
    with pytest.raises(NotFound):
        rate(assignment("completed"), BO, 1)
    with pytest.raises(NotFound):
        rate(assignment("completed"), CUSTOMER, 1, "bo")


@pytest.mark.parametrize("state", ["held", "in_progress", "no_show", "cancelled"])
def test_nobody_rates_what_was_not_done(state: str) -> None:
    with pytest.raises((IllegalTransition, NotFound)):
        rate(assignment(state), ANN, 1)
    with pytest.raises(IllegalTransition):
        rate(assignment(state), CUSTOMER, 1)


def test_of_several_the_customer_says_whom() -> None:
    """Each of them rates for their own work."""
    with pytest.raises(InvalidParams) as refused:
        rate(pair(), CUSTOMER, 5)
    assert refused.value.path == "interpreter"
    first, second = rate(rate(pair(), APP, 5, "bo"), ANN, 3).slots
    assert (first.rating, second.rating) == (None, Rating(5, NOW, "on time"))
    assert (first.their_rating, second.their_rating) == (Rating(3, NOW, "on time"), None)
    assert [slot.id for slot in rated_by(pair(), Rate(BO, 1))] == ["2"]
