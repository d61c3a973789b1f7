"""Waiting times against requests that are lived through, event by event, with a known hazard."""

import heapq
import math
from collections.abc import Sequence
from random import Random

import numpy as np
import pytest

from matching.policy import WaveSize
from matching.waiting import (
    ANSWERED,
    DELAY_MEDIAN_S,
    DELAY_SIGMA,
    HALF_LIFE_MS,
    Asking,
    Outcome,
    modelled,
    rung_at,
    wait_of,
    with_past,
)
from tests.matching.builders import MINUTE, NOW

WAVES = Asking(WaveSize(0.85, 1, 6, pace_s=8), 20, 180)
ONE = Asking(WaveSize(0.9, 1, 1), 20, 180)
BROADCAST = Asking(WaveSize(1.0, 1, 50), 20, 180)
CROWDS: dict[str, tuple[Asking, list[float]]] = {
    "many": (WAVES, [0.5] * 30),
    "reluctant": (WAVES, [0.15] * 30),
    "unlike each other": (WAVES, [0.9, 0.05, 0.4, 0.2, 0.1] * 4),
    "two": (WAVES, [0.5, 0.5]),
    "one at a time": (ONE, [0.3] * 20),
    "all at once": (BROADCAST, [0.2] * 12),
}


class Life:
    """One request, asked as the server does until somebody accepts or its deadline comes."""

    def __init__(self, draw: Random, asking: Asking, slower: float) -> None:
        self.draw = draw
        self.asking = asking
        self.slower = slower
        self.events: list[tuple[float, str]] = []
        self.ringing = 0

    def delay_s(self) -> float:
        while True:
            delay = self.slower * self.draw.lognormvariate(math.log(DELAY_MEDIAN_S), DELAY_SIGMA)
            if delay < self.asking.offer_s:
                return delay

    def ring(self, chance: float, now: float) -> None:
        self.ringing += 1
        lot = self.draw.random()
        if lot < chance:
            heapq.heappush(self.events, (now + self.delay_s(), "accept"))
        elif lot < max(ANSWERED, chance):
            heapq.heappush(self.events, (now + self.delay_s(), "decline"))
        else:
            heapq.heappush(self.events, (now + self.asking.offer_s, "silence"))

    def wait_s(self, chances: Sequence[float]) -> float | None:
        size, left = self.asking.size, list(chances)
        now, paced = 0.0, size.pace_s or math.inf
        while True:
            wave = 1 if self.ringing else wave_of(left, size)
            for chance in left[:wave]:
                self.ring(chance, now)
            del left[:wave]
            while True:  # until another may be rung
                if not self.events and not left:
                    return None
                after, what = min([*self.events[:1], (paced, "pace")])
                if after >= self.asking.deadline_s:
                    return None
                now = after
                if what == "pace":
                    paced += size.pace_s or math.inf
                    break
                heapq.heappop(self.events)
                self.ringing -= 1
                if what == "accept":
                    return now
                if not self.ringing or (what == "decline" and size.pace_s):
                    break


def wave_of(chances: Sequence[float], size: WaveSize) -> int:
    """Count a wave from the product's words: until the target, no more than the largest."""
    nobody = np.cumprod(1 - np.array(chances[: size.largest]))
    reached = np.flatnonzero(1 - nobody >= size.target)
    return int(reached[0]) + 1 if reached.size else min(len(chances), size.largest)


def lived(name: str, times: int, slower: float = 1.0) -> list[float | None]:
    asking, chances = CROWDS[name]
    draw = Random(7)
    return [Life(draw, asking, slower).wait_s(chances) for _ in range(times)]


@pytest.mark.parametrize("name", CROWDS)
def test_the_model_against_lives_of_the_hazard_it_assumes(name: str) -> None:
    """An interval of 80 % holds 70 to 90, as many wait less than the median as more."""
    asking, chances = CROWDS[name]
    waits = lived(name, 1000)
    accepted = [each for each in waits if each is not None]
    expected = wait_of(modelled(chances, asking))
    assert expected.median_s is not None
    assert expected.low_s is not None
    assert expected.high_s is not None
    assert expected.probability == pytest.approx(len(accepted) / len(waits), abs=0.05)
    held = np.mean([expected.low_s <= each <= expected.high_s for each in accepted])
    assert 0.7 <= held <= 0.9
    assert 0.42 <= np.mean([each < expected.median_s for each in accepted]) <= 0.58


def outcomes(waits: Sequence[float | None]) -> list[Outcome]:
    return [Outcome(NOW, None if w is None else round(w * 1000), 5) for w in waits]


def test_the_past_corrects_a_model_that_is_wrong() -> None:
    """People who take twice as long as assumed: the model misses it, 200 outcomes tell."""
    asking, chances = CROWDS["all at once"]
    past, later = (
        lived("all at once", 200, slower=2.0),
        lived("all at once", 1000, slower=2.0)[200:],
    )
    accepted = [each for each in later if each is not None]
    model = modelled(chances, asking)
    told = wait_of(with_past(model, outcomes(past), NOW))
    truth = float(np.median(accepted))
    wrong = wait_of(model).median_s
    assert told.median_s == pytest.approx(truth, rel=0.1)
    assert wrong is not None
    assert wrong < 0.7 * truth
    assert told.low_s is not None
    assert told.high_s is not None
    assert 0.7 <= np.mean([told.low_s <= each <= told.high_s for each in accepted]) <= 0.9


def test_the_model_counts_as_so_many_outcomes() -> None:
    model = np.zeros(181)
    filled = [Outcome(NOW, 5_000, 5)] * 20
    assert with_past(model, filled, NOW)[[4, 5, 180]].tolist() == [0, 0.5, 0.5]
    assert with_past(model, filled, NOW, share=0.5)[-1] == pytest.approx(1 / 3)
    assert with_past(model, filled, NOW + HALF_LIFE_MS)[-1] == pytest.approx(1 / 3)
    assert with_past(model, filled, NOW - MINUTE)[-1] == 0.5  # of a clock that went back
    assert with_past(model, [Outcome(NOW, None, None)] * 20, NOW)[-1] == 0
    assert with_past(model, [], NOW) is model


def test_nobody_to_ring_is_no_wait_at_all() -> None:
    within = modelled([], WAVES)
    assert within.tolist() == [0] * 181
    assert wait_of(within) == (0, None, None, None)


def test_someone_who_accepts_at_once_was_no_wait() -> None:
    assert wait_of(np.ones(181)) == (1, 0, 0, 0)


def test_when_people_are_rung_while_nobody_accepts() -> None:
    """Silence has one more rung each eight seconds, and declines do; the deadline ends it."""
    silent = [ANSWERED] * 4
    assert rung_at(silent, WAVES).tolist() == [0, 0, 8, 16]
    assert rung_at([0.0, 0.0, 0.0], ONE).tolist()[0] == 0
    short = Asking(ONE.size, 20, 30)
    assert rung_at([0.5] * 9, short).max() < 30
    assert rung_at([0.1] * 90, Asking(WAVES.size, 20, 30)).max() < 30
    assert rung_at([0.2] * 60, BROADCAST).tolist().count(0) == 50


@pytest.mark.parametrize("chance", [0.0, 1.0])
def test_the_edges_of_a_chance(chance: float) -> None:
    assert modelled([chance], WAVES)[-1] == pytest.approx(chance, abs=0.01)
    assert rung_at([chance] * 3, ONE).tolist()[0] == 0
