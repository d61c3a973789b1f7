"""Who calls, from which socket, and what a handler looks like."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from signalling.errors import InvalidParams

ADDRESS_LETTER = {"interpreter": "i", "customer": "c", "operator": "o", "app": "a", "guest": "g"}


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated user of one app of one marketplace.

    *expires_ms* is the end of the token; *meeting* binds a guest; *rights* are the app's.
    """

    marketplace: str
    app: str
    user: str
    role: str
    name: str = ""
    expires_ms: int = 0
    meeting: str | None = None
    rights: frozenset[str] = frozenset()

    @property
    def staff(self) -> bool:
        """Say whether they run the app: one of its operators, or its server."""
        return self.role in ("operator", "app")

    @property
    def address(self) -> str:
        """Name the caller and their inbox inside the marketplace (docs/architecture.md)."""
        match self.role:
            case "interpreter":
                return f"i:{self.user}"
            case "app":
                return f"a:{self.app}"
            case "guest":
                return f"g:{self.meeting}:{self.user}"
            case _:
                return f"{ADDRESS_LETTER[self.role]}:{self.app}:{self.user}"


@dataclass(frozen=True, slots=True)
class Session:
    """One opened socket: *epoch* counts the sockets that this session has had."""

    id: str
    epoch: int
    node: str
    device: str | None = None
    capabilities: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Call:
    """One request: by whom, over which session (None over HTTP)."""

    caller: Caller
    session: Session | None = None

    def require_session(self) -> Session:
        """Return the session, or refuse a method that makes no sense over HTTP."""
        if self.session is None:
            raise InvalidParams("this method needs a WebSocket session")
        return self.session


Handler = Callable[[Call, Any], Awaitable[Any]]
