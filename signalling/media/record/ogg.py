"""Opus into Ogg (RFC 7845) without encoding, as bytes that need no seeking.

Pages close after half a second, and libavformat holds one of them back: what is cut off anywhere
can be played up to its last second.
"""

import io
from fractions import Fraction
from typing import Final

import av
from av.audio.stream import AudioStream
from av.packet import Packet

from signalling.media.record.opus import RATE

OPTIONS: Final = {"page_duration": "500000", "flush_packets": "1"}  # microseconds
TICK: Final = Fraction(1, RATE)


class Ogg:
    """One file of sound; `take` returns the bytes that are ready."""

    def __init__(self) -> None:
        self._ready = bytearray()
        self._output = av.open(self, "w", format="ogg", options=OPTIONS)
        self._stream = self._output.add_stream_from_template(_opus_stream())
        self._stream.time_base = TICK

    def write(self, data: bytes) -> int:
        """Take what the container says; PyAV calls it as it would a file's."""
        self._ready += data
        return len(data)

    def take(self) -> bytes:
        ready = bytes(self._ready)
        self._ready.clear()
        return ready

    def audio(self, data: bytes, at: int, samples: int) -> None:
        """Add an Opus packet that begins at sample *at*, which never goes back."""
        packet = Packet(data)
        packet.pts = packet.dts = at
        packet.duration = samples
        packet.time_base = TICK
        packet.stream = self._stream
        self._output.mux_one(packet)

    def close(self) -> None:
        """Finish the file; `take` then returns its last bytes. Repeating it is harmless."""
        self._output.close()


def _opus_stream() -> AudioStream:
    """Return a stream with the head of an Opus file, which only an encoder can write here.

    Mono, as speech is: a decoder mixes a stereo packet down to what the head says.
    """
    written = io.BytesIO()
    with av.open(written, "w", format="ogg") as output:
        stream = output.add_stream("libopus", rate=RATE)
        stream.layout = "mono"
        frame = av.AudioFrame(format="s16", layout="mono", samples=960)
        frame.sample_rate, frame.pts, frame.time_base = RATE, 0, TICK
        for plane in frame.planes:
            plane.update(bytes(plane.buffer_size))
        output.mux([*stream.encode(frame), *stream.encode(None)])
    written.seek(0)
    return av.open(written).streams.audio[0]
