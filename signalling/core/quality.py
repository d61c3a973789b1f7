"""How a participant's media fared: clients' getStats summaries, folded into one of fixed size.

What clients say of themselves is untrusted: a value that no network has is not there (`heard`).
Times in ms, loss as a share of 0 to 1. The meeting keeps the summary, metrics count `gained`.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any, Final, Literal

from msgspec import Struct
from msgspec.structs import replace

Path = Literal["udp", "turn_udp", "tcp", "turn_tcp"]

# From the best way through a network to the last resort.
PATHS: Final[tuple[Path, ...]] = ("udp", "turn_udp", "tcp", "turn_tcp")

MEASURES: Final[Mapping[str, float]] = {  # the most that is believed
    "rtt_ms": 60_000,
    "loss": 1,
    "jitter_ms": 10_000,
    "bitrate_kbps": 100_000,
    "connect_ms": 120_000,
}
COUNT_MOST: Final = 1_000_000
REPORTS_MOST: Final = 1_000_000  # 115 days of one every ten seconds


class Report(Struct, frozen=True):
    """What one client said at one moment; None: it did not say, or nothing that can be.

    *freezes* and *reconnects* are counted since the client joined, or began to count anew.
    """

    rtt_ms: float | None = None
    loss: float | None = None
    jitter_ms: float | None = None
    bitrate_kbps: float | None = None
    connect_ms: float | None = None
    freezes: int | None = None
    reconnects: int | None = None
    path: Path | None = None


class Measure(Struct, frozen=True):
    """One figure over *count* reports; *worst* is the greatest, of a bit rate the least."""

    count: int
    mean: float
    worst: float
    last: float


class Counter(Struct, frozen=True):
    """How often something happened: *total* goes on when the client's *last* count begins anew."""

    total: int = 0
    last: int = 0


class Quality(Struct, frozen=True):
    """All reports of one participant in one meeting. The size does not grow with them."""

    reports: int = 0
    rtt_ms: Measure | None = None
    loss: Measure | None = None
    jitter_ms: Measure | None = None
    bitrate_kbps: Measure | None = None
    connect_ms: Measure | None = None
    freezes: Counter = Counter()
    reconnects: Counter = Counter()
    path: Path | None = None
    worst_path: Path | None = None


class Gained(Struct, frozen=True):
    """What one report added, for counters and histograms; *connect_ms* is of a new leg alone."""

    freezes: int
    reconnects: int
    connect_ms: float | None


NOTHING: Final = Quality()


def heard(said: Mapping[str, object]) -> Report:
    """Return what can be believed of a client's summary; unknown fields are ignored.

    Numbers that are none, not finite or negative are left out; too large ones are the most that is
    believed. An unknown path is none.
    """
    measures = {name: _number(said.get(name), most) for name, most in MEASURES.items()}
    path = said.get("path")
    return Report(
        **measures,
        freezes=_count(said.get("freezes")),
        reconnects=_count(said.get("reconnects")),
        path=next((known for known in PATHS if known == path), None),
    )


def fold(old: Quality, report: Report) -> Quality:
    """Return the quality with one more report in it."""
    if old.reports >= REPORTS_MOST:
        return old
    anew = _gain(old.reconnects, report.reconnects) > 0
    connect = report.connect_ms
    if not anew and old.connect_ms is not None and old.connect_ms.last == connect:
        connect = None  # still the same leg: it counts once
    return replace(
        old,
        reports=old.reports + 1,
        rtt_ms=_measured(old.rtt_ms, report.rtt_ms),
        loss=_measured(old.loss, report.loss),
        jitter_ms=_measured(old.jitter_ms, report.jitter_ms),
        bitrate_kbps=_measured(old.bitrate_kbps, report.bitrate_kbps, worst=min),
        connect_ms=_measured(old.connect_ms, connect),
        freezes=_counted(old.freezes, report.freezes),
        reconnects=_counted(old.reconnects, report.reconnects),
        path=report.path or old.path,
        worst_path=_worse(old.worst_path, report.path),
    )


def gained(before: Quality, after: Quality) -> Gained:
    """Return what happened between two folds of the same participant."""
    legs = (before.connect_ms.count if before.connect_ms else 0) + 1
    new_leg = after.connect_ms is not None and after.connect_ms.count >= legs
    return Gained(
        after.freezes.total - before.freezes.total,
        after.reconnects.total - before.reconnects.total,
        after.connect_ms.last if after.connect_ms and new_leg else None,
    )


def view(quality: Quality) -> dict[str, Any]:
    """Return what `meeting.get` shows; what was never reported is not in it."""
    shown: dict[str, Any] = {"reports": quality.reports}
    for name in MEASURES:
        measure: Measure | None = getattr(quality, name)
        if measure is not None:
            digits = 4 if name == "loss" else 1
            figures = {"mean": measure.mean, "worst": measure.worst, "last": measure.last}
            shown[name] = {which: round(value, digits) for which, value in figures.items()}
    shown["freezes"] = quality.freezes.total
    shown["reconnects"] = quality.reconnects.total
    if quality.path is not None:
        shown["path"] = quality.path
        shown["worst_path"] = quality.worst_path
    return shown


def _number(value: object, most: float) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if not (math.isfinite(value) and value >= 0):
        return None
    return min(float(value), most)


def _count(value: object) -> int | None:
    number = _number(value, COUNT_MOST)
    return None if number is None else int(number)


def _measured(
    old: Measure | None, value: float | None, worst: Callable[[float, float], float] = max
) -> Measure | None:
    if value is None:
        return old
    if old is None:
        return Measure(1, value, value, value)
    count = old.count + 1
    return Measure(count, old.mean + (value - old.mean) / count, worst(old.worst, value), value)


def _counted(old: Counter, count: int | None) -> Counter:
    if count is None:
        return old
    return Counter(old.total + _gain(old, count), count)


def _gain(old: Counter, count: int | None) -> int:
    """Return how much a client's count rose; one that fell began anew, from nothing."""
    if count is None:
        return 0
    return count - old.last if count >= old.last else count


def _worse(old: Path | None, new: Path | None) -> Path | None:
    if old is None or new is None:
        return new or old
    return max(old, new, key=PATHS.index)
