"""Take part in a meeting with aiortc: one peer connection for each other participant.

The session must be opened with the capability `single-offerer`: aiortc cannot roll back, so the
server names one side that offers, and this end never offers unasked.
"""

import asyncio
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Final, Protocol, Self

from signalling.client.errors import LegFailed
from signalling.client.leg import Leg, Media, Peer, Signal
from signalling.client.mailbox import Event
from signalling.client.session import Observer

CAPABILITIES: Final = ("single-offerer",)
GONE: Final = frozenset({"left", "removed"})
EARLY_MOST: Final = 256  # signals from participants that are not announced yet
CHANGES_MOST: Final = 64

__all__ = ["CAPABILITIES", "Media", "MeetingPeer", "Session"]


class Session(Protocol):
    """What a participant needs of a Client."""

    async def call(self, method: str, /, **params: Any) -> dict[str, Any]: ...

    def on_event(self, observer: Observer, /) -> Any: ...


class MeetingPeer:
    """One participant; `join` enters, `connected` waits for media, `close` leaves.

        media = Media(sources=lambda: [Tone(440), Stripes()], sink=listen, bind=LOOPBACK)
        async with MeetingPeer(client, meeting, media) as me:
            await me.join()
            await me.connected()

    Events of the meeting other than signals are left to the client's other readers too.
    """

    def __init__(self, session: Session, meeting: str, media: Media) -> None:
        self.meeting = meeting
        self.participant = ""
        self.joined: dict[str, Any] = {}
        self.legs: dict[str, Leg] = {}
        self.ended = asyncio.Event()
        self._session = session
        self._media = media
        self._early: list[tuple[str, Signal]] = []
        self._unread: list[tuple[Mapping[str, Any], Mapping[str, Any]]] = []
        self._closing: set[asyncio.Task[None]] = set()
        self._changed = asyncio.Event()
        self._stop = session.on_event(self._observe)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def join(self, **params: Any) -> dict[str, Any]:
        """Enter, and begin with everybody who is there; return the answer to meeting.join."""
        self.joined = await self._session.call("meeting.join", meeting=self.meeting, **params)
        self.participant = str(self.joined["participant"])
        for peer in self.joined.get("peers", ()):
            self._begin(Peer.of(peer))
        unread, self._unread = self._unread, []
        for change in unread:
            self._change(*change)
        return self.joined

    async def connected(self, participant: str | None = None) -> str:
        """Wait for media with *participant*, or with the first other one; return their id.

        Raise LegFailed at the latest `connect_s` after that leg began. How long to wait for
        somebody to come is the caller's: `asyncio.timeout`.
        """
        while not (participant in self.legs if participant else self.legs):
            if self.ended.is_set():
                raise LegFailed("the meeting is over")
            self._changed.clear()
            await self._changed.wait()
        leg = self.legs[participant or next(iter(self.legs))]
        await asyncio.shield(leg.connected)
        return leg.peer.participant

    async def leave(self) -> None:
        """Say so, and end all media."""
        await self._session.call("meeting.leave", meeting=self.meeting)
        await self.close()

    async def close(self) -> None:
        """End all media without a word; nothing runs afterwards."""
        if self._stop is not None:
            self._stop()
            self._stop = None
        self._over()
        await asyncio.gather(*self._closing)

    # --- what the server says -----------------------------------------------------------------

    def _observe(self, event: Event) -> bool:
        """Keep this meeting's signals; look at its changes."""
        params = event.params
        if event.method == "meeting.signal" and params.get("meeting") == self.meeting:
            self._signalled(str(params.get("from")), params.get("signal"))
            return True
        meeting = params.get("meeting")
        if (
            event.method == "meeting.changed"
            and isinstance(meeting, Mapping)
            and meeting.get("id") == self.meeting
        ):
            self._change(params, meeting)
        return False

    def _signalled(self, sender: str, signal: Any) -> None:
        if not isinstance(signal, Mapping):
            return
        if sender in self.legs:
            self.legs[sender].signal(signal)
        elif len(self._early) < EARLY_MOST:
            # signals go straight across, announcements by the inbox: they may overtake
            self._early.append((sender, signal))

    def _change(self, params: Mapping[str, Any], meeting: Mapping[str, Any]) -> None:
        if not self.participant:
            # the answer to join has been read, but nobody has looked at it yet
            self._unread = [*self._unread[-CHANGES_MOST:], (params, meeting)]
            return
        for one in meeting.get("participants", ()):
            if one.get("state") in GONE:
                self._end(str(one.get("participant")))
        mine = (p for p in meeting.get("participants", ()) if p["participant"] == self.participant)
        if meeting.get("state") == "ended" or any(p.get("state") in GONE for p in mine):
            self._over()
            return
        if params.get("for") not in (None, self.participant):
            return  # how another device of the same user connects
        anew = bool(params.get("renegotiate"))
        told = [Peer.of(peer) for peer in params.get("peers") or ()]
        for peer in told or ([leg.peer for leg in self.legs.values()] if anew else []):
            self._begin(peer, anew=anew)

    def _begin(self, peer: Peer, *, anew: bool = False) -> None:
        if peer.participant in self.legs:
            if not anew:
                return  # told twice: in the answer to join, and by an event
            self._end(peer.participant)
        servers = self.joined.get("ice_servers", ())
        leg = Leg(peer, self._media, servers, self._send)
        self.legs[peer.participant] = leg
        waiting, self._early = self._early, []
        for sender, signal in waiting:
            self._signalled(sender, signal)
        self._changed.set()

    def _end(self, participant: str) -> None:
        leg = self.legs.pop(participant, None)
        if leg:
            name = f"dragoman leg {participant} closing"
            task = asyncio.create_task(leg.close(), name=name)
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

    def _over(self) -> None:
        for participant in tuple(self.legs):
            self._end(participant)
        self.ended.set()
        self._changed.set()

    async def _send(self, to: str, signal: Signal) -> None:
        await self._session.call("meeting.signal", meeting=self.meeting, to=to, signal=signal)
