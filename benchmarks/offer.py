"""From asking for an interpreter to the offer at the interpreter's socket.

    python -m benchmarks.offer [--json] [--quick]

A real server process on its embedded store (fsync always) on the first core, the store and this
generator on the last. Everybody is connected over a WebSocket in MessagePack; asks come at a
steady rate whatever the server does (open loop), spread over languages as interpreters are. Each
rings about three; half of those accept after 1–8 s, meet and are done. A sample is the time from
just before `assignment.create` is sent to `offer.made` read at a socket, for every offer of a
request's first wave; a request without any counts with what it has waited so far; those for which
nobody was free are counted on standard error, not timed. An accept's is until the last of the
winner, the customer and the others who rang has heard; `benchmarks.deadlines` says what of
deadlines is.

The baseline, measured in the same run on the server at rest, is a plain round trip over one of
its sockets (`session.ping`) plus one write with fsync to its store: what is asked and answered
can't be quicker, and ours commits twice. For the burst it is a hundred of both, at once.
"""

import asyncio
import os
import resource
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import msgspec

from benchmarks import deadlines
from benchmarks.common import Result, arguments, percentile, progress, report
from benchmarks.offer_load import Crowd
from benchmarks.offer_server import Server, serving
from benchmarks.session import Session
from signalling.demo.population import interpreters
from signalling.store.embedded import attach
from signalling.store.store import Store

CUSTOMERS = 200
WARM_S = 10.0
MEASURE_S = 20.0
FLOORS = 300
FEWEST = 20  # interpreters of a language that is asked for: rarer ones are soon all taken
BURST = 100
BURST_RUNS = 5
BURST_WITHIN_S = 1.5
BURST_LANGUAGE = "fo"  # nobody's but theirs who are there for the burst
BURST_PEOPLE = 500


class Scale(msgspec.Struct, frozen=True):
    """One load: how many are online, how many ask a second, how long meetings take."""

    label: str
    online: int
    rate: float
    meeting_s: float
    accepts: str


SMALL = Scale("ask_offer", 2_000, 50, 3.0, "accept_told")
LARGE = Scale("ask_offer_10k", 10_000, 100, 15.0, "accept_told_10k")


async def measure(scale: Scale, *, burst: bool, bookings: bool) -> list[Result]:
    """Measure one scale on a server of its own, with a burst and with deadlines of bookings."""
    first, last = min(os.sched_getaffinity(0)), max(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {last})
    progress(f"{scale.label}: server on core {first}, store and generator on core {last}")
    people = interpreters(scale.online)
    languages = _asked(people)
    if burst:
        people += _burst_people()
    try:
        with serving({first}, {last}) as server:
            await server.admit(people)
            resident = server.resident_kb()
            ids = [person["id"] for person in people]
            async with _crowd(server, scale, ids) as crowd:
                kb = (server.resident_kb() - resident) / (len(people) + CUSTOMERS)
                progress(f"{scale.label}: {kb:.1f} KB a connection with session and presence")
                results = await _offers(server, crowd, scale, languages)
                if burst:
                    results.append(await _bursts(server, crowd))
                if scale.online >= 10_000:
                    results.append(Result("idle_10k_kb", kb, "KB"))
                if bookings:
                    results += await _deadlines(server, crowd, scale, ids, languages)
                return results
    finally:
        os.sched_setaffinity(0, {first, last})


@asynccontextmanager
async def _crowd(server: Server, scale: Scale, ids: Sequence[str]) -> AsyncIterator[Crowd]:
    crowd = Crowd(server, scale.meeting_s)
    began = time.perf_counter()
    await crowd.bring(ids, CUSTOMERS)
    took = time.perf_counter() - began
    progress(f"{scale.label}: {len(ids)} interpreters online in {took:.1f} s")
    try:
        yield crowd
    finally:
        if crowd.refused:
            progress(f"{scale.label}: refused: {crowd.refused}")
        await crowd.leave()


async def _offers(
    server: Server, crowd: Crowd, scale: Scale, languages: Sequence[str]
) -> list[Result]:
    await asyncio.sleep(3)  # what coming online left to do
    floors = await _floors(server, crowd.customers[0])
    await crowd.ask_steadily(languages, scale.rate, WARM_S)
    before, queued = server.cpu_s(), server.queued_s()
    since = time.perf_counter()
    asks = await crowd.ask_steadily(languages, scale.rate, MEASURE_S)
    used = [(b - a) / MEASURE_S for a, b in zip(before, server.cpu_s(), strict=True)]
    queued = (server.queued_s() - queued) / MEASURE_S
    await asyncio.sleep(1)
    waited = [each for ask in asks if (each := crowd.waits_ms(ask))]
    waits = [wait for each in waited for wait in each]
    progress(
        f"{scale.label}: {len(asks)} asks, {len(asks) - len(waited)} found nobody free, "
        f"{crowd.unanswered(asks)} without an offer yet; "
        f"{len(waits) / len(waited):.1f} offers each; "
        f"cores used: server {used[0]:.2f}, store {used[1]:.2f}; "
        f"kept waiting by others {queued:.0%}; worst {max(waits):.0f} ms"
    )
    told = crowd.told_ms(since)
    progress(f"{scale.label}: {len(told)} accepts; the last to hear of one: {max(told):.0f} ms")
    return [
        _result(f"{name}_p{at}", percentile(samples, at), percentile(floors, at))
        for name, samples in ((scale.label, waits), (scale.accepts, told))
        for at in (50, 99)
    ]


