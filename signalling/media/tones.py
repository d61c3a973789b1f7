"""Tracks that can be recognised at the other end, and who listens for them.

A test or the demo can so say that the tone sent is the tone heard, and whose picture is seen.
"""

import asyncio
import fractions
from typing import Final

import numpy as np
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from av import AudioFrame, VideoFrame
from numpy.typing import NDArray

SAMPLE_RATE: Final = 48_000  # Hz, Opus's own
FRAME_SAMPLES: Final = 960  # 20 ms
WINDOW_S: Final = 0.4  # a resolution of 2.5 Hz
SILENCE: Final = 0.01  # of full scale; what codecs make of nothing is far below

WIDTH, HEIGHT = 160, 120
PICTURES_PER_S: Final = 15
BITS: Final = 8
STRIPE: Final = WIDTH // BITS
DARK, BRIGHT = 40, 215


class Metronome:
    """Pace a track: the n-th frame is due n periods after the first, whatever came between."""

    def __init__(self, period_s: float) -> None:
        self._period_s = period_s
        self._started: float | None = None
        self._count = 0

    async def tick(self) -> int:
        """Wait for the next frame's time; return its number, counted from 0."""
        loop = asyncio.get_running_loop()
        if self._started is None:
            self._started = loop.time()
        due = self._started + self._count * self._period_s
        await asyncio.sleep(max(0.0, due - loop.time()))
        self._count += 1
        return self._count - 1


class Tone(MediaStreamTrack):
    """A sine of *hz*, 48 kHz mono, half of full scale."""

    kind = "audio"

    def __init__(self, hz: float) -> None:
        super().__init__()
        self.hz = hz
        self._clock = Metronome(FRAME_SAMPLES / SAMPLE_RATE)

    async def recv(self) -> AudioFrame:
        number = await self._clock.tick()
        if self.readyState != "live":
            raise MediaStreamError
        first = number * FRAME_SAMPLES
        frame = AudioFrame.from_ndarray(sine(self.hz, first), format="s16", layout="mono")
        frame.sample_rate = SAMPLE_RATE
        frame.pts = first
        frame.time_base = fractions.Fraction(1, SAMPLE_RATE)
        return frame


class Stripes(MediaStreamTrack):
    """A moving picture, 160×120 at 15 a second, that says its number and whose it is.

    Eight stripes are the bits of a byte, bright for 1: the upper half counts the pictures modulo
    256, the lower half is *whose* (0–255). Stripes are 20 pixels wide, so VP8 keeps them.
    """

    kind = "video"

    def __init__(self, whose: int = 0) -> None:
        super().__init__()
        self.whose = whose
        self._clock = Metronome(1 / PICTURES_PER_S)

    async def recv(self) -> VideoFrame:
        number = await self._clock.tick()
        if self.readyState != "live":
            raise MediaStreamError
        frame = VideoFrame.from_ndarray(picture(number % 256, self.whose), format="yuv420p")
        frame.pts = number
        frame.time_base = fractions.Fraction(1, PICTURES_PER_S)
        return frame


