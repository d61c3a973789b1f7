"""Two connections of the client, connected to each other."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiortc import RTCSessionDescription
from aiortc.mediastreams import MediaStreamTrack

from signalling.client.connection import Connection, Ice, Media, ignore
from signalling.media.bind import LOOPBACK
from signalling.media.tones import Tone

Sink = Callable[[str, MediaStreamTrack], Awaitable[None]]


@asynccontextmanager
async def two(
    near_sink: Sink = ignore, far_hz: float = 440
) -> AsyncIterator[tuple[Connection, Connection]]:
    """Give two ends that send each other a tone; each listens to nobody yet."""
    states = asyncio.Event()
    near = Connection(
        Media(lambda: [Tone(220)], near_sink, LOOPBACK), Ice(), lambda _: states.set()
    )
    far = Connection(Media(lambda: [Tone(far_hz)], bind=LOOPBACK), Ice(), lambda _: states.set())
    try:
        async with asyncio.timeout(30):
            near.send_all()
            far.send_all()
            offer = await near.describe()
            await far.pc.setRemoteDescription(RTCSessionDescription(offer, "offer"))
            answer = await far.describe()
            await near.pc.setRemoteDescription(RTCSessionDescription(answer, "answer"))
            for end in (near, far):
                end.listen(track_of(end), None)
                while end.pc.connectionState != "connected":
                    states.clear()
                    await states.wait()
            yield near, far
    finally:
        await near.close()
        await far.close()


def track_of(end: Connection) -> MediaStreamTrack:
    track = end.pc.getReceivers()[0].track
    assert track is not None
    return track


async def packets(end: Connection, more: int) -> None:
    """Wait until so many more packets have come, of its first section."""
    receiver = end.pc.getReceivers()[0]
    take, came = receiver._handle_rtp_packet, asyncio.Semaphore(0)

    async def counted(*args: Any, **named: Any) -> None:
        await take(*args, **named)
        came.release()

    receiver._handle_rtp_packet = counted  # type: ignore[method-assign]
    try:
        for _ in range(more):
            await came.acquire()
    finally:
        del receiver._handle_rtp_packet
