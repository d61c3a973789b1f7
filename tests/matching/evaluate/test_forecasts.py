import numpy as np
import pytest

from matching.errors import InvalidField
from matching.evaluate.forecasts import Outcomes, judge, systematic


def outcomes(happened: list[int], weights: list[float] | None = None) -> Outcomes:
    n = len(happened)
    return Outcomes(
        np.array(happened) == 1,
        np.ones(n) if weights is None else np.array(weights),
        np.arange(n),
    )


def test_loss_and_gain_are_the_mean_surprise() -> None:
    judged = judge({"sharp": np.array([0.8, 0.2]), "dull": np.array([0.5, 0.5])}, outcomes([1, 0]))
    assert judged.loss["sharp"].value == pytest.approx(-np.log(0.8))
    assert judged.gain["dull"].value == pytest.approx(np.log(0.8) - np.log(0.5))
    assert judged.gain.keys() == {"dull"}


def test_auc_counts_pairs_and_halves_ties() -> None:
    judged = judge({"said": np.array([0.9, 0.4, 0.4, 0.1])}, outcomes([1, 1, 0, 0]))
    assert judged.auc["said"].value == pytest.approx(3.5 / 4)


def test_what_is_not_known_does_not_count_and_others_stand_for_it() -> None:
    said = np.array([0.9, 0.9, 0.1, 0.6])
    judged = judge({"said": said}, outcomes([1, 0, 0, 0], [1.0, 0.0, 3.0, 1.0]))
    assert judged.rows == 3
    assert judged.stands_for == 5.0
    assert judged.rate == pytest.approx(0.2)
    expected = (-np.log(0.9) - 3 * np.log(0.9) - np.log(0.4)) / 5
    assert judged.loss["said"].value == pytest.approx(expected)


def test_rows_of_one_unit_are_one_piece_of_evidence() -> None:
    draw = np.random.default_rng(0)
    happened = np.repeat(draw.random(60) < 0.5, 20)
    said = np.repeat(draw.random(60), 20)
    apart = judge({"said": said}, Outcomes(happened, np.ones(1200), np.arange(1200)))
    together = judge(
        {"said": said}, Outcomes(happened, np.ones(1200), np.repeat(np.arange(60), 20))
    )
    for figure in ("loss", "auc"):
        a, b = getattr(apart, figure)["said"], getattr(together, figure)["said"]
        assert b.high - b.low > 3 * (a.high - a.low)


def test_an_interval_holds_the_truth_as_often_as_it_says() -> None:
    draw = np.random.default_rng(1)
    truth = -(0.3 * np.log(0.3) + 0.7 * np.log(0.7))
    held = 0
    for _ in range(200):
        happened = (draw.random(400) < 0.3).astype(int).tolist()
        loss = judge({"said": np.full(400, 0.3)}, outcomes(happened)).loss["said"]
        held += loss.low <= truth <= loss.high
    assert 180 <= held <= 199


def test_outcomes_that_are_all_alike_are_refused() -> None:
    with pytest.raises(InvalidField, match="alike"):
        judge({"said": np.array([0.5, 0.5])}, outcomes([1, 1]))
    with pytest.raises(InvalidField, match="alike"):
        judge({"said": np.array([0.5, 0.5])}, outcomes([1, 0], [1.0, 0.0]))


def test_what_is_no_chance_is_refused_by_name() -> None:
    with pytest.raises(InvalidField) as refused:
        judge({"bad": np.array([0.5, 1.5])}, outcomes([1, 0]))
    assert refused.value.path == "bad"


def test_drawn_rows_carry_the_weights() -> None:
    weights = np.array([1.0] * 500 + [3.0] * 500)
    drawn = systematic(weights, seed=0)
    assert len(drawn) == 800  # (500 + 1500)² / (500 + 4500)
    assert (drawn >= 500).mean() == pytest.approx(0.75, abs=0.01)
    assert systematic(np.ones(10), seed=3).tolist() == list(range(10))
