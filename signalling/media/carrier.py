"""What carries a meeting's media when its people do not send it to each other themselves.

One method a step of negotiating, so that the embedded relay and a Janus look alike to the media
node: the client always speaks first, and whoever cannot answer raises an error of errors.py.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

Kind = Literal["audio", "video"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody is: *meeting* is unique among all marketplaces of the media node."""

    meeting: str
    participant: str


@dataclass(frozen=True, slots=True)
class Want:
    """What a receiving section (`a=mid`) of a client's offer is to carry; None: nothing."""

    mid: str
    participant: str | None


@dataclass(frozen=True, slots=True)
class Stream:
    """Whose audio or video a section of the carrier's offer carries."""

    mid: str
    participant: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Offered:
    """An offer of the carrier, for the client's second connection, and what is in it."""

    sdp: str
    streams: tuple[Stream, ...]


# Told of a place whose media ended without a leave, and why: the leg failed or fell silent.
Gone = Callable[[Place, str], None]
# Told that meetings can go on here no more: the carrier behind them died.
Lost = Callable[[tuple[str, ...], str], None]


class Carrier(Protocol):
    """One way to carry media. Repeating a step is harmless; an unknown place has no media.

    `offer` and `answer` raise InvalidParams for a description that is none, Unavailable when
    the carrier cannot take it now; a second `offer` of the same place replaces its connection.
    """

    @property
    def kind(self) -> Literal["relay", "janus"]: ...

    @property
    def load(self) -> float:
        """How busy it is, 0 to 1; at 1 it takes no new meeting."""
        ...

    async def offer(self, place: Place, sdp: str, wants: tuple[Want, ...]) -> str:
        """Take the client's offer; return the answer's SDP."""
        ...

    async def want(self, place: Place, wants: tuple[Want, ...]) -> None:
        """Change what the receiving sections carry (relay)."""
        ...

    async def subscribe(self, place: Place, participants: tuple[str, ...]) -> Offered:
        """Offer the media of these participants on a second connection (janus)."""
        ...

    async def answer(self, place: Place, sdp: str) -> None:
        """Take the client's answer to `subscribe` (janus)."""
        ...

    async def leave(self, place: Place) -> None: ...

    async def end(self, meeting: str) -> None: ...
