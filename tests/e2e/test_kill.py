"""SIGKILL at any moment: what was acknowledged is there, and nothing is half done."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from pathlib import Path
from random import Random

import pytest

from signalling.client import Backoff, Client, ClientError, RemoteError
from signalling.store.apps import App, Apps
from signalling.store.store import Store
from tests.e2e.census import Census, contradictions
from tests.e2e.server import Server, data_directory
from tests.e2e.town import Town, fresh_name, offered, until_state, withdrawn

pytestmark = pytest.mark.alone

SOON = Backoff(first_s=0.05, most_s=0.2, attempts=50)
LOST = (ClientError, TimeoutError)


def a_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


@pytest.fixture
def data() -> Iterator[Path]:
    with data_directory() as data:
        yield data


@contextmanager
def killable(data: Path, **limits: float) -> Iterator[Server]:
    """Run a server that may be killed and started again at the same address."""
    words = ("serve", "--port", str(a_port()), "--data", str(data))
    server = Server(data, *words, limits=limits)
    yield server.start()
    assert server.stop() == 0


@pytest.fixture
def server(data: Path) -> Iterator[Server]:
    with killable(data) as server:
        yield server


@pytest.fixture
def hasty_server(data: Path) -> Iterator[Server]:
    """Run one whose offers end soon; it may take longer to start again."""
    with killable(data, offer_s=3) as server:
        yield server


@asynccontextmanager
async def visit(server: Server, app: App | None = None) -> AsyncIterator[Town]:
    """Come to a server that may have been killed since; its people's sockets are not closed."""
    async with Store(server.store_url) as store:
        app = app or await Apps(store).create("first", fresh_name())
        stack = AsyncExitStack()
        try:
            yield Town(server.url, store, app, stack)
        finally:
            with suppress(*LOST):
                await stack.aclose()


class Promises:
    """What the server has acknowledged, to be held against what it remembers."""

    def __init__(self) -> None:
        self.asked: set[str] = set()
        self.accepted: dict[str, str] = {}
        self.maybe_cancelled: set[str] = set()
        self.cancelled: set[str] = set()
        self.named: set[str] = set()


async def customer_life(town: Town, name: str, random: Random, promises: Promises) -> None:
    """Ask and call off, again and again, until the server is gone."""
    with suppress(*LOST):
        customer = await town.customer(name)
        while True:
            asked = await town.ask(customer, strategy=random.choice(["waves", "one_at_a_time"]))
            promises.asked.add(asked["id"])
            if random.random() < 0.5:
                promises.maybe_cancelled.add(asked["id"])
                with suppress(RemoteError):
                    await customer.call("assignment.cancel", assignment=asked["id"])
                    promises.cancelled.add(asked["id"])


async def interpreter_life(client: Client, random: Random, promises: Promises) -> None:
    """Accept or decline what rings, and give some of it back, until the server is gone."""
    user = client.opened["user"]
    async for event in client.events():
        if event.method != "offer.made":
            continue
        offer, assignment = event.params["offer"], event.params["assignment"]["id"]
        try:
            if random.random() < 0.4:
                await client.call("offer.decline", offer=offer)
                continue
            await client.call("offer.accept", offer=offer)
            promises.accepted[assignment] = user
            if random.random() < 0.6:
                promises.accepted.pop(assignment)
                await client.call("assignment.cancel", assignment=assignment)
        except RemoteError:
            continue
        except LOST:
            return


async def storm(server: Server, app: App, seed: int, promises: Promises) -> None:
    """Let everybody do everything at once, and kill the server in the middle of it."""
    random = Random(seed)
    async with visit(server, app) as town:
        people = [await town.interpreter(f"i{seed}-{n}") for n in range(6)]
        lives = [interpreter_life(p, Random(f"{seed} {p}"), promises) for p in people]
        lives += [customer_life(town, f"c{n}", Random(f"{seed} {n}"), promises) for n in range(4)]
        tasks = [asyncio.create_task(life) for life in lives]
        # The moment of the power cut; more requests than people wait 250 ms to be shared out.
        await asyncio.sleep(random.uniform(0.1, 1.2))
        server.kill(store=seed % 2 == 1)
        await asyncio.wait(tasks, timeout=10)
        assert all(task.done() for task in tasks)
        for task in tasks:
            task.result()


async def check(server: Server, app: App, promises: Promises) -> None:
    async with Store(server.store_url) as store:
        assert await contradictions(store, app.marketplace) == []
        kept = (await Census.of(store, app.marketplace)).assignments
    assert promises.asked <= kept.keys()
    for id_ in promises.cancelled:
        assert kept[id_]["slots"][0]["state"] == "cancelled"
    for id_, who in promises.accepted.items():
        won = [
            o["interpreter"] for o in kept[id_]["slots"][0]["offers"] if o["state"] == "accepted"
        ]
        assert who in won, (id_, who, kept[id_]["slots"])


async def test_nothing_acknowledged_is_lost_and_nothing_is_half_done(server: Server) -> None:
    async with visit(server) as town:
        app = town.app
    promises = Promises()
    for seed in range(5):
        await storm(server, app, seed, promises)
        server.start()
        await check(server, app, promises)
    assert len(promises.asked) > 15
    assert promises.accepted
    assert promises.cancelled


@pytest.mark.parametrize("store", [False, True], ids=["server", "server and store"])
async def test_an_offer_of_before_the_kill_is_accepted_after_it(
    server: Server, store: bool
) -> None:
    async with visit(server) as town:
        interpreter = await town.interpreter("i")
        customer = await town.customer("anna", codec="msgpack")
        asked = await town.ask(customer, idempotency_key="k")
        offer = await offered(interpreter)
        server.kill(store=store)
        server.start()
        async with visit(server, town.app) as later:
            for client in (interpreter, customer):
                assert await client.reconnect(SOON, Random(1))
            again = await later.ask(customer, idempotency_key="k")
            assert again["id"] == asked["id"]
            won = await interpreter.call("offer.accept", offer=offer["offer"])
            await until_state(customer, "held")
            for client in (interpreter, customer):
                await client.call("meeting.join", meeting=won["meeting"])
            await until_state(customer, "in_progress")
            assert await contradictions(later.store, town.marketplace) == []


async def test_an_offer_of_before_the_kill_ends_by_its_deadline(hasty_server: Server) -> None:
    server = hasty_server
    async with visit(server) as town:
        second = await town.interpreter("second")
        first = await town.interpreter("first")
        customer = await town.customer()
        await town.ask(customer, strategy="one_at_a_time", preferences={"preferred": ["first"]})
        offer = (await offered(first))["offer"]
        server.kill(store=True)
        server.start()
        for client in (first, second):
            assert await client.reconnect(SOON, Random(1)) or client is second
        assert await withdrawn(first, offer) == "expired"
        await second.call("presence.set", status="available")
        known = (second.opened.get("snapshot") or {}).get("offers")  # it may ring by then
        assert known or await offered(second)
