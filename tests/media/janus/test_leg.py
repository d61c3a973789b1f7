"""One person's two connections at a real Janus."""

import asyncio

import pytest

from signalling.errors import IllegalTransition, Unavailable
from signalling.media.carrier import Offered, Place
from tests.media.children import JanusChild
from tests.media.janus.fake import SILENCE, plugin, pretending
from tests.media.janus.people import HASTY, Heard, carrying, people, publishing


async def test_a_listener_needs_no_offer_of_their_own(janus: JanusChild) -> None:
    heard = Heard()
    async with (
        carrying(heard, janus.url) as carrier,
        people(carrier, janus.address, ("ola", "deaf")) as (ola, silent),
    ):
        await publishing(heard, ola)
        await silent.subscribe(ola)
        await silent.perceives(ola)


async def test_a_client_that_goes_without_a_word_is_told(janus: JanusChild) -> None:
    heard = Heard()
    async with (
        carrying(heard, janus.url) as carrier,
        people(carrier, janus.address, ("ola", "kari")) as (ola, kari),
    ):
        await publishing(heard, ola, kari)
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
        await publishing(heard, ola, kari, amina)
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


@pytest.mark.parametrize("silent", ["update", "start"])
async def test_who_cannot_know_what_janus_did_begins_anew(silent: str) -> None:
    heard = Heard()
    ola, kari, amina = (Place("m", name) for name in ("ola", "kari", "amina"))
    async with (
        pretending() as fake,
        carrying(heard, fake.url, times=HASTY) as carrier,
    ):
        for place in (ola, kari, amina):
            await carrier.offer(place, "v=0\r\n", ())
        room = carrier.servers[0].rooms["m"]
        for leg in room.legs:
            leg.live = True
        offered = plugin({"streams": []}, {"type": "offer", "sdp": "v=0\r\n"})
        fake.nonsense = {"join": lambda _: offered, silent: lambda _: SILENCE}
        await carrier.subscribe(ola, ("kari",))

        async def go_on() -> None:
            await carrier.answer(ola, "v=0\r\n")
            await carrier.subscribe(ola, ("kari", "amina"))

        with pytest.raises(Unavailable):
            await go_on()
        assert heard.gone == [ola]
        assert [leg.place for leg in room.legs] == [kari, amina]
