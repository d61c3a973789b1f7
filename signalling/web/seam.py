"""What the web layer asks of the service: the one seam between the two."""

from collections.abc import Mapping
from typing import Any, Protocol

from signalling.service.call import Caller, Handler, Session

__all__ = ["Service"]


class Service(Protocol):
    """Everything that is not about sockets.

    *handlers* has one coroutine function a method: (Call, params struct) to result struct.
    """

    @property
    def handlers(self) -> Mapping[str, Handler]: ...

    async def admits(self, caller: Caller, session: Session) -> bool:
        """Say whether a session is to be its user's only one.

        Raise Gone or NotFound where the token opens no more.
        """

    async def opened(self, caller: Caller, session: Session) -> None:
        """Hear that a socket was opened, or resumed (then its epoch is higher)."""

    async def snapshot(self, caller: Caller) -> Any:
        """Return everything current, for a client whose missed events cannot be replayed."""

    async def calendar(self, marketplace: str, interpreter: str, secret: str) -> bytes:
        """Return an interpreter's bookings as iCalendar; raise NotFound for any other secret."""

    async def dropped(self, caller: Caller, session: Session, meetings: frozenset[str]) -> None:
        """Hear that a socket is gone, not on purpose; life cycles start their timers."""

    async def closed(self, caller: Caller, session: Session, meetings: frozenset[str]) -> None:
        """Hear that a session was closed on purpose."""
