"""From joining a meeting to the first sound of the other, in Chromium on loopback.

    python -m benchmarks.join [--json] [--runs N]

One page stays in the meeting; another one, whose session is open, joins and leaves again. A run
goes from just before `meeting.join` is sent to the first packet of sound that was received and
decoded: meeting.join, the negotiation, ICE, DTLS, and what the browser does itself. Mesh and the
embedded relay, beside two connections of one page that need no server at all.

The made-up microphone beeps once a second and is silent meanwhile: samples count, not loudness.
"""

import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from playwright.async_api import Browser, Page

from benchmarks.common import Result, arguments, percentile, progress, report
from signalling.client import HttpClient
from signalling.store.apps import App
from signalling.web.auth import mint
from tests.browser.chrome import chromium

RUNS = 40
STOP_S = 30
WITHIN_MS = 15_000
ENVIRON = {
    "DRAGOMAN_MEDIA__BIND": "127.0.0.1",
    "DRAGOMAN_MEDIA__PROCESSES": "1",
    "DRAGOMAN_LOG__LEVEL": "error",
}
# A page of its own for each: the session is open before the first run.
OPEN = """async (token) => {
    const { Client, devices } = await import('/client.js');
    window.client = new Client({ token });
    await client.open();
    window.stream = await devices.open({ video: false });
    window.play = (stream) => {
        const audio = Object.assign(new Audio(), { autoplay: true, srcObject: stream });
        document.body.append(audio);
        return audio;
    };
    window.heard = async (receiver) => {
        for (const one of (await receiver.getStats()).values()) {
            if (one.type !== 'inbound-rtp') continue;
            if (one.packetsReceived > 0 && one.totalSamplesReceived > 0) return true;
        }
        return false;
    };
    const Real = RTCPeerConnection;
    window.connections = [];
    window.RTCPeerConnection = class extends Real {
        constructor(...given) { super(...given); connections.push(this); }
    };
    window.first = async (began, within) => {
        while (performance.now() - began < within) {
            for (const pc of connections) {
                for (const receiver of pc.getReceivers()) {
                    if (receiver.track.kind !== 'audio' || !(await heard(receiver))) continue;
                    return performance.now() - began;
                }
            }
            await new Promise((resolve) => setTimeout(resolve, 2));
        }
        throw new Error('nothing was heard');
    };
}"""
STAY = "async (id) => { window.meeting = await client.join(id, { stream: stream.clone() }); }"
RUN = """async ([id, within]) => {
    connections.length = 0;
    const own = stream.clone();
    const began = performance.now();
    const joining = client.join(id, { stream: own });
    joining.then((meeting) => meeting.on('track', (p) => play(p.stream)));
    const took = await first(began, within);
    await (await joining).leave();
    document.body.replaceChildren();
    return took;
}"""
BARE = """async (within) => {
    connections.length = 0;
    const own = stream.clone();
    const began = performance.now();
    const [a, b] = [new RTCPeerConnection(), new RTCPeerConnection()];
    a.onicecandidate = (e) => b.addIceCandidate(e.candidate);
    b.onicecandidate = (e) => a.addIceCandidate(e.candidate);
    b.ontrack = ({ track }) => play(new MediaStream([track]));
    for (const track of own.getTracks()) a.addTrack(track, own);
    await a.setLocalDescription();
    await b.setRemoteDescription(a.localDescription);
    await b.setLocalDescription();
    await a.setRemoteDescription(b.localDescription);
    const took = await first(began, within);
    a.close();
    b.close();
    document.body.replaceChildren();
    return took;
}"""


class Site:
    """A running server and an app of it."""

    def __init__(self, url: str, data: str) -> None:
        self.url = url
        self.data = data
        fields = json.loads(self._command("apps", "create", "bench", "--json"))
        self.app = App(
            fields["key"], "bench", fields["marketplace"], (fields["secret"],), frozenset(), 0
        )

    def carry(self, topology: str) -> None:
        """Let meetings of the app be carried so."""
        self._command("apps", "set", self.app.key, "--topology", topology)

    async def meeting(self) -> str:
        people = [{"user": user, "role": "customer"} for user in ("ann", "bea")]
        async with HttpClient(self.url, mint(self.app, "bench", "app")) as http:
            made = await http.call("meeting.create", participants=people)
        return str(made["meeting"]["id"])

    def _command(self, *words: str) -> str:
        command = [sys.executable, "-m", "signalling", *words, "--data", self.data]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@contextmanager
def serving() -> Iterator[Site]:
    """Run a server with one media process, on an empty store."""
    with tempfile.TemporaryDirectory(prefix="dragoman-bench-") as data:
        process = subprocess.Popen(
            [sys.executable, "-m", "signalling", "serve", "--port", "0", "--data", data],
            env=os.environ | ENVIRON,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line.startswith("listening on "), line
            yield Site(line.split()[-1], data)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(STOP_S)


@asynccontextmanager
async def page_of(browser: Browser, site: Site, user: str) -> AsyncIterator[Page]:
    context = await browser.new_context(base_url=site.url, permissions=["camera", "microphone"])
    try:
        page = await context.new_page()
        await page.goto("/meet")
        await page.evaluate(OPEN, mint(site.app, user, "customer"))
        yield page
    finally:
        await context.close()


async def joins(browser: Browser, site: Site, topology: str, runs: int) -> list[float]:
    """Return how long each join took, ms."""
    site.carry(topology)
    meeting = await site.meeting()
    async with page_of(browser, site, "ann") as ann, page_of(browser, site, "bea") as bea:
        await until_carried(ann, meeting, topology)
        took = []
        for run in range(runs + 1):
            progress(f"{topology}: {run} of {runs}")
            took.append(float(await bea.evaluate(RUN, [meeting, WITHIN_MS])))
        return took[1:]  # the first one warms up


async def until_carried(ann: Page, meeting: str, topology: str) -> None:
    """Join as the one who stays; anew until the media process is there to carry it."""
    for _ in range(100):
        await ann.evaluate(STAY, meeting)
        if await ann.evaluate("meeting.topology") == topology:
            return
        await ann.evaluate("meeting.leave()")
        await asyncio.sleep(0.2)
    raise RuntimeError(f"the server does not carry a meeting by {topology}")


async def measure(runs: int) -> list[Result]:
    """Measure both ways, and without a server."""
    results = []
    with serving() as site:
        async with chromium() as browser:
            async with page_of(browser, site, "ann") as page:
                bare: list[float] = [await page.evaluate(BARE, WITHIN_MS) for _ in range(runs + 1)]
            for topology, stem in (("mesh", "join_to_audio"), ("relay", "join_to_audio_relay")):
                took = await joins(browser, site, topology, runs)
                results += [_result(f"{stem}_p{at}", took, bare[1:], at) for at in (50, 99)]
    return results


def _result(name: str, took: list[float], bare: list[float], at: float) -> Result:
    value, baseline = percentile(took, at), percentile(bare, at)
    return Result(name, value, "ms", baseline, value / baseline, len(took))


def main() -> None:
    given: Any = arguments(__doc__.splitlines()[0] if __doc__ else "", runs=RUNS).parse_args()
    report(asyncio.run(measure(given.runs)), as_json=given.json)


if __name__ == "__main__":
    main()
