"""Frozen types of every message, a file for each group.

A method `group.verb` takes `GroupVerbParams` and gives `GroupVerbResult`; an event is
`GroupVerbEvent`. The tables in `registry` and `events` find the types by this rule.
"""

from importlib import import_module
from typing import Any, Literal

MODULES = {"rpc": "discover"}  # where a group's file has another name


def message_type(name: str, kind: Literal["Params", "Result", "Event"]) -> Any:
    """Return the type of a message: `assignment.create` has AssignmentCreateParams."""
    group, verb = name.split(".")
    module = import_module(f"{__name__}.{MODULES.get(group, group)}")
    return getattr(module, f"{group.title()}{verb.title()}{kind}")
