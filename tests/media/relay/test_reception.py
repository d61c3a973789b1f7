"""The figures of receiver reports."""

import pytest

from signalling.media.relay.reception import Reception


def received(*sequences: int) -> Reception:
    reception = Reception(48_000)
    for number, sequence in enumerate(sequences):
        reception.add(sequence, number * 960, number * 0.02)
    return reception


def test_nothing_lost_over_the_end_of_the_numbers() -> None:
    reception = received(65_534, 65_535, 0, 1)
    assert (reception.lost, reception.highest, reception.fraction_lost()) == (0, 65_537, 0)


def test_a_share_lost_since_the_last_time() -> None:
    reception = received(1, 2, 3, 5)
    assert reception.lost == 1
    assert reception.fraction_lost() == 256 // 5
    assert reception.fraction_lost() == 0


def test_late_is_not_lost_and_twice_is_less_than_none() -> None:
    assert received(1, 3, 2).lost == 0
    reception = received(1, 2, 2)
    assert (reception.lost, reception.fraction_lost()) == (-1, 0)


def test_jitter_is_how_much_the_way_varies() -> None:
    steady = received(*range(50))
    assert steady.jitter == pytest.approx(0, abs=0.01)
    uneven = Reception(48_000)
    for number in range(400):
        uneven.add(number, number * 960, number * 0.02 + (0.005 if number % 2 else 0))
    assert uneven.jitter == pytest.approx(240, rel=0.05)  # 5 ms


def test_timestamps_that_run_over_are_no_jitter() -> None:
    reception = Reception(48_000)
    reception.add(1, 2**32 - 960, 1.0)
    reception.add(2, 0, 1.02)
    assert reception.jitter == 0
