"""Chromium at a real Janus: it offers at once, without a candidate, and is heard and seen."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import Browser, Page

from signalling.media.carrier import Offered, Place
from signalling.media.janus.carrier import Janus
from signalling.media.turn import ice_servers
from tests.browser.chrome import chromium
from tests.media.children import JanusChild, TurnChild
from tests.media.janus.people import Heard, carrying, people

WITHIN_MS = 20_000
# What a client does, and no more: no trickle, candidates are never waited for.
CLIENT = """
window.began = async (configuration) => {
    window.sending = new RTCPeerConnection(configuration);
    window.receiving = new RTCPeerConnection(configuration);
    receiving.ontrack = ({ track }) => {
        const element = document.createElement(track.kind);
        Object.assign(element, { autoplay: true, srcObject: new MediaStream([track]) });
        document.body.append(element);
    };
    const camera = { width: 160, height: 120, frameRate: 15 };
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: camera });
    for (const track of stream.getTracks()) {
        sending.addTransceiver(track, { direction: 'sendonly', streams: [stream] });
    }
    await sending.setLocalDescription();
    return sending.localDescription.sdp;
};
window.answered = (sdp) => sending.setRemoteDescription({ type: 'answer', sdp });
window.offered = async (sdp) => {
    await receiving.setRemoteDescription({ type: 'offer', sdp });
    await receiving.setLocalDescription();
    return receiving.localDescription.sdp;
};
window.paths = async () => {
    const kinds = [];
    for (const pc of [sending, receiving]) {
        const stats = await pc.getStats();
        for (const pair of stats.values()) {
            if (pair.type === 'candidate-pair' && pair.nominated) {
                const { candidateType, relayProtocol } = stats.get(pair.localCandidateId);
                kinds.push([candidateType, relayProtocol]);
            }
        }
    }
    return kinds;
};
window.perceives = async (people) => {
    const inbound = [...(await receiving.getStats()).values()].filter(
        (it) => it.type === 'inbound-rtp');
    const heard = inbound.filter((it) => it.kind === 'audio' && it.totalAudioEnergy > 1e-4);
    const seen = inbound.filter((it) => it.kind === 'video' && it.framesDecoded > 5);
    return heard.length >= people && seen.length >= people;
};
"""


class Tab:
    """A page of somebody who is at a carrier."""

    def __init__(self, page: Page, carrier: Janus, place: Place) -> None:
        self.page = page
        self.carrier = carrier
        self.place = place

    async def publish(self, **configuration: Any) -> None:
        offer: str = await self.page.evaluate("it => began(it)", configuration)
        assert "a=candidate" not in offer
        await self.page.evaluate(
            "sdp => answered(sdp)", await self.carrier.offer(self.place, offer, ())
        )

    async def subscribe(self, *participants: str) -> Offered:
        offered = await self.carrier.subscribe(self.place, participants)
        if offered.sdp:
            answer: str = await self.page.evaluate("sdp => offered(sdp)", offered.sdp)
            await self.carrier.answer(self.place, answer)
        return offered

    async def perceives(self, count: int) -> None:
        await self.page.wait_for_function("n => perceives(n)", arg=count, timeout=WITHIN_MS)


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as browser:
        yield browser


async def tab(browser: Browser, carrier: Janus, name: str) -> Tab:
    context = await browser.new_context(permissions=["camera", "microphone"])
    await context.add_init_script(CLIENT)
    page = await context.new_page()

    async def empty(route: Any) -> None:
        await route.fulfill(body="<!doctype html><body></body>", content_type="text/html")

    await page.route("https://meet.test/", empty)
    await page.goto("https://meet.test/")
    return Tab(page, carrier, Place("m", name))


async def test_two_browsers_and_a_peer_of_another_make(janus: JanusChild, browser: Browser) -> None:
    heard = Heard()
    async with (
        carrying(heard, janus.url) as carrier,
        people(carrier, janus.address, ("amina",)) as (amina,),
    ):
        ola, kari = [await tab(browser, carrier, name) for name in ("ola", "kari")]
        await asyncio.gather(ola.publish(), kari.publish())
        await heard.until(lambda: {ola.place, kari.place} <= set(heard.published))
        await ola.subscribe("kari")
        await kari.subscribe("ola")
        await asyncio.gather(ola.perceives(1), kari.perceives(1))

        await amina.publish()
        await heard.until(lambda: amina.place in heard.published)
        offered = await ola.subscribe("kari", "amina")
        assert {it.participant for it in offered.streams} == {"kari", "amina"}
        await ola.perceives(2)

        await carrier.leave(kari.place)
        offered = await ola.subscribe("kari", "amina")
        assert {it.participant for it in offered.streams} == {"amina"}
        assert heard.lost == []


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_relay_only_through_coturn(
    janus: JanusChild, turn: TurnChild, browser: Browser, transport: str
) -> None:
    heard = Heard()
    async with (
        carrying(heard, janus.url) as carrier,
        people(carrier, janus.address, ("amina",)) as (amina,),
    ):
        ola = await tab(browser, carrier, "ola")
        servers = ice_servers(turn.settings(transport), "ola", time.time(), "m")
        await amina.publish()
        await ola.publish(iceServers=servers, iceTransportPolicy="relay")
        await heard.until(lambda: {ola.place, amina.place} <= set(heard.published))
        await ola.subscribe("amina")
        await amina.subscribe_to("ola")
        await ola.perceives(1)
        async with asyncio.timeout(WITHIN_MS / 1000):
            await amina.sees["ola"].seen(1)
        paths = {tuple(path) for path in await ola.page.evaluate("paths()")}
        assert paths == {("relay", transport)}
