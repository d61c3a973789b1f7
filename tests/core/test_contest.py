"""Every event in every state of a contest, and who hears of it."""

from itertools import product
from typing import get_args

import pytest
from msgspec.structs import replace

from signalling.core import contest as life
from signalling.core.contest import (
    AnswerContest,
    Contest,
    OpenContest,
    decide,
    view,
)
from signalling.core.effects import Send
from signalling.core.review import ReviewState, Verdict
from signalling.errors import IllegalTransition
from tests.core.grid import refusal, rows
from tests.core.samples import ANN, CUSTOMER, LATER, NOW, moment

OPENED = OpenContest("co1", "hospital", ANN, "a1", "ann", "I was free", ("d1", "d2"))
UPHELD = AnswerContest("o:hospital:olga", "You were away", "upheld")
OPEN = Contest("co1", "hospital", ANN, "a1", "ann", "I was free", ("d1", "d2"), NOW)
VERDICT = Verdict("o:hospital:olga", "You were away", "upheld", LATER)
ANSWERED = replace(OPEN, state=ReviewState.ANSWERED, verdict=VERDICT)
RECORDS = {"none": None, "open": OPEN, "answered": ANSWERED}
EVENTS: dict[str, life.Event] = {
    "open": OPENED,
    "answer": UPHELD,
    "other_answer": AnswerContest("a:hospital", "We were wrong", "changed"),
}
ROWS = rows("""
             none     open     answered
open         open     =        =
answer       NotFound answered =
other_answer NotFound answered Refused
""")


@pytest.mark.parametrize(("state", "event", "want"), ROWS)
def test_row(state: str, event: str, want: str) -> None:
    """Each event in each state leads where the product says, or is refused."""
    old = RECORDS[state]
    if want == "Refused":
        with pytest.raises(IllegalTransition):
            decide(old, EVENTS[event], moment())
    elif error := refusal(want):
        with pytest.raises(error):
            decide(old, EVENTS[event], moment())
    elif want == "=":
        assert decide(old, EVENTS[event], moment()) == (old, ())
    else:
        assert decide(old, EVENTS[event], moment())[0].state == want


def test_rows_are_complete() -> None:
    said = {(state, type(EVENTS[event])) for state, event, _ in ROWS}

    assert set(product(("none", *map(str, ReviewState)), get_args(life.Event))) == said


def test_the_app_hears_with_what_was_decided() -> None:
    new, effects = decide(None, OPENED, moment())

    assert new == OPEN
    shown = {
        "id": "co1",
        "state": "open",
        "assignment": "a1",
        "interpreter": "ann",
        "text": "I was free",
        "asked_at": "2023-11-14T22:13:20.000Z",
        "asked_by": "ann",
        "role": "interpreter",
        "decisions": ["d1", "d2"],
    }
    assert effects == (Send("a:hospital", "match.contested", {"contest": shown}),)


def test_who_asked_hears_the_answer_and_not_who_gave_it() -> None:
    new, effects = decide(OPEN, UPHELD, moment(LATER))

    assert new == ANSWERED
    shown = {
        "id": "co1",
        "state": "answered",
        "assignment": "a1",
        "interpreter": "ann",
        "text": "I was free",
        "asked_at": "2023-11-14T22:13:20.000Z",
        "answer": "You were away",
        "outcome": "upheld",
        "answered_at": "2023-11-14T22:13:30.000Z",
    }
    assert effects == (Send(ANN, "match.contest_answered", {"contest": shown}),)
    assert view(new, staff=True)["answered_by"] == "olga"


def test_it_waits_in_the_apps_list_until_it_is_answered() -> None:
    assert OPEN.indexes == {
        f"contests:{ANN}": NOW,
        "contests:a:hospital": NOW,
        f"contests:open:{ANN}": NOW,
    }
    assert ANSWERED.indexes == {f"contests:{ANN}": NOW}


def test_a_customer_may_mean_everybody() -> None:
    event = replace(OPENED, by=CUSTOMER, interpreter=None)
    new, (sent,) = decide(None, event, moment())

    assert isinstance(sent, Send)
    assert "interpreter" not in sent.params["contest"]
    assert sent.params["contest"]["role"] == "customer"
    assert new.interpreter is None
