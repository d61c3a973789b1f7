"""Meetings at a real Janus, seen and heard by aiortc peers."""

import asyncio

import pytest

from signalling.errors import IllegalTransition, InvalidParams, Unavailable
from signalling.media.carrier import Carrier, Offered, Place, Want
from tests.media.children import JanusChild
from tests.media.janus.people import HASTY, Heard, Person, carrying, people


async def everybody_publishes(heard: Heard, *group: Person) -> None:
    await asyncio.gather(*(person.publish() for person in group))
    await heard.until(lambda: {it.place for it in group} <= set(heard.published))


async def test_three_hear_and_see_each_other(janus: JanusChild) -> None:
    heard = Heard()
    async with (
        carrying(heard, janus.url) as carrier,
        people(carrier, janus.address, ("ola", "kari", "amina")) as group,
    ):
        held: Carrier = carrier
        assert held.kind == "janus"
        await everybody_publishes(heard, *group)
        for person in group:
            offered = await person.subscribe(*group)
            others = {it.name for it in group} - {person.name}
            assert {(it.participant, it.kind) for it in offered.streams} == {
                (name, kind) for name in others for kind in ("audio", "video")
            }
        for person in group:
            await person.perceives(*(it for it in group if it is not person))
        assert heard.gone == []
        assert heard.lost == []


async def test_who_comes_later_is_subscribed_on_the_same_connection(janus: JanusChild) -> None:
    heard = Heard()
    async with (
        carrying(heard, janus.url) as carrier,
        people(carrier, janus.address, ("ola", "kari", "amina")) as (ola, kari, amina),
    ):
        await everybody_publishes(heard, ola)
        assert await ola.subscribe(kari, amina) == Offered("", ())
        await everybody_publishes(heard, kari)
        offered = await ola.subscribe(kari, amina)
        assert {it.participant for it in offered.streams} == {"kari"}
        await ola.perceives(kari)
        connection = ola.receiving
        await everybody_publishes(heard, amina)
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
        await everybody_publishes(heard, ola, kari)
        await ola.subscribe(kari)
        await ola.perceives(kari)
        await carrier.leave(kari.place)
        await everybody_publishes(heard, amina)
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
        await everybody_publishes(heard, ola, kari)
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
        await everybody_publishes(heard, kari)
        first, second = await asyncio.gather(ola.publish(), again.publish(), return_exceptions=True)
        assert second is None
        assert first is None or isinstance(first, Unavailable)
        await heard.until(lambda: ola.place in heard.published)
        await again.subscribe(kari)
        await again.perceives(kari)
        rooms = [room for server in carrier.servers for room in server.rooms.values()]
        assert [leg.place.participant for room in rooms for leg in room.legs] == ["kari", "ola"]


async def test_a_listener_needs_no_offer_of_their_own(janus: JanusChild) -> None:
    heard = Heard()
    async with (
        carrying(heard, janus.url) as carrier,
        people(carrier, janus.address, ("ola", "deaf")) as (ola, silent),
    ):
        await everybody_publishes(heard, ola)
        await silent.subscribe(ola)
        await silent.perceives(ola)


async def test_a_client_that_goes_without_a_word_is_told(janus: JanusChild) -> None:
    heard = Heard()
    async with (
        carrying(heard, janus.url) as carrier,
        people(carrier, janus.address, ("ola", "kari")) as (ola, kari),
    ):
        await everybody_publishes(heard, ola, kari)
        await ola.subscribe(kari)
        await ola.perceives(kari)
        await ola.close()
        await heard.until(lambda: heard.gone == [ola.place])
        assert (await kari.subscribe(ola)) == Offered("", ())


async def test_an_unanswered_offer_is_repeated_then_insisted_on(janus: JanusChild) -> None:
    heard = Heard()
    async with (
        carrying(heard, janus.url, times=HASTY) as carrier,
        people(carrier, janus.address, ("ola", "kari", "amina")) as (ola, kari, amina),
    ):
        await everybody_publishes(heard, ola, kari, amina)
        offered = await carrier.subscribe(ola.place, ("kari",))
        assert await carrier.subscribe(ola.place, ("kari",)) == offered
        with pytest.raises(IllegalTransition, match="answer"):
            await carrier.subscribe(ola.place, ("kari", "amina"))
        waiting = asyncio.create_task(carrier.subscribe(ola.place, ("kari", "amina")))
        await ola.take(offered)
        both = await waiting
        assert {it.participant for it in both.streams} == {"kari", "amina"}
        await ola.take(both)
        await ola.perceives(kari, amina)
        await carrier.answer(ola.place, ola.receiving.localDescription.sdp)


async def test_the_end_leaves_nothing_at_janus(janus: JanusChild) -> None:
    heard = Heard()
    async with carrying(heard, janus.url) as carrier:
        desk = carrier.servers[0].desk
        assert desk is not None
        before = {room.room for room in await desk.videoroom.rooms()}
        async with (
            people(carrier, janus.address, ("ola", "kari")) as (ola, kari),
            people(carrier, janus.address, ("per",), meeting="n") as (per,),
        ):
            await everybody_publishes(heard, ola, kari, per)
            await kari.subscribe(ola)
            assert len({room.room for room in await desk.videoroom.rooms()} - before) == 2
            assert carrier.load == pytest.approx(3 / 100)
            await carrier.end("m")
            await carrier.leave(per.place)
            await carrier.leave(per.place)
            await carrier.end("m")
        assert {room.room for room in await desk.videoroom.rooms()} == before
        assert carrier.load == 0
        assert heard.gone == []
        assert not carrier.servers[0]._legs


@pytest.mark.parametrize(
    "sdp", ["", "hello", "v=0\r\n", "x" * 40_000, "v=0\r\n" + "m=audio 9 X 0\r\n" * 13]
)
async def test_a_description_that_is_none_is_refused(janus: JanusChild, sdp: str) -> None:
    heard = Heard()
    async with (
        carrying(heard, janus.url) as carrier,
        people(carrier, janus.address, ("ola", "kari")) as (ola, kari),
    ):
        await everybody_publishes(heard, kari)
        with pytest.raises(InvalidParams) as refused:
            await carrier.offer(ola.place, sdp, ())
        assert refused.value.path == "offer.sdp"
        await carrier.subscribe(ola.place, ("kari",))
        with pytest.raises(InvalidParams) as refused:
            await carrier.answer(ola.place, sdp)
        assert refused.value.path == "answer.sdp"
        await everybody_publishes(heard, ola)


async def test_what_is_the_relays_is_refused(janus: JanusChild) -> None:
    async with carrying(Heard(), janus.url) as carrier:
        place, want = Place("m", "ola"), (Want("0", "kari"),)
        with pytest.raises(InvalidParams):
            await carrier.want(place, want)
        with pytest.raises(InvalidParams):
            await carrier.offer(place, "v=0", want)


async def test_nothing_is_known_of_strangers(janus: JanusChild) -> None:
    async with carrying(Heard(), janus.url) as carrier:
        place = Place("unknown", "ola")
        assert await carrier.subscribe(place, ("kari",)) == Offered("", ())
        with pytest.raises(IllegalTransition):
            await carrier.answer(place, "v=0\r\n")
        await carrier.leave(place)
        await carrier.end("unknown")
