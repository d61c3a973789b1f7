"""People hear and see each other straight, from page to page."""

import asyncio
import re

import pytest
from aiortc.mediastreams import MediaStreamTrack
from playwright.async_api import WebSocketRoute

from signalling.client import HttpClient
from signalling.client.meeting import CAPABILITIES, Media, MeetingPeer
from signalling.media.bind import LOOPBACK
from signalling.media.tones import Observer, Stripes, Tone
from tests.browser.people import hz_of, join, met, perceive_each_other, perceives
from tests.browser.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")

HEARS_BEA = """(hz) => {
    const bea = [...meeting.participants.values()].find((p) => p.user === 'bea');
    return bea && Math.abs(probe.hear('bea', bea.stream) - hz) < 15;
}"""


async def test_two_hear_and_see_each_other(stage: Stage) -> None:
    _, (ann, bea) = await met(stage)
    await perceive_each_other([ann, bea])
    for person in (ann, bea):
        media = await person.hears_and_sees_more()
        assert media["open"] == 1
        await person.until("[...meeting.participants.values()].every((p) => p.leg === 'connected')")


async def test_both_offer_at_once(stage: Stage) -> None:
    """Perfect negotiation settles it: at the first offer, and when both find a way anew."""
    meeting = await stage.meeting(ann="customer", bea="interpreter")
    ann, bea = await stage.person("ann", "customer"), await stage.person("bea", "interpreter")
    for person in (ann, bea):
        await person.page.route_web_socket("**/v1/ws", everybody_offers)
    await join(ann, meeting, 0)
    await join(bea, meeting, 1)
    await perceive_each_other([ann, bea])
    assert await ann.run("offers.length") > 0
    assert await bea.run("offers.length") > 0

    before = [await person.run("offers.length") for person in (ann, bea)]
    change = "navigator.connection.dispatchEvent(new Event('change'))"
    await asyncio.gather(ann.run(change), bea.run(change))
    for person, count in zip((ann, bea), before, strict=True):
        await person.until("(count) => offers.length > count", count)
        await person.hears_and_sees_more()
    await perceive_each_other([ann, bea])


def everybody_offers(socket: WebSocketRoute) -> None:
    """Let the server name both sides as the one that offers."""
    server = socket.connect_to_server()
    server.on_message(
        lambda text: socket.send(re.sub('"offers":false', '"offers":true', str(text)))
    )


async def test_a_third_joins_and_one_leaves(stage: Stage) -> None:
    _, people = await met(stage, 3)
    ann, bea, cal = people
    await perceive_each_other(people)
    assert (await ann.media())["open"] == 2
    await cal.run("meeting.leave()")
    await ann.until("meeting.participants.size === 2")
    assert (await ann.media())["open"] == 1
    await perceive_each_other([ann, bea])
    assert ["left", "cal"] in await ann.run("events")


async def test_microphone_and_camera_come_and_go_without_negotiating(stage: Stage) -> None:
    """Silence and darkness arrive, then another tone and another picture."""
    _, (ann, bea) = await met(stage)
    await perceive_each_other([ann, bea])
    described = "probe.connections[0].localDescription.sdp"
    before = await bea.run(described)

    await bea.run("meeting.mute(true)")
    told = "[...meeting.participants.values()].find((p) => p.user === 'bea')?.media"
    await ann.until(f"{told}.audio === false")
    silent = (
        "probe.hear('bea', [...meeting.participants.values()].find((p) => p.user === 'bea').stream)"
    )
    await ann.until(f"{silent} === 0")
    await bea.run("meeting.camera(false)")
    await ann.until(f"{told}.video === false")

    await bea.run("meeting.useStream(probe.person(880, 'blue'))")
    await bea.run("meeting.mute(false)")
    await bea.run("meeting.camera(true)")
    await perceives(ann, bea, 2)
    await ann.until(f"{told}.audio && {told}.video")
    assert await bea.run(described) == before


async def test_messages_and_who_speaks(stage: Stage) -> None:
    _, (ann, bea) = await met(stage)
    await ann.run("meeting.say('hello')")
    await bea.until("events.some(([name, text]) => name === 'message' && text === 'hello')")
    await ann.until("[...meeting.participants.values()].every((p) => p.speaking)")
    await bea.run("meeting.mute(true)")
    await ann.until("![...meeting.participants.values()].find((p) => p.user === 'bea').speaking")
    stats = await ann.until("meeting.stats().bitrate_kbps > 2 && meeting.stats()")
    assert stats["level"] in {"good", "fair"}
    assert stats["path"] == "udp"


async def test_a_page_and_an_aiortc_end(stage: Stage) -> None:
    """An end that cannot roll back never offers: also after the page was reloaded."""
    meeting = await stage.meeting(ann="customer", bea="interpreter")
    ann = await stage.person("ann", "customer")
    await join(ann, meeting, 0)
    bea = await stage.town.connect("bea", "interpreter", capabilities=CAPABILITIES)
    heard: dict[str, Observer] = {}

    async def listen(participant: str, track: MediaStreamTrack) -> None:
        await heard.setdefault(participant, Observer()).observe(track)

    media = Media(lambda: [Tone(hz_of(1)), Stripes(1)], listen, LOOPBACK)
    async with MeetingPeer(bea, meeting, media) as peer, asyncio.timeout(30):
        await peer.join()
        me = await peer.connected()
        await ann.until(HEARS_BEA, hz_of(1))
        await heard[me].hears(hz_of(0))

        heard.clear()
        await ann.page.reload()
        assert await join(ann, meeting, 0) == me
        await ann.until(HEARS_BEA, hz_of(1))
        await ann.hears_and_sees_more()
        await heard[me].hears(hz_of(0))


async def test_what_is_reported_at_leaving(stage: Stage) -> None:
    meeting, (ann, bea) = await met(stage)
    await ann.until("meeting.stats().bitrate_kbps > 2")
    await ann.run("meeting.leave()")
    async with HttpClient(stage.town.url, stage.town.token("staff", "app")) as http:
        shown = await http.call("meeting.get", meeting=meeting, history=True)
    quality = next(a["quality"] for a in shown["attendance"] if a["user"] == "ann")
    assert quality["reports"] == 1
    assert quality["path"] == "udp"
    assert 0 < quality["connect_ms"]["mean"] < 15_000
    assert quality["bitrate_kbps"]["mean"] > 2
    assert await bea.until("meeting.participants.size === 1")
