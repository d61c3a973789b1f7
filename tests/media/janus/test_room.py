"""Who comes, goes and comes back in one room of a real Janus."""

import asyncio

from signalling.errors import Unavailable
from signalling.media.carrier import Offered
from tests.media.children import JanusChild
from tests.media.janus.people import Heard, carrying, people, publishing


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
