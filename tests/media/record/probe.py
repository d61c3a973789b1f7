"""Look at a media file as a player would: decode all of it, and let ffmpeg do so too."""

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

FFMPEG = shutil.which("ffmpeg")
FFPROBE = shutil.which("ffprobe")
RATE = 48_000


@dataclass(frozen=True, slots=True)
class Probed:
    """What is in a file: its codecs, what decoded, when it was loud and when bright (seconds)."""

    codecs: tuple[str, ...]
    packets: tuple[int, ...]
    sound: NDArray[np.float32]
    pictures: tuple[tuple[float, float], ...]  # time, brightness
    duration: float | None

    @property
    def seconds(self) -> float:
        """How long its sound is."""
        return len(self.sound) / RATE

    def loudest(self, begin_s: float, end_s: float) -> float:
        return float(np.abs(self.sound[int(begin_s * RATE) : int(end_s * RATE)]).max())


def probe(path: Path) -> Probed:
    """Decode a file from end to end with PyAV and, where it is installed, with ffmpeg.

    Raises AssertionError for anything that ffmpeg complains of, av.FFmpegError for what PyAV does.
    """
    _ask_ffmpeg(path)
    sounds: list[NDArray[np.float32]] = []
    pictures: list[tuple[float, float]] = []
    with av.open(str(path)) as source:
        counts = dict.fromkeys(source.streams, 0)
        for packet in source.demux():
            counts[packet.stream] += packet.dts is not None
            for frame in packet.decode():
                if isinstance(frame, av.AudioFrame):
                    sounds.append(frame.to_ndarray()[0].astype(np.float32))
                elif isinstance(frame, av.VideoFrame):
                    pictures.append((float(frame.time or 0), _brightness(frame)))
        return Probed(
            tuple(stream.codec_context.name for stream in counts),
            tuple(counts.values()),
            np.concatenate(sounds) if sounds else np.zeros(0, np.float32),
            tuple(pictures),
            None if source.duration is None else source.duration / av.time_base,
        )


def _brightness(frame: av.VideoFrame) -> float:
    return float(frame.to_ndarray(format="gray").mean())


def _ask_ffmpeg(path: Path) -> None:
    if FFMPEG is None or FFPROBE is None:
        return
    shown = subprocess.run(
        [FFPROBE, "-v", "warning", "-of", "json", "-show_streams", "-show_format", str(path)],
        capture_output=True,
        check=True,
        timeout=60,
    )
    assert not shown.stderr, shown.stderr
    assert json.loads(shown.stdout)["streams"]
    # each picture at its own time: ffmpeg would otherwise guess a rate, and complain of its guess
    as_it_is = ("-fps_mode", "passthrough", "-enc_time_base", "-1")
    decoded = subprocess.run(
        [FFMPEG, "-v", "warning", "-i", str(path), *as_it_is, "-f", "null", "-"],
        capture_output=True,
        check=True,
        timeout=60,
    )
    assert not decoded.stderr, decoded.stderr
