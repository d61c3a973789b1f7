"""The legs to a carrier by themselves: what they say, and what they make of answers."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamTrack

from signalling.client import ConnectionLost, LegFailed
from signalling.client.carried import CarriedLeg, JanusLeg, RelayLeg, Way, sdp_of
from signalling.client.connection import Ice, Media
from signalling.media.bind import LOOPBACK, pin
from signalling.media.carrier import Place, Want
from signalling.media.relay.relay import Relay
from signalling.media.tones import Observer, Tone
from tests.client.carrying import BOUNDS
from tests.client.pairs import packets


class End:
    """One client: a tone, and who it hears; *answers* are what the carrier says."""

    def __init__(self, kind: type[CarriedLeg], carrier: Any, connect_s: float = 10) -> None:
        self.observers: dict[str, Observer] = {}
        self.lost: list[str] = []
        self.failed = asyncio.Event()
        media = Media(lambda: [Tone(440)], self._sink, LOOPBACK, connect_s)
        self.leg = kind(Way("ca-1", media, Ice(), carrier, self._lost))

    def _lost(self, reason: str) -> None:
        self.lost.append(reason)
        self.failed.set()

    async def _sink(self, participant: str, track: MediaStreamTrack) -> None:
        await self.observer(participant).observe(track)

    def observer(self, participant: str) -> Observer:
        return self.observers.setdefault(participant, Observer())


@asynccontextmanager
async def end(kind: type[CarriedLeg], carrier: Any, connect_s: float = 10) -> AsyncIterator[End]:
    one = End(kind, carrier, connect_s)
    try:
        async with asyncio.timeout(40):
            yield one
    finally:
        await one.leg.close()


class Offerer:
    """A carrier that offers, as Janus does: a tone for each participant who sends."""

    def __init__(self, **hz: float) -> None:
        self.hz = hz
        self.said: list[list[str]] = []
        self.answered = 0
        self.streams: list[dict[str, str]] = []
        self.offered: list[dict[str, str]] = []
        self.tracks: list[Tone] = []
        self.publishing = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.offering = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.happened = asyncio.Condition()

    async def __call__(self, carrier: str, **params: Any) -> Mapping[str, Any]:
        assert carrier == "ca-1"
        async with self.happened:
            try:
                return await self._negotiate(**params)
            finally:
                self.happened.notify_all()

    async def _negotiate(
        self,
        offer: dict[str, str] | None = None,
        want: Sequence[Any] = (),
        subscribe: Sequence[str] | None = None,
        answer: dict[str, str] | None = None,
    ) -> Mapping[str, Any]:
        assert list(want) == []
        if offer:
            pc = self.publishing
            await pc.setRemoteDescription(RTCSessionDescription(offer["sdp"], "offer"))
            pin(pc, LOOPBACK)
            await pc.setLocalDescription()
            return {"answer": {"sdp": pc.localDescription.sdp}}
        if answer:
            self.answered += 1
            await self.offering.setRemoteDescription(RTCSessionDescription(answer["sdp"], "answer"))
            return {}
        self.said.append(list(subscribe or ()))
        known = {stream["participant"] for stream in self.streams}
        for participant in subscribe or ():
            if participant in self.hz and participant not in known:
                track = Tone(self.hz[participant])
                self.tracks.append(track)
                self.offering.addTransceiver(track, direction="sendonly")
                mid = str(len(self.streams))
                self.streams.append({"mid": mid, "participant": participant, "kind": "audio"})
        streams = [s for s in self.streams if s["participant"] in (subscribe or ())]
        if streams == self.offered:
            return {"streams": streams}
        self.offered = streams
        pin(self.offering, LOOPBACK)
        await self.offering.setLocalDescription()
        return {"offer": {"sdp": self.offering.localDescription.sdp}, "streams": streams}

    async def until(self, holds: Any) -> None:
        async with self.happened:
            await self.happened.wait_for(holds)

    async def close(self) -> None:
        for track in self.tracks:
            track.stop()
        await self.publishing.close()
        await self.offering.close()


async def test_a_carrier_that_offers_is_answered_and_each_is_heard_as_who_they_are() -> None:
    carrier = Offerer(kari=660, liv=880)
    async with end(JanusLeg, carrier) as one:
        await one.leg.connected
        one.leg.carry(["kari"])
        assert await one.observer("kari").heard_hz() == pytest.approx(660, abs=5)
        one.leg.carry(["kari", "liv"])
        assert await one.observer("liv").heard_hz() == pytest.approx(880, abs=5)
        assert await one.leg.received("kari") > 0
        assert await one.leg.received("nobody") == 0
        one.leg.carry(["liv"])
        await carrier.until(lambda: carrier.answered == 3)
    assert carrier.said[:3] == [["kari"], ["kari", "liv"], ["liv"]]
    assert one.lost == []
    await carrier.close()


async def test_who_does_not_send_yet_is_asked_for_again() -> None:
    carrier = Offerer()
    async with end(JanusLeg, carrier) as one:
        one.leg.carry(["kari"])
        await carrier.until(lambda: len(carrier.said) >= 2)
        carrier.hz["kari"] = 660
        one.leg.look_again()
        assert await one.observer("kari").heard_hz() == pytest.approx(660, abs=5)
    await carrier.close()


async def test_news_without_an_offer_change_nothing() -> None:
    carrier = Offerer(kari=660)
    async with end(JanusLeg, carrier) as one:
        one.leg.carry(["kari"])
        assert await one.observer("kari").heard_hz() == pytest.approx(660, abs=5)
        one.leg.look_again()
        await carrier.until(lambda: len(carrier.said) == 2)
        before = await one.leg.received("kari")
        async with asyncio.timeout(10):
            assert isinstance(one.leg, JanusLeg)
            assert one.leg._receiving is not None
            await packets(one.leg._receiving, 5)
        assert await one.leg.received("kari") > before
    assert one.lost == []
    assert carrier.answered == 1
    await carrier.close()


async def test_slots_change_hands_without_an_offer() -> None:
    relay = Relay(BOUNDS)
    said: list[list[Any]] = []
    happened = asyncio.Event()

    def says(place: str) -> Any:
        async def negotiate(
            carrier: str, want: list[dict[str, Any]], offer: dict[str, str] | None = None
        ) -> Mapping[str, Any]:
            assert carrier == "ca-1"
            wants = tuple(Want(**one) for one in want)
            if offer:
                answer = await relay.offer(Place("m", place), offer["sdp"], wants)
                return {"answer": {"sdp": answer}}
            await relay.want(Place("m", place), wants)
            if place == "ola":
                said.append([one["participant"] for one in want])
                happened.set()
            return {}

        return negotiate

    async with end(RelayLeg, says("ola")) as ola, end(RelayLeg, says("kari")) as kari:
        ola.leg.carry(["kari"])
        await ola.leg.connected
        await kari.leg.connected
        assert await ola.observer("kari").heard_hz() == pytest.approx(440, abs=5)
        assert await ola.leg.received("kari") > 0
        assert await ola.leg.received("liv") == 0
        ola.leg.carry(["kari"])
        ola.leg.carry(["liv", "kari", "per", "eva", "too many"])
        await happened.wait()
        ola.leg.carry(["eva"])
        happened.clear()
        await happened.wait()
    assert said == [["liv"] * 2 + ["per"] * 2 + ["eva"] * 2, [None] * 6]
    await relay.close()


async def test_a_carrier_that_falls_silent_is_lost() -> None:
    published = asyncio.Event()
    relay = Relay(BOUNDS, published=lambda _: published.set())

    async def negotiate(carrier: str, offer: dict[str, str], **_: Any) -> Mapping[str, Any]:
        return {"answer": {"sdp": await relay.offer(Place("m", carrier), offer["sdp"], ())}}

    async with end(RelayLeg, negotiate) as one:
        await published.wait()
        leg = relay._rooms["m"]["ca-1"].leg
        assert leg is not None
        leg._timer.cancel()  # it reports no more, and closes nothing: as if the process hung
        await one.failed.wait()
        assert one.lost == ["nothing came for 4 s"]
    await relay.close()


@pytest.mark.parametrize(
    "answer", [{}, {"answer": None}, {"answer": {"sdp": 7}}, {"answer": {"sdp": "v=0\r\n"}}]
)
async def test_answers_that_are_none_fail_the_leg(answer: dict[str, Any]) -> None:
    async def negotiate(**_: Any) -> Mapping[str, Any]:
        return answer

    for kind in (RelayLeg, JanusLeg):
        async with end(kind, negotiate) as one:
            with pytest.raises(LegFailed, match="negotiation failed"):
                await one.leg.connected
            assert len(one.lost) == 1


async def test_a_carrier_that_cannot_be_reached_fails_the_leg() -> None:
    async def negotiate(**_: Any) -> Mapping[str, Any]:
        raise ConnectionLost

    async with end(RelayLeg, negotiate) as one:
        with pytest.raises(LegFailed, match="cannot be reached"):
            await one.leg.connected


async def test_closing_is_no_failure() -> None:
    async def negotiate(**_: Any) -> Mapping[str, Any]:
        await asyncio.Event().wait()
        return {}

    async with end(RelayLeg, negotiate) as one:
        await asyncio.sleep(0)
    with pytest.raises(LegFailed, match="closed"):
        await one.leg.connected
    assert one.lost == []


def test_descriptions_are_bounded() -> None:
    with pytest.raises(ValueError, match="bytes"):
        sdp_of({"sdp": "v=0\r\n" + "a=x\r\n" * 10_000})
    assert sdp_of({"sdp": "v=0\r\n"}) == "v=0\r\n"