class Observer:
    """Listen to one participant: which tone, which pictures.

    Give `observe` each track that arrives; it ends with the track.
    """

    def __init__(self) -> None:
        self.pictures: list[tuple[int, int]] = []
        self.first_sound = asyncio.get_running_loop().create_future()
        self._samples: list[NDArray[np.float64]] = []
        self._changed = asyncio.Condition()

    async def observe(self, track: MediaStreamTrack) -> None:
        """Take frames until the track ends."""
        while True:
            try:
                frame = await track.recv()
            except MediaStreamError:
                return
            async with self._changed:
                self._take(frame)
                self._changed.notify_all()

    def _take(self, frame: object) -> None:
        if isinstance(frame, VideoFrame):
            self.pictures.append(read_picture(frame))
        elif isinstance(frame, AudioFrame):
            samples = mono(frame)
            if not self.first_sound.done() and np.abs(samples).max(initial=0.0) > SILENCE:
                self.first_sound.set_result(asyncio.get_running_loop().time())
            if self.first_sound.done():
                self._samples.append(samples)
                del self._samples[: -round(WINDOW_S * 50)]

    async def heard_hz(self) -> float:
        """Wait for 0.4 s of sound; return the frequency that carries most of it, in Hz.

        The caller sets the deadline (`asyncio.timeout`).
        """
        async with self._changed:
            await self._changed.wait_for(lambda: len(self._samples) >= round(WINDOW_S * 50))
            window = np.concatenate(self._samples)
        return dominant_hz(window)

    async def hears(self, hz: float) -> None:
        """Wait until the last 0.4 s sound of *hz* (± 5): before, something else may be heard."""

        def is_heard() -> bool:
            if len(self._samples) < round(WINDOW_S * 50):
                return False
            return abs(dominant_hz(np.concatenate(self._samples)) - hz) <= 2 / WINDOW_S

        async with self._changed:
            await self._changed.wait_for(is_heard)

    def forget(self) -> None:
        """Forget what was heard until now, so that `hears` waits for new sound."""
        self._samples.clear()

    async def seen(self, count: int) -> list[tuple[int, int]]:
        """Wait for *count* different pictures; return (number, whose) of each, as they came."""
        async with self._changed:
            await self._changed.wait_for(lambda: len(set(self.pictures)) >= count)
            return list(dict.fromkeys(self.pictures))


def sine(hz: float, first: int) -> NDArray[np.int16]:
    """Return one frame of a sine, (1, 960), that goes on from sample *first*."""
    phase = 2 * np.pi * hz * np.arange(first, first + FRAME_SAMPLES) / SAMPLE_RATE
    return (0.5 * 32_767 * np.sin(phase)).astype(np.int16).reshape(1, -1)


def mono(frame: AudioFrame) -> NDArray[np.float64]:
    """Return the samples of an s16 frame, channels averaged, as (n_samples,) in -1…1."""
    samples = frame.to_ndarray().astype(np.float64) / 32_768
    if frame.format.is_planar:
        return np.asarray(samples.mean(axis=0))
    return np.asarray(samples.reshape(-1, frame.layout.nb_channels).mean(axis=1))


def dominant_hz(samples: NDArray[np.float64]) -> float:
    """Return the strongest frequency of (n_samples,) at 48 kHz, in Hz; 0 for silence."""
    if not len(samples) or np.abs(samples).max() <= SILENCE:
        return 0.0
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    spectrum[0] = 0
    return float(np.argmax(spectrum)) * SAMPLE_RATE / len(samples)


def picture(number: int, whose: int) -> NDArray[np.uint8]:
    """Return a picture as yuv420p, (180, 160): luma over the two subsampled chroma planes."""
    planes = np.full((HEIGHT * 3 // 2, WIDTH), 128, dtype=np.uint8)
    planes[: HEIGHT // 2] = _stripes(number)
    planes[HEIGHT // 2 : HEIGHT] = _stripes(whose)
    return planes


def read_picture(frame: VideoFrame) -> tuple[int, int]:
    """Return (number, whose) of a picture that may have been through a codec."""
    luma = frame.to_ndarray(format="gray").astype(np.float64)
    upper, lower = np.array_split(luma, 2)
    return _read_stripes(upper), _read_stripes(lower)


def _stripes(value: int) -> NDArray[np.uint8]:
    """Return the bits of a byte as one row of luma, (160,), the highest bit first."""
    bits = np.unpackbits(np.array([value], dtype=np.uint8))
    return np.where(np.repeat(bits, STRIPE), BRIGHT, DARK).astype(np.uint8)


def _read_stripes(half: NDArray[np.float64]) -> int:
    means = [stripe.mean() for stripe in np.array_split(half, BITS, axis=1)]
    bits = np.array(means) > (DARK + BRIGHT) / 2
    return int(np.packbits(bits)[0])
