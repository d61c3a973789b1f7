"""Pictures give way to sound, and come back; not for ever to and fro."""

import pytest

from signalling.media.relay.starving import Second, Starving

FINE = Second(pictures=3, lost=0, takes_bps=3_000_000, sent_bps=1_500_000)
LOSING = Second(pictures=3, lost=80, takes_bps=None, sent_bps=0)


@pytest.mark.parametrize(
    ("second", "badness"),
    [
        (FINE, 0),
        (LOSING, 2),
        (Second(3, 37, None, 0), 0),  # 14 %: what NACK and FEC make good
        (Second(1, 0, 60_000, 200_000), 1),
        (Second(1, 0, 60_000, 70_000), 0),  # little is sent, and it fits
        (Second(1, 0, 150_000, 400_000), 0),  # the publisher will send less
        (Second(3, 0, 150_000, 400_000), 1),  # 50 kbit/s each
        (Second(0, 0, 0, 0), 0),
    ],
)
def test_when_a_link_starves(second: Second, badness: int) -> None:
    assert second.badness == badness


def test_publishers_have_time_to_send_less() -> None:
    starving = Starving(1)
    limited = Second(1, 0, 60_000, 200_000)
    assert [starving.after(limited) for _ in range(4)] == [1, 1, 1, 0]


def test_one_bad_second_changes_nothing() -> None:
    starving = Starving(3)
    assert [starving.after(s) for s in (LOSING, FINE, LOSING, FINE)] == [3] * 4


def test_pictures_go_one_by_one_and_never_below_none() -> None:
    starving = Starving(3)
    allowed = []
    for _ in range(12):
        pictures = min(3, starving.allowed)
        allowed.append(starving.after(Second(pictures, 80, None, 0)))
    assert allowed == [3, 2, 2, 1, 1, 0, 0, 0, 0, 0, 0, 0]


def test_it_is_what_is_carried_that_becomes_fewer() -> None:
    starving = Starving(4)
    for _ in range(2):
        starving.after(Second(1, 80, None, 0))
    assert starving.allowed == 0


def test_sound_alone_does_not_starve_pictures_that_are_not_there() -> None:
    starving = Starving(2)
    for _ in range(9):
        starving.after(Second(0, 80, None, 0))
    assert starving.allowed == 2


def seconds_until_more(starving: Starving) -> int:
    before = starving.allowed
    for passed in range(1, 1000):
        if starving.after(FINE) > before:
            return passed
    raise AssertionError("nothing came back")


def starve(starving: Starving) -> None:
    for _ in range(2):
        starving.after(LOSING)


def test_pictures_come_back_after_a_good_while() -> None:
    starving = Starving(3)
    starve(starving)
    assert seconds_until_more(starving) == 6
    assert starving.allowed == 3


def test_what_does_not_last_comes_back_later_each_time_up_to_a_bound() -> None:
    starving = Starving(3)
    waits = []
    for _ in range(7):
        starve(starving)
        waits.append(seconds_until_more(starving))
    assert waits == [6, 12, 24, 48, 96, 96, 96]


def test_what_lasted_makes_it_quick_again() -> None:
    starving = Starving(3)
    for _ in range(3):
        starve(starving)
        seconds_until_more(starving)
    for _ in range(30):
        starving.after(FINE)
    starve(starving)
    assert seconds_until_more(starving) == 6
