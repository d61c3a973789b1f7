"""Each feature stays in its range and moves the way it says."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching import features
from matching.features import DialectFit
from matching.personal import exposure_codes


def test_tier_surplus_counts_steps_over_the_floor() -> None:
    assert [features.tier_surplus(5, floor) for floor in range(6)] == [1.0, 0.8, 0.6, 0.4, 0.2, 0.0]


def test_dialect_values_are_the_domains() -> None:
    assert [features.dialect(fit) for fit in DialectFit] == [0.0, 0.25, 0.5, 1.0]


def test_specialism_is_matches_plus_one_over_wanted_plus_one() -> None:
    assert [features.specialism(matches, 3) for matches in range(4)] == [0.25, 0.5, 0.75, 1.0]


def test_preference_is_yes_or_no() -> None:
    assert (features.preference(0), features.preference(1)) == (0.0, 1.0)


@given(st.integers(0, 200))
def test_travel_rises_to_one(minutes: int) -> None:
    assert 0 <= features.travel(minutes, 90) <= features.travel(minutes + 1, 90) <= 1
    assert features.travel(90, 90) == 1


def test_every_feature_of_the_domain_has_codes_and_never_who_someone_is() -> None:
    assert len(features.CODES) == len(set(features.CODES)) == 19
    never = {"gender", "age", "name", "nationality", "mother_tongue", "declines", "speed"}
    assert never.isdisjoint({*features.CODES, *features.CONTEXT})
    assert set(features.SIZES) == set(features.CODES) - {"specialism", "travel"}


def test_who_is_new_gains_and_loses_nothing() -> None:
    assert features.rating_code(0, 0) == features.USUAL_RATING
    assert features.media_code(0, 0) == features.USUAL_MEDIA
    assert features.exposure_code(0, 0, 3.0) == features.ON_TARGET
    assert features.reliability_code(0, 0) == 95
    assert features.responsiveness_code(0, 0) == features.USUAL_RESPONSIVENESS
    values = features.rating(34), features.media_health(19), features.exposure(10)
    assert values == (0.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("sessions", "code"), [(-1, 0), (0, 0), (1, 1), (2, 1), (3, 2), (1000, 9), (10**9, 15)]
)
def test_experience_counts_doublings(sessions: float, code: int) -> None:
    assert features.experience_code(sessions) == code
    assert features.experience(code) == code / 15


@pytest.mark.parametrize(
    ("completed", "failed", "percent"), [(0, 1, 90), (1, 0, 95), (180, 0, 100), (0, 80, 19)]
)
def test_reliability_is_shrunk(completed: float, failed: float, percent: int) -> None:
    assert features.reliability_code(completed, failed) == percent
    assert features.reliability(percent) == percent / 100


@pytest.mark.parametrize(
    ("answered", "silent", "fiftieths"),
    [(0, 0, 38), (1, 0, 39), (0, 1, 33), (92, 0, 49), (1000, 0, 50), (0, 92, 3), (60, 20, 38)],
)
def test_responsiveness_is_shrunk(answered: float, silent: float, fiftieths: int) -> None:
    assert features.responsiveness_code(answered, silent) == fiftieths
    assert features.responsiveness(fiftieths) == fiftieths / 50


@given(st.floats(0, 1e4), st.floats(0, 1e4), st.floats(0, 100))
def test_answers_lift_and_silence_lowers(answered: float, silent: float, more: float) -> None:
    code = features.responsiveness_code(answered, silent)
    assert 0 <= features.responsiveness_code(answered, silent + more) <= code
    assert code <= features.responsiveness_code(answered + more, silent) <= 50


@pytest.mark.parametrize(
    ("stars", "rated", "tenths"), [(5, 1, 35), (1, 1, 31), (5000, 1000, 40), (1000, 1000, 0)]
)
def test_ratings_are_shrunk(stars: float, rated: float, tenths: int) -> None:
    assert features.rating_code(stars, rated) == tenths
    assert features.rating(tenths) == (tenths - 34) / 40


@pytest.mark.parametrize(
    ("offers", "hours", "target", "code"),
    [(0, 0, 0.0, 10), (0, 80, 1.0, 19), (0, 10**6, 1.0, 20), (80, 8, 1.0, 0), (16, 16, 1.0, 10)],
)
def test_exposure_is_what_is_missing_to_ones_share(
    offers: float, hours: float, target: float, code: int
) -> None:
    assert features.exposure_code(offers, hours, target) == code
    assert exposure_codes(np.array([offers]), np.array([hours]), target).tolist() == [code]


@given(st.floats(0, 1e4), st.floats(0, 1e4), st.sampled_from([0.0, 0.3, 2.0]))
def test_exposure_in_bulk_is_the_same(offers: float, hours: float, target: float) -> None:
    bulk = exposure_codes(np.array([offers]), np.array([hours]), target)
    assert bulk.tolist() == [features.exposure_code(offers, hours, target)]


@pytest.mark.parametrize(("connects", "failures", "code"), [(0, 9.5, 9), (100, 0, 20), (0, 0, 19)])
def test_media_health_is_shrunk(connects: float, failures: float, code: int) -> None:
    assert features.media_code(connects, failures) == code


@pytest.mark.parametrize(("minutes", "code"), [(-5, 0), (1, 1), (60, 4), (9999, 32)])
def test_streaks_are_begun_quarters(minutes: int, code: int) -> None:
    assert features.streak_code(minutes) == code
    assert features.back_to_back(code, 120) == min(1.0, code * 15 / 120)


@pytest.mark.parametrize(("minutes", "code"), [(-1, 0), (4, 0), (5, 1), (119, 23), (500, 24)])
def test_slack_is_roomy_after_two_hours(minutes: int, code: int) -> None:
    assert features.slack_code(minutes) == code
    assert features.slack(code) == 1 - code / 24


@pytest.mark.parametrize(
    ("good", "days", "code"),
    [(0, 0, 0), (1, 0, 5), (2, 0, 8), (2, 180, 4), (9, 9999, 1), (1, -3, 5)],
)
def test_continuity_fades(good: float, days: int, code: int) -> None:
    assert features.continuity_code(good, days * 86_400_000) == code
    assert features.continuity(code) == code / 10


def test_idle_halves_what_is_left_each_half_life() -> None:
    assert [features.idle(minutes, 60) for minutes in (0, 60, 120)] == [0.0, 0.5, 0.75]


def test_load_saturates_at_its_limit() -> None:
    assert [features.load(quarters, 360) for quarters in (0, 12, 24, 64)] == [0.0, 0.5, 1.0, 1.0]


def test_scarcity_is_one_over_the_holders() -> None:
    assert [features.scarcity(holders) for holders in (0, 1, 2)] == [0.0, 1.0, 0.5]


def test_cost_is_the_share_over_the_cap() -> None:
    assert [features.cost(percent) for percent in (0, 50, 100)] == [0.0, 0.5, 1.0]


@pytest.mark.parametrize(("minutes", "code"), [(-5, 0), (0, 0), (7, 7), (480, 480), (9999, 480)])
def test_idle_codes(minutes: int, code: int) -> None:
    assert features.idle_code(minutes) == code


@pytest.mark.parametrize(
    ("minutes", "code"), [(-1, 0), (0, 0), (1, 1), (15, 1), (16, 2), (5000, 64)]
)
def test_load_codes(minutes: int, code: int) -> None:
    assert features.load_code(minutes) == code


@pytest.mark.parametrize(
    ("price", "cap", "code"),
    [(100, 100, 0), (50, 100, 0), (101, 100, 1), (150, 100, 50), (999, 100, 100), (1, 0, 100),
     (0, 0, 0)],
)  # fmt: skip
def test_cost_codes(price: int, cap: int, code: int) -> None:
    assert features.cost_code(price, cap) == code
