"""The events that apps may hear of by their webhooks."""

from collections.abc import Iterable, Mapping
from typing import Final

from signalling.errors import InvalidParams

TEST: Final = "webhook.test"

TYPES: Final[Mapping[str, str]] = {
    "assignment.created": "Somebody asks for an interpreter.",
    "assignment.gathering": "Interpreters say whether they could, until the window closes.",
    "assignment.choosing": "The window has closed: the customer chooses one of those who could.",
    "assignment.offering": "Interpreters are asked.",
    "assignment.confirmed": "A booking stands: an interpreter has accepted.",
    "assignment.held": "An interpreter has accepted, and the meeting is open.",
    "assignment.started": "The work has begun.",
    "assignment.wrap_up": "The meeting is over; notes and ratings follow.",
    "assignment.completed": "The work is done.",
    "assignment.cancelled": "It was called off.",
    "assignment.unfilled": "Nobody was found in time.",
    "assignment.no_show": "Somebody who was awaited never came.",
    "assignment.changed": "Its terms have changed.",
    "assignment.reopened": "An interpreter gave it back or was lost; others are looked for.",
    "assignment.reminder": "A booking comes soon.",
    "assignment.late": "An interpreter is awaited, and has not come yet.",
    "assignment.backstop": "Nobody could be found so far: ask an agency.",
    "offer.made": "An interpreter is asked: push it to their phone.",
    "offer.withdrawn": "An offer holds no longer: take it off their phone.",
    "feedback.rated": "Somebody rated the work.",
    "feedback.reported": "Somebody reported the other side.",
    "feedback.answered": "A report was answered.",
    "interpreter.suspended": "An interpreter is offered nothing for a while.",
    TEST: "You asked for a trial; only the webhook that was named gets it.",
}


def check_types(patterns: Iterable[str]) -> None:
    """Raise InvalidParams, naming the first that is neither a type nor `group.*` of types."""
    for number, pattern in enumerate(patterns):
        if not any(covers((pattern,), type_) for type_ in TYPES):
            raise InvalidParams(f"there are no events {pattern}", path=f"types[{number}]")


def covers(patterns: Iterable[str], type_: str) -> bool:
    """Say whether *type_* is one of the *patterns*, or of a group that one of them names."""
    group = type_.partition(".")[0] + ".*"
    return any(pattern in {type_, group} for pattern in patterns)
