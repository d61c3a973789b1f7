"""Device checks with real peer connections: what is sent comes back, and is measured."""

import asyncio
import math
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import replace

import numpy as np
import pytest
from aiortc import RTCBundlePolicy, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamTrack
from av import AudioFrame, VideoFrame

from signalling.errors import InvalidParams, NotFound, Unavailable
from signalling.media.bind import LOOPBACK, pin
from signalling.media.check import checks as module
from signalling.media.check import verdict as judge
from signalling.media.check.checks import DeviceChecks
from signalling.media.check.verdict import Limits, Verdict
from signalling.media.relay.leg import Bounds
from signalling.media.relay.packet import Packet
from signalling.media.tones import SAMPLE_RATE, Observer, Stripes, Tone

BOUNDS = Bounds(bind=LOOPBACK)


class Speaker(Tone):
    """A tone of a given level; RFC 6464 counts from a square wave, so -3.01 is a full sine."""

    def __init__(self, dbov: float) -> None:
        super().__init__(440)
        self._scale = 0.0 if dbov <= -127 else 2 * math.sqrt(2) * 10 ** (dbov / 20)

    async def recv(self) -> AudioFrame:
        tone = await super().recv()
        samples = (tone.to_ndarray() * self._scale).astype(np.int16)
        frame = AudioFrame.from_ndarray(samples, format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = SAMPLE_RATE, tone.pts, tone.time_base
        return frame


class Covered(MediaStreamTrack):
    """A camera that never gives a picture."""

    kind = "video"

    async def recv(self) -> VideoFrame:
        await asyncio.Event().wait()
        raise AssertionError


class Client:
    """Somebody who checks their devices."""

    def __init__(self, tracks: Sequence[MediaStreamTrack]) -> None:
        self.tracks = tracks
        self.pc = RTCPeerConnection(
            RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
        )
        self.echo = Observer()
        self._listening: list[asyncio.Task[None]] = []
        self.pc.on("track", self._listen)

    def _listen(self, track: MediaStreamTrack) -> None:
        self._listening.append(asyncio.create_task(self.echo.observe(track)))

    async def offer(self) -> str:
        for track in self.tracks:
            self.pc.addTrack(track)
        pin(self.pc, LOOPBACK)
        await self.pc.setLocalDescription()
        return str(self.pc.localDescription.sdp)

    async def take(self, answer: str) -> None:
        await self.pc.setRemoteDescription(RTCSessionDescription(answer, "answer"))

    def lose(self, every: int, *, to_us: bool = False) -> None:
        """Lose every n-th packet of sound, on the way to the server or back."""
        transport = self.pc.getTransceivers()[0].sender.transport
        name = "_handle_rtp_data" if to_us else "_send_rtp"
        passed: Callable[..., Awaitable[None]] = getattr(transport, name)
        count = 0

        async def lossy(data: bytes, *rest: object, **named: object) -> None:
            nonlocal count
            if not 192 <= data[1] <= 223:  # not RTCP
                count += 1
                if count % every == 0:
                    return
            await passed(data, *rest, **named)

        setattr(transport, name, lossy)

    async def close(self) -> None:
        for track in self.tracks:
            track.stop()
        await self.pc.close()
        for task in self._listening:
            task.cancel()
        await asyncio.gather(*self._listening, return_exceptions=True)


@pytest.fixture
async def checks(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[DeviceChecks]:
    """Give checks that listen shortly, and forgive what a busy machine does to its own packets."""
    monkeypatch.setattr(module, "LISTEN_S", 0.5)
    monkeypatch.setattr(judge, "JITTER_MS", Limits(1000, 1000))
    monkeypatch.setattr(judge, "RTT_MS", Limits(5000, 5000))
    checks = DeviceChecks(BOUNDS)
    yield checks
    await checks.close()
    assert len(checks) == 0
    assert not [t for t in asyncio.all_tasks() if "dragoman" in t.get_name()]


@asynccontextmanager
async def checking(
    checks: DeviceChecks, *tracks: MediaStreamTrack, check: str = "c1"
) -> AsyncIterator[Client]:
    async with AsyncExitStack() as stack, asyncio.timeout(30):
        client = Client(tracks)
        stack.push_async_callback(client.close)
        await client.take(await checks.offer(check, await client.offer()))
        yield client


async def until(
    checks: DeviceChecks, true: Callable[[Verdict], object], check: str = "c1"
) -> Verdict:
    """Ask for the verdict at each packet from the client until it is as it should be."""
    came = asyncio.Semaphore(0)
    source = checks._checks[check].leg.sources["audio"]
    source.add_sink(Arrivals(came))
    while True:
        with suppress(Unavailable):
            if true(verdict := checks.result(check)):
                return verdict
        await came.acquire()


class Arrivals:
    """A sink that counts what comes."""

    def __init__(self, came: asyncio.Semaphore) -> None:
        self._came = came

    def packet(self, _: Packet) -> None:
        self._came.release()

    def ended(self) -> None: ...


async def test_what_is_sent_comes_back_and_all_is_good(checks: DeviceChecks) -> None:
    async with checking(checks, Speaker(-26), Stripes(7)) as client:
        heard = await client.echo.heard_hz()
        pictures = await client.echo.seen(5)
        verdict = await until(checks, lambda v: v.rtt_ms is not None)

    assert heard == pytest.approx(440, abs=5)
    assert {whose for _, whose in pictures} == {7}
    assert (verdict.verdict, verdict.path, verdict.loss) == ("good", "udp", 0)
    assert verdict.microphone_dbov == pytest.approx(-26, abs=1)
    assert verdict.rtt_ms is not None
    assert 0 <= verdict.rtt_ms < 5000
    assert verdict.jitter_ms is not None


@pytest.mark.parametrize(
    ("dbov", "grade", "words"),
    [(-127, "bad", "is silent"), (-60, "bad", "next to nothing"), (-40, "fair", "is quiet")],
)
async def test_a_microphone_that_is_not_heard_well(
    checks: DeviceChecks, dbov: float, grade: str, words: str
) -> None:
    async with checking(checks, Speaker(dbov)):
        verdict = await until(checks, lambda v: words in " ".join(v.words))

    assert verdict.verdict == grade


async def test_a_camera_that_shows_nothing(checks: DeviceChecks) -> None:
    async with checking(checks, Speaker(-26), Covered()):
        verdict = await until(checks, lambda v: "microphone" not in " ".join(v.words))

    assert (verdict.verdict, " ".join(verdict.words).startswith("Your camera")) == ("fair", True)


@pytest.mark.parametrize(("to_us", "words"), [(False, "what you say"), (True, "what others say")])
async def test_loss_is_measured_each_way(checks: DeviceChecks, to_us: bool, words: str) -> None:
    async with checking(checks, Speaker(-26)) as client:
        client.lose(4, to_us=to_us)
        verdict = await until(checks, lambda v: (v.loss or 0) > 0.1)

    assert verdict.verdict == "bad"
    assert verdict.loss == pytest.approx(0.25, abs=0.15)
    assert words in " ".join(verdict.words)


async def test_a_client_that_never_connects() -> None:
    checks = DeviceChecks(replace(BOUNDS, connect_s=0.2))
    client = Client([Speaker(-26)])
    await checks.offer("c1", await client.offer())
    leg, ended = checks._checks["c1"].leg, asyncio.Event()
    leg._ended = lambda _, __: ended.set()

    async with asyncio.timeout(10):
        await ended.wait()
    verdict = checks.result("c1")

    assert (verdict.verdict, verdict.path) == ("bad", None)
    assert "lets no call through" in " ".join(verdict.words)
    await checks.close()
    await client.close()


async def test_what_a_client_saw_is_believed_within_bounds(checks: DeviceChecks) -> None:
    async with checking(checks, Speaker(-26)):
        await until(checks, lambda v: v.verdict == "good")
        worse = checks.result("c1", {"path": "turn_tcp", "rtt_ms": "x", "loss": -1, "more": [1]})
        wrong = checks.result("c1", {"path": "carrier pigeon", "jitter_ms": float("nan")})
        none = checks.result("c1")

    assert (worse.verdict, worse.path) == ("fair", "turn_tcp")
    assert (wrong.path, none.path) == ("udp", "udp")


async def test_what_only_the_client_sees_fills_in(checks: DeviceChecks) -> None:
    """Who receives no echo has no reports on it: then what they say of it counts."""
    client = Client([Speaker(-26)])
    client.pc.addTransceiver(client.tracks[0], direction="sendonly")
    pin(client.pc, LOOPBACK)
    await client.pc.setLocalDescription()
    async with asyncio.timeout(20):
        await client.take(await checks.offer("c1", client.pc.localDescription.sdp))
        await until(checks, lambda v: v.verdict == "good")
    verdict = checks.result("c1", {"loss": 0.03, "jitter_ms": 40, "rtt_ms": 200})

    assert (verdict.verdict, verdict.loss, verdict.rtt_ms) == ("fair", 0.03, 200)
    assert verdict.jitter_ms is not None
    assert verdict.jitter_ms >= 40
    await client.close()


async def test_a_check_that_was_just_begun_says_when_to_ask_again(
    checks: DeviceChecks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LISTEN_S", 60)
    async with checking(checks, Speaker(-26)):
        with pytest.raises(Unavailable) as raised:
            checks.result("c1")
    assert 0 < raised.value.extra["retry_after_ms"] <= 60_000


@pytest.mark.parametrize("sdp", ["", "no sdp", "v=0\r\n", "x" * 100_000])
async def test_what_is_no_offer_is_refused_and_leaves_nothing(
    checks: DeviceChecks, sdp: str
) -> None:
    with pytest.raises(InvalidParams):
        await checks.offer("c1", sdp)
    assert len(checks) == 0


async def test_an_offer_without_a_microphone_is_refused(checks: DeviceChecks) -> None:
    client = Client([Stripes(1)])
    with pytest.raises(InvalidParams, match="microphone"):
        await checks.offer("c1", await client.offer())
    await client.close()
    assert len(checks) == 0


async def test_only_so_many_run_at_once_and_another_offer_replaces_the_first() -> None:
    checks = DeviceChecks(BOUNDS, most=1)
    clients = [Client([Speaker(-26)]) for _ in range(3)]
    offers = [await client.offer() for client in clients]
    await checks.offer("c1", offers[0])
    with pytest.raises(Unavailable):
        await checks.offer("c2", offers[1])
    await checks.offer("c1", offers[2])

    assert len(checks) == 1
    with pytest.raises(NotFound):
        checks.result("c2")
    await checks.close()
    for client in clients:
        await client.close()


async def test_two_offers_of_one_check_at_once_leave_one() -> None:
    checks = DeviceChecks(BOUNDS)
    clients = [Client([Speaker(-26)]) for _ in range(2)]
    offers = [await client.offer() for client in clients]
    await asyncio.gather(*(checks.offer("c1", offer) for offer in offers))

    assert len(checks) == 1
    await checks.close()
    for client in clients:
        await client.close()


async def test_a_check_ends_by_itself() -> None:
    checks = DeviceChecks(BOUNDS, check_s=0.3)
    client = Client([Speaker(-26)])
    await client.take(await checks.offer("c1", await client.offer()))
    closed = asyncio.Event()
    client.pc.on("connectionstatechange", closed.set)
    async with asyncio.timeout(10):
        while client.pc.connectionState != "closed":
            await closed.wait()
            closed.clear()

    assert len(checks) == 0
    with pytest.raises(NotFound):
        checks.result("c1")
    await checks.close()
    await client.close()
