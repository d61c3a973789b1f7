import copy
import tomllib
from typing import Any

import pytest

from matching import InvalidTables, Tables, config_dir
from matching.policy import BURDENS, HELPS, Policy, WaveSize

DATA = tomllib.loads((config_dir() / "weights.toml").read_text(encoding="utf-8"))


def test_the_shipped_weights_help_and_burden_as_the_domain_says(tables: Tables) -> None:
    weights = tables.policy.weights
    assert all(weights[name] > 0 for name in HELPS)
    assert all(weights[name] < 0 for name in BURDENS)
    assert set(tables.policy.waves) == {"waves", "one_at_a_time", "broadcast"}


@pytest.mark.parametrize("forbidden", ["gender", "age", "name", "nationality", "declines"])
def test_no_weight_may_be_put_on_who_someone_is(forbidden: str) -> None:
    with pytest.raises(InvalidTables, match=forbidden):
        Policy.from_weights(DATA | {"weights": DATA["weights"] | {forbidden: 0.1}}, "v")


@pytest.mark.parametrize(
    ("section", "name", "value"),
    [
        ("weights", "specialism", -0.1),
        ("weights", "travel", 0.1),
        ("weights", "idle", float("nan")),
        ("weights", "cost", float("-inf")),
        ("shape", "travel_limit_min", 0.0),
        ("waves", "waves", {"target": 1.1, "smallest": 1, "largest": 2}),
        ("waves", "waves", {"target": 0.9, "smallest": 3, "largest": 2}),
        ("waves", "waves", {"target": 0.9, "smallest": 0, "largest": 2}),
        ("waves", "waves", {"target": 0.9, "smallest": 1, "largest": 2, "pace_s": 0.5}),
        ("acceptance", "answers", 1.5),
        ("acceptance", "travel", 0.5),
        ("acceptance", "video", float("nan")),
        ("acceptance", "declines", 0.1),
        ("exploration", "share", 0.06),
        ("exploration", "temperature", 0.0),
    ],
)
def test_an_impossible_policy_is_refused(section: str, name: str, value: Any) -> None:
    data = copy.deepcopy(DATA)
    data[section][name] = value
    with pytest.raises(InvalidTables):
        Policy.from_weights(data, "v")


def test_what_is_rung_beside_others_is_what_is_due() -> None:
    size = WaveSize(0.9, 1, 6, 8.0).refill(2)
    assert (size.smallest, size.largest, size.pace_s) == (2, 2, 8.0)
