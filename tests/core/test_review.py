"""An answer of a human: who reads what of it, and what only repeats it."""

import pytest

from signalling.core.review import Verdict, answered
from signalling.core.times import rfc3339

VERDICT = Verdict("o:hospital:olga", "We looked into it", "changed", 1_000, 75)


def test_who_asked_does_not_read_who_answered() -> None:
    shown = {
        "answer": "We looked into it",
        "outcome": "changed",
        "answered_at": rfc3339(1_000),
    }
    assert answered(VERDICT, staff=False) == shown
    assert answered(VERDICT, staff=True) == shown | {"answered_by": "olga"}


@pytest.mark.parametrize(
    ("text", "outcome", "minutes", "same"),
    [
        ("We looked into it", "changed", 75, True),
        ("Again", "changed", 75, False),
        ("We looked into it", "upheld", 75, False),
        ("We looked into it", "changed", None, False),
    ],
)
def test_the_same_answer_again(text: str, outcome: str, minutes: int | None, same: bool) -> None:
    assert VERDICT.repeats(text, outcome, minutes) is same
