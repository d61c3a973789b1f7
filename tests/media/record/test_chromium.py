"""Chromium recorded at the relay: its camera comes on late, and lips are in step."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.async_api import Browser, Page
from pyrage.x25519 import Identity

from signalling.media.carrier import Place
from signalling.media.record.about import About
from signalling.media.record.export import export
from signalling.media.record.recorder import Recorder
from signalling.media.record.told import Began, Failed, Finished
from signalling.media.relay.relay import Relay
from signalling.media.relay.source import Source
from signalling.settings import Recording
from tests.browser.chrome import chromium
from tests.media.record.probe import RATE, Probed, probe
from tests.media.relay.people import BOUNDS

KEY = Identity.generate()
# A tone and a bright picture for a fifth of each second, both at once.
CLIENT = """
window.began = async () => {
    const context = new AudioContext();
    const tone = context.createOscillator();
    const volume = new GainNode(context, { gain: 0 });
    const heard = context.createMediaStreamDestination();
    tone.connect(volume).connect(heard);
    tone.start();
    const canvas = Object.assign(document.createElement('canvas'), { width: 160, height: 120 });
    document.body.append(canvas);
    const paper = canvas.getContext('2d');
    let on = false, drawn = 0;
    const draw = () => {
        paper.fillStyle = on ? 'white' : 'black';
        paper.fillRect(0, 0, 160, 120);
        paper.fillStyle = on ? 'black' : 'white';
        paper.fillRect(drawn++ % 160, 0, 4, 4);
    };
    const beat = (now) => {
        on = now;
        volume.gain.value = on ? 0.5 : 0;
        draw();
    };
    setInterval(draw, 40);
    setInterval(() => { beat(true); setTimeout(beat, 200, false); }, 1000);
    window.sending = new RTCPeerConnection();
    sending.addTransceiver(heard.stream.getAudioTracks()[0], { direction: 'sendonly' });
    window.camera = canvas.captureStream(25).getVideoTracks()[0];
    window.picture = sending.addTransceiver('video', { direction: 'sendonly' });
    await sending.setLocalDescription();
    return sending.localDescription.sdp;
};
window.answered = (sdp) => sending.setRemoteDescription({ type: 'answer', sdp });
window.shows = () => picture.sender.replaceTrack(camera);
window.hides = () => picture.sender.replaceTrack(null);
"""


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as running:
        yield running


@asynccontextmanager
async def page_of(browser: Browser) -> AsyncIterator[Page]:
    context = await browser.new_context()
    await context.add_init_script(CLIENT)
    page = await context.new_page()

    async def empty(route: Any) -> None:
        await route.fulfill(body="<!doctype html><body></body>", content_type="text/html")

    await page.route("https://meet.test/", empty)
    await page.goto("https://meet.test/")
    yield page
    await context.close()


def onsets(times: list[float], loud: list[bool]) -> list[float]:
    """Return when something begins, half a second after the last time at least."""
    found: list[float] = []
    for at, now, before in zip(times[1:], loud[1:], loud, strict=False):
        if now and not before and (not found or at - found[-1] > 0.5):
            found.append(at)
    return found


def beeps(seen: Probed) -> list[float]:
    step = RATE // 200
    peaks = [np.abs(seen.sound[at : at + step]).max() for at in range(0, len(seen.sound), step)]
    return onsets([at / 200 for at in range(len(peaks))], [bool(peak > 0.1) for peak in peaks])


def flashes(seen: Probed) -> list[float]:
    return onsets([at for at, _ in seen.pictures], [bright > 128 for _, bright in seen.pictures])


async def test_a_camera_that_comes_on_late_is_recorded_with_lips_in_step(
    browser: Browser, tmp_path: Path
) -> None:
    begun: asyncio.Queue[About] = asyncio.Queue()

    def told(event: Began | Finished | Failed) -> None:
        assert not isinstance(event, Failed)
        if isinstance(event, Began):
            begun.put_nowait(event.about)

    def published(source: Source) -> None:
        recorder.published(source)

    relay = Relay(BOUNDS, published=published)
    settings = Recording((str(KEY.to_public()),), str(tmp_path), free_mb=0)
    recorder = Recorder(settings, relay, told)
    async with asyncio.timeout(60), page_of(browser) as page:
        await recorder.start("m1", "r1", {"p1": 1})
        offer = await page.evaluate("began()")
        await page.evaluate("sdp => answered(sdp)", await relay.offer(Place("m1", "p1"), offer, ()))
        assert (await begun.get()).container == "ogg"
        await page.evaluate("shows()")
        assert (await begun.get()).container == "webm"
        await page.wait_for_timeout(5000)  # five beats
        await page.evaluate("hides()")
        await page.wait_for_timeout(1500)
        sound, both = await recorder.stop("m1")
    await relay.close()

    shown: dict[str, Probed] = {}
    for about in (sound, both):
        (sealed,) = (tmp_path / "r1").glob(f"*.{about.container}.age")
        done = await asyncio.to_thread(export, sealed, [KEY], tmp_path / f"out.{about.container}")
        assert (done.whole, done.faults) == (True, 0)
        shown[about.container] = probe(done.path)
    seen = shown["webm"]
    assert seen.seconds > 6
    assert seen.pictures[-1][0] < seen.seconds - 1  # its sound goes on while the camera is off
    pairs = [(b, min(flashes(seen), key=lambda f: abs(f - b))) for b in beeps(seen)]
    near = [beep - flash for beep, flash in pairs if abs(beep - flash) < 0.5]
    assert len(near) >= 3
    print("beep after flash, ms:", [round(1000 * apart) for apart in near])
    # ITU-R BT.1359: 45 ms early to 125 ms late go unnoticed; the browser itself is not exact
    assert -0.1 < float(np.median(near)) < 0.15
