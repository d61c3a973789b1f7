"""The generator of benchmarks.offer: interpreters who answer as people do, customers who ask."""

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Iterable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from benchmarks.offer_server import Server
from benchmarks.session import Refused, Session
from signalling.ids import assignment_of

AT_ONCE = 64  # sockets being opened together
ANSWERED = 0.5
ANSWER_S = (1.0, 8.0)
CUSTOMER = "customer"  # beside offers, who hears of an accept


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


@dataclass(slots=True)
class Accepted:
    """An accept: when it was sent, who has not heard of it yet, and when the last one did.

    Those to hear are its customer and whoever else rings, by their offers; the winner has heard
    once `won` is set.
    """

    sent: float
    waiting: set[str]
    heard: float = 0.0
    won: bool = False

    def hear(self, who: str, at: float) -> None:
        if who in self.waiting:
            self.waiting.discard(who)
            self.heard = max(self.heard, at)

    @property
    def told_ms(self) -> float:
        """How long it took; whoever has not heard counts with the time waited so far."""
        return ((time.perf_counter() if self.waiting else self.heard) - self.sent) * 1000


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
        self.ringing: defaultdict[str, set[str]] = defaultdict(set)  # offers by assignment
        self.accepts: dict[str, Accepted] = {}
        self.reminded: dict[str, float] = {}  # when customers heard, by assignment
        self.unreminded: set[str] = set()
        self.all_reminded = asyncio.Event()
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

    def told_ms(self, since: float) -> list[float]:
        """Return how long each accept since then took to be told to everybody it concerns."""
        return [a.told_ms for a in self.accepts.values() if a.won and a.sent >= since]

    def unanswered(self, asks: Iterable[Ask]) -> int:
        """Count the requests that still have no offer, though somebody was free."""
        fates = [self.fates[ask.assignment] if ask.assignment else Fate() for ask in asks]
        return sum(not fate.offered and not fate.was_nobody for fate in fates)

    # --- what interpreters do ------------------------------------------------------------------

    def _rings(self, session: Session, method: str, params: dict[str, Any], at: float) -> None:
        if method == "offer.made" and "starts_at" in params["assignment"]:
            return  # a booking's: benchmarks.deadlines has it accepted
        if method == "offer.made":
            fate = self.fates[params["assignment"]["id"]]
            fate.expires_at = fate.expires_at or params["expires_at"]
            if fate.expires_at == params["expires_at"]:  # one for the whole wave
                fate.offered.append(at)
            self.ringing[params["assignment"]["id"]].add(params["offer"])
            if self.answering and self.random.random() < ANSWERED:
                self._spawn(self._accept(session, params["offer"]))
        elif method == "offer.withdrawn":
            self.withdrawn.add(params["offer"])
            self.ringing[params["assignment"]].discard(params["offer"])
            if accepted := self.accepts.get(params["assignment"]):
                accepted.hear(params["offer"], at)

    async def _accept(self, session: Session, offer: str) -> None:
        await asyncio.sleep(self.random.uniform(*ANSWER_S))
        if offer in self.withdrawn:
            return
        assignment = assignment_of(offer)
        if assignment in self.accepts:
            return  # somebody else is faster
        losers = self.ringing[assignment] - {offer}
        accepted = Accepted(time.perf_counter(), {CUSTOMER, *losers})
        self.accepts[assignment] = accepted
        try:
            result = await session.call("offer.accept", offer=offer)
        except Refused:
            del self.accepts[assignment]
            raise
        accepted.won = True
        accepted.heard = max(accepted.heard, session.answered)
        await session.call("meeting.join", meeting=result["meeting"])

    # --- what customers do ---------------------------------------------------------------------

    def _changed(self, session: Session, method: str, params: dict[str, Any], at: float) -> None:
        if method == "assignment.reminder":
            self._reminded(params["assignment"]["id"], at)
        if method != "assignment.changed":
            return
        assignment = params["assignment"]
        id_, state, meeting = assignment["id"], assignment["state"], assignment.get("meeting")
        if state in ("searching", "unfilled") and assignment.get("outcome"):
            fate = self.fates[id_]
            fate.was_nobody = fate.was_nobody or not fate.offered
        elif meeting and state == "held" and meeting not in self.joined:
            self.joined.add(meeting)
            if accepted := self.accepts.get(id_):
                accepted.hear(CUSTOMER, at)
            self._spawn(self._meet(session, id_, meeting))

    def await_reminders(self, assignments: Iterable[str]) -> None:
        """Let `all_reminded` be set once the customers of all these were reminded."""
        self.unreminded = set(assignments)
        self.all_reminded.clear()

    def _reminded(self, assignment: str, at: float) -> None:
        self.reminded[assignment] = at
        self.unreminded.discard(assignment)
        if not self.unreminded:
            self.all_reminded.set()

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
