"""The generator of benchmarks.offer: interpreters who answer as people do, customers who ask."""

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, Self

import msgspec

from benchmarks.offer_server import Server

AT_ONCE = 64  # sockets being opened together
ANSWERED = 0.5
ANSWER_S = (1.0, 8.0)
ANSWER_WITHIN_S = 30.0

HANDSHAKE = (
    b"GET /v1/ws HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Protocol: dragoman.v1.msgpack\r\n\r\n"
)
UNMASKED = bytes(4)  # a mask of zeros leaves a payload as it is
PONG = b"\x8a\x80" + UNMASKED

Handler = Callable[["Session", str, dict[str, Any], float], None]
_ENCODE = msgspec.msgpack.Encoder().encode
_DECODE = msgspec.msgpack.Decoder().decode


class Session(asyncio.Protocol):
    """One session over one socket; *heard* gets each event's method, params and time."""

    def __init__(self, heard: Handler) -> None:
        loop = asyncio.get_running_loop()
        self.heard = heard
        self.ready: asyncio.Future[None] = loop.create_future()
        self.answers: dict[int, asyncio.Future[Any]] = {}
        self.asked = 0
        self.buffer = b""

    @classmethod
    async def open(cls, server: Server, user: str, role: str, heard: Handler) -> Self:
        host, _, port = server.url.removeprefix("http://").rpartition(":")
        loop = asyncio.get_running_loop()
        _, session = await loop.create_connection(lambda: cls(heard), host, int(port))
        await session.ready
        await session.call("session.open", token=server.token(user, role))
        return session

    async def call(self, method: str, **params: Any) -> Any:
        """Ask, and return the result."""
        self.asked += 1
        answer = self.answers[self.asked] = asyncio.get_running_loop().create_future()
        request = {"jsonrpc": "2.0", "id": self.asked, "method": method, "params": params}
        self.transport.write(frame_of(_ENCODE(request)))
        async with asyncio.timeout(ANSWER_WITHIN_S):
            message = await answer
        if "error" in message:
            raise Refused(f"{method}: {message['error']}")
        return message["result"]

    def connection_made(self, transport: Any) -> None:
        self.transport: asyncio.Transport = transport
        transport.write(HANDSHAKE)

    def data_received(self, data: bytes) -> None:
        at = time.perf_counter()
        data = self.buffer + data if self.buffer else data
        if not self.ready.done():
            head, found, data = data.partition(b"\r\n\r\n")
            if not found:
                self.buffer = head
                return
            assert b" 101 " in head, head
            self.ready.set_result(None)
        start, end = 0, len(data)
        while end - start >= 2:
            size, body = data[start + 1], start + 2
            if size == 126:
                size, body = int.from_bytes(data[start + 2 : start + 4], "big"), start + 4
            elif size == 127:
                size, body = int.from_bytes(data[start + 2 : start + 10], "big"), start + 10
            if end < body + size:
                break
            self._frame(data[start] & 15, data[body : body + size], at)
            start = body + size
        self.buffer = data[start:]

    def _frame(self, opcode: int, payload: bytes, at: float) -> None:
        if opcode == 9:
            self.transport.write(PONG)
        elif opcode == 2:
            message = _DECODE(payload)
            if "method" in message:
                self.heard(self, message["method"], message["params"], at)
            elif (answer := self.answers.pop(message["id"], None)) and not answer.done():
                answer.set_result(message)


def frame_of(payload: bytes) -> bytes:
    """Return a binary WebSocket frame of a client."""
    size = len(payload)
    header = bytes((0x82, 0x80 | size)) if size < 126 else b"\x82\xfe" + size.to_bytes(2, "big")
    return header + UNMASKED + payload


class Refused(Exception):
    """The server refused a request."""


@dataclass(slots=True)
class Ask:
    """A request: its assignment, and when it was sent, in seconds."""

    assignment: str = ""
    sent: float = 0.0


@dataclass(slots=True)
class Fate:
    """What was heard of an assignment: when the offers of its first wave arrived, in seconds.

    *was_nobody*: nobody was free when it was asked.
    """

    offered: list[float] = field(default_factory=list)
    expires_at: str = ""
    was_nobody: bool = False


