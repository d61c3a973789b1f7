"""Everybody accepts everything at once, over two servers that are killed: one winner each."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial
from random import Random

import pytest

from signalling.client import Backoff, Client, ClientError, ConnectionLost, HttpClient, RemoteError
from signalling.core.times import rfc3339
from tests.e2e.census import contradictions
from tests.e2e.server import Server
from tests.e2e.test_kill import a_port
from tests.e2e.test_processes import Plant, plant_on
from tests.e2e.town import WITHIN_S, Town, request, town_of

pytestmark = pytest.mark.alone

SEED = 2
PEOPLE = 50
HOURS = 20
EACH_HOUR = 10  # bookings that overlap
ASKED = 10  # people a booking: one more than the others of its hour can keep from it
AT_ONCE = 16  # requests for now, three people each
WAVES = 6
HELD_S = 30.0
LOSSES = {"taken", "cancelled", "undelivered"}
SOON = Backoff(first_s=0.05, most_s=0.2, attempts=300)


@dataclass
class Side:
    """One of two web processes, its marketplace as seen there, and whether it is up."""

    server: Server
    town: Town
    up: asyncio.Event = field(default_factory=asyncio.Event)

    async def die(self) -> None:
        """Be killed, and started again at the same address."""
        self.up.clear()
        await asyncio.to_thread(self.server.kill)
        await asyncio.to_thread(self.server.start)
        self.up.set()


@dataclass
class Offered:
    """A letter, and what each answer to its accept said: "won", or why not."""

    assignment: str
    interpreter: str
    offer: str
    said: list[str] = field(default_factory=list)


@pytest.fixture
def plant(valkey: str) -> Iterator[Plant]:
    with plant_on(valkey) as plant:
        yield plant


@pytest.fixture
async def sides(plant: Plant) -> AsyncIterator[tuple[Side, Side]]:
    webs = [plant.role("web", "--port", str(a_port())).start() for _ in range(2)]
    plant.role("matcher").launch()
    async with town_of(webs[0].url, plant.store_url) as here, AsyncExitStack() as stack:
        there = Town(webs[1].url, here.store, here.app, stack)
        found = Side(webs[0], here), Side(webs[1], there)
        for side in found:
            side.up.set()
        yield found


class Moments:
    """Kills sides when so many accepts were answered."""

    def __init__(self, kills: dict[int, Side]) -> None:
        self.kills = kills
        self.answered = 0
        self.deaths: list[asyncio.Task[None]] = []

    def count(self) -> None:
        self.answered += 1
        if side := self.kills.pop(self.answered, None):
            self.deaths.append(asyncio.create_task(side.die()))


async def answer(
    attempt: Callable[[], Awaitable[object]], recover: Callable[[], Awaitable[object]]
) -> str:
    """Repeat an accept, after each loss of the server, until it is answered: "won", or why not."""
    while True:
        try:
            await attempt()
        except RemoteError as refused:
            if not refused.retryable:
                clash = refused.name == "not_eligible" and "is booked at that time" in str(refused)
                return "booked" if clash else str(refused.data.get("reason", refused))
        except (ClientError, TimeoutError):
            await recover()
        else:
            return "won"


async def by_socket(client: Client, offered: Iterable[Offered], moments: Moments) -> None:
    """Accept one after the other."""
    for each in offered:
        accept = partial(client.call, "offer.accept", offer=each.offer)
        each.said.append(await answer(accept, partial(client.reconnect, SOON, Random(SEED))))
        moments.count()


async def by_http(side: Side, who: str, offered: Iterable[Offered], moments: Moments) -> None:
    """Accept without a socket, as the button of a push notification does."""
    async with HttpClient(side.town.url, side.town.token(who, "interpreter")) as http:
        for each in offered:
            await side.up.wait()
            accept = partial(http.call, "offer.accept", offer=each.offer)
            each.said.append(await answer(accept, side.up.wait))
            moments.count()


async def bookings(town: Town, random: Random) -> dict[str, list[str]]:
    """Ask for work in many hours, in each for several at once; return whom each is offered to."""
    customer = await town.http("cust", "customer")
    start_ms = await town.store.time_ms() // 60_000 * 60_000 + 86_400_000
    made = {}
    for n in range(HOURS * EACH_HOUR):
        people = random.sample([f"i{n}" for n in range(PEOPLE)], ASKED)
        asked = await town.ask(
            customer,
            starts_at=rfc3339(start_ms + n // EACH_HOUR * 3_600_000),
            preferences={"preferred": people},
            offering={"preferred_first": True, "offer_s": 3600},
            strategy="broadcast",
        )
        made[asked["id"]] = people
    return made


async def letters(client: Client, count: int) -> list[Offered]:
    """Return the letters that come to somebody."""
    found = []
    for _ in range(count):
        made = (await client.next_event("offer.made", WITHIN_S)).params
        found.append(Offered(made["assignment"]["id"], client.opened["user"], made["offer"]))
    return found


async def test_each_booking_has_one_winner(sides: tuple[Side, Side]) -> None:
    """Whoever was asked for it accepts, half of them twice at once, while servers die."""
    random, here, there = Random(SEED), *sides
    people = [await sides[n % 2].town.interpreter(f"i{n}", online=False) for n in range(PEOPLE)]
    asked = await bookings(here.town, random)
    count = Counter(who for each in asked.values() for who in each)
    hands = [await letters(client, count[client.opened["user"]]) for client in people]
    moments = Moments({random.randrange(300, 900): here, random.randrange(1300, 1900): there})
    again = [random.sample(hand, len(hand) // 2) for hand in hands]
    for hand in hands:
        random.shuffle(hand)
    await asyncio.gather(
        *(by_socket(client, hand, moments) for client, hand in zip(people, hands, strict=True)),
        *(by_http(sides[n % 2 - 1], f"i{n}", hand, moments) for n, hand in enumerate(again)),
    )
    assert moments.answered >= sum(map(len, hands)) == 2000
    assert not moments.kills
    await asyncio.gather(*moments.deaths)
    await asyncio.gather(
        *(by_socket(client, hand, moments) for client, hand in zip(people, hands, strict=True))
    )
    await check(there.town, asked, [each for hand in hands for each in hand])


async def check(town: Town, asked: dict[str, list[str]], offered: list[Offered]) -> None:
    """Hold what everybody was told against what is kept."""
    staff = await town.http("op", "operator")
    winners: dict[str, str] = {}
    for each in offered:
        if each.said[-1] == "won":
            assert set(each.said) == {"won"}, each
            assert each.assignment not in winners
            winners[each.assignment] = each.interpreter
        else:
            assert set(each.said) <= {"taken", "booked"}, each
            assert each.said[-1] == "taken", each
    assert winners.keys() == asked.keys()
    held: set[tuple[str, str]] = set()
    for id_, people in asked.items():
        answer = await staff.call("assignment.get", assignment=id_, history=True)
        whats = [(e["what"], e.get("interpreter")) for e in answer["history"]]
        assert whats.count(("confirmed", winners[id_])) == 1
        assert [who for what, who in whats if what == "offer.accepted"] == [winners[id_]]
        over = [e for e in answer["history"] if e["what"] == "offer.withdrawn"]
        assert {e["interpreter"] for e in over} == set(people) - {winners[id_]}
        assert {e["reason"] for e in over} == {"taken"}
        held.add((winners[id_], answer["assignment"]["starts_at"]))
    assert len(held) == len(asked)  # nobody has two at once
    assert await contradictions(town.store, town.marketplace) == []


async def answering(
    client: Client, other: Side, told: list[Offered], moments: Moments, done: asyncio.Event
) -> None:
    """Accept whatever rings at somebody, by their socket and elsewhere at once, until *done*."""
    who = client.opened["user"]
    while not done.is_set():
        try:
            rings = [(await client.next_event("offer.made", HELD_S)).params]
        except ConnectionLost:
            if done.is_set():
                return
            await client.reconnect(SOON, Random(SEED))
            rings = (await client.call("offer.list"))["offers"]
        for made in rings:
            each = Offered(made["assignment"]["id"], who, made["offer"])
            told.append(each)
            await asyncio.gather(
                by_socket(client, [each], moments), by_http(other, who, [each], moments)
            )


async def wave(customer: Client) -> list[str]:
    """Ask for many interpreters at once; return the requests when somebody is held for each."""
    terms = {"strategy": "broadcast", "offering": {"largest": 3}}
    asks = [customer.call("assignment.create", **request(**terms)) for _ in range(AT_ONCE)]
    ids = [answer["assignment"]["id"] for answer in await asyncio.gather(*asks)]
    waited = set(ids)
    async with asyncio.timeout(HELD_S):
        while waited:
            changed = (await customer.next_event("assignment.changed", HELD_S)).params["assignment"]
            if changed["state"] == "held":
                waited.discard(changed["id"])
    return ids


async def test_each_request_for_now_has_one_winner(sides: tuple[Side, Side]) -> None:
    """Whoever is rung accepts, twice at once, wave after wave; a server dies in one of them."""
    random, here, there = Random(SEED), *sides
    people = [await sides[n % 2].town.interpreter(f"i{n}") for n in range(PEOPLE)]
    customer = await there.town.customer()
    moments = Moments({random.randrange(60, 200): here})
    done, told = asyncio.Event(), list[Offered]()
    tasks = [
        asyncio.create_task(answering(client, sides[n % 2 - 1], told, moments, done))
        for n, client in enumerate(people)
    ]
    ids: list[str] = []
    for _ in range(WAVES):
        ids += (asked := await wave(customer))
        for id_ in asked:
            await customer.call("assignment.cancel", assignment=id_)
    assert not moments.kills
    assert len({each.offer for each in told}) > 2 * len(ids)  # or nobody raced
    await asyncio.gather(*moments.deaths)
    done.set()
    for client in people:
        if client.lost is None:
            await client.drop()
    await asyncio.gather(*tasks)
    winners: dict[str, set[str]] = {id_: set() for id_ in ids}
    for each in told:
        assert set(each.said) <= {"won"} or set(each.said) <= LOSSES, each
        if "won" in each.said:
            winners[each.assignment].add(each.interpreter)
    staff = await there.town.http("op", "operator")
    for id_ in ids:
        history = (await staff.call("assignment.get", assignment=id_, history=True))["history"]
        won = [e["interpreter"] for e in history if e["what"] == "offer.accepted"]
        assert len(won) == 1
        assert winners[id_] == set(won)
    assert await contradictions(here.town.store, here.town.marketplace) == []
