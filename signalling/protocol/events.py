"""Every event that the server sends."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from signalling.protocol.messages import message_type
from signalling.protocol.messages.common import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """One event that the server sends; *stored* ones carry `event_id` and are replayed."""

    name: str
    params: type[Event]
    summary: str
    stored: bool = True


def _event(name: str, summary: str, *, stored: bool = True) -> Notification:
    return Notification(
        name=name, params=message_type(name, "Event"), summary=summary, stored=stored
    )


_EVENTS = (
    _event("session.expiring", "The token ends soon: refresh it.", stored=False),
    _event(
        "session.draining",
        "The server closes this socket; when and whether to come back.",
        stored=False,
    ),
    _event("presence.changed", "A watched interpreter's availability changed.", stored=False),
    _event(
        "presence.summary", "How many are available changed; at most once a second.", stored=False
    ),
    _event("match.contested", "For apps: somebody contests what was decided of an interpreter."),
    _event("match.contest_answered", "A human has answered what you contested."),
    _event("assignment.changed", "An assignment of yours changed."),
    _event("assignment.recommended", "An open assignment fits you well: say if you could."),
    _event("assignment.reminder", "An assignment of yours starts soon."),
    _event("offer.made", "You are asked to take an assignment."),
    _event("offer.withdrawn", "An offer to you is over, and why."),
    _event("feedback.reported", "For apps: somebody reported what a human is to look at."),
    _event("feedback.answered", "A human has answered what you reported."),
    _event("feedback.suspended", "No new offers for a while, and why; you may appeal."),
    _event("meeting.changed", "A meeting of yours changed, or must be negotiated anew."),
    _event("meeting.signal", "A signal from another participant.", stored=False),
    _event("meeting.message", "Somebody wrote in the meeting."),
)


EVENTS: Mapping[str, Notification] = MappingProxyType({event.name: event for event in _EVENTS})
