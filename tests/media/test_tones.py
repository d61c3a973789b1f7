"""Tones and stripes are told apart; what is sent can be recognised."""

import asyncio
import fractions

import numpy as np
import pytest
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from av import AudioFrame, CodecContext, VideoFrame

from signalling.media.tones import (
    HEIGHT,
    WIDTH,
    Observer,
    Stripes,
    Tone,
    dominant_hz,
    mono,
    picture,
    read_picture,
    sine,
)


class Played(MediaStreamTrack):
    """A track of given frames."""

    def __init__(self, kind: str, frames: list[AudioFrame | VideoFrame]) -> None:
        super().__init__()
        self.kind = kind
        self._frames = frames

    async def recv(self) -> AudioFrame | VideoFrame:
        if not self._frames:
            raise MediaStreamError
        return self._frames.pop(0)


def sound(samples: np.ndarray) -> AudioFrame:
    frame = AudioFrame.from_ndarray(samples, format="s16", layout="mono")
    frame.sample_rate = 48_000
    return frame


def tone(hz: float, seconds: float) -> list[AudioFrame | VideoFrame]:
    return [sound(sine(hz, n * 960)) for n in range(round(seconds * 50))]


@pytest.mark.parametrize("hz", [440.0, 660.0, 880.0, 1_000.0])
async def test_a_tone_is_heard_as_itself(hz: float) -> None:
    observer = Observer()
    await observer.observe(Played("audio", tone(hz, 0.5)))
    assert await observer.heard_hz() == pytest.approx(hz, abs=2.5)


async def test_silence_before_the_tone_is_not_the_tone() -> None:
    silence: list[AudioFrame | VideoFrame] = [sound(np.zeros((1, 960), np.int16))] * 30
    observer = Observer()
    await observer.observe(Played("audio", silence + tone(880, 0.4)))
    assert observer.first_sound.done()
    assert await observer.heard_hz() == pytest.approx(880, abs=2.5)


async def test_silence_alone_is_never_heard() -> None:
    observer = Observer()
    await observer.observe(Played("audio", [sound(np.zeros((1, 960), np.int16))] * 30))
    assert not observer.first_sound.done()
    assert dominant_hz(np.zeros(9_600)) == 0.0
    assert dominant_hz(np.zeros(0)) == 0.0


async def test_one_waits_until_enough_is_heard_and_seen() -> None:
    observer = Observer()
    heard = asyncio.create_task(observer.heard_hz())
    seen = asyncio.create_task(observer.seen(3))
    await asyncio.sleep(0)
    assert not heard.done()
    assert not seen.done()
    pictures: list[AudioFrame | VideoFrame] = [
        VideoFrame.from_ndarray(picture(n, 7), format="yuv420p") for n in (1, 1, 2, 3)
    ]
    await observer.observe(Played("video", pictures))
    await observer.observe(Played("audio", tone(440, 0.4)))
    assert await seen == [(1, 7), (2, 7), (3, 7)]
    assert await heard == pytest.approx(440, abs=2.5)


async def test_a_tone_track_goes_on_without_a_seam() -> None:
    track = Tone(440)
    frames = [await track.recv() for _ in range(3)]
    samples = np.concatenate([mono(frame) for frame in frames])
    assert [frame.pts for frame in frames] == [0, 960, 1920]
    assert {frame.sample_rate for frame in frames} == {48_000}
    assert np.abs(np.diff(samples)).max() < 0.5 * 2 * np.pi * 440 / 48_000 * 1.01
    track.stop()
    with pytest.raises(MediaStreamError):
        await track.recv()


async def test_stereo_from_a_decoder_is_heard_too() -> None:
    both = np.repeat(sine(440, 0), 2, axis=1)
    frame = AudioFrame.from_ndarray(both, format="s16", layout="stereo")
    planar = AudioFrame.from_ndarray(np.repeat(sine(440, 0), 2, axis=0), "s16p", "stereo")
    assert np.allclose(mono(frame), sine(440, 0)[0] / 32_768)
    assert np.allclose(mono(planar), sine(440, 0)[0] / 32_768)


async def test_a_picture_track_counts_and_says_whose() -> None:
    track = Stripes(whose=0b1010_0101)
    frames = [await track.recv() for _ in range(2)]
    assert [read_picture(frame) for frame in frames] == [(0, 0b1010_0101), (1, 0b1010_0101)]
    assert (frames[0].width, frames[0].height) == (WIDTH, HEIGHT)
    assert [frame.pts for frame in frames] == [0, 1]
    assert frames[0].time_base == fractions.Fraction(1, 15)
    track.stop()
    with pytest.raises(MediaStreamError):
        await track.recv()


def test_stripes_survive_vp8() -> None:
    encoder = CodecContext.create("libvpx", "w")
    encoder.width, encoder.height, encoder.pix_fmt = WIDTH, HEIGHT, "yuv420p"
    encoder.bit_rate, encoder.time_base = 100_000, fractions.Fraction(1, 15)
    encoder.options = {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0"}
    decoder = CodecContext.create("vp8", "r")
    read = []
    for number in range(40):
        frame = VideoFrame.from_ndarray(picture(number * 5, 99), format="yuv420p")
        frame.pts = number
        for packet in encoder.encode(frame):
            read += [read_picture(decoded) for decoded in decoder.decode(packet)]
    assert read == [(number * 5, 99) for number in range(40)]