async def _deadlines(
    server: Server, crowd: Crowd, scale: Scale, ids: Sequence[str], languages: Sequence[str]
) -> list[Result]:
    """Let bookings fall due while people ask half as often."""
    crowd.answering = True

    async def ask(seconds: float) -> None:
        await crowd.ask_steadily(languages, scale.rate / 2, seconds)

    return await deadlines.measure(server, crowd, ids, CUSTOMERS, ask)


async def _floors(server: Server, session: Session) -> list[float]:
    """Time round trips with a write, one after the other, ms."""
    async with _storing(server) as write:
        return [await _timed(lambda: _round_trip(session, write)) for _ in range(FLOORS)]


async def _bursts(server: Server, crowd: Crowd) -> Result:
    """Time a hundred asks at once in one pair, until the last offer of their first waves."""
    crowd.answering = False
    values: list[float] = []
    floors: list[float] = []
    everybody = crowd.customers[:BURST]
    await asyncio.sleep(2)
    async with _storing(server) as write:
        for run in range(BURST_RUNS):
            floors.append(
                await _timed(lambda: asyncio.gather(*(_round_trip(s, write) for s in everybody)))
            )
            asks = [crowd.ask(customer, BURST_LANGUAGE) for customer in everybody]
            began = asks[0].sent
            await asyncio.sleep(BURST_WITHIN_S)
            waits = [crowd.waits_ms(ask) or [BURST_WITHIN_S * 1000] for ask in asks]
            values.append(
                max((ask.sent - began) * 1000 + max(w) for ask, w in zip(asks, waits, strict=True))
            )
            progress(
                f"burst {run + 1} of {BURST_RUNS}: {values[-1]:.0f} ms, "
                f"{sum(map(len, waits))} offers, {crowd.unanswered(asks)} asks without one"
            )
            await crowd.cancel(asks)
            await asyncio.sleep(1)
    value, floor = percentile(values, 50), percentile(floors, 50)
    return Result("burst_100_ms", value, "ms", floor, value / floor, BURST_RUNS)


@asynccontextmanager
async def _storing(server: Server) -> AsyncIterator[Callable[[], Awaitable[Any]]]:
    """Give a write with fsync to the server's store."""
    async with attach(server.data) as url, Store(url) as store:
        yield lambda: store.command("SET", "{bench}:floor", os.urandom(200))


async def _round_trip(session: Session, write: Callable[[], Awaitable[Any]]) -> None:
    await session.call("session.ping")
    await write()


async def _timed(work: Callable[[], Awaitable[Any]]) -> float:
    began = time.perf_counter()
    await work()
    return (time.perf_counter() - began) * 1000


def _result(name: str, value: float, baseline: float) -> Result:
    return Result(name, value, "ms", baseline, value / baseline)


def _asked(people: Sequence[dict[str, Any]]) -> list[str]:
    """Return a language for everybody who takes audio, but for the rarest."""
    spoken = [person["languages"][1]["tag"] for person in people if "audio" in person["modes"]]
    speakers = Counter(spoken)
    return [tag for tag in spoken if speakers[tag] >= FEWEST]


def _burst_people() -> list[dict[str, Any]]:
    languages = [{"tag": "no", "level": "native"}, {"tag": BURST_LANGUAGE, "level": "native"}]
    return [
        {
            "id": f"burst-{n}",
            "name": f"Burst {n}",
            "languages": languages,
            "modes": ["audio"],
            "timezone": "Europe/Oslo",
        }
        for n in range(BURST_PEOPLE)
    ]


def main() -> None:
    options = arguments(__doc__, quick="2,000 online only").parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    import uvloop  # noqa: PLC0415 - absent where the platform has none

    def results() -> Iterator[Result]:
        yield from uvloop.run(measure(SMALL, burst=True, bookings=options.quick))
        if not options.quick:
            yield from uvloop.run(measure(LARGE, burst=False, bookings=True))

    report(results(), as_json=options.json)


if __name__ == "__main__":
    main()
