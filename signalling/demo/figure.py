"""What a simulated interpreter looks and sounds like: a drawn figure that hums softly.

Nobody is shown or heard, so it is plain that they are not real. Both are cheap: every picture
and every note is made once.
"""

import fractions
from functools import cache
from typing import Final

import numpy as np
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from av import AudioFrame, VideoFrame
from numpy.typing import NDArray

from signalling.media.tones import FRAME_SAMPLES, SAMPLE_RATE, Metronome

WIDTH, HEIGHT = 320, 240
PICTURES_PER_S: Final = 8
MOUTHS: Final = (2, 5, 8, 5, 3, 7, 4, 2)  # half heights of an open mouth, pixels: one second

SKIN: Final = (105, 175, 140, 190)  # luma

NOTE_FRAMES: Final = 20  # 0.4 s
MELODY: Final = (0, 4, 7, 4, None, None, 5, 4, 2, 0, None, None, None)  # semitones, rests
LOUDNESS: Final = 0.08  # of full scale


class Hum(MediaStreamTrack):
    """A soft melody, 48 kHz mono; each *number* has its own pitch."""

    kind = "audio"

    def __init__(self, number: int) -> None:
        super().__init__()
        self._number = number
        self._clock = Metronome(FRAME_SAMPLES / SAMPLE_RATE)

    async def recv(self) -> AudioFrame:
        count = await self._clock.tick()
        if self.readyState != "live":
            raise MediaStreamError
        note, part = divmod(count, NOTE_FRAMES)
        samples = tune(self._number, MELODY[note % len(MELODY)])[part]
        frame = AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate = SAMPLE_RATE
        frame.pts = count * FRAME_SAMPLES
        frame.time_base = fractions.Fraction(1, SAMPLE_RATE)
        return frame


class Figure(MediaStreamTrack):
    """Head and shoulders that talk, 320×240 at 8 a second; each *number* has its own colour."""

    kind = "video"

    def __init__(self, number: int) -> None:
        super().__init__()
        self._number = number
        self._clock = Metronome(1 / PICTURES_PER_S)

    async def recv(self) -> VideoFrame:
        count = await self._clock.tick()
        if self.readyState != "live":
            raise MediaStreamError
        picture = draw(self._number, MOUTHS[count % len(MOUTHS)])
        frame = VideoFrame.from_ndarray(picture, format="yuv420p")
        frame.pts = count
        frame.time_base = fractions.Fraction(1, PICTURES_PER_S)
        return frame


@cache
def tune(number: int, semitone: int | None) -> NDArray[np.int16]:
    """Return one note as (20, 960) samples, which swells and fades; None is a rest."""
    length = NOTE_FRAMES * FRAME_SAMPLES
    if semitone is None:
        return np.zeros((NOTE_FRAMES, FRAME_SAMPLES), dtype=np.int16)
    hz = 196.0 * 2 ** ((semitone + number % 12) / 12)
    at_s = np.arange(length) / SAMPLE_RATE
    wave = np.sin(2 * np.pi * hz * at_s) + 0.3 * np.sin(4 * np.pi * hz * at_s)
    swell = np.sin(np.pi * np.arange(length) / length)
    return (LOUDNESS * 32_767 * swell * wave).astype(np.int16).reshape(NOTE_FRAMES, FRAME_SAMPLES)


@cache
def draw(number: int, mouth: int) -> NDArray[np.uint8]:
    """Return a picture as yuv420p, (360, 320): luma over the two subsampled chroma planes."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    head = ((x - 160) / 44) ** 2 + ((y - 98) / 56) ** 2 <= 1
    body = ((x - 160) / 96) ** 2 + ((y - 250) / 84) ** 2 <= 1
    eyes = ((np.abs(x - 160) - 17) ** 2 + (y - 88) ** 2) <= 20
    lips = ((x - 160) / 15) ** 2 + ((y - 124) / mouth) ** 2 <= 1
    hair = (((x - 160) / 50) ** 2 + ((y - 92) / 58) ** 2 <= 1) & (y < 72 + ((x - 160) / 16) ** 2)
    luma = np.select([eyes | lips, hair, head, body], [50, 60, SKIN[number % 4], 110], 205 - y // 4)
    planes = np.empty((HEIGHT * 3 // 2, WIDTH), dtype=np.uint8)
    planes[:HEIGHT] = luma
    angle = 2 * np.pi * number / 12
    tints = (np.cos(angle), np.sin(angle))
    for chroma, tint, warm in zip(np.split(planes[HEIGHT:], 2), tints, (-18, 22), strict=True):
        shaded = np.select([hair, head, body], [0.0, warm, 44 * tint], 14 * tint)[::2, ::2]
        chroma[:] = (128 + shaded).astype(np.uint8).reshape(HEIGHT // 4, WIDTH)
    return planes
