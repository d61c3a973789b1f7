"""Offers and online hours as a log tells them."""

from typing import Any

import pytest

from matching.errors import InvalidField
from matching.evaluate.exposure import exposure_of
from matching.zones import HOUR_MS

START = 1_800_000_000_000
END = START + 10 * HOUR_MS


def online(who: str, from_h: float, to_h: float | None) -> dict[str, Any]:
    end = None if to_h is None else at(to_h)
    return {"kind": "online", "interpreter": who, "from_ms": at(from_h), "to_ms": end}


def offer(name: str, who: str, hour: float, state: str = "declined") -> dict[str, Any]:
    return {
        "kind": "offer",
        "offer": name,
        "interpreter": who,
        "made_ms": at(hour),
        "state": state,
    }


def at(hour: float) -> int:
    return START + round(hour * HOUR_MS)


def test_hours_are_cut_to_the_window_and_overlaps_count_once() -> None:
    lines = [
        online("b", 4, 6),
        online("a", -2, 1),  # an hour of it in the window
        online("b", 5, 7.5),
        online("b", 5.5, 6),
        online("a", 9, None),  # still there
        online("c", -3, -1),  # gone before
        online("d", 11, 12),  # came after
    ]
    found = exposure_of(lines, START, END)
    assert found.interpreters == ("a", "b")
    assert found.hours.tolist() == [2.0, 3.5]
    assert found.offers.tolist() == [0.0, 0.0]
    assert found.to_ms == END


def test_offers_count_once_by_when_they_were_made_if_delivered() -> None:
    lines = [
        {"kind": "decision", "id": "d"},
        online("a", 0, 4),
        online("b", 0, 2),
        *[offer("1", "a", 1, "accepted")] * 2,
        offer("2", "a", 2, "withdrawn"),
        offer("3", "a", 3, "undelivered"),
        offer("4", "a", -0.1),
        offer("5", "a", 10),
        offer("6", "b", 0, "expired"),
        offer("7", "ghost", 1),
    ]
    found = exposure_of(lines, START, END)
    assert found.offers.tolist() == [2.0, 1.0]
    assert found.rates.tolist() == [0.5, 0.5]
    assert found.holes == 1


def test_first_seen_looks_before_the_window() -> None:
    lines = [
        online("a", 1, 2),
        online("a", -30, -29),
        online("b", 1, 2),
        offer("1", "b", -5),
        online("c", 3, 4),
    ]
    found = exposure_of(lines, START, END)
    assert found.first_ms.tolist() == [at(-30), at(-5), at(3)]


@pytest.mark.parametrize("start", [START, START - 1000 * HOUR_MS])
def test_an_empty_log_has_nobody(start: int) -> None:
    assert exposure_of([], start, END).interpreters == ()


@pytest.mark.parametrize(
    ("line", "path"),
    [
        ({"kind": "online", "from_ms": START, "to_ms": END}, "online.interpreter"),
        ({"kind": "online", "interpreter": "a", "to_ms": END}, "online.from_ms"),
        (
            {"kind": "online", "interpreter": "a", "from_ms": START, "to_ms": "late"},
            "online.to_ms",
        ),
        ({"kind": "offer", "interpreter": "a", "made_ms": START}, "offer.offer"),
        ({"kind": "offer", "offer": "1", "interpreter": "a", "made_ms": None}, "offer.made_ms"),
        ({"kind": "offer", "offer": "1", "interpreter": 3, "made_ms": START}, "offer.interpreter"),
    ],
)
def test_a_line_that_lacks_what_it_must_have_is_refused(line: dict[str, Any], path: str) -> None:
    with pytest.raises(InvalidField) as caught:
        exposure_of([line], START, END)
    assert caught.value.path == path
