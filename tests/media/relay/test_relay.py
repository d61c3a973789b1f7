"""People with real peer connections meet at a relay."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from signalling.errors import InvalidParams, Unavailable
from signalling.media.carrier import Carrier, Place, Want
from signalling.media.relay.packet import Kind
from signalling.media.relay.relay import Relay
from signalling.media.relay.source import Source
from tests.media.relay.arrivals import until
from tests.media.relay.people import BOUNDS, Person, gather_all, people


async def test_three_hear_and_see_each_other() -> None:
    relay = Relay(BOUNDS)
    async with people(relay, 3, slots=2) as everybody:
        await gather_all(everybody)
        for listener in everybody:
            others = [other for other in everybody if other is not listener]
            for index, speaker in enumerate(others):
                heard = await listener.observer(index).heard_hz()
                assert heard == pytest.approx(speaker.hz, abs=5)
                pictures = await listener.observer(index, "video").seen(5)
                assert {whose for _, whose in pictures} == {speaker.number}
    await relay.close()


async def test_five_hear_each_other() -> None:
    relay = Relay(BOUNDS)
    async with people(relay, 5, ("audio",)) as everybody:
        await gather_all(everybody)
        for listener in everybody:
            others = [other for other in everybody if other is not listener]
            for index, speaker in enumerate(others):
                heard = await listener.observer(index).heard_hz()
                assert heard == pytest.approx(speaker.hz, abs=5)
    await relay.close()


async def hears(listener: Person, speaker: Person, index: int = 0) -> None:
    """Wait until the slot has the speaker's tone; what it had before may still sound a moment."""
    await listener.observer(index).hears(speaker.hz)


async def until_sees(listener: Person, index: int, number: int) -> None:
    observer = listener.observer(index, "video")
    await until(lambda: observer.pictures and observer.pictures[-1][1] == number)


async def test_a_slot_is_switched_without_an_offer() -> None:
    relay = Relay(BOUNDS)
    async with people(relay, 3, slots=1) as (ola, kari, liv):
        for person in (ola, kari, liv):
            await person.offer()
        for other in (kari, liv, kari):
            await ola.want(other)
            await hears(ola, other)
            await until_sees(ola, 0, other.number)
        seen = ola.observer(0, "video").pictures
        # nothing was decoded against another's picture: every one is somebody's
        assert {whose for _, whose in seen} <= {kari.number, liv.number}
    await relay.close()


async def test_only_what_is_asked_for_is_sent() -> None:
    relay = Relay(BOUNDS)
    async with people(relay, 2, slots=2) as (ola, kari):
        await ola.offer()
        await kari.offer()
        await relay.want(ola.place, (Want(ola.mid(1, "audio"), "p1"),))
        await hears(ola, kari, 1)
        assert {mid: slot.packets > 0 for mid, slot in ola.leg.slots.items()} == {
            ola.mid(0, "audio"): False,
            ola.mid(0, "video"): False,
            ola.mid(1, "audio"): True,
            ola.mid(1, "video"): False,
        }
        await relay.want(ola.place, (Want(ola.mid(1, "audio"), None),))
        slot = ola.leg.slots[ola.mid(1, "audio")]
        assert (slot.source, slot.wanted) == (None, None)
    await relay.close()


async def test_who_is_wanted_before_they_come_is_carried_when_they_do() -> None:
    relay = Relay(BOUNDS)
    async with people(relay, 2, slots=1) as (ola, kari):
        await ola.offer("p1")
        await kari.offer()
        await hears(ola, kari)
        await until_sees(ola, 0, kari.number)
    await relay.close()


async def test_who_comes_late_has_a_picture_soon() -> None:
    relay = Relay(BOUNDS)
    async with people(relay, 2, slots=1) as (ola, kari):
        await kari.offer()
        await kari.connected()
        source = relay.source(kari.place, "video")
        assert source is not None
        await until(lambda: source.packets > 30)  # the key frame at the beginning is long gone
        await ola.offer()
        await ola.connected()
        began_s = asyncio.get_running_loop().time()
        await ola.want(kari)
        await ola.observer(0, "video").seen(1)
        # nobody makes key frames unasked within minutes; a tenth of a second, on an idle machine
        assert asyncio.get_running_loop().time() - began_s < 5
    await relay.close()


async def test_who_connects_anew_is_not_lost_meanwhile() -> None:
    relay = Relay(BOUNDS)
    async with people(relay, 2, slots=1) as (ola, kari):
        await gather_all([ola, kari])
        await hears(ola, kari)
        again = Person(relay, kari.number, slots=1)
        await again.offer()
        assert relay.source(kari.place, "audio") is not None
        await again.connected()
        await until(lambda: again.leg.sdp != kari.pc.remoteDescription.sdp)
        assert again.leg.open
        await again.want(ola)
        for track in kari.tracks:
            track.stop()
        await hears(again, ola)
        slot = ola.leg.slots[ola.mid(0, "audio")]
        await until(lambda: slot.source is again.leg.sources["audio"])
        packets = slot.packets
        await until(lambda: slot.packets > packets + 10)
        await again.close()
    await relay.close()


async def test_of_offers_in_a_row_the_last_one_counts() -> None:
    relay = Relay(BOUNDS)
    async with people(relay, 1, slots=1) as (ola,):
        other = Person(relay, 0, slots=1)
        await other.offer()
        await ola.offer()
        await ola.connected()
        assert relay.source(ola.place, "audio") is not None
        await other.close()
    await relay.close()


