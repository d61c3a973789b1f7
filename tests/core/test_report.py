"""Every event in every state of a report, who hears of it, and what it does."""

from itertools import product
from typing import Any, get_args

import pytest
from msgspec.structs import replace

from signalling.core import report as life
from signalling.core.booking_events import Correct, Excuse, NeverCame
from signalling.core.effects import Hook, Key, Send, Tell
from signalling.core.report import (
    AnswerReport,
    NotTaken,
    OpenReport,
    Report,
    decide,
    view,
)
from signalling.core.review import ReviewState, Verdict
from signalling.errors import IllegalTransition, InvalidParams
from tests.core.grid import refusal, rows
from tests.core.samples import ANN, CUSTOMER, LATER, NOW, moment

OLGA = "o:hospital:olga"
TEXT, REASON = "We went on for a quarter of an hour", "The log says so, too"
OPENED = OpenReport("re1", "hospital", ("hospital",), ANN, "a1", "ann", "times", TEXT, 75)
OPEN = Report("re1", "hospital", ("hospital",), ANN, "a1", "ann", "times", TEXT, 75, NOW)
VERDICT = Verdict(OLGA, REASON, "changed", LATER, 75)
ANSWERED = replace(OPEN, state=ReviewState.ANSWERED, verdict=VERDICT)
RECORDS = {"none": None, "open": OPEN, "answered": ANSWERED}
EVENTS: dict[str, life.Event] = {
    "open": OPENED,
    "answer": AnswerReport(OLGA, REASON, "changed", 75),
    "other_answer": AnswerReport(OLGA, REASON, "upheld"),
    "not_taken": NotTaken(),
}
ROWS = rows("""
             none     open     answered
open         open     =        =
answer       NotFound answered =
other_answer NotFound answered Refused
not_taken    NotFound =        Refused
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


SHOWN = {
    "id": "re1",
    "state": "open",
    "kind": "times",
    "assignment": "a1",
    "interpreter": "ann",
    "text": TEXT,
    "minutes": 75,
    "reported_at": "2023-11-14T22:13:20.000Z",
}


def test_staff_hear_who_reports_what() -> None:
    new, effects = decide(None, OPENED, moment())

    assert new == OPEN
    shown = {"report": SHOWN | {"reported_by": "ann", "role": "interpreter"}}
    assert effects == (
        Send("a:hospital", "feedback.reported", shown),
        Hook("feedback.reported", "a1", shown, "hospital"),
    )


def test_who_reported_hears_the_answer_and_not_who_gave_it() -> None:
    new, effects = decide(OPEN, EVENTS["answer"], moment(LATER))

    assert new == ANSWERED
    answered = SHOWN | {
        "state": "answered",
        "answer": REASON,
        "outcome": "changed",
        "minutes_now": 75,
        "answered_at": "2023-11-14T22:13:30.000Z",
    }
    told, hook, correct = effects
    assert told == Send(ANN, "feedback.answered", {"report": answered})
    staff = {"reported_by": "ann", "role": "interpreter", "answered_by": "olga"}
    assert hook == Hook("feedback.answered", "a1", {"report": answered | staff}, "hospital")
    assert correct == Tell(Key("assignment", "a1"), Correct(OLGA, "ann", 75))
    assert view(new, staff=True) == answered | staff


def test_that_somebody_never_came_is_told_to_the_assignment() -> None:
    """Which may take it no more: the report stands all the same."""
    claim = NeverCame(CUSTOMER, "ann")
    event = replace(OPENED, by=CUSTOMER, kind="no_show", minutes=None, claim=claim)

    _, (*_, told) = decide(None, event, moment())
    assert told == Tell(Key("assignment", "a1"), claim, refused=NotTaken())


def of(kind: str, by: str = ANN, **fields: Any) -> Report:
    return replace(OPEN, about=kind, by=by, minutes=None, **fields)


FORGIVEN = [
    (of("appeal"), True),
    (of("no_show", CUSTOMER), True),
    (of("no_show", "a:hospital"), True),
    (of("no_show", ANN), False),  # it is the customer who did not come
    (of("no_show", CUSTOMER, interpreter=None), False),
    (of("conduct", CUSTOMER), False),
    (of("times", ANN), False),
]


@pytest.mark.parametrize(("report", "may"), FORGIVEN)
def test_what_can_be_excused(report: Report, may: bool) -> None:
    excused = AnswerReport(OLGA, "They were ill", "excused")
    if may:
        _, (*_, told) = decide(report, excused, moment())
        assert told == Tell(Key("standing", "ann"), Excuse("a1"))
        return
    with pytest.raises(InvalidParams) as refused:
        decide(report, excused, moment())
    assert refused.value.path == "outcome"


MINUTES = [
    (of("times"), "changed", None),
    (of("times"), "upheld", 75),
    (of("appeal"), "excused", 75),
    (of("conduct", CUSTOMER, interpreter=None), "changed", 75),
]


@pytest.mark.parametrize(("report", "outcome", "minutes"), MINUTES)
def test_minutes_go_with_what_is_put_right(
    report: Report, outcome: str, minutes: int | None
) -> None:
    with pytest.raises(InvalidParams) as refused:
        decide(report, AnswerReport(OLGA, REASON, outcome, minutes), moment())
    assert refused.value.path == "minutes"


def test_an_answer_in_words_does_nothing_else() -> None:
    for outcome in ("upheld", "changed"):
        _, effects = decide(of("conduct"), AnswerReport(OLGA, REASON, outcome), moment())
        assert not any(isinstance(effect, Tell) for effect in effects)


def test_it_waits_in_the_lists_of_all_who_may_answer() -> None:
    appeal = of("appeal", staff=("court", "hospital"))
    assert appeal.indexes == {
        f"reports:{ANN}": NOW,
        f"reports:open:{ANN}": NOW,
        "reports:staff:court": NOW,
        "reports:staff:hospital": NOW,
    }
    assert ANSWERED.indexes == {f"reports:{ANN}": NOW}
    _, effects = decide(None, replace(OPENED, kind="appeal", staff=("court", "hospital")), moment())
    assert [e.address for e in effects if isinstance(e, Send)] == ["a:court", "a:hospital"]
    assert [e.app for e in effects if isinstance(e, Hook)] == ["court", "hospital"]
