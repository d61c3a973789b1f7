"""All handlers together, and what sockets tell the service."""

from collections.abc import Mapping
from typing import NamedTuple

from signalling.errors import InternalError
from signalling.protocol.messages.session import Snapshot
from signalling.service.assignments import Assignments
from signalling.service.bookings import Bookings
from signalling.service.calendars import Calendars
from signalling.service.call import Caller, Handler, Session
from signalling.service.carriage import Carriage
from signalling.service.contests import Contests
from signalling.service.estimates import Estimates
from signalling.service.feedback import Feedback
from signalling.service.interpreters import Interpreters
from signalling.service.lobby import Lobby
from signalling.service.match import Matching
from signalling.service.meetings import Meetings
from signalling.service.offers import Offers
from signalling.service.presence import Presence
from signalling.service.recommendations import Recommendations
from signalling.service.recording import Recording
from signalling.service.reports import Reports
from signalling.service.webhooks import Webhooks


class Groups(NamedTuple):
    """The handlers of each group of methods."""

    presence: Presence
    interpreters: Interpreters
    calendars: Calendars
    matching: Matching
    estimates: Estimates
    assignments: Assignments
    bookings: Bookings
    offers: Offers
    meetings: Meetings
    carriage: Carriage
    lobby: Lobby
    recording: Recording
    feedback: Feedback
    reports: Reports
    contests: Contests
    webhooks: Webhooks
    recommendations: Recommendations


class Service:
    """Everything that is not about sockets (the seam is `signalling.web.seam`)."""

    def __init__(self, groups: Groups) -> None:
        self.groups = groups
        self.presence = groups.presence
        self.assignments = groups.assignments
        self.offers = groups.offers
        self.meetings = groups.meetings
        tables: list[Mapping[str, Handler]] = [group.handlers for group in groups]
        self.handlers: Mapping[str, Handler] = {
            name: handler for table in tables for name, handler in table.items()
        }
        if len(self.handlers) < sum(map(len, tables)):
            raise InternalError("a method has two handlers")

    async def admits(self, caller: Caller, session: Session) -> bool:
        """Refuse a session of a token that is used up; say whether it is its user's only one."""
        return await self.meetings.admits(caller, session)

    async def opened(self, caller: Caller, session: Session) -> None:
        """Hear that a socket was opened, or resumed (then its epoch is higher)."""
        await self.presence.connected(caller, session)
        if session.epoch > 1:
            await self.meetings.resumed(caller, session)

    async def snapshot(self, caller: Caller) -> Snapshot:
        """Return everything current, for a client whose missed events cannot be replayed."""
        interprets = caller.role == "interpreter"
        offers = await self.offers.pending(caller, caller.user) if interprets else ()
        presence = await self.presence.current(caller, (caller.user,)) if interprets else (None,)
        return Snapshot(
            offers=offers,
            assignments=await self.assignments.current(caller),
            meetings=await self.meetings.current(caller),
            presence=presence[0],
        )

    async def calendar(self, marketplace: str, interpreter: str, secret: str) -> bytes:
        """Return an interpreter's bookings as iCalendar; raise NotFound for any other secret."""
        return await self.groups.calendars.feed(marketplace, interpreter, secret)

    async def dropped(self, caller: Caller, session: Session, meetings: frozenset[str]) -> None:
        """Hear that a socket is gone, not on purpose; life cycles start their timers."""
        await self.presence.dropped(caller, session)
        await self.meetings.dropped(caller, session, meetings)

    async def closed(self, caller: Caller, session: Session, meetings: frozenset[str]) -> None:
        """Hear that a session was closed on purpose."""
        await self.meetings.closed(caller, session, meetings)
        await self.presence.closed(caller, session)
