"""People who send real Opus and VP8 over RTP, without a network."""

import asyncio
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache

import av
import numpy as np

from signalling.media.carrier import Kind, Place
from signalling.media.record.seam import Sink

FPS = 15
SIZE = (160, 120)


@dataclass(frozen=True, slots=True)
class Rtp:
    """A packet as the relay's sources hand them out."""

    kind: Kind
    ssrc: int
    sequence: int
    timestamp: int
    marker: int
    payload: bytes
    arrived_s: float


@cache
def opus(seconds: int, hz: int = 440, frame_ms: int = 20) -> tuple[bytes, ...]:
    """Return the Opus packets of a tone at half of full scale."""
    encoder = av.CodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.layout, encoder.format = 48_000, "mono", "s16"
    encoder.bit_rate = 32_000
    encoder.options = {"frame_duration": str(frame_ms), "application": "voip"}
    samples = 48 * frame_ms
    packets: list[bytes] = []
    for number in range(seconds * 1000 // frame_ms):
        at = np.arange(number * samples, (number + 1) * samples)
        wave = (0.5 * 32_767 * np.sin(2 * np.pi * hz * at / 48_000)).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(wave.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.pts = 48_000, number * samples
        packets += [bytes(packet) for packet in encoder.encode(frame)]
    return tuple(packets)


@cache
def vp8(seconds: int, key_every_s: int = 2, size: tuple[int, int] = SIZE) -> tuple[bytes, ...]:
    """Return the frames of a picture that is bright for the first tenth of each second."""
    encoder = av.CodecContext.create("libvpx", "w")
    encoder.width, encoder.height = size
    encoder.pix_fmt, encoder.bit_rate = "yuv420p", 200_000
    encoder.time_base, encoder.framerate = Fraction(1, FPS), Fraction(FPS)
    encoder.options = {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0"}
    frames: list[bytes] = []
    for number in range(seconds * FPS):
        luma = 235 if number % FPS < 2 else 16 + number % 32
        planes = np.full((size[1] * 3 // 2, size[0]), 128, dtype=np.uint8)
        planes[: size[1]] = luma
        frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
        frame.pts, frame.time_base = number, Fraction(1, FPS)
        if number % (key_every_s * FPS) == 0:
            frame.pict_type = av.video.frame.PictureType.I
        frames += [bytes(packet) for packet in encoder.encode(frame)]
    return tuple(frames)


def voice(
    packets: Iterable[bytes], start_s: float, *, ssrc: int = 1, first: int = 65_500
) -> Iterator[Rtp]:
    """Send Opus packets of 20 ms, each as it is due; the numbering wraps soon."""
    for number, payload in enumerate(packets):
        yield Rtp(
            "audio",
            ssrc,
            (first + number) & 0xFFFF,
            (4_294_960_000 + number * 960) & 0xFFFFFFFF,
            0,
            payload,
            start_s + number * 0.02,
        )


def camera(
    frames: Iterable[bytes], start_s: float, *, ssrc: int = 2, first: int = 65_530
) -> Iterator[Rtp]:
    """Send VP8 frames in packets of at most 500 bytes, as Chromium describes them."""
    sequence = first
    for number, frame in enumerate(frames):
        pieces = [frame[at : at + 500] for at in range(0, len(frame), 500)]
        for place, piece in enumerate(pieces):
            head = bytes((0x80 | (0x10 if place == 0 else 0), 0x80, 0x80 | number >> 8 & 0x7F))
            yield Rtp(
                "video",
                ssrc,
                sequence & 0xFFFF,
                (4_294_000_000 + number * 90_000 // FPS) & 0xFFFFFFFF,
                int(place == len(pieces) - 1),
                head + bytes((number & 0xFF,)) + piece,
                start_s + number / FPS + place * 0.001,
            )
            sequence += 1


def together(*streams: Iterable[Rtp]) -> list[Rtp]:
    """Return the packets of several streams as they arrive."""
    return sorted((p for stream in streams for p in stream), key=lambda p: p.arrived_s)


def later(packets: Iterable[Rtp], by_s: float) -> list[Rtp]:
    return [replace(p, arrived_s=p.arrived_s + by_s) for p in packets]


def ago(seconds: float) -> float:
    """Return the moment *seconds* ago on the clock of the arrivals."""
    return time.monotonic() - seconds


def soon() -> float:
    """Return a moment ahead: however slow the machine is, no silence is written after it."""
    return time.monotonic() + 60


class Person:
    """One source, as the relay has them."""

    def __init__(self, kind: Kind, participant: str = "ann", meeting: str = "m1") -> None:
        self.place = Place(meeting, participant)
        self.kind: Kind = kind
        self.sinks: list[Sink] = []
        self.asked = 0
        self.asked_again = asyncio.Event()

    def add_sink(self, sink: Sink, /) -> None:
        self.sinks.append(sink)

    def remove_sink(self, sink: Sink, /) -> None:
        if sink in self.sinks:
            self.sinks.remove(sink)

    def request_key_frame(self, now_s: float, /) -> None:
        assert now_s > 0
        self.asked += 1
        if self.asked > 1:
            self.asked_again.set()

    def send(self, packets: Iterable[Rtp]) -> None:
        for packet in packets:
            for sink in tuple(self.sinks):
                sink.packet(packet)

    def end(self) -> None:
        sinks, self.sinks = self.sinks, []
        for sink in sinks:
            sink.ended()


class Meetings:
    """Who publishes what."""

    def __init__(self) -> None:
        self._people: list[Person] = []

    def sources(self, meeting: str, /) -> list[Person]:
        return [person for person in self._people if person.place.meeting == meeting]

    def publish(self, participant: str, kind: Kind = "audio") -> Person:
        """Let somebody publish in the meeting m1; return their source."""
        self._people.append(Person(kind, participant))
        return self._people[-1]
