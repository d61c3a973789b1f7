"""Roles apart on one shared store: two web processes and matchers, any of them killed."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from signalling.client import Client
from tests.e2e.census import contradictions
from tests.e2e.server import Server
from tests.e2e.town import (
    WITHIN_S,
    Town,
    offered,
    town_of,
    until,
    until_state,
)

LIMITS = {
    "reconnecting_s": 0.3,
    "undelivered_s": 1,
    "offline_s": 5,
    "resume_s": 30,
    "offer_s": 60,
}
LEASE_S = 25  # a node is dead 15 s after its last word, and a reaper looks now and then


@dataclass
class Plant:
    """Two web processes (one of them to be killed) and a matcher on one store."""

    store_url: str
    root: Path
    stack: ExitStack

    def role(self, *words: str) -> Server:
        """Start one process of a role; it is ended with the plant."""
        name = self.root / f"{words[0]}{len(list(self.root.iterdir()))}"
        server = Server(name, *words, limits=LIMITS, environ={"REDIS_URL": self.store_url})
        self.stack.callback(stop_if_running, server)
        return server

    def web(self) -> Server:
        return self.role("web", "--port", "0").start()


def stop_if_running(server: Server) -> None:
    if server.process is not None:
        assert server.stop() == 0, server.said


@contextmanager
def plant_on(store_url: str) -> Iterator[Plant]:
    with tempfile.TemporaryDirectory(prefix="dr-e2e-") as root, ExitStack() as stack:
        yield Plant(store_url, Path(root), stack)


@pytest.fixture(scope="module")
def plant(valkey: str) -> Iterator[Plant]:
    with plant_on(valkey) as plant:
        yield plant


@pytest.fixture(scope="module")
def webs(plant: Plant) -> tuple[Server, Server]:
    return plant.web(), plant.web()


@pytest.fixture(scope="module", autouse=True)
def matcher(plant: Plant) -> Server:
    return plant.role("matcher").launch()


@pytest.fixture
async def towns(plant: Plant, webs: tuple[Server, Server]) -> AsyncIterator[tuple[Town, Town]]:
    """One marketplace as it is seen through each web process."""
    async with town_of(webs[0].url, plant.store_url) as here, AsyncExitStack() as stack:
        yield here, Town(webs[1].url, here.store, here.app, stack)


async def met(here: Town, there: Town) -> tuple[Client, Client, str]:
    """Bring a customer of one process and an interpreter of the other into one meeting."""
    interpreter = await there.interpreter("i")
    customer = await here.customer(codec="msgpack")
    await here.ask(customer)
    won = await interpreter.call("offer.accept", offer=(await offered(interpreter))["offer"])
    for client in (customer, interpreter):
        await client.call("meeting.join", meeting=won["meeting"])
    await until_state(customer, "in_progress")
    return customer, interpreter, won["meeting"]


async def test_an_offer_reaches_a_socket_of_another_process(towns: tuple[Town, Town]) -> None:
    customer, interpreter, meeting = await met(*towns)
    ended = await customer.call("meeting.end", meeting=meeting)
    assert ended["meeting"]["state"] == "ended"
    await until_state(interpreter, "wrap_up")
    assert await contradictions(towns[0].store, towns[0].marketplace) == []


async def test_signals_cross_in_order(towns: tuple[Town, Town]) -> None:
    customer, interpreter, meeting = await met(*towns)
    joined = await customer.call("meeting.get", meeting=meeting)
    people = {p["role"]: p["participant"] for p in joined["meeting"]["participants"]}
    count = 25
    ways = ((customer, interpreter, "interpreter"), (interpreter, customer, "customer"))
    sent = await asyncio.gather(
        *(
            sender.call("meeting.signal", meeting=meeting, to=people[to], signal={"n": n})
            for n in range(count)
            for sender, _, to in ways
        )
    )
    assert sorted(s["seq"] for s in sent) == sorted([*range(1, count + 1)] * 2)
    for _, hearer, _ in ways:
        heard = [(await hearer.next_event("meeting.signal", WITHIN_S)).params for _ in range(count)]
        assert [h["seq"] for h in heard] == list(range(1, count + 1))
        assert [h["signal"]["n"] for h in heard] == list(range(count))


async def test_what_is_signalled_to_a_lost_socket_waits_for_it_elsewhere(
    towns: tuple[Town, Town],
) -> None:
    customer, interpreter, meeting = await met(*towns)
    joined = await customer.call("meeting.get", meeting=meeting)
    people = {p["role"]: p["participant"] for p in joined["meeting"]["participants"]}
    resume = interpreter.resume
    await interpreter.drop()
    left = await until(customer, "meeting.changed", lambda p: p["change"] == "reconnecting")
    assert left["participant"] == people["interpreter"]
    for n in range(5):
        await customer.call(
            "meeting.signal", meeting=meeting, to=people["interpreter"], signal={"n": n}
        )
    back = await towns[0].connect("i", "interpreter", resume=resume)  # on the other process
    assert back.opened["recovered"]
    heard = [(await back.next_event("meeting.signal", WITHIN_S)).params for _ in range(5)]
    assert [h["signal"]["n"] for h in heard] == list(range(5))


async def test_a_device_opened_elsewhere_replaces_the_older_socket(
    towns: tuple[Town, Town],
) -> None:
    here, there = towns
    first = await here.interpreter("i", device="phone")
    second = await there.connect("i", "interpreter", device="phone")
    async with asyncio.timeout(WITHIN_S):
        assert (await first.wait_lost()).code == 4502
    await second.call("presence.set", status="available")
    await here.ask(await here.customer())
    assert await offered(second)


async def test_the_work_of_killed_processes_is_taken_over(
    plant: Plant, towns: tuple[Town, Town], matcher: Server
) -> None:
    """A web process that is killed takes its ringing offers with it, a matcher nothing at all."""
    here, _ = towns
    doomed, other_matcher = plant.web(), plant.role("matcher")
    async with AsyncExitStack() as stack:
        there = Town(doomed.url, here.store, here.app, stack)
        lost = await there.interpreter("lost")
        returns = await there.interpreter("returns", "ti")
        stays = await here.interpreter("stays")
        customer = await here.customer()
        terms = {"strategy": "one_at_a_time", "preferences": {"preferred": ["lost"]}}
        asked = await here.ask(customer, **terms)
        await offered(lost)
        await here.ask(customer, languages={"from": "no", "to": "ti"})
        ringing = await offered(returns)
        resume = returns.resume
        other_matcher.launch()
        doomed.kill()
        matcher.kill()
        back = await here.connect("returns", "interpreter", resume=resume)
        assert back.opened["recovered"]
        next_ = await stays.next_event("offer.made", LEASE_S)
        assert next_.params["assignment"]["id"] == asked["id"]
        states = [o["state"] for o in (await here.assignment(asked["id"]))["offers"]]
        assert states == ["undelivered", "made"]
        # Who came back in time to another process is not dropped with the dead one.
        assert await back.call("offer.accept", offer=ringing["offer"])
        assert await contradictions(here.store, here.marketplace) == []


async def test_a_web_process_that_ends_hands_its_people_over(
    plant: Plant, towns: tuple[Town, Town]
) -> None:
    here, _ = towns
    leaving = plant.web()
    async with AsyncExitStack() as stack:
        there = Town(leaving.url, here.store, here.app, stack)
        interpreter = await there.interpreter("i")
        asked = await here.ask(await here.customer())
        offer = await offered(interpreter)
        assert await asyncio.to_thread(leaving.stop) == 0
        back = await here.connect("i", "interpreter", resume=interpreter.resume)
        assert back.opened["recovered"]
        won = await back.call("offer.accept", offer=offer["offer"])
        assert won["assignment"]["id"] == asked["id"]
