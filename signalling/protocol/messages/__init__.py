"""Frozen types of every message, a file for each group.

A method `group.verb` takes `GroupVerbParams` and gives `GroupVerbResult`; an event is
`GroupVerbEvent` (`group.verb_done`: `GroupVerbDoneEvent`). The tables in `registry` and
`events` find the types by this rule.
"""

from importlib import import_module
from typing import Any, Literal

MODULES = {  # where a group's file has another name, or a message stands elsewhere
    "rpc": "discover",
    "meeting.negotiate": "negotiation",
    "match.estimate": "estimate",
    "match.contest": "contest",
    "match.contests": "contest",
    "match.answer": "contest",
    "assignment.recommend": "booking",
    "assignment.recommended": "booking",
    "assignment.interest": "booking",
    "assignment.confirm": "booking",
    "assignment.check_in": "booking",
    "assignment.reminder": "booking",
    "match.contested": "contest",
    "match.contest_answered": "contest",
}


def message_type(name: str, kind: Literal["Params", "Result", "Event"]) -> Any:
    """Return the type of a message: `assignment.create` has AssignmentCreateParams."""
    group, verb = name.split(".")
    module = import_module(f"{__name__}.{MODULES.get(name, MODULES.get(group, group))}")
    return getattr(module, f"{group.title()}{verb.title().replace('_', '')}{kind}")
