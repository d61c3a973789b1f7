"""What people did, as the matcher takes it."""

import random

import pytest

from matching.types import NEW, Track
from signalling.core.availability import Availability
from signalling.core.history import History
from signalling.core.track import NOTHING, RECENT_MS, RELIABLE_MS, Counts, faded
from signalling.past import Share, load_of, track_of

NOW = 1_800_000_000_000
MINUTE, HOUR = 60_000, 3_600_000
COUNTS = Counts(NOW, 8, 16, 4, 2, 32, 6, ((NOW // HOUR, 45),), 30, NOW, answered=5, silent=3)


def record(counts: Counts = COUNTS, at_ms: int = NOW) -> Availability:
    return Availability("ann", status_since_ms=at_ms, counts=counts)


def test_every_field_of_a_track() -> None:
    history = History("ann", {"no-so": 3}, {"hospital:kari": (2, NOW)}, stars=9, rated=2)
    assert track_of(record(), history) == Track(
        sessions={"no-so": 3},
        completed=32,
        failed=6,
        stars=9,
        rated=2,
        offers=8,
        online_h=16,
        answered=5,
        silent=3,
        connects=4,
        connect_failures=2,
        customers={"hospital:kari": (2, NOW)},
    )


def test_who_did_nothing_is_new() -> None:
    assert track_of(Availability("ann"), None) == NEW
    assert load_of(Availability("ann")) == (0, 0)


def test_counts_fade_to_the_last_change_of_status() -> None:
    """Whoever comes back after a fortnight has half of what is recent left."""
    track = track_of(record(at_ms=NOW + RECENT_MS), None)
    assert (track.offers, track.online_h, track.connects) == (4, 8, 2)
    assert (track.answered, track.silent) == (2.5, 1.5)
    assert track.completed == 32 * 0.5 ** (RECENT_MS / RELIABLE_MS)


@pytest.mark.parametrize(
    ("later_ms", "load"),
    [(0, (45, 30)), (10 * MINUTE, (45, 30)), (20 * MINUTE, (45, 0)), (25 * HOUR, (0, 0))],
)
def test_load_of_a_day(later_ms: int, load: tuple[int, int]) -> None:
    assert load_of(record(at_ms=NOW + later_ms)) == load


def test_a_share_is_offers_by_hours() -> None:
    share = Share()
    assert share.rate == 0
    share.change(NOTHING, Counts(NOW, offers=3, online_h=0.5))
    assert share.rate == 0  # too little is known
    share.change(NOTHING, Counts(NOW, offers=1, online_h=1.5))
    assert share.rate == 2
    share.change(Counts(NOW, offers=3, online_h=0.5), NOTHING)
    assert share.rate == pytest.approx(2 / 3)


def test_a_share_of_many_changes_is_that_of_the_last() -> None:
    """However often and in whichever order people change, as if all were faded and added now."""
    chance = random.Random(4)
    share, known = Share(), dict.fromkeys(range(20), NOTHING)
    at_ms = NOW
    for _ in range(2000):
        at_ms += chance.randrange(6 * HOUR)
        who = chance.randrange(20)
        new = Counts(at_ms, offers=chance.random() * 9, online_h=chance.random() * 40)
        if chance.random() < 0.1:
            new = NOTHING
        share.change(known[who], new)
        known[who] = new
    now = [faded(counts, at_ms) for counts in known.values() if counts is not NOTHING]
    want = sum(c.offers for c in now) / sum(c.online_h for c in now)
    assert share.rate == pytest.approx(want, rel=1e-9)
