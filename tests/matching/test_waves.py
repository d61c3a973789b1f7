"""Whom to ring at once: enough, and no more."""

import pytest

from matching import Match, Tables, choose_wave
from matching.policy import WaveSize


def people(*chances: float) -> tuple[Match, ...]:
    return tuple(
        Match(f"i{number}", 0.0, (), chance, None, None, None, None)
        for number, chance in enumerate(chances)
    )


@pytest.mark.parametrize(
    ("chances", "rung"),
    [
        ((0.5, 0.5, 0.5, 0.5, 0.5), 4),  # 1 - 0.5 ** 4 = 0.94
        ((0.95, 0.5), 1),
        ((0.6, 0.6, 0.6, 0.6), 3),  # 0.936
        ((0.1,) * 20, 6),  # the largest
        ((0.1,) * 3, 3),  # all there are
        ((), 0),
        ((0.0,) * 9, 6),
        ((1.0, 1.0), 1),
    ],
)
def test_a_wave_reaches_its_target_or_its_limit(chances: tuple[float, ...], rung: int) -> None:
    matches = people(*chances)
    assert choose_wave(matches, WaveSize(0.9, 1, 6)) == matches[:rung]


def test_a_wave_is_never_smaller_than_its_smallest() -> None:
    assert len(choose_wave(people(0.99, 0.99, 0.99), WaveSize(0.9, 2, 6))) == 2


@pytest.mark.parametrize(
    ("strategy", "rung"), [("waves", 3), ("one_at_a_time", 1), ("broadcast", 50)]
)
def test_the_three_strategies_are_sizes(tables: Tables, strategy: str, rung: int) -> None:
    assert len(choose_wave(people(*[0.5] * 80), tables.policy.waves[strategy])) == rung
