"""Ringing at a phone whose app is closed: by webhook, and only while that reaches somebody.

Whoever asked for it is available without a socket, until the time they said. An offer is pushed
by the apps that run the interpreters; one that nobody acknowledges in time has reached nobody.
"""

from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from signalling.core import events as on
from signalling.core import reasons
from signalling.core.effects import Hook, Moment
from signalling.core.sockets import Sessions, latest, past, ring_over
from signalling.errors import InvalidParams

# Why an offer that was pushed, and never acknowledged, is undelivered.
UNREACHED: Final = "unreached"


class Engagement(Struct, frozen=True):
    """What the server has them doing, and until when at most (wrap-up only).

    *pushed*: its offer went out by webhook; *ack_by_ms* is set until it is acknowledged. *beside*:
    booked work that they have begun while this was not over yet.
    """

    assignment: str
    offer: str
    until_ms: int | None = None
    pushed: bool = False
    ack_by_ms: int | None = None
    beside: tuple[str, ...] = ()

    @property
    def reached(self) -> bool:
        """Whether a push is known to have arrived: then no socket is needed to answer."""
        return self.pushed and self.ack_by_ms is None

    def ring_until_ms(self, sessions: Sessions) -> int | None:
        """Return when an offer has reached nobody, if no socket comes back; None: it has."""
        if self.reached:
            return None
        return latest([self.ack_by_ms, *(s.ring_until_ms for s in sessions)])

    def unheard(self, sessions: Sessions, at: Moment) -> bool:
        """Say that the offer can reach nobody any more; asked only without a live socket."""
        waits = self.ack_by_ms is not None and not past(self.ack_by_ms, at)
        return not (self.reached or waits) and ring_over(sessions, at)

    def acknowledged(self) -> "Engagement":
        return replace(self, ack_by_ms=None)

    def held(self) -> "Engagement":
        """Return it as accepted: nothing rings any more."""
        return Engagement(self.assignment, self.offer)


def pushed(event: on.Ring, at: Moment) -> Engagement:
    """Return the engagement of an offer that is pushed now."""
    ack_by_ms = at.now_ms + at.bounds.push_ack
    return Engagement(event.assignment, event.offer, pushed=True, ack_by_ms=ack_by_ms)


def made(interpreter: str, assignment: str, offer: Mapping[str, Any]) -> Hook:
    """Have an offer pushed, with the id that it has everywhere."""
    return Hook("offer.made", assignment, {"interpreter": interpreter, **offer})


def over(interpreter: str, engagement: Engagement, reason: str) -> tuple[Hook, ...]:
    """Have a phone stop ringing, if the offer was pushed to it."""
    if not engagement.pushed:
        return ()
    return (withdrawn(interpreter, engagement.assignment, engagement.offer, reason),)


def withdrawn(interpreter: str, assignment: str, offer: str, reason: str) -> Hook:
    """Say of an offer that was pushed that it can be answered no more, and why."""
    told = reasons.withdrawn(offer, assignment, reason)
    return Hook("offer.withdrawn", assignment, {"interpreter": interpreter, **told})


def check_lease(event: on.SetStatus, at: Moment) -> None:
    """Raise InvalidParams for a wish to be reached by push that nothing would end in time."""
    if not event.push:
        return
    if event.status != "available":
        raise InvalidParams("only who is available is reached by push", path="push")
    if event.until_ms is None:
        raise InvalidParams("being reached by push needs an end", path="until")
    if event.until_ms > at.now_ms + at.bounds.push_lease:
        hours = at.bounds.push_lease / 3_600_000
        raise InvalidParams(f"at most {hours:g} hours ahead with push", path="until")
