"""When offers are accepted, by person-periods: who could still accept, and who did.

A ring ends in four ways. An acceptance is the event. Whoever declines or lets it ring will not
accept any more, but stays at risk (a subdistribution: Fine and Gray 1999) until it would have ended
anyway: at its expiry, or when somebody else took the job, which the log tells. A ring that is
withdrawn is censored: what it would have come to is unknown, and counting it as a refusal would
call the people beside fast ones unwilling. Who was not reached was not asked.
"""

from collections import Counter
from typing import Final, NamedTuple

import numpy as np

from matching.train.log import (
    ACCEPTED,
    DECLINED,
    EXPIRED,
    NEVER,
    UNDELIVERED,
    WITHDRAWN,
    Bools,
    Floats,
    Ints,
    Offers,
)

MOST_PERIODS: Final = 8
MOST_RINGS: Final = 3


class Rings(NamedTuple):
    """Offers that reached a person, (n,) each: `offers` are their rows in the log.

    Seconds from delivery: `ends_s` until they left the risk of accepting, `known_s` until it was
    known how they end (or that this never will be), `ring_s` how long they were made to ring.
    `accepted`, and `censored` where the end is not known. `wave` is how many rang at once.
    """

    offers: Ints
    ends_s: Floats
    known_s: Floats
    ring_s: Floats
    accepted: Bools
    censored: Bools
    wave: Ints

    def only(self, rows: Bools) -> "Rings":
        """Return the rings that the mask *rows* picks."""
        return Rings(*(getattr(self, name)[rows] for name in self._fields))


class PersonPeriods(NamedTuple):
    """Rows of one ring in one period, (m,) each.

    `ring` is the row of the ring, `happened` whether the event fell into the period, `weight` the
    share of the period that was at risk, 0–1.
    """

    ring: Ints
    period: Ints
    happened: Bools
    weight: Floats


def rings_of(offers: Offers) -> tuple[Rings, dict[str, int]]:
    """Return the rings among *offers*, and how many were dropped by reason.

    Delivered but never seen, and left to expire, is as good as undelivered.
    """
    state, delivered = offers.state, offers.delivered_ms
    answered = np.where(offers.answered_ms == NEVER, offers.taken_ms, offers.answered_ms)
    is_open = np.ones(len(offers), dtype=bool)
    dropped: Counter[str] = Counter()

    def drop(reason: str, rows: Bools) -> None:
        dropped[reason] += int((rows & is_open).sum())
        is_open[rows] = False

    drop("undelivered", (state == UNDELIVERED) | (delivered == NEVER))
    drop("unseen", (state == EXPIRED) & (offers.seen_ms == NEVER))
    unanswered = np.isin(state, (ACCEPTED, DECLINED)) & (offers.answered_ms == NEVER)
    drop("unanswered", unanswered | ((state == WITHDRAWN) & (answered == NEVER)))
    backwards = (offers.expires_ms <= offers.made_ms) | (delivered < offers.made_ms)
    answers = np.isin(state, (ACCEPTED, DECLINED, WITHDRAWN))
    drop("clock_went_back", backwards | (answers & (answered < delivered)))

    rows = np.flatnonzero(is_open)
    kept, answered = offers.only(rows), answered[rows]
    taken = np.where(kept.taken_ms == NEVER, kept.expires_ms, kept.taken_ms)
    stopped = np.maximum(np.minimum(kept.expires_ms, taken), kept.delivered_ms)
    own = np.isin(kept.state, (ACCEPTED, WITHDRAWN))
    ends = np.where(
        own, answered, np.where(kept.state == DECLINED, np.maximum(stopped, answered), stopped)
    )
    known = np.where(kept.state == EXPIRED, kept.expires_ms, answered)
    rings = Rings(
        rows,
        (ends - kept.delivered_ms) / 1000,
        (known - kept.delivered_ms) / 1000,
        (kept.expires_ms - kept.made_ms) / 1000,
        kept.state == ACCEPTED,
        kept.state == WITHDRAWN,
        np.bincount(offers.decision)[kept.decision],
    )
    return rings, {reason: count for reason, count in dropped.items() if count}


def periods_of(rings: Rings) -> tuple[float, ...]:
    """Return ends of periods in seconds, at most nine: where acceptances fall, where rings end."""
    lengths, counts = np.unique(np.round(rings.ring_s, 1), return_counts=True)
    usual = lengths[np.argsort(-counts, kind="stable")[:MOST_RINGS]]
    times = rings.known_s[rings.accepted]
    shares = np.linspace(0, 1, MOST_PERIODS - len(usual) + 2)[1:-1]
    inner = np.quantile(times, shares) if len(times) else np.array([])
    ends = np.unique(np.concatenate([np.round(inner, 1), usual, [rings.ring_s.max()]]))
    return tuple(float(end) for end in ends if end > 0)


def person_periods(stopped_s: Floats, happened: Bools, ends_s: tuple[float, ...]) -> PersonPeriods:
    """Split the time at risk of rings into periods with these ends, in seconds and rising.

    *stopped_s* and *happened*, (n,) each: how long a ring was at risk, and whether what it was at
    risk of ended it.
    """
    ends = np.array(ends_s)
    starts = np.concatenate([[0.0], ends[:-1]])
    at_risk = stopped_s[:, None] > starts
    # What happens in the moment of delivery was at risk for a moment.
    at_risk[:, 0] |= happened
    ring, period = np.nonzero(at_risk)
    now = happened[ring] & (stopped_s[ring] <= ends[period])
    share = (stopped_s[ring] - starts[period]) / (ends - starts)[period]
    return PersonPeriods(ring, period, now, np.where(now, 1.0, share.clip(0.0, 1.0)))
