"""Clients' quality reports: what is believed, what is kept of many, what one of them added."""

import math

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import fields

from signalling.core.quality import (
    NOTHING,
    REPORTS_MOST,
    Counter,
    Gained,
    Measure,
    Quality,
    Report,
    fold,
    gained,
    heard,
    view,
)


def folded(*reports: Report) -> Quality:
    quality = NOTHING
    for report in reports:
        quality = fold(quality, report)
    return quality


def test_a_summary_is_heard_as_it_was_said() -> None:
    said = {
        "rtt_ms": 80,
        "loss": 0.02,
        "jitter_ms": 7.5,
        "bitrate_kbps": 640,
        "connect_ms": 312,
        "freezes": 2,
        "reconnects": 1,
        "path": "turn_udp",
        "a field of a newer client": "x",
    }

    assert heard(said) == Report(80, 0.02, 7.5, 640, 312, 2, 1, "turn_udp")
    assert heard({}) == Report()


@pytest.mark.parametrize("value", [None, True, "80", math.nan, math.inf, -1, [80], {"ms": 80}])
def test_what_is_no_figure_was_not_said(value: object) -> None:
    assert heard({field.name: value for field in fields(Report)}) == Report()


def test_more_than_can_be_is_the_most_that_is_believed() -> None:
    report = heard({field.name: 10**30 for field in fields(Report)})

    assert report == Report(60_000, 1, 10_000, 100_000, 120_000, 1_000_000, 1_000_000, None)


def test_a_figure_keeps_its_mean_its_worst_and_its_last() -> None:
    quality = folded(
        Report(rtt_ms=20, loss=0.0, jitter_ms=5, bitrate_kbps=900),
        Report(rtt_ms=80, loss=0.5, jitter_ms=2, bitrate_kbps=300),
        Report(rtt_ms=50, loss=0.1, jitter_ms=2, bitrate_kbps=600),
        Report(),
    )

    assert quality.reports == 4
    assert quality.rtt_ms == Measure(3, 50, 80, 50)
    assert quality.loss is not None
    assert quality.loss.mean == pytest.approx(0.2)
    assert (quality.loss.worst, quality.loss.last) == (0.5, 0.1)
    assert quality.jitter_ms == Measure(3, 3, 5, 2)
    assert quality.bitrate_kbps == Measure(3, 600, 300, 600)  # of a bit rate the least is worst
    assert quality.connect_ms is None


def test_counts_go_on_when_a_client_begins_to_count_anew() -> None:
    quality = folded(
        Report(freezes=2, reconnects=0),
        Report(freezes=5),
        Report(freezes=5, reconnects=1),
        Report(freezes=1, reconnects=1),  # the page was loaded anew
    )

    assert quality.freezes == Counter(total=6, last=1)
    assert quality.reconnects == Counter(total=1, last=1)


def test_the_time_to_connect_counts_once_a_leg() -> None:
    quality = folded(
        Report(connect_ms=100),
        Report(connect_ms=100, reconnects=0),  # the same leg, told again
        Report(connect_ms=400, reconnects=1),
        Report(connect_ms=400, reconnects=2),  # as long as the last one, but another
    )

    assert quality.connect_ms == Measure(3, 300, 400, 400)


@pytest.mark.parametrize(
    ("before", "report", "added"),
    [
        (NOTHING, Report(), Gained(0, 0, None)),
        (NOTHING, Report(connect_ms=90, freezes=1), Gained(1, 0, 90)),
        (folded(Report(connect_ms=90, freezes=1)), Report(connect_ms=90), Gained(0, 0, None)),
        (
            folded(Report(connect_ms=90, freezes=1)),
            Report(connect_ms=70, freezes=4, reconnects=2),
            Gained(3, 2, 70),
        ),
    ],
)
def test_what_one_report_added_is_what_metrics_count(
    before: Quality, report: Report, added: Gained
) -> None:
    assert gained(before, fold(before, report)) == added


@pytest.mark.parametrize(
    ("paths", "last", "worst"),
    [
        (["udp"], "udp", "udp"),
        (["turn_tcp", "udp"], "udp", "turn_tcp"),
        (["udp", "turn_udp", None], "turn_udp", "turn_udp"),
        (["tcp", "turn_udp"], "turn_udp", "tcp"),
        ([None], None, None),
    ],
)
def test_the_last_path_and_the_worst_are_kept(
    paths: list[str | None], last: str | None, worst: str | None
) -> None:
    quality = folded(*(heard({"path": path}) for path in paths))

    assert (quality.path, quality.worst_path) == (last, worst)


def test_a_view_has_what_was_reported_rounded() -> None:
    report = Report(rtt_ms=33.333, loss=0.012345, freezes=1, path="udp")

    assert view(NOTHING) == {"reports": 0, "freezes": 0, "reconnects": 0}
    assert view(folded(report)) == {
        "reports": 1,
        "rtt_ms": {"mean": 33.3, "worst": 33.3, "last": 33.3},
        "loss": {"mean": 0.0123, "worst": 0.0123, "last": 0.0123},
        "freezes": 1,
        "reconnects": 0,
        "path": "udp",
        "worst_path": "udp",
    }


def test_there_is_a_last_report() -> None:
    full = Quality(reports=REPORTS_MOST)

    assert fold(full, Report(rtt_ms=1)) is full


SAID = st.dictionaries(
    st.sampled_from([field.name for field in fields(Report)]),
    st.one_of(st.none(), st.floats(), st.integers(), st.sampled_from(["udp", "turn_tcp", "x"])),
)


@given(st.lists(SAID, max_size=12))
def test_whatever_is_said_the_quality_stays_within_bounds(said: list[dict[str, object]]) -> None:
    """It can be stored and read back, and no figure leaves what its reports said."""
    quality = folded(*map(heard, said))

    for name in ("rtt_ms", "loss", "jitter_ms", "bitrate_kbps", "connect_ms"):
        measure = getattr(quality, name)
        values = [value for s in said if (value := getattr(heard(s), name)) is not None]
        assert (measure is None) == (not values)
        if measure is not None:
            assert min(values) - 1e-6 <= measure.mean <= max(values) + 1e-6
            assert measure.last == values[-1]
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(quality), type=Quality) == quality
