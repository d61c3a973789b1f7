"""Whether probabilities mean what they say: by hand, and against scikit-learn."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss
from sklearn.metrics import log_loss as sklearn_log_loss

from matching.errors import InvalidField
from matching.evaluate.calibration import calibration, wilson

# Two bins by hand: 0.1, 0.3 (one of two came) and 0.6, 0.8, 1.0 (two of three came).
PREDICTED, OUTCOMES = [0.6, 0.1, 1.0, 0.3, 0.8], [0, 0, 1, 1, 1]


def test_five_predictions_by_hand() -> None:
    found = calibration(PREDICTED, OUTCOMES, bins=2)
    assert [(each.low, each.high, each.n) for each in found.bins] == [(0, 0.5, 2), (0.5, 1, 3)]
    assert [each.predicted for each in found.bins] == pytest.approx([0.2, 0.8])
    assert [each.observed for each in found.bins] == pytest.approx([0.5, 2 / 3])
    assert found.ece == pytest.approx((2 * 0.3 + 3 * (0.8 - 2 / 3)) / 5)
    assert found.brier == pytest.approx((0.36 + 0.01 + 0 + 0.49 + 0.04) / 5)
    given_to_what_came = [0.4, 0.9, 1.0, 0.3, 0.8]
    assert found.log_loss == pytest.approx(-sum(map(math.log, given_to_what_came)) / 5)
    assert found.predicted == pytest.approx(0.56)
    assert (found.n, found.observed) == (5, 0.6)


def test_bins_include_their_low_edge_and_the_last_its_high() -> None:
    table = calibration([0.0, 0.1, 0.3, 0.7, 1.0], [0, 1, 0, 1, 1]).bins
    assert [round(each.low, 3) for each in table] == [0.0, 0.1, 0.3, 0.7, 0.9]
    assert all(each.n == 1 for each in table)
    assert [each.n for each in calibration([0.5] * 4, [0, 1, 0, 1], bins=1).bins] == [4]


def test_wilson_by_published_values() -> None:
    # Newcombe 1998, table I, score method: 81 of 263, 15 of 148, 0 of 20, 1 of 29.
    assert wilson(81 / 263, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(15 / 148, 148) == pytest.approx((0.0624, 0.1605), abs=5e-5)
    assert wilson(0.0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)
    assert wilson(1 / 29, 29) == pytest.approx((0.0061, 0.1718), abs=5e-5)
    assert wilson(1.0, 20)[1] == 1.0


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=60))
def test_figures_are_scikit_learns(rows: list[tuple[float, bool]]) -> None:
    predicted = np.array([p for p, _ in rows])
    outcomes = np.array([int(y) for _, y in rows])
    assert calibration(predicted, outcomes).brier == pytest.approx(
        brier_score_loss(outcomes, predicted, pos_label=1), abs=1e-12
    )
    unsure = np.clip(predicted, 1e-6, 1 - 1e-6)  # what is certain, the two clip differently
    theirs = sklearn_log_loss(outcomes, unsure, labels=[0, 1])
    assert calibration(unsure, outcomes).log_loss == pytest.approx(theirs, rel=1e-9)
    table = calibration(predicted, outcomes, bins=7).bins
    assert sum(each.n for each in table) == len(rows)
    assert all(each.observed_low <= each.observed + 1e-12 for each in table)
    assert all(each.observed_high >= each.observed - 1e-12 for each in table)
    # Scikit-learn puts an edge into the bin below it.
    if not np.isclose(predicted[:, None], np.arange(1, 7) / 7).any():
        observed, mean = calibration_curve(outcomes, predicted, n_bins=7)
        assert [each.observed for each in table] == pytest.approx(list(observed))
        assert [each.predicted for each in table] == pytest.approx(list(mean))


def test_the_error_is_0_where_every_bin_keeps_its_word_and_grows_with_the_gap() -> None:
    said = np.repeat([0.25, 0.75], 400)
    kept = np.concatenate([np.arange(400) < 100, np.arange(400) < 300])
    assert calibration(said, kept).ece == pytest.approx(0)
    assert calibration(said + 0.1, kept).ece == pytest.approx(0.1)


def test_a_failed_certainty_is_dear_and_finite() -> None:
    assert calibration([1.0], [0]).log_loss == pytest.approx(-math.log(1e-15))
    assert calibration([0.0, 1.0], [0, 1]).log_loss == 0


def test_bad_input_is_refused_by_name() -> None:
    refused: dict[str, list[Callable[[], object]]] = {
        "predicted": [
            lambda: calibration([], []),
            lambda: calibration([1.2], [1]),
            lambda: calibration([-0.1], [1]),
            lambda: calibration([math.nan], [1]),
        ],
        "outcomes": [
            lambda: calibration([0.5], [0.5]),
            lambda: calibration([0.5], [1, 0]),
            lambda: calibration([0.5], [2]),
        ],
        "bins": [lambda: calibration([0.5], [1], bins=0)],
    }
    for path, calls in refused.items():
        for call in calls:
            with pytest.raises(InvalidField) as caught:
                call()
            assert caught.value.path == path
