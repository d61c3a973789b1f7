"""What people read of an estimate."""

from zoneinfo import ZoneInfo

import pytest

from matching import Mode
from matching.ahead import Opening
from matching.estimate import RANKED, Estimate
from matching.proposals import Proposal
from matching.saying import clock, say
from tests.matching.builders import MINUTE, NOW, request

HOUR = 60 * MINUTE
OSLO = ZoneInfo("Europe/Oslo")
# NOW is Friday 15 January 2027, 09:00 in Oslo.
NOBODY = Estimate(0, None, None, None, 0, 0)


def phone(wait_s: int) -> Proposal:
    asked = request(mode=Mode.AUDIO)
    return Proposal("audio instead of video", asked, Estimate(0.9, wait_s, 2, 30, 3, 0))


@pytest.mark.parametrize(
    ("opening", "proposed", "text"),
    [
        (None, [], "Nobody by video now."),
        (Opening(NOW + 5 * HOUR, certain=True), [], "Nobody by video before 14:00."),
        (
            Opening(NOW + 5 * HOUR, certain=True),
            [phone(8)],
            "Nobody by video before 14:00; on the phone at once.",
        ),
        (None, [phone(55)], "Nobody by video now; on the phone in about 55 s."),
        (
            Opening(NOW + 24 * HOUR, certain=False),
            [Proposal(None, request(start_ms=NOW), NOBODY)],
            "Nobody by video now; somebody can be booked for tomorrow at 09:00.",
        ),
    ],
)
def test_when_nobody_can_be_had(
    opening: Opening | None, proposed: list[Proposal], text: str
) -> None:
    assert say(request(), NOBODY._replace(opening=opening), proposed, NOW, OSLO) == text


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (
            Estimate(0.95, 12, 4, 130, 7, 30),
            "About 12 s; eight times in ten between 4 s and 2 min. 7 people can be asked now.",
        ),
        (
            Estimate(0.55, 6, 3, 12, 1, 0),
            (
                "About 6 s, if at all (55%); eight times in ten between 3 s and 12 s. "
                "1 person can be asked now."
            ),
        ),
        (
            Estimate(0.05, None, None, None, 2, 0),
            "2 people can be asked now, but hardly anybody is likely to accept in time.",
        ),
    ],
)
def test_of_a_request_for_now(found: Estimate, text: str) -> None:
    assert say(request(), found, [], NOW, OSLO) == text


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (NOBODY, "Nobody is free then."),
        (
            Estimate(0.5, None, None, None, 1, 0),
            "1 person is free then; the chance that it is taken is 50%.",
        ),
        (
            Estimate(0.9, None, None, None, 4, 0),
            "4 people are free then; the chance that it is taken is 90%.",
        ),
        (
            Estimate(0.95, None, None, None, RANKED, 0),
            f"{RANKED} people or more are free then; the chance that it is taken is 95%.",
        ),
    ],
)
def test_of_a_booking(found: Estimate, text: str) -> None:
    assert say(request(start_ms=NOW + HOUR), found, [], NOW, OSLO) == text


def test_times_are_those_of_the_zone() -> None:
    assert clock(NOW + 5 * HOUR, NOW, OSLO) == "14:00"
    assert clock(NOW + 5 * HOUR, NOW, ZoneInfo("Asia/Kolkata")) == "18:30"
    assert clock(NOW + 15 * HOUR, NOW, OSLO) == "tomorrow at 00:00"
    assert clock(NOW + 71 * HOUR, NOW, OSLO) == "Monday 18 January at 08:00"
    # In summer time, across the change of 28 March 2027.
    spring = NOW + 71 * 24 * HOUR  # Saturday 27 March, 09:00
    assert clock(spring + 24 * HOUR, spring, OSLO) == "tomorrow at 10:00"
