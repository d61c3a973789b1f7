"""One connection: what a client may not do, and how it ends."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from aiortc import RTCSessionDescription
from aiortc.rtp import (
    RTCP_PSFB_APP,
    RTCP_RTPFB_NACK,
    RtcpPsfbPacket,
    RtcpReceiverInfo,
    RtcpRrPacket,
    RtcpRtpfbPacket,
    pack_remb_fci,
)

from signalling.media.carrier import Place
from signalling.media.relay.leg import LEARNT_MOST, Bounds, Leg
from signalling.media.relay.packet import Kind
from signalling.media.relay.relay import Relay
from tests.media.relay.arrivals import ARRIVALS, until
from tests.media.relay.people import BOUNDS, Person, gather_all, people
from tests.media.relay.rtp import Listener, one_byte, rtp


@asynccontextmanager
async def one(
    bounds: Bounds = BOUNDS, kinds: tuple[str, ...] = ("audio", "video")
) -> AsyncIterator[tuple[Relay, Person]]:
    relay = Relay(bounds)
    try:
        async with people(relay, 1, kinds, slots=1) as (person,):
            await person.offer()
            await person.connected()
            await sent(person)
            yield relay, person
    finally:
        await relay.close()


async def sent(person: Person) -> None:
    """Wait until something of each kind has come."""
    await until(lambda: all(source.packets for source in person.leg.sources.values()))


async def test_what_somebody_sends_can_be_tapped() -> None:
    async with one() as (relay, person):
        audio, video = (relay.source(person.place, kind) for kind in ("audio", "video"))
        assert audio is not None
        assert video is not None
        sound, picture = Listener(), Listener()
        audio.add_sink(sound)
        video.add_sink(picture)
        await until(lambda: len(sound.packets) > 20 and any(p.key for p in picture.packets))
        assert {p.codec for p in sound.packets} == {"opus"}
        numbers = [p.sequence for p in sound.packets]
        assert numbers == [numbers[0] + n & 0xFFFF for n in range(len(numbers))]
        stamps = {(b.timestamp - a.timestamp) & 0xFFFFFFFF for a, b in pairwise(sound.packets)}
        assert stamps == {960}
        assert sound.packets[0].level_dbov is not None
        assert -20 < sound.packets[0].level_dbov < 0
    assert (sound.ends, picture.ends) == (1, 1)


async def test_spoofed_and_unknown_streams_are_dropped_and_counted() -> None:
    async with one() as (relay, person):
        source = relay.source(person.place, "audio")
        assert source is not None
        listener = Listener()
        source.add_sink(listener)
        payload_type = person.leg._incoming[0].payload_type
        before = person.leg.refused.strays
        for spoofed in (
            rtp(ssrc=12345, payload_type=payload_type),  # somebody else's SSRC
            # a codec that was not negotiated
            rtp(person.coming("audio"), ssrc=person.ssrc("audio"), payload_type=13),
            rtp(person.coming("video"), ssrc=person.ssrc("video"), payload_type=payload_type),
        ):
            await person.send(spoofed)
        await until(lambda: person.leg.refused.strays == before + 3)
        assert all(packet.payload != b"sound" for packet in listener.packets)


async def test_garbage_in_extensions_ends_nothing() -> None:
    async with one() as (relay, person):
        source = relay.source(person.place, "audio")
        assert source is not None
        payload_type = person.leg._incoming[0].payload_type
        listener = Listener()
        source.add_sink(listener)
        blocks = (
            one_byte((2, b"12345")),  # a level of five bytes
            one_byte((3, b"1")),  # a send time of one
            b"\xbe\xde\x00\x01\x2f\x00\x00\x00",
            b"\x12\x34\x00\x01\x20\x05\x00\x00",
        )
        coming = person.coming("audio")
        for ahead, block in enumerate(blocks):
            await person.send(
                rtp(
                    coming + ahead & 0xFFFF,
                    ssrc=person.ssrc("audio"),
                    payload_type=payload_type,
                    extensions=block,
                )
            )
        await until(lambda: [p.payload for p in listener.packets].count(b"sound") == len(blocks))
        after = source.packets
        await until(lambda: source.packets > after + 20)
        assert person.pc.connectionState == "connected"


async def test_another_key_is_forged() -> None:
    async with one() as (_, person):
        before = person.leg.refused.forged
        person.leg.rtp(rtp(ssrc=person.ssrc("audio"), payload=bytes(60)))
        person.leg.rtcp(b"\x80\xc9\x00\x01" + bytes(60))
        assert person.leg.refused.forged == before + 2


async def test_reports_that_cannot_be_read() -> None:
    async with one() as (_, person):
        before = person.leg.refused.strays
        await person.send(b"\x81\xc9\x00\x01\x00\x00\x00\x01")
        await until(lambda: person.leg.refused.strays == before + 1)


async def test_a_flood_is_cut_off_until_the_next_second() -> None:
    async with one(replace(BOUNDS, packets_per_s=20, rtcp_per_s=3)) as (_, person):
        await until(lambda: person.leg.refused.flood > 0)
        flood = person.leg.refused.flood
        for _ in range(9):
            await person.send(bytes(RtcpRrPacket(1, [])))
        await until(lambda: person.leg.refused.flood >= flood + 6)
        assert person.pc.connectionState == "connected"


async def test_long_reports_use_up_the_second_sooner() -> None:
    async with one(replace(BOUNDS, rtcp_bytes_per_s=2000)) as (_, person):
        before = person.leg.refused.flood
        nack = RtcpRtpfbPacket(RTCP_RTPFB_NACK, 1, 2)
        nack.lost = list(range(0, 5000, 17))  # a word each
        for _ in range(6):
            await person.send(bytes(nack))
        await until(lambda: person.leg.refused.flood >= before + 3)
        assert person.pc.connectionState == "connected"


async def test_ssrcs_that_were_not_announced_are_found_by_mid_or_payload_type() -> None:
    relay = Relay(BOUNDS)
    async with people(relay, 1, slots=1) as (person,):
        await person.describe()
        lines = person.pc.localDescription.sdp.splitlines()
        bare = "\r\n".join(line for line in lines if not line.startswith("a=ssrc")) + "\r\n"
        answer = await relay.offer(person.place, bare, ())
        await person.pc.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        await person.connected()
        kinds: tuple[Kind, ...] = ("audio", "video")
        for kind in kinds:
            source = person.leg.sources[kind]
            await until(lambda s=source: s.packets > 2)  # type: ignore[misc]
            assert source.ssrc == person.ssrc(kind)
        audio = person.leg._incoming[0]
        named = one_byte((audio.mid_id, audio.mid.encode()))
        await person.send(rtp(ssrc=5, payload_type=audio.payload_type, extensions=named))
        await until(lambda: person.leg._learnt == 3)
        for ssrc in range(1000, 1000 + LEARNT_MOST + 10):
            await person.send(rtp(ssrc=ssrc, payload_type=audio.payload_type))
        await until(lambda: person.leg.refused.strays >= 12)
        assert person.leg._learnt == LEARNT_MOST
    await relay.close()


def reports(slots: list[Any], lost: int) -> bytes:
    blocks = [RtcpReceiverInfo(slot.ssrc, lost, 0, 0, 0, 0, 0) for slot in slots]
    return bytes(RtcpRrPacket(1, blocks))


async def test_a_starving_link_loses_its_pictures_and_never_its_sound() -> None:
    relay = Relay(BOUNDS)
    async with people(relay, 2, slots=1) as (ola, kari):
        await gather_all([ola, kari])
        assert len(await ola.observer(0, "video").seen(3)) >= 3
        audio, video = ola.leg.slots.values()
        assert (audio.kind, video.kind) == ("audio", "video")
        await until(lambda: ola.leg.open)
        while not video.paused:
            await ola.send(reports([audio, video], lost=90))
            await ARRIVALS.next()
        sound, picture = audio.packets, video.packets
        await until(lambda: audio.packets > sound + 50)
        assert video.packets == picture
        assert not audio.paused
        await until(lambda: not video.paused)  # nothing is lost any more: it comes back
        await until(lambda: video.packets > picture)
        assert {whose for _, whose in await ola.observer(0, "video").seen(5)} == {1}
    await relay.close()


async def test_what_a_receiver_can_take_reaches_the_encoder_of_who_sends() -> None:
    relay = Relay(BOUNDS)
    async with people(relay, 2, ("video",), slots=1) as (ola, kari):
        await gather_all([ola, kari])
        await ola.observer(0, "video").seen(2)
        told: list[bytes] = []
        source = kari.leg.sources["video"]
        usual = source._send
        source._send = lambda data: (told.append(data), usual(data))[1]  # type: ignore[func-returns-value]
        slot = next(s for s in ola.leg.slots.values() if s.kind == "video")
        fci = pack_remb_fci(70_000, [slot.ssrc])
        await ola.send(bytes(RtcpPsfbPacket(RTCP_PSFB_APP, 1, 0, fci)))
        wanted = pack_remb_fci(70_000, [kari.ssrc("video")])
        await until(lambda: any(wanted in data for data in told))
    await relay.close()


async def test_not_connected_in_time() -> None:
    ended: list[str] = []
    done = asyncio.Event()

    def end(_: Leg, reason: str) -> None:
        ended.append(reason)
        done.set()

    relay = Relay(BOUNDS)
    async with people(relay, 1, slots=1) as (person,):
        await person.describe()
        bounds = replace(BOUNDS, connect_s=0.2)
        sdp = person.pc.localDescription.sdp
        leg = await Leg.answer(person.place, sdp, bounds, lambda _: None, end)
        await done.wait()
        assert ended == ["not connected within 0.2 s"]
        await leg.close()
        await leg.close()


async def test_who_says_nothing_is_asked_and_then_given_up() -> None:
    gone: list[tuple[Place, str]] = []
    done = asyncio.Event()

    def tell(place: Place, reason: str) -> None:
        gone.append((place, reason))
        done.set()

    relay = Relay(replace(BOUNDS, silence_s=3), gone=tell)
    async with people(relay, 1, slots=1) as (person,):
        await person.offer()
        await person.connected()
        probes = 0
        leg = person.leg
        usual = leg._wire.probe

        async def probe() -> None:
            nonlocal probes
            probes += 1
            await usual()

        leg._wire.probe = probe  # type: ignore[method-assign]
        # the client's machine is gone: nothing comes from it any more
        for protocol in leg._wire._ice._protocols:
            protocol.datagram_received = lambda *_: None
        await done.wait()
        assert gone == [(person.place, "nothing was heard for 3 s")]
        assert probes == 1
    await relay.close()


async def test_who_has_nothing_to_say_but_lives_stays() -> None:
    relay = Relay(replace(BOUNDS, silence_s=3))
    async with people(relay, 1, (), slots=1) as (person,):
        await person.offer()
        await person.connected()
        leg = person.leg
        asked = asyncio.Event()
        usual = leg._wire.probe

        async def probe() -> None:
            await usual()
            asked.set()

        leg._wire.probe = probe  # type: ignore[method-assign]
        await asked.wait()
        assert not leg.over
        assert leg._heard
    await relay.close()


async def test_a_subscriber_that_never_acknowledges_costs_a_bounded_memory() -> None:
    relay = Relay(BOUNDS)
    async with people(relay, 2, ("video",), slots=1) as (ola, kari):
        await gather_all([ola, kari])
        slot = next(s for s in ola.leg.slots.values() if s.kind == "video")
        await until(lambda: slot.packets > 5)
        for sequence in range(3000):
            kari.leg.sources["video"].take(rtp(sequence, payload=b"\x10\x00", ssrc=9), 0)
        assert len(slot._history) == 512
        assert len(slot._reported) <= 4
    await relay.close()


def open_sockets() -> set[str]:
    """Return the sockets that this process has open."""
    found = set()
    for fd in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):  # the folder's own
            found.add(str(fd.readlink()))
    return {name for name in found if name.startswith("socket")}


async def test_after_a_leave_nothing_runs_and_nothing_is_bound() -> None:
    before, tasks = open_sockets(), asyncio.all_tasks()
    async with one() as (relay, person):
        await until(lambda: all(s.packets for s in person.leg.sources.values()))
        await relay.leave(person.place)
        await relay.leave(person.place)
        assert relay.source(person.place, "audio") is None
        ours = [t for t in asyncio.all_tasks() - tasks if t.get_name().startswith("dragoman")]
        assert ours == []
    assert open_sockets() == before


@pytest.mark.parametrize("turns", [0, 1, 2, 3, 5, 8, 13, 30])
async def test_closing_at_any_moment_of_connecting(turns: int) -> None:
    before = open_sockets()
    relay = Relay(BOUNDS)
    async with people(relay, 1, slots=1) as (person,):
        await person.offer()
        for _ in range(turns):
            await asyncio.sleep(0)
        await relay.close()
    assert open_sockets() == before
