"""A hundred requests at once in one pair do not fight over the same three people."""

import asyncio
from collections import Counter
from typing import Any

import pytest

from signalling.client import Client, RemoteError
from tests.e2e.census import Census, contradictions
from tests.e2e.town import WITHIN_S, Town, request, until

REQUESTS, PEOPLE = 100, 120


class Eager:
    """An interpreter who accepts whatever rings, and notes how many ring at once."""

    def __init__(self, client: Client, wins: asyncio.Semaphore) -> None:
        self.client = client
        self.wins = wins
        self.ringing: set[str] = set()
        self.most = 0
        self.won: list[str] = []
        self.lost: Counter[str] = Counter()

    async def live(self) -> None:
        async for event in self.client.events():
            if event.method == "offer.made":
                offer = event.params["offer"]
                self.ringing.add(offer)
                self.most = max(self.most, len(self.ringing))
                await self.answer(offer)
            elif event.method == "offer.withdrawn":
                self.ringing.discard(event.params["offer"])

    async def answer(self, offer: str) -> None:
        try:
            answer = await self.client.call("offer.accept", offer=offer)
        except RemoteError as refused:
            self.lost[str(refused.data.get("reason"))] += 1
        else:
            self.won.append(answer["assignment"]["id"])
            self.wins.release()


async def crowd(town: Town, count: int, wins: asyncio.Semaphore) -> list[Eager]:
    gate = asyncio.Semaphore(20)

    async def arrive(n: int) -> Eager:
        async with gate:
            codec = "msgpack" if n % 2 else "json"
            return Eager(await town.interpreter(f"i{n}", codec=codec), wins)

    people = await asyncio.gather(*(arrive(n) for n in range(count)))
    watcher = await town.customer("watcher")
    await watcher.call("presence.watch", summary=True)
    if (await watcher.call("presence.summary"))["available"] < count:
        await until(watcher, "presence.summary", lambda p: p["available"] == count)
    return list(people)


@pytest.mark.parametrize("strategy", ["one_at_a_time", "waves"])
async def test_a_hundred_at_once_are_all_filled(town: Town, strategy: str) -> None:
    wins = asyncio.Semaphore(0)
    people = await crowd(town, PEOPLE, wins)
    lives = [asyncio.create_task(person.live()) for person in people]
    operator = await town.http("op", "operator")
    terms = request(strategy=strategy)
    made: list[Any] = await asyncio.gather(
        *(operator.call("assignment.create", customer=f"c{n}", **terms) for n in range(REQUESTS))
    )
    ids = {answer["assignment"]["id"] for answer in made}

    async with asyncio.timeout(WITHIN_S):
        for _ in range(REQUESTS):
            await wins.acquire()
    for life in lives:
        life.cancel()
    await asyncio.gather(*lives, return_exceptions=True)
    assert sorted(a for person in people for a in person.won) == sorted(ids)
    assert max(person.most for person in people) == 1
    assert max(len(person.won) for person in people) == 1
    assert set().union(*(person.lost for person in people)) <= {"taken"}
    assert await contradictions(town.store, town.marketplace) == []
    census = await Census.of(town.store, town.marketplace)
    slots = [a["slots"][0] for a in census.assignments.values()]
    assert Counter(slot["state"] for slot in slots) == {"held": REQUESTS}
    if strategy == "one_at_a_time":
        # Whoever was picked was free: no ring was refused, so nothing had to be decided twice.
        assert sum(len(slot["offers"]) for slot in slots) == REQUESTS
        assert sum(len(a["decisions"]) for a in census.assignments.values()) == REQUESTS
        assert len(census.decisions) <= REQUESTS * 1.05
