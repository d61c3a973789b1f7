"""Missing packets: noticed, asked for a few times, forgotten."""

from signalling.media.relay.gaps import WINDOW, Gaps


def added(*sequences: int) -> Gaps:
    gaps = Gaps()
    for sequence in sequences:
        assert gaps.add(sequence)
    return gaps


def test_in_order_nothing_is_missing() -> None:
    gaps = added(65_534, 65_535, 0, 1)
    assert gaps.due(0) == []
    assert not gaps


def test_a_gap_over_the_end_of_the_numbers() -> None:
    gaps = added(65_534, 1)
    assert gaps.due(0) == [65_535, 0]


def test_asked_again_after_a_while_and_not_for_ever() -> None:
    gaps = added(1, 3)
    asked = [at for at in range(100) if gaps.due(at * 0.05)]
    assert asked == [0, 2, 4, 6, 8]
    assert len(gaps) == 0


def test_what_came_after_all_is_news_once() -> None:
    gaps = added(1, 3)
    assert gaps.add(2)
    assert not gaps.add(2)
    assert not gaps.add(3)
    assert not gaps.add(1)
    assert gaps.due(0) == []


def test_too_old_to_be_asked_for() -> None:
    gaps = added(1, 3, *range(4, 4 + WINDOW))
    assert gaps.due(0) == []


def test_a_jump_is_not_asked_for() -> None:
    assert added(1, 3, 2000).due(0) == []


def test_many_gaps_are_bounded() -> None:
    gaps = added(*range(0, 4000, 2))
    assert len(gaps) == WINDOW
    assert len(gaps.due(0)) <= 64


def test_a_new_start_under_the_same_ssrc() -> None:
    gaps = added(20_000)
    assert not gaps.add(100)
    assert gaps.add(101)
    assert gaps.add(102)


def test_strays_far_behind_are_no_new_start() -> None:
    gaps = added(20_000)
    assert not gaps.add(100)
    assert gaps.add(20_001)
    assert not gaps.add(500)
    assert gaps.add(20_002)
