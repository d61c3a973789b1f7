"""Who comes, goes and comes back in one room of a real Janus."""

import asyncio
import random
from collections.abc import Coroutine
from typing import Any

import pytest

from signalling.errors import DragomanError, Unavailable
from signalling.media.carrier import Offered, Place
from tests.media.children import JanusChild
from tests.media.janus.fake import pretending
from tests.media.janus.people import HASTY, Heard, carrying, people, publishing


async def test_who_comes_later_is_subscribed_on_the_same_connection(janus: JanusChild) -> None:
    heard = Heard()
    async with (
        carrying(heard, janus.url) as carrier,
        people(carrier, janus.address, ("ola", "kari", "amina")) as (ola, kari, amina),
    ):
        await publishing(heard, ola)
        assert await ola.subscribe(kari, amina) == Offered("", ())
        await publishing(heard, kari)
        offered = await ola.subscribe(kari, amina)
        assert {it.participant for it in offered.streams} == {"kari"}
        await ola.perceives(kari)
        connection = ola.receiving
        await publishing(heard, amina)
        offered = await ola.subscribe(kari, amina)
        assert {it.participant for it in offered.streams} == {"kari", "amina"}
        assert ola.receiving is connection
        await ola.perceives(amina)
        assert await ola.subscribe(kari, amina) == Offered("", offered.streams)


async def test_who_leaves_makes_room_for_another(janus: JanusChild) -> None:
    heard = Heard()
    async with (
        carrying(heard, janus.url) as carrier,
        people(carrier, janus.address, ("ola", "kari", "amina")) as (ola, kari, amina),
    ):
        await publishing(heard, ola, kari)
        await ola.subscribe(kari)
        await ola.perceives(kari)
        await carrier.leave(kari.place)
        await publishing(heard, amina)
        offered = await ola.subscribe(kari, amina)
        assert {it.participant for it in offered.streams} == {"amina"}
        assert offered.sdp.count("m=") == 2, "kari's sections are used again"
        await ola.perceives(amina)
        assert heard.gone == []


async def test_a_second_offer_begins_both_connections_anew(janus: JanusChild) -> None:
    heard = Heard()
    async with (
        carrying(heard, janus.url) as carrier,
        people(carrier, janus.address, ("ola", "kari")) as (ola, kari),
    ):
        await publishing(heard, ola, kari)
        await ola.subscribe(kari)
        await kari.subscribe(ola)
        await kari.perceives(ola)
        heard.published.clear()
        await ola.publish_again()
        await heard.until(lambda: ola.place in heard.published)
        await ola.subscribe(kari)
        await ola.perceives(kari)
        kari.sees.clear()
        await kari.subscribe(ola)
        await kari.perceives(ola)


async def test_of_two_offers_at_once_the_later_counts(janus: JanusChild) -> None:
    heard = Heard()
    async with (
        carrying(heard, janus.url) as carrier,
        people(carrier, janus.address, ("ola", "kari")) as (ola, kari),
        people(carrier, janus.address, ("ola",)) as (again,),
    ):
        await publishing(heard, kari)
        first, second = await asyncio.gather(ola.publish(), again.publish(), return_exceptions=True)
        assert second is None
        assert first is None or isinstance(first, Unavailable)
        await heard.until(lambda: ola.place in heard.published)
        await again.subscribe(kari)
        await again.perceives(kari)
        rooms = [room for server in carrier.servers for room in server.rooms.values()]
        assert [leg.place.participant for room in rooms for leg in room.legs] == ["kari", "ola"]


@pytest.mark.parametrize("seed", range(10))
async def test_steps_in_any_order_and_at_once_leave_nothing_behind(seed: int) -> None:
    """Whoever asks what while others come, go and end it: errors of ours alone, no handle left."""
    chance = random.Random(seed)
    places = [Place("m", name) for name in ("ola", "kari", "amina")]
    names = tuple(place.participant for place in places)
    async with (
        pretending() as fake,
        carrying(Heard(), fake.url, times=HASTY) as carrier,
    ):
        server = carrier.servers[0]
        before = set(fake.handles)

        def step(place: Place) -> Coroutine[Any, Any, object]:
            steps = (
                lambda: carrier.offer(place, "v=0\r\n", ()),
                lambda: carrier.subscribe(place, tuple(chance.sample(names, 2))),
                lambda: carrier.answer(place, "v=0\r\n"),
                lambda: carrier.leave(place),
                lambda: carrier.end("m"),
            )
            return chance.choices(steps, weights=(6, 6, 4, 2, 1))[0]()

        running: list[asyncio.Task[object]] = []
        for _ in range(120):
            running.append(asyncio.create_task(step(chance.choice(places))))
            for leg in server.rooms["m"].legs if "m" in server.rooms else ():
                leg.live = leg.live or (leg.offered and not leg.closed)
            if chance.random() < 0.1:
                chance.choice(running[-6:]).cancel()
            if chance.random() < 0.5:
                await asyncio.sleep(chance.random() * 0.004)
        results = await asyncio.gather(*running, return_exceptions=True)
        wrong = [it for it in results if isinstance(it, BaseException)]
        assert all(isinstance(it, DragomanError | asyncio.CancelledError) for it in wrong), wrong
        await carrier.end("m")
        assert server.rooms == {}
        assert server._legs == {}
        assert server.desk is not None
        for _ in range(2):  # after what is detached without being waited for
            await server.desk.videoroom.rooms()
        assert fake.handles == before
