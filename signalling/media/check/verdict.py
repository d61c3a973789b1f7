"""What a device check found, and what somebody should do about it, in plain words.

Pure: findings in, verdict out. The limits are one table, each with where it comes from.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from signalling.core.quality import Path

Grade = Literal["good", "fair", "bad"]
GRADES: Final[tuple[Grade, ...]] = ("good", "fair", "bad")


class Limits(NamedTuple):
    """The most that is *good*, and the most that is *fair*; beyond that it is bad."""

    good: float
    fair: float

    def grade(self, value: float) -> Grade:
        if value <= self.good:
            return "good"
        return "fair" if value <= self.fair else "bad"


# Loss: 1 % is what networks for telephony are planned with (Cisco, Enterprise QoS SRND: loss at
#   most 1 %, jitter 30 ms, one way 150 ms). 5 % is ours: Opus conceals it, but it is heard.
LOSS: Final = Limits(0.01, 0.05)
# Jitter: 30 ms as above; 50 ms is the limit of ITU-T Y.1541, classes 0 and 1 (talk).
JITTER_MS: Final = Limits(30, 50)
# Round trip to the server: another participant is as far on the other side, so that it is about
#   the way from mouth to ear. ITU-T G.114: 150 ms go unnoticed, 400 ms are the most to plan with.
RTT_MS: Final = Limits(150, 400)
# Speech, as distance from -26 dBov, the level of speech in listening tests (ITU-T P.830). The
#   decibels are ours: ten are evened out by gain control, eighteen above it is near full scale.
NOMINAL_DBOV: Final = -26
OFF_NOMINAL_DB: Final = Limits(10, 18)
# RFC 6464: -127 is digital silence; what converters make of nothing is hardly louder.
SILENT_DBOV: Final = -90
# Ways through a network that carry sound with nothing to resend and wait for.
DIRECT: Final[frozenset[Path]] = frozenset({"udp", "turn_udp"})


@dataclass(frozen=True, slots=True)
class Findings:
    """What was measured. None: not known, or not offered.

    *connected*: media could flow at all. *sounds*: packets from the microphone; *pictures*: from
    the camera, None if none was offered. *peak_dbov* and *speech_dbov*: level.py. *lost_up* and
    *lost_down*: shares of 0 to 1 on the way to the server and back.
    """

    connected: bool
    sounds: int = 0
    pictures: int | None = None
    peak_dbov: int | None = None
    speech_dbov: float | None = None
    lost_up: float | None = None
    lost_down: float | None = None
    jitter_ms: float | None = None
    rtt_ms: float | None = None
    path: Path | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer of a device check; *words* say what to do, the gravest first."""

    verdict: Grade
    words: tuple[str, ...]
    microphone_dbov: float | None
    loss: float | None
    jitter_ms: float | None
    rtt_ms: float | None
    path: Path | None


ALL_GOOD: Final = "Your microphone and your network are good for a meeting."
NO_WAY: Final = (
    "Your network lets no call through: try another network, or ask its administrator to allow "
    "UDP, or TCP to the TURN server."
)
NO_SOUND: Final = (
    "Nothing comes from your microphone: check that it is connected and that the browser may use "
    "it."
)
SILENT: Final = "Your microphone is silent: check that it is not muted."
NO_SPEECH: Final = (
    "Your microphone hears next to nothing: speak, move closer to it, or choose another one."
)
QUIET: Final = "Your microphone is quiet: move closer to it or turn it up."
LOUD: Final = "Your microphone is so loud that it distorts: turn it down."
NO_PICTURE: Final = (
    "Your camera sends no picture: check that it is not covered, switched off, or used by another "
    "program."
)
LOST_UP: Final = (
    "Part of what you say is lost on the way ({:.0%}): use a cable, or move closer to the Wi-Fi."
)
LOST_DOWN: Final = (
    "Part of what others say is lost on the way to you ({:.0%}): use a cable, or move closer to "
    "the Wi-Fi."
)
UNEVEN: Final = "Your network is uneven: end other transfers, or use a cable."
SLOW: Final = "Your network is slow ({:.0f} ms there and back): without a VPN it may be faster."
NO_UDP: Final = (
    "Your network lets calls through over TCP only, so sound may stall: ask its administrator to "
    "allow UDP."
)


def judged(found: Findings) -> Verdict:
    """Return the verdict: as good as the worst of what was found."""
    said = sorted(_remarks(found), key=lambda remark: -GRADES.index(remark[0]))
    losses = [loss for loss in (found.lost_up, found.lost_down) if loss is not None]
    level = found.peak_dbov if found.speech_dbov is None else found.speech_dbov
    return Verdict(
        verdict=said[0][0] if said else "good",
        words=tuple(words for _, words in said) or (ALL_GOOD,),
        microphone_dbov=None if level is None else round(level, 1),
        loss=round(max(losses), 4) if losses else None,
        jitter_ms=None if found.jitter_ms is None else round(found.jitter_ms, 1),
        rtt_ms=None if found.rtt_ms is None else round(found.rtt_ms, 1),
        path=found.path,
    )


def _remarks(found: Findings) -> Iterator[tuple[Grade, str]]:
    """Return what is not good, and what to do about it."""
    if not found.connected:
        yield "bad", NO_WAY
        return
    yield from _of_the_microphone(found)
    if found.pictures == 0:
        yield "fair", NO_PICTURE
    yield from _of_the_network(found)


def _of_the_microphone(found: Findings) -> Iterator[tuple[Grade, str]]:
    if not found.sounds:
        yield "bad", NO_SOUND
    elif found.peak_dbov is None:
        return  # the client does not say how loud it is
    elif found.peak_dbov <= SILENT_DBOV:
        yield "bad", SILENT
    elif found.speech_dbov is None:
        yield "bad", NO_SPEECH
    else:
        off = found.speech_dbov - NOMINAL_DBOV
        if (grade := OFF_NOMINAL_DB.grade(abs(off))) != "good":
            yield grade, QUIET if off < 0 else LOUD


def _of_the_network(found: Findings) -> Iterator[tuple[Grade, str]]:
    for value, limits, words in (
        (found.lost_up, LOSS, LOST_UP),
        (found.lost_down, LOSS, LOST_DOWN),
        (found.jitter_ms, JITTER_MS, UNEVEN),
        (found.rtt_ms, RTT_MS, SLOW),
    ):
        if value is not None and (grade := limits.grade(value)) != "good":
            yield grade, words.format(value)
    if found.path is not None and found.path not in DIRECT:
        yield "fair", NO_UDP
