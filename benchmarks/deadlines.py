"""Bookings whose reminders fall due, for benchmarks.offer: spread over a minute, then all at once.

Each is a booking that stands, made by the engine as an app's and an interpreter's messages would
make it: asked for, offered, accepted, in the interpreter's diary. Its reminder is a timer of its
record; to fire it the server loads and decides, commits with fsync, and tells the customer and the
interpreter. A sample is from when it is due to `assignment.reminder` read at the customer's socket.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

from benchmarks.common import Result, percentile, progress
from benchmarks.offer_load import Crowd
from benchmarks.offer_server import Server
from signalling.core.effects import Bounds, Key, Tell
from signalling.core.events import Accept, Candidate, Create, Wave
from signalling.core.rules import Rules
from signalling.core.times import rfc3339
from signalling.core.views import summary
from signalling.engine import Engine
from signalling.ids import mint, mint_offer
from signalling.store.clock import Clock
from signalling.store.embedded import attach
from signalling.store.store import Store

BOOKINGS = 10_000
SPREAD_S = 60.0
AT_ONCE = 50  # bookings made in one commit
TRIAL = 500  # bookings made to see how long the others take
AHEAD_S = 8.0  # between the last booking made and the first that is due, at least
HOUR_MS = 3_600_000
TRIAL_DAYS = 100  # later than the others, so that nobody is booked twice
WITHIN_S = 120.0  # for all to have fired
DAY_MIN = 1_440
SPREAD_ID, DRAIN_ID = "spread", "drain"


class Bookings:
    """Makes bookings of *people*, one a day at most, for so many customers of the server's app."""

    def __init__(
        self, server: Server, engine: Engine, people: Sequence[str], customers: int
    ) -> None:
        self.server = server
        self.engine = engine
        self.people = people
        self.customers = customers

    async def make(self, label: str, first_day: int, due_ms: Sequence[int]) -> None:
        """Make bookings that are reminded of at these times, named *label* and their number."""
        for start in range(0, len(due_ms), AT_ONCE):
            numbers = range(start, min(start + AT_ONCE, len(due_ms)))
            tells = [t for n in numbers for t in self._booked(label, n, first_day, due_ms[n])]
            await self.engine.handle(self.server.app.marketplace, *tells)

    def _booked(self, label: str, number: int, first_day: int, due_ms: int) -> list[Tell]:
        id_, who = f"as-{label}-{number}", self.people[number % len(self.people)]
        days = first_day + number // len(self.people)
        start_ms = due_ms + days * DAY_MIN * 60_000
        terms = {
            "languages": {"from": "no", "to": "so"},
            "mode": "audio",
            "duration_min": 15,
            "start_ms": start_ms,
            "starts_at": rfc3339(start_ms),
            "timezone": "Europe/Oslo",
        }
        rules = Rules(reminders_min=(days * DAY_MIN,))
        customer = f"customer-{number % self.customers}"
        create = Create(id_, self.server.app.key, customer, terms, rules, room=mint("me"))
        made = {"assignment": {"id": id_, **summary(terms)}, "score": 1.0, "reasons": []}
        candidate = Candidate(mint_offer(id_), who, 1.0, 0.5, {"name": who}, made)
        accept = Accept(candidate.offer, who, mint("me"))
        events = (create, Wave("1", (candidate,), 1, mint("de")), accept)
        return [Tell(Key("assignment", id_), event) for event in events]


async def measure(
    server: Server,
    crowd: Crowd,
    people: Sequence[str],
    customers: int,
    ask: Callable[[float], Awaitable[object]],
) -> list[Result]:
    """Return how late reminders come while *ask* keeps requests for now coming, and how fast."""
    async with _engine(server) as engine:
        bookings = Bookings(server, engine, people, customers)
        step_ms = SPREAD_S * 1000 / BOOKINGS
        late, bare = await _fire(
            bookings, crowd, SPREAD_ID, 1, [round(n * step_ms) for n in range(BOOKINGS)], ask
        )
        progress(f"deadlines: worst {max(late):.0f} ms late")
        results = [
            Result(name, value, "ms", floor, value / floor)
            for name, value, floor in (
                ("deadlines_late_p50", percentile(late, 50), percentile(bare, 50)),
                ("deadlines_late_p99", percentile(late, 99), percentile(bare, 99)),
                ("deadlines_late_max", max(late), max(bare)),
            )
        ]
        day = 2 + BOOKINGS // len(people)
        drained, _ = await _fire(bookings, crowd, DRAIN_ID, day, [0] * BOOKINGS, asyncio.sleep)
        value, floor = max(drained) / 1000, await _writes_s(engine.store)
        return [*results, Result("deadlines_drain_s", value, "s", floor, value / floor)]


async def _fire(
    bookings: Bookings,
    crowd: Crowd,
    label: str,
    day: int,
    due_ms: Sequence[int],
    meanwhile: Callable[[float], Awaitable[object]],
) -> tuple[list[float], list[float]]:
    """Return how late each was heard, and a bare timer for each, ms."""
    names = [f"as-{label}-{number}" for number in range(len(due_ms))]
    crowd.await_reminders(names)
    began = time.perf_counter()
    trial_ms = [round(time.time() * 1000) + HOUR_MS] * TRIAL
    await bookings.make(f"{label}-trial", day + TRIAL_DAYS, trial_ms)
    lead_s = (time.perf_counter() - began) * 1.5 * len(due_ms) / TRIAL + AHEAD_S
    epoch_ms, at = (time.time() + lead_s) * 1000, time.perf_counter() + lead_s
    await bookings.make(label, day, [round(epoch_ms) + each for each in due_ms])
    progress(f"deadlines: {len(due_ms)} bookings made in {time.perf_counter() - began:.0f} s")
    if time.perf_counter() > at:
        raise RuntimeError("the bookings were due before all were made: run it again")
    bare = asyncio.create_task(_bare_timers([at + each / 1000 for each in due_ms]))
    await asyncio.sleep(at - time.perf_counter())
    await meanwhile(max(due_ms) / 1000)
    async with asyncio.timeout(WITHIN_S):
        await crowd.all_reminded.wait()
    late = [
        (crowd.reminded[name] - at) * 1000 - each for name, each in zip(names, due_ms, strict=True)
    ]
    return late, await bare


async def _bare_timers(due: Sequence[float]) -> list[float]:
    """Wait until each time, in order; return how late that was, ms."""
    late: list[float] = []
    for at in due:
        await asyncio.sleep(max(0.0, at - time.perf_counter()))
        late.append((time.perf_counter() - at) * 1000)
    return late


async def _writes_s(store: Store) -> float:
    """Return how long as many bare writes with fsync take, as many at once as timers fire."""
    gate, began = asyncio.Semaphore(64), time.perf_counter()

    async def write(number: int) -> None:
        async with gate:
            await store.command("SET", "{bench}:floor", bytes(200) + str(number).encode())

    await asyncio.gather(*map(write, range(BOOKINGS)))
    return time.perf_counter() - began


@asynccontextmanager
async def _engine(server: Server) -> AsyncIterator[Engine]:
    """Give an engine over the server's store."""
    async with attach(server.data) as url, Store(url) as store:
        clock = Clock(store)
        await clock.measure()
        yield Engine(store, clock, Bounds())
