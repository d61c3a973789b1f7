"""Whom a meeting tells, and what."""

from typing import Any

from signalling.core import views
from signalling.core.effects import Effect, Send
from signalling.core.room import Meeting, Participant


def others(m: Meeting, participant: Participant) -> tuple[Participant, ...]:
    return tuple(p for p in m.inside if p.id != participant.id)


def changed(m: Meeting, to: Participant, change: str, who: Participant, **more: Any) -> Send:
    """Tell *to*, on that device, what became of *who*."""
    told = {"change": change, "participant": who.id, "for": to.id}
    params = {"meeting": views.meeting(m, to.address), **told, **more}
    return Send(to.address, "meeting.changed", params)


def hosts(m: Meeting) -> tuple[Participant, ...]:
    """Return who is inside and may let guests in."""
    return tuple(p for p in m.inside if p.role != "guest")


def to_inside(m: Meeting, change: str, **more: Any) -> tuple[Effect, ...]:
    return tuple(
        Send(
            p.address,
            "meeting.changed",
            {"meeting": views.meeting(m, p.address), "change": change, "for": p.id, **more},
        )
        for p in m.inside
    )


def to_parties(m: Meeting, change: str) -> list[Effect]:
    """Tell everybody who may be in it, inside or not."""
    return [
        Send(
            p.address,
            "meeting.changed",
            {"meeting": views.meeting(m, p.address), "change": change},
        )
        for p in m.parties
    ]