class Crowd:
    """All sockets, and what has become of every request.

    Interpreters answer half of what rings after 1–8 s, by accepting; both then join the meeting,
    and the customer completes the assignment *meeting_s* later.
    """

    def __init__(self, server: Server, meeting_s: float, seed: int = 1) -> None:
        self.server = server
        self.meeting_s = meeting_s
        self.random = Random(seed)
        self.answering = True
        self.interpreters: list[Session] = []
        self.customers: list[Session] = []
        self.fates: defaultdict[str, Fate] = defaultdict(Fate)
        self.refused: Counter[str] = Counter()
        self.tasks: set[asyncio.Task[None]] = set()
        self.withdrawn: set[str] = set()
        self.joined: set[str] = set()

    async def bring(self, interpreters: Iterable[str], customers: int) -> None:
        """Connect everybody, interpreters to be available."""
        gate = asyncio.Semaphore(AT_ONCE)

        async def interpreter(id_: str) -> None:
            async with gate:
                session = await Session.open(self.server, id_, "interpreter", self._rings)
                await session.call("presence.set", status="available")
                self.interpreters.append(session)

        async def customer(number: int) -> None:
            async with gate:
                session = await Session.open(
                    self.server, f"customer-{number}", "customer", self._changed
                )
                self.customers.append(session)

        await asyncio.gather(*map(interpreter, interpreters), *map(customer, range(customers)))

    async def ask_steadily(
        self, languages: Sequence[str], rate: float, seconds: float
    ) -> list[Ask]:
        """Ask at a steady rate whatever becomes of it; return the asks, in order."""
        began, asks = time.perf_counter(), list[Ask]()
        for number in range(round(rate * seconds)):
            await asyncio.sleep(max(0.0, began + number / rate - time.perf_counter()))
            customer = self.customers[number % len(self.customers)]
            asks.append(self.ask(customer, self.random.choice(languages)))
        return asks

    def ask(self, customer: Session, language: str) -> Ask:
        """Ask for an interpreter by audio."""
        ask = Ask(sent=time.perf_counter())
        self._spawn(self._create(customer, language, ask))
        return ask

    async def _create(self, customer: Session, language: str, ask: Ask) -> None:
        ask.sent = time.perf_counter()
        result = await customer.call(
            "assignment.create",
            languages={"from": "no", "to": language},
            mode="audio",
            duration_min=15,
        )
        ask.assignment = result["assignment"]["id"]

    def waits_ms(self, ask: Ask) -> list[float]:
        """Return how long each offer of the first wave took; none if nobody was free.

        A request without an offer counts with the time it has waited so far: leaving out the
        slowest would flatter.
        """
        fate = self.fates[ask.assignment] if ask.assignment else Fate()
        if fate.was_nobody:
            return []
        return [(at - ask.sent) * 1000 for at in fate.offered or [time.perf_counter()]]

    def unanswered(self, asks: Iterable[Ask]) -> int:
        """Count the requests that still have no offer, though somebody was free."""
        fates = [self.fates[ask.assignment] if ask.assignment else Fate() for ask in asks]
        return sum(not fate.offered and not fate.was_nobody for fate in fates)

    # --- what interpreters do ------------------------------------------------------------------

    def _rings(self, session: Session, method: str, params: dict[str, Any], at: float) -> None:
        if method == "offer.made":
            fate = self.fates[params["assignment"]["id"]]
            fate.expires_at = fate.expires_at or params["expires_at"]
            if fate.expires_at == params["expires_at"]:  # one for the whole wave
                fate.offered.append(at)
            if self.answering and self.random.random() < ANSWERED:
                self._spawn(self._accept(session, params["offer"]))
        elif method == "offer.withdrawn":
            self.withdrawn.add(params["offer"])

    async def _accept(self, session: Session, offer: str) -> None:
        await asyncio.sleep(self.random.uniform(*ANSWER_S))
        if offer in self.withdrawn:
            return
        result = await session.call("offer.accept", offer=offer)
        await session.call("meeting.join", meeting=result["meeting"])

    # --- what customers do ---------------------------------------------------------------------

    def _changed(self, session: Session, method: str, params: dict[str, Any], _: float) -> None:
        if method != "assignment.changed":
            return
        assignment = params["assignment"]
        id_, state, meeting = assignment["id"], assignment["state"], assignment.get("meeting")
        if state in ("searching", "unfilled") and assignment.get("outcome"):
            fate = self.fates[id_]
            fate.was_nobody = fate.was_nobody or not fate.offered
        elif meeting and state == "held" and meeting not in self.joined:
            self.joined.add(meeting)
            self._spawn(self._meet(session, id_, meeting))

    async def _meet(self, session: Session, assignment: str, meeting: str) -> None:
        await session.call("meeting.join", meeting=meeting)
        await asyncio.sleep(self.meeting_s)
        await session.call("assignment.complete", assignment=assignment)

    async def cancel(self, asks: Iterable[Ask]) -> None:
        """Call requests off; the app may, for all its customers."""
        staff = await Session.open(self.server, "bench", "app", lambda *_: None)
        for ask in filter(lambda ask: ask.assignment, asks):
            await staff.call("assignment.cancel", assignment=ask.assignment, reason="done")
        staff.transport.close()

    # --- tasks ---------------------------------------------------------------------------------

    def _spawn(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(self._noting(work))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _noting(self, work: Awaitable[None]) -> None:
        """Count refusals: two who accept at once are part of the load."""
        try:
            await work
        except (Refused, TimeoutError) as error:
            self.refused[str(error)[:80] or "no answer"] += 1

    async def leave(self) -> None:
        """Hang up without a goodbye."""
        for task in self.tasks:
            task.cancel()
        for session in (*self.interpreters, *self.customers):
            session.transport.abort()
        await asyncio.sleep(0)
