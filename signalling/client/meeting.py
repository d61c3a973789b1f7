"""Take part in a meeting with aiortc, whatever carries its media.

In a mesh there is one peer connection for each other participant; with a carrier there is one leg
to it. The session must be opened with the capability `single-offerer`: aiortc cannot roll back,
so the server names one side that offers, and this end never offers unasked.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from itertools import count
from types import TracebackType
from typing import Any, Final, Protocol, Self

import structlog

from signalling.client.attempt import pause_s
from signalling.client.carried import SLOTS, CarriedLeg, JanusLeg, RelayLeg, Way
from signalling.client.connection import Connection, Ice, Media
from signalling.client.errors import ClientError, ConnectionLost, LegFailed
from signalling.client.leg import Leg, Peer, Signal
from signalling.client.mailbox import Event
from signalling.client.session import Observer
from signalling.client.upkeep import Upkeep

LOG = structlog.get_logger(__name__)

CAPABILITIES: Final = ("single-offerer",)
GONE: Final = frozenset({"left", "removed"})
PRESENT: Final = frozenset({"joined", "reconnecting"})
EARLY_MOST: Final = 256  # signals from participants that are not announced yet
CHANGES_MOST: Final = 64
VOUCH_EVERY_S: Final = 8.0

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

    When the meeting moves, the new way is built beside the old one, which ends when media can flow
    on the new. How each way fares is told to the server. Events of the meeting other than signals
    are left to the client's other readers too.
    """

    def __init__(self, session: Session, meeting: str, media: Media) -> None:
        self.meeting = meeting
        self.participant = ""
        self.joined: dict[str, Any] = {}
        self.legs: dict[str, Leg] = {}
        self.carried: CarriedLeg | None = None
        self.ended = asyncio.Event()
        self._session = session
        self._media = media
        self._others: dict[str, str] = {}  # who is there: participant → state
        self._old: list[Leg | CarriedLeg] = []
        self._early: list[tuple[str, Signal]] = []
        self._unread: list[tuple[Mapping[str, Any], Mapping[str, Any]]] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._closing: set[asyncio.Task[None]] = set()
        self._vouching: set[str] = set()
        self._tries = 0
        self._upkeep = Upkeep(meeting, session.call, self._connections)
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
        """Enter, and begin with everybody who is there; return the answer to meeting.join.

        Who waits in the lobby joins by itself when admitted.
        """
        self.joined = await self._session.call("meeting.join", meeting=self.meeting, **params)
        self.participant = str(self.joined["participant"])
        if not self._upkeep.joined:
            self._spawn("upkeep", self._upkeep.run)
        self._upkeep.joined = self.joined
        self._people(self.joined.get("participants", ()))
        self._move(self.joined, [Peer.of(peer) for peer in self.joined.get("peers", ())])
        unread, self._unread = self._unread, []
        for change in unread:
            self._change(*change)
        return self.joined

    async def connected(self, participant: str | None = None) -> str:
        """Wait for media with *participant*, or with the first other one; return their id.

        Raise LegFailed at the latest `connect_s` after that leg began. How long to wait for
        somebody to come is the caller's: `asyncio.timeout`.
        """
        while True:
            found = self._way_to(participant)
            if found is None:
                if self.ended.is_set():
                    raise LegFailed("the meeting is over")
                self._changed.clear()
                await self._changed.wait()
                continue
            who, leg = found
            try:
                await asyncio.shield(leg.connected)
            except LegFailed:
                if self._way_to(participant) == found:
                    raise
            else:
                return who

    async def leave(self) -> None:
        """Say so, and end all media."""
        with contextlib.suppress(ClientError, TimeoutError):
            await self._upkeep.say()
        await self._session.call("meeting.leave", meeting=self.meeting)
        await self.close()

    async def close(self) -> None:
        """End all media without a word; nothing runs afterwards."""
        if self._stop is not None:
            self._stop()
            self._stop = None
        self._over()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
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
        people = meeting.get("participants", ())
        for one in people:
            if one.get("state") in GONE:
                self._end(str(one.get("participant")))
        mine = (p for p in people if p["participant"] == self.participant)
        if meeting.get("state") == "ended" or any(p.get("state") in GONE for p in mine):
            self._over()
            return
        if params.get("change") == "admitted" and params.get("participant") == self.participant:
            self._spawn("joining", self.join)
            return
        if self.joined.get("state") == "waiting":
            return
        self._people(people)
        if params.get("for") not in (None, self.participant):
            return  # how another device of the same user connects
        peers = [Peer.of(peer) for peer in params.get("peers") or ()]
        self._move(meeting, peers, anew=bool(params.get("renegotiate")))
        if params.get("change") == "published" and self.carried is not None:
            self.carried.look_again()

    def _people(self, people: Sequence[Mapping[str, Any]]) -> None:
        """Note who is there, interpreters first: theirs is the last picture to give way."""
        ordered = sorted(people, key=lambda one: one.get("role") != "interpreter")
        self._others = {
            str(one["participant"]): str(one["state"])
            for one in ordered
            if one.get("state") in PRESENT and one["participant"] != self.participant
        }
        for participant, state in self._others.items():
            if state == "reconnecting" and participant not in self._vouching:
                self._vouching.add(participant)
                self._spawn("vouching", partial(self._vouch, participant))
        if self.carried is not None:
            self._carry(self.carried)
        self._changed.set()

    # --- the ways media goes ------------------------------------------------------------------

    def _way_to(self, participant: str | None) -> tuple[str, Leg | CarriedLeg] | None:
        if self.carried is not None:
            who = participant or next(iter(self._others), None)
            return (who, self.carried) if who in self._others else None
        leg = self.legs.get(participant or next(iter(self.legs), ""))
        return (leg.peer.participant, leg) if leg else None

    def _move(self, where: Mapping[str, Any], peers: Sequence[Peer], *, anew: bool = False) -> None:
        """Go the way that the server names: join's answer, a meeting, or the answer to failed."""
        topology, carrier = where.get("topology", "mesh"), where.get("carrier")
        if topology == "mesh":
            self._old += [self.carried] if self.carried else []
            self.carried = None
            known = [leg.peer for leg in self.legs.values()]
            for peer in peers or (known if anew else []):
                self._begin(peer, anew=anew)
        elif carrier and (self.carried is None or self.carried.carrier != carrier["id"]):
            self._begin_carried(str(carrier["id"]), str(carrier["kind"]))

    def _begin(self, peer: Peer, *, anew: bool = False) -> None:
        if peer.participant in self.legs:
            if not anew:
                return  # told twice: in the answer to join, and by an event
            self._end(peer.participant)
        lost = partial(self._lost, peer.participant)
        leg = Leg(peer, self._media, self._ice(), self._send, lost)
        self.legs[peer.participant] = leg
        waiting, self._early = self._early, []
        for sender, signal in waiting:
            self._signalled(sender, signal)
        self._spawn("reporting", partial(self._report, peer.participant, leg))
        self._changed.set()

    def _begin_carried(self, carrier: str, kind: str) -> None:
        self._old += [*self.legs.values(), *([self.carried] if self.carried else [])]
        self.legs, self._early = {}, []
        lost = partial(self._lost, carrier)
        way = Way(carrier, self._media, self._ice(), self._negotiate, lost)
        if kind == "janus":
            self.carried = JanusLeg(way)
        else:
            self.carried = RelayLeg(way, max(SLOTS, len(self._others) + 1))
        self._carry(self.carried)
        self._spawn("reporting", partial(self._report, carrier, self.carried))
        self._changed.set()

    def _carry(self, leg: CarriedLeg) -> None:
        if isinstance(leg, RelayLeg) and len(self._others) > leg.slots:
            self._begin_carried(leg.carrier, "relay")  # with more slots
            return
        leg.carry(tuple(self._others))

    def _end(self, participant: str) -> None:
        leg = self.legs.pop(participant, None)
        if leg:
            self._close(leg)

    def _close(self, leg: Leg | CarriedLeg) -> None:
        task = asyncio.create_task(leg.close(), name="dragoman leg closing")
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    def _close_old(self) -> None:
        """End the ways that were, once media can flow on the new one."""
        old, self._old = self._old, []
        for leg in old:
            self._close(leg)

    def _over(self) -> None:
        self._old += [*self.legs.values(), *([self.carried] if self.carried else [])]
        self._close_old()
        self.legs, self.carried = {}, None
        self.ended.set()
        self._changed.set()

    def _connections(self) -> list[Connection]:
        legs = [self.carried] if self.carried else list(self.legs.values())
        return [connection for leg in legs for connection in leg.connections]

    def _ice(self) -> Ice:
        servers = tuple(self.joined.get("ice_servers", ()))
        return Ice(servers, "relay" if self.joined.get("ice_policy") == "relay" else "all")

    # --- what the server is told --------------------------------------------------------------

    async def _send(self, to: str, signal: Signal) -> None:
        await self._session.call("meeting.signal", meeting=self.meeting, to=to, signal=signal)

    async def _negotiate(self, **params: Any) -> Mapping[str, Any]:
        return await self._session.call("meeting.negotiate", meeting=self.meeting, **params)

    async def _report(self, peer: str, leg: Leg | CarriedLeg) -> None:
        """Say that media can flow; the ways before this one end."""
        await asyncio.shield(leg.connected)
        self._tries = 0
        self._upkeep.connect_ms = leg.attempt.took_ms
        if leg is self.carried or all(one.connected.done() for one in self.legs.values()):
            self._close_old()
        await self._negotiate(peer=peer, state="connected", took_ms=leg.attempt.took_ms)

    def _lost(self, peer: str, reason: str) -> None:
        self._upkeep.reconnects += 1
        self._spawn("failing", partial(self._ask_another_way, peer, reason))

    async def _ask_another_way(self, peer: str, reason: str) -> None:
        """Say that there is no media, and go the way that the answer names."""
        LOG.info("no media", peer=peer, reason=reason)
        answer = await self._say_failed(peer, reason)
        if self.ended.is_set():
            return
        if answer.get("carrier"):
            self._move(answer, [])
        if self.carried is not None and self._is_lost(peer):
            await self._connect_again(self.carried)

    async def _say_failed(self, peer: str, reason: str) -> Mapping[str, Any]:
        """Return what the server answers; while the socket is down it is asked again."""
        for number in count():
            try:
                return await self._negotiate(peer=peer, state="failed", reason=reason[:200])
            except ConnectionLost as error:
                if not error.may_return:
                    raise
            except TimeoutError:
                pass
            await asyncio.sleep(pause_s(number))
            if not self._is_lost(peer):
                break
        return {}

    def _is_lost(self, peer: str) -> bool:
        if self.carried is not None:
            return self.carried.carrier == peer and self.carried.attempt.over
        return peer in self.legs and self.legs[peer].attempt.over

    async def _connect_again(self, failed: CarriedLeg) -> None:
        """Begin anew at the same carrier: the server holds that it lives."""
        self._tries += 1
        await asyncio.sleep(pause_s(self._tries - 1))
        if self.carried is failed and not self.ended.is_set():
            self._close(failed)
            self.carried = None
            kind = "janus" if isinstance(failed, JanusLeg) else "relay"
            self._begin_carried(failed.carrier, kind)

    async def _vouch(self, participant: str) -> None:
        """Say of somebody whose socket dropped that their media still comes."""
        before = -1
        try:
            while self._others.get(participant) == "reconnecting":
                count = await self._received(participant)
                if count > before >= 0:
                    await self._negotiate(peer=participant, state="flowing")
                wait_s = VOUCH_EVERY_S if before >= 0 else 1.0
                before = count
                await asyncio.sleep(wait_s)
        finally:
            self._vouching.discard(participant)

    async def _received(self, participant: str) -> int:
        if self.carried is not None:
            return await self.carried.received(participant)
        leg = self.legs.get(participant)
        return await leg.received() if leg else 0

    def _spawn(self, what: str, work: Callable[[], Awaitable[object]]) -> None:
        async def safely() -> None:
            try:
                await work()
            except (ClientError, TimeoutError) as error:
                LOG.info("gave up", what=what, error=str(error))

        task = asyncio.create_task(safely(), name=f"dragoman {what}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
