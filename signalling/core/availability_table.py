"""Which events an availability takes, and where each leads."""

from enum import StrEnum
from typing import Final

from signalling.core import events as on
from signalling.core.booking_events import Engage, Suspend


class Status(StrEnum):
    OFFLINE = "offline"
    AWAY = "away"
    AVAILABLE = "available"
    BUSY = "busy"
    RINGING = "ringing"
    HELD = "held"
    IN_MEETING = "in_meeting"
    WRAP_UP = "wrap_up"


class Rest(StrEnum):
    """Where a transition leads when it is not to a state by name."""

    REST = "rest"  # to what they wish, if a socket of theirs lives
    SAME = "same"  # nowhere


REST, SAME = Rest.REST, Rest.SAME
To = Status | Rest

Event = (
    on.Connect
    | on.Drop
    | on.Close
    | on.SetStatus
    | on.Ring
    | on.Acked
    | on.Unring
    | on.Hold
    | on.Meet
    | Engage
    | on.Release
    | on.Deadline
    | on.Forget
    | on.Checked
    | Suspend
)

_RESTING: Final[dict[type[Event], To]] = {
    on.Connect: REST,
    on.Drop: SAME,
    on.Close: REST,
    on.SetStatus: REST,
    Engage: Status.IN_MEETING,
    on.Acked: SAME,
    on.Unring: SAME,
    on.Release: SAME,
    on.Deadline: REST,
    on.Forget: SAME,
    on.Checked: SAME,
    Suspend: REST,
}
_ENGAGED: Final[dict[type[Event], To]] = {
    on.Connect: SAME,
    on.Drop: SAME,
    on.Close: SAME,
    on.SetStatus: SAME,
    Engage: SAME,
    on.Acked: SAME,
    on.Unring: SAME,
    on.Release: SAME,
    on.Deadline: SAME,
    on.Checked: SAME,
    Suspend: SAME,
}
TABLE: Final[dict[Status, dict[type[Event], To]]] = {
    Status.OFFLINE: _RESTING,
    Status.AWAY: _RESTING,
    Status.BUSY: _RESTING,
    Status.AVAILABLE: _RESTING | {on.Ring: Status.RINGING},
    Status.RINGING: _ENGAGED | {on.Unring: REST, on.Hold: Status.HELD, Engage: Status.IN_MEETING},
    Status.HELD: _ENGAGED | {on.Meet: Status.IN_MEETING, on.Release: REST, on.Hold: SAME},
    Status.IN_MEETING: _ENGAGED | {on.Release: Status.WRAP_UP, on.Meet: SAME},
    Status.WRAP_UP: _ENGAGED
    | {on.Deadline: REST, on.Release: REST, on.Forget: SAME, Engage: Status.IN_MEETING},
}
