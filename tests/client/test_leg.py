"""One leg: glare, another ICE session, what the other end has room for."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest
from aiortc.mediastreams import MediaStreamTrack

from signalling.client import ConnectionLost, LegFailed
from signalling.client.connection import Ice, Media
from signalling.client.leg import Leg, Peer, Signal, ufrag_of
from signalling.media.bind import LOOPBACK
from signalling.media.tones import Observer, Stripes, Tone


class End:
    """One side, with what it hears; `other` is where its signals go."""

    def __init__(self, peer: Peer, sources: Sequence[type[Tone | Stripes]], hz: float) -> None:
        self.observer = Observer()
        self.tracks: list[MediaStreamTrack] = []
        self.sent: list[Signal] = []
        self.other: End | None = None
        self._kinds, self._hz = sources, hz
        self._legs: list[Leg] = []
        self.renew(peer)

    @property
    def leg(self) -> Leg:
        return self._legs[-1]

    def renew(self, peer: Peer) -> None:
        media = Media(self._make, self._sink, LOOPBACK, 10)
        self._legs.append(Leg(peer, media, Ice(), self._send))

    def _make(self) -> list[MediaStreamTrack]:
        made = [kind(self._hz) if kind is Tone else Stripes(9) for kind in self._kinds]
        self.tracks += made
        return list(made)

    async def _sink(self, _: str, track: MediaStreamTrack) -> None:
        await self.observer.observe(track)

    async def _send(self, _: str, signal: Signal) -> None:
        self.sent.append(signal)
        if self.other:
            self.other.leg.signal(signal)

    async def close(self) -> None:
        for leg in self._legs:
            await leg.close()
        assert all(track.readyState == "ended" for track in self.tracks)


@asynccontextmanager
async def two(
    a: Peer, b: Peer, a_sends: Sequence[type] = (Tone,), b_sends: Sequence[type] = (Tone,)
) -> AsyncIterator[tuple[End, End]]:
    one, other = End(a, a_sends, 440), End(b, b_sends, 880)
    one.other, other.other = other, one
    try:
        async with asyncio.timeout(12):
            yield one, other
    finally:
        await one.close()
        await other.close()


async def test_both_offer_and_the_polite_one_yields() -> None:
    named = Peer("b", offers=True, polite=False), Peer("a", offers=True, polite=True)
    async with two(*named) as (impolite, polite):
        await impolite.leg.connected
        await polite.leg.connected
        assert await impolite.observer.heard_hz() == pytest.approx(880, abs=5)
        assert await polite.observer.heard_hz() == pytest.approx(440, abs=5)
    assert [s["type"] for s in impolite.sent] == ["offer", "candidate"]
    assert [s["type"] for s in polite.sent if s["type"] != "candidate"] == ["offer", "answer"]


async def test_an_offer_of_another_ice_session_gets_another_connection() -> None:
    async with two(Peer("b", offers=True), Peer("a", offers=False)) as (one, other):
        await other.leg.connected
        assert await other.observer.heard_hz() == pytest.approx(440, abs=5)
        other.observer = Observer()
        one.renew(Peer("b", offers=True))
        await one.leg.connected
        assert await other.observer.heard_hz() == pytest.approx(440, abs=5)


async def test_only_what_the_offer_has_room_for_is_sent() -> None:
    named = Peer("b", offers=True), Peer("a", offers=False)
    async with two(*named, a_sends=(Tone,), b_sends=(Tone, Stripes)) as (one, other):
        await one.leg.connected
        assert await one.observer.heard_hz() == pytest.approx(880, abs=5)
        assert [track.readyState for track in other.tracks] == ["live", "ended"]
        assert one.observer.pictures == []


async def test_the_other_end_cannot_be_reached() -> None:
    async def lost(_: str, __: Signal) -> None:
        raise ConnectionLost

    leg = Leg(Peer("b", offers=True), Media(lambda: [Tone(440)], bind=LOOPBACK), Ice(), lost)
    with pytest.raises(LegFailed, match="cannot be reached"):
        await leg.connected
    await leg.close()


async def test_nobody_hears_of_a_leg_that_was_closed() -> None:
    async with two(Peer("b", offers=False), Peer("a", offers=False)) as (one, other):
        await asyncio.sleep(0)
        assert one.sent == other.sent == []
    with pytest.raises(LegFailed, match="closed"):
        await one.leg.connected


def test_an_ice_session_is_told_by_its_user_fragment() -> None:
    assert ufrag_of("v=0\r\na=ice-ufrag:Ab+/\r\na=ice-pwd:x\r\n") == "Ab+/"
    assert ufrag_of("v=0\r\n") == ""