async def test_everything_that_is_published_is_told_of() -> None:
    told: list[tuple[Place, Kind]] = []
    relay = Relay(BOUNDS, published=lambda source: told.append((source.place, source.kind)))
    async with people(relay, 2, slots=1) as (ola, kari):
        await gather_all([ola, kari])
        assert sorted((p.participant, k) for p, k in told) == [
            ("p0", "audio"),
            ("p0", "video"),
            ("p1", "audio"),
            ("p1", "video"),
        ]
        assert {source.place for source in relay.sources("m1")} == {ola.place, kari.place}
    assert relay.sources("another") == []
    await relay.close()


async def test_who_fails_when_told_of_a_source_harms_nobody() -> None:
    def fail(_: Source) -> None:
        raise RuntimeError("no disk")

    relay = Relay(BOUNDS, published=fail)
    async with people(relay, 2, ("audio",), slots=1) as (ola, kari):
        await gather_all([ola, kari])
        await hears(ola, kari)
    await relay.close()


async def test_who_hangs_up_is_gone_and_who_leaves_is_not_told_of() -> None:
    gone: list[Place] = []
    happened = asyncio.Event()
    relay = Relay(BOUNDS, gone=lambda place, _: (gone.append(place), happened.set())[1])  # type: ignore[func-returns-value]
    async with people(relay, 2, slots=1) as (ola, kari):
        await gather_all([ola, kari])
        slot = kari.leg.slots[kari.mid(0, "audio")]
        await relay.leave(ola.place)
        assert slot.source is None
        await kari.close()
        await happened.wait()
        assert gone == [kari.place]
        assert relay._rooms == {}
    await relay.close()


async def test_the_end_of_a_meeting_is_the_end_of_all_in_it() -> None:
    relay = Relay(BOUNDS)
    async with people(relay, 2, slots=1) as (ola, kari):
        await gather_all([ola, kari])
        await relay.end("m1")
        await relay.end("m1")
        for person in (ola, kari):
            await person.closed()
    await relay.close()


async def test_no_more_people_than_there_is_room_for() -> None:
    relay = Relay(replace(BOUNDS, participants=1))
    async with people(relay, 2, slots=1) as (ola, kari):
        await ola.offer()
        await kari.describe()
        with pytest.raises(Unavailable, match="1 in a meeting"):
            await relay.offer(kari.place, kari.pc.localDescription.sdp, ())
    await relay.close()


async def test_two_at_once_for_the_last_place() -> None:
    relay = Relay(replace(BOUNDS, participants=1))
    async with people(relay, 2, slots=1) as everybody:
        for person in everybody:
            await person.describe()
        answers = await asyncio.gather(
            *(relay.offer(p.place, p.pc.localDescription.sdp, ()) for p in everybody),
            return_exceptions=True,
        )
        assert sorted(type(answer).__name__ for answer in answers) == ["Unavailable", "str"]
    await relay.close()


async def test_a_full_relay_takes_no_new_meeting_but_goes_on_with_those_it_has() -> None:
    relay = Relay(BOUNDS)
    async with people(relay, 2, slots=1) as (ola, kari):
        await ola.offer()
        relay._load, relay._load_s = 1.0, relay._now()
        await kari.describe()
        sdp = kari.pc.localDescription.sdp
        with pytest.raises(Unavailable, match="full"):
            await relay.offer(Place("another", "p1"), sdp, ())
        assert await relay.offer(kari.place, sdp, ())
    await relay.close()


async def test_load_is_the_share_of_a_core_that_it_may_use() -> None:
    relay = Relay(replace(BOUNDS, core=0.5))
    assert relay.load == 0
    relay._load_s -= 10
    relay._cpu_s -= 2
    assert relay.load == pytest.approx(0.4, abs=0.1)
    relay._load_s -= 10
    relay._cpu_s -= 20
    assert relay.load == 1


@pytest.mark.parametrize("wants", [[Want("99", "p2")], [Want("0", "p2")]])
async def test_wants_for_sections_that_do_not_receive(wants: Any) -> None:
    relay = Relay(BOUNDS)
    async with people(relay, 1, slots=1) as (ola,):
        await ola.describe()
        with pytest.raises(InvalidParams, match="no receiving section"):
            await relay.offer(ola.place, ola.pc.localDescription.sdp, tuple(wants))
        assert relay._rooms == {}
    await relay.close()


async def test_nobody_receives_themselves() -> None:
    relay = Relay(BOUNDS)
    async with people(relay, 1, slots=1) as (ola,):
        await ola.offer()
        with pytest.raises(InvalidParams, match="themselves"):
            await ola.want(ola)
    await relay.close()


async def test_what_the_relay_has_not() -> None:
    relay = Relay(BOUNDS)
    place = Place("m1", "p1")
    with pytest.raises(InvalidParams):
        await relay.offer(place, "no sdp", ())
    with pytest.raises(InvalidParams):
        await relay.subscribe(place, ("p2",))
    with pytest.raises(InvalidParams):
        await relay.answer(place, "v=0")
    await relay.want(place, (Want("0", "p2"),))  # no media yet: nothing to change
    await relay.leave(place)
    assert (relay.source(place, "audio"), relay.sources("m1")) == (None, [])


async def test_a_relay_is_a_carrier() -> None:
    carrier: Carrier = Relay(BOUNDS)
    assert carrier.kind == "relay"
    source: Source | None = Relay(BOUNDS).source(Place("m", "p"), "audio")
    assert source is None
