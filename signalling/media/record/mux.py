"""Opus and VP8 into Ogg or WebM without encoding, as bytes that need no seeking.

Ogg holds Opus alone, WebM both. Pages and clusters close after a second at most, so that what is
cut off anywhere can be played up to its last second.
"""

import io
from fractions import Fraction
from typing import Final, Literal

import av
from av.audio.stream import AudioStream
from av.packet import Packet
from av.stream import Stream

from signalling.media.record.opus import RATE

Container = Literal["ogg", "webm"]

_OPTIONS: Final[dict[Container, dict[str, str]]] = {
    "ogg": {"page_duration": "1000000", "flush_packets": "1"},  # microseconds
    "webm": {
        "cluster_time_limit": "1000",  # ms
        "flush_packets": "1",
        # one track may fall silent: the other is not kept waiting for it (microseconds)
        "max_interleave_delta": "1000000",
    },
}
_TICK: Final = Fraction(1, RATE)
_MS: Final = Fraction(1, 1000)


class Muxer:
    """One file; `take` returns the bytes that are ready. Times are samples or ms from its start."""

    def __init__(self, container: Container, size: tuple[int, int] | None = None) -> None:
        self._ready = bytearray()
        self._output = av.open(self, "w", format=container, options=_OPTIONS[container])
        self._audio: Stream = self._output.add_stream_from_template(_opus_stream())
        self._audio.time_base = _TICK
        self._video: Stream | None = None
        if size is not None:
            width, height = size
            self._video = self._output.add_mux_stream("vp8", width=width, height=height)
            self._video.time_base = _MS

    def write(self, data: bytes) -> int:
        """Take what the container says; PyAV calls it as it would a file's."""
        self._ready += data
        return len(data)

    def take(self) -> bytes:
        ready = bytes(self._ready)
        self._ready.clear()
        return ready

    def audio(self, data: bytes, at: int, samples: int) -> None:
        """Add an Opus packet; *at* never goes back."""
        packet = Packet(data)
        packet.duration = samples
        self._mux(packet, self._audio, at, _TICK)

    def video(self, data: bytes, at_ms: int, *, key: bool) -> None:
        """Add a VP8 frame; *at_ms* always grows."""
        if self._video is None:
            raise ValueError("this file has no picture")
        packet = Packet(data)
        packet.is_keyframe = key
        self._mux(packet, self._video, at_ms, _MS)

    def close(self) -> None:
        """Finish the container; `take` then returns its last bytes."""
        self._output.close()

    def _mux(self, packet: "Packet[Stream]", stream: Stream, at: int, base: Fraction) -> None:
        packet.pts = packet.dts = at
        packet.time_base = base
        packet.stream = stream
        self._output.mux_one(packet)


def _opus_stream() -> AudioStream:
    """Return a stream with the head of an Opus file (RFC 7845), which only an encoder writes.

    Mono, as speech is: a decoder mixes a stereo packet down to what the head says.
    """
    written = io.BytesIO()
    with av.open(written, "w", format="ogg") as output:
        stream = output.add_stream("libopus", rate=RATE)
        stream.layout = "mono"
        frame = av.AudioFrame(format="s16", layout="mono", samples=960)
        frame.sample_rate, frame.pts, frame.time_base = RATE, 0, _TICK
        for plane in frame.planes:
            plane.update(bytes(plane.buffer_size))
        output.mux([*stream.encode(frame), *stream.encode(None)])
    written.seek(0)
    return av.open(written).streams.audio[0]
