"""What people did, as the matcher takes it, and which share of the offers is everybody's."""

from typing import Final

from matching.types import Track
from signalling.core import track
from signalling.core.availability import Availability
from signalling.core.history import History
from signalling.core.track import RECENT_MS, Counts

LEAST_HOURS: Final = 1.0  # online, of everybody together, before a share is known


def track_of(record: Availability, history: History | None) -> Track:
    """Return somebody's past, its counts faded to their last change of status.

    By that moment and by no clock, so that every process ranks them alike.
    """
    counts = record.counts
    if counts.at_ms < record.status_since_ms:
        counts = track.faded(counts, record.status_since_ms)
    known = history or History(record.id)
    return Track(
        sessions=known.sessions,
        completed=counts.completed,
        failed=counts.failed,
        stars=known.stars,
        rated=known.rated,
        offers=counts.offers,
        online_h=counts.online_h,
        answered=counts.answered,
        silent=counts.silent,
        connects=counts.connects,
        connect_failures=counts.connect_failures,
        customers=known.customers,
    )


def load_of(record: Availability) -> tuple[int, int]:
    """Return minutes worked in a day and without a break, as of the last change of status."""
    at_ms = record.status_since_ms
    return track.minutes_today(record.counts, at_ms), track.streak_min(record.counts, at_ms)


class Share:
    """Offers an hour online, over everybody whose counts were told.

    Offers and hours fade by one half-life, so their quotient is the same at any later moment:
    the sums are kept as of the first count told, and a change of one person costs one addition.
    """

    def __init__(self) -> None:
        self._since_ms = 0
        self._offers = self._hours = 0.0

    def change(self, old: Counts, new: Counts) -> None:
        """Replace what somebody counted for; nothing for who was or is not there."""
        for counts, sign in ((old, -1), (new, 1)):
            if counts.at_ms == 0:
                continue
            self._since_ms = self._since_ms or counts.at_ms
            weight = sign * 2.0 ** ((counts.at_ms - self._since_ms) / RECENT_MS)
            self._offers += weight * counts.offers
            self._hours += weight * counts.online_h

    @property
    def rate(self) -> float:
        """Offers an hour online that are everybody's share, 0 while that is not known."""
        return max(0.0, self._offers) / self._hours if self._hours >= LEAST_HOURS else 0.0
