"""Meetings at a real Janus, seen and heard by aiortc peers."""

import pytest

from signalling.errors import IllegalTransition, InvalidParams
from signalling.media.carrier import Carrier, Offered, Place, Want
from tests.media.children import JanusChild
from tests.media.janus.people import Heard, carrying, people, publishing


async def test_three_hear_and_see_each_other(janus: JanusChild) -> None:
    heard = Heard()
    async with (
        carrying(heard, janus.url) as carrier,
        people(carrier, janus.address, ("ola", "kari", "amina")) as group,
    ):
        held: Carrier = carrier
        assert held.kind == "janus"
        await publishing(heard, *group)
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
            await publishing(heard, ola, kari, per)
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
        await publishing(heard, kari)
        with pytest.raises(InvalidParams) as refused:
            await carrier.offer(ola.place, sdp, ())
        assert refused.value.path == "offer.sdp"
        await carrier.subscribe(ola.place, ("kari",))
        with pytest.raises(InvalidParams) as refused:
            await carrier.answer(ola.place, sdp)
        assert refused.value.path == "answer.sdp"
        await publishing(heard, ola)


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
