"""One peer connection: what it sends, who listens, which way it goes."""

import asyncio

import pytest
from aiortc import RTCIceTransportPolicy
from aiortc.mediastreams import MediaStreamTrack

from signalling.client.connection import Connection, Ice, Media
from signalling.media.tones import Observer, Tone
from tests.client.pairs import packets, track_of, two


def test_servers_are_what_the_meeting_names_and_nothing_else() -> None:
    assert Ice().configuration().iceServers == []
    named = {"urls": ["turn:t.test"], "username": "u", "credential": "c"}
    configuration = Ice((named,), "relay").configuration()
    (server,) = configuration.iceServers or []
    assert (server.urls, server.username, server.credential) == (["turn:t.test"], "u", "c")
    assert configuration.iceTransportPolicy is RTCIceTransportPolicy.RELAY


async def test_a_track_is_heard_as_whoever_it_is_now() -> None:
    observers: dict[str, Observer] = {}
    listening = asyncio.Event()

    async def sink(participant: str, track: MediaStreamTrack) -> None:
        observers[participant] = Observer()
        listening.set()
        await observers[participant].observe(track)

    async with two(sink, far_hz=880) as (near, _):
        for participant in ("ola", "kari"):
            listening.clear()
            near.listen(track_of(near), participant)
            await listening.wait()
            assert await observers[participant].heard_hz() == pytest.approx(880, abs=5)
        heard = len(observers["ola"]._samples)
        await packets(near, 10)
        assert len(observers["ola"]._samples) == heard  # hears no more
        near.listen(track_of(near), None)
        before = await near.received()
        await packets(near, 30)
        assert await near.received() > before
        assert track_of(near)._queue.qsize() < 20  # type: ignore[attr-defined]


async def test_packets_of_one_track_and_of_all() -> None:
    async with two() as (near, _):
        await packets(near, 20)
        assert await near.received([track_of(near)]) > 5
        assert await near.received([]) == 0


async def test_the_way_that_media_goes() -> None:
    unconnected = Connection(Media(tuple), Ice(), lambda _: None)
    assert unconnected.path() is None
    unconnected.add("audio", "recvonly")
    assert unconnected.path() is None
    await unconnected.close()
    async with two() as (near, _):
        assert near.path() == "udp"


async def test_closing_ends_tracks_listeners_and_tells_the_state() -> None:
    states: list[str] = []
    tone = Tone(440)
    connection = Connection(Media(lambda: [tone]), Ice(), states.append)
    connection.send_all("sendonly")
    await connection.close()
    await connection.close()
    assert tone.readyState == "ended"
    assert states == ["closed"]
