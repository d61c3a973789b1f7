from typing import Any

import numpy as np
import pytest

from matching.evaluate.replay import OffPolicy, Places, off_policy
from matching.features import CODES
from matching.train.log import Log, read_log
from tests.matching.train.test_log import DECISION

# Six people: four of tier 5, two of tier 2. One place of tier 5 is drawn by lot among four, and
# one of tier 2 between two.
TIERS = (5, 5, 5, 5, 2, 2)
PROPENSITY = (0.4, 0.3, 0.2, 0.1, 0.5, 0.5)


def decisions(n: int, draw: np.random.Generator) -> list[dict[str, Any]]:
    lines = []
    for number in range(n):
        rung = {
            int(draw.choice(4, p=PROPENSITY[:4])),
            4 + int(draw.choice(2, p=PROPENSITY[4:])),
        }
        candidates = [
            {
                "interpreter": f"i{at}",
                "order": -float(at),
                "p_accept": 0.5,
                "propensity": PROPENSITY[at],
                "rung": at in rung,
                "codes": [tier if name == "tier" else 0 for name in CODES],
            }
            for at, tier in enumerate(TIERS)
        ]
        lines.append({**DECISION, "id": f"d{number}", "candidates": candidates})
    return lines


def replayed(
    n: int, *, known: float = 1.0, clip: float = 100.0, chance_bias: float = 0.0, seed: int = 0
) -> tuple[OffPolicy, float, float]:
    """Return the estimates, what was had, and what the best order of each tier would have."""
    draw = np.random.default_rng(seed)
    log: Log = read_log(decisions(n, draw))
    m = len(log.candidates.order)
    chance = np.round(draw.random(m), 2)
    rung = np.flatnonzero(log.candidates.rung)
    seen = draw.random(len(rung)) < known
    places = Places(
        rung,
        rung // len(TIERS),
        ((draw.random(len(rung)) < chance[rung]) & seen).astype(float),
        np.where(seen, 1 / known, 0.0),
    )
    by_tier = chance.reshape(n, len(TIERS))
    best = (by_tier[:, :4].max(axis=1) + by_tier[:, 4:].max(axis=1)).mean() / 2
    result = off_policy(log, places, chance, np.clip(chance + chance_bias, 0, 1), clip=clip)
    assert result is not None
    return result, float(chance[rung].mean()), float(best)


@pytest.mark.parametrize("known", [1.0, 0.5])
@pytest.mark.parametrize("bias", [0.0, 0.3])
def test_the_value_of_the_new_order_is_found(known: float, bias: float) -> None:
    result, had, best = replayed(4_000, known=known, chance_bias=bias)
    assert result.logged.value == pytest.approx(had, abs=0.03)
    assert best > had + 0.2
    assert result.covered == pytest.approx(1.0, abs=0.06)
    for name in ("IPS", "SNIPS", "DR"):
        estimate = result.estimates[name]
        assert estimate.low - 0.01 < best < estimate.high + 0.01, name


def test_the_order_never_leaves_its_tier() -> None:
    draw = np.random.default_rng(0)
    log = read_log(decisions(1, draw))
    rung = np.flatnonzero(log.candidates.rung)
    places = Places(rung, np.zeros(2, int), np.ones(2), np.ones(2))
    # Everybody of tier 2 is worth more: still one of each is rung.
    worth = np.array([0.1, 0.2, 0.3, 0.4, 0.8, 0.9])
    result = off_policy(log, places, worth, worth, clip=100.0)
    assert result is not None
    chosen = {3, 5}
    assert result.moved == pytest.approx(1 - len(chosen & set(rung.tolist())) / 2)


def test_heavy_weights_are_cut_and_counted() -> None:
    result, _, _ = replayed(2_000, clip=4.0)
    assert result.estimates["IPS"].clipped == pytest.approx(0.0375, abs=0.01)


def test_a_log_without_another_choice_says_nothing() -> None:
    draw = np.random.default_rng(0)
    lines = decisions(3, draw)
    for line in lines:
        for each in line["candidates"]:
            each["propensity"] = float(each["rung"])
    log = read_log(lines)
    rung = np.flatnonzero(log.candidates.rung)
    worth = np.ones(len(log.candidates.order))
    places = Places(rung, rung // len(TIERS), np.ones(len(rung)), np.ones(len(rung)))
    assert off_policy(log, places, worth, worth, clip=100.0) is None


def test_outcomes_nobody_knows_say_nothing() -> None:
    log = read_log(decisions(3, np.random.default_rng(0)))
    rung = np.flatnonzero(log.candidates.rung)
    worth = np.ones(len(log.candidates.order))
    places = Places(rung, rung // len(TIERS), np.zeros(len(rung)), np.zeros(len(rung)))
    assert off_policy(log, places, worth, worth, clip=100.0) is None


def test_a_lot_that_drew_too_seldom_does_not_cover_the_new_order() -> None:
    lines = decisions(40, np.random.default_rng(0))
    for line in lines:
        # Who was rung was all but certain; the new order wants one of the others.
        for at, each in enumerate(line["candidates"]):
            each["rung"] = at in (0, 4)
            each["propensity"] = 0.97 if each["rung"] else 0.03 if at == 5 else 0.01
    log = read_log(lines)
    rung = np.flatnonzero(log.candidates.rung)
    worth = np.tile([0.1, 0.9, 0.5, 0.5, 0.1, 0.9], 40)
    places = Places(rung, rung // len(TIERS), np.ones(len(rung)), np.ones(len(rung)))
    result = off_policy(log, places, worth, worth, clip=100.0)
    assert result is not None
    assert result.covered < 0.1
