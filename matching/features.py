"""Soft features: each a number that one function makes from a small integer code.

Integer codes make every feature a table: ranking looks contributions up by the thousand, the
explanation of one candidate looks up the same entries, a decision is recorded as its codes, and a
learnt model is one table a feature (`scoring`). Signs and sizes are the policy's; a value says only
"how much", and it is what models learn from.

Never features: gender, age, name, nationality, mother tongue, counts of declines, speed of
answering. Nor does anybody's own share of accepted offers count: declining is free, and an answer
like any other.
"""

import math
from collections.abc import Mapping
from enum import IntEnum
from typing import Final

from matching.zones import DAY_MS

TIER_STEPS: Final = 5
EXPERIENCE_CAP: Final = 15
RELIABILITY_CAP: Final = 100
RESPONSIVENESS_CAP: Final = 50
RATING_CAP: Final = 40
LOAD_STEP_MIN: Final = 15
LOAD_CAP: Final = 16 * 60 // LOAD_STEP_MIN
STREAK_CAP: Final = 8 * 60 // LOAD_STEP_MIN
BREAK_MIN: Final = 15  # so long a pause ends a streak
EXPOSURE_CAP: Final = 20
ON_TARGET: Final = 10
MEDIA_CAP: Final = 20
IDLE_CAP_MIN: Final = 8 * 60  # who has not been seen working counts as idle for a working day
SLACK_STEP_MIN: Final = 5
ROOMY: Final = 24  # two hours to the next commitment are as good as none
CONTINUITY_CAP: Final = 10
RARE: Final = 2  # a specialism is scarce while at most so many people online hold it
COST_CAP_PERCENT: Final = 100

# Shrinkage: so many imagined earlier cases at the market's usual rate.
PRIOR_COMPLETED, PRIOR_FAILED = 19.0, 1.0  # 95 % of what is accepted is completed
PRIOR_ANSWERED, PRIOR_SILENT = 6.0, 2.0  # three offers in four are answered, yes or no
PRIOR_STARS, PRIOR_RATED = 4.4, 10.0
PRIOR_CONNECTS, PRIOR_CONNECT_FAILURES = 9.0, 0.5
USUAL_RESPONSIVENESS: Final = 38
USUAL_RATING: Final = 34  # what these priors come to: whoever is new gains and loses nothing
USUAL_MEDIA: Final = 19
PRIOR_ONLINE_H = 8.0  # a day: whoever is new counts as on target
CONTINUITY_HALF_LIFE_DAYS = 180.0

# The codes of a candidate, in the order in which a decision records them.
CODES: Final = (
    *("tier", "experience", "reliability", "responsiveness", "rating", "load", "streak"),
    *("exposure", "media", "idle", "specialism", "dialect", "travel", "slack", "preference"),
    *("continuity", "scarcity", "cost", "substitute"),
)
# What a request alone decides: the same for all its candidates, so it moves chances, not ranks.
CONTEXT: Final = ("mode", "hour", "duration", "wave", "emergency")
# How many codes each has; `specialism` has as many as the request wants, and none wanted is one.
SIZES: Final[Mapping[str, int]] = {
    "tier": TIER_STEPS + 1,
    "experience": EXPERIENCE_CAP + 1,
    "reliability": RELIABILITY_CAP + 1,
    "responsiveness": RESPONSIVENESS_CAP + 1,
    "rating": RATING_CAP + 1,
    "load": LOAD_CAP + 1,
    "streak": STREAK_CAP + 1,
    "exposure": EXPOSURE_CAP + 1,
    "media": MEDIA_CAP + 1,
    "idle": IDLE_CAP_MIN + 1,
    "dialect": 4,
    "slack": ROOMY + 1,
    "preference": 2,
    "continuity": CONTINUITY_CAP + 1,
    "scarcity": RARE + 1,
    "cost": COST_CAP_PERCENT + 1,
    "substitute": 2,
}


class DialectFit(IntEnum):
    OTHER = 0
    UNSTATED = 1
    NEAR = 2
    EXACT = 3


# --- values, by code ----------------------------------------------------------------------


def tier_surplus(tier: int, floor: int) -> float:
    """0–1: steps of qualification above the floor, of five. Source: domain.md; Norway's A–E."""
    return (tier - floor) / TIER_STEPS


def experience(doublings: int) -> float:
    """0–1: sessions done in this pair, by doublings, capped at 32,767. Source: completed work."""
    return doublings / EXPERIENCE_CAP


def reliability(percent: int) -> float:
    """0–1: of the work accepted, what was completed; shrunk, excused absence left out."""
    return percent / RELIABILITY_CAP


def responsiveness(fiftieths: int) -> float:
    """0–1: of the offers that reached them, those they answered, yes or no; shrunk.

    Only silence while available is the lesser of the two. Source: what became of offers.
    """
    return fiftieths / RESPONSIVENESS_CAP


def rating(tenths: int) -> float:
    """−0.85–0.15: shrunk mean of 1–5 stars beside the usual 4.4. Source: feedback.rate; noisy."""
    return (tenths - USUAL_RATING) / RATING_CAP


def load(quarters: int, limit_min: float) -> float:
    """0–1: minutes worked today over a limit, in quarters of an hour. Source: fatigue (AIIC)."""
    return min(1.0, quarters * LOAD_STEP_MIN / limit_min)


def back_to_back(quarters: int, limit_min: float) -> float:
    """0–1: minutes worked without a break of a quarter over a limit. Source: fatigue (AIIC)."""
    return min(1.0, quarters * LOAD_STEP_MIN / limit_min)


def exposure(code: int) -> float:
    """−1–1: what is missing to one's share of offers per online hour. Source: fair turns."""
    return (code - ON_TARGET) / (EXPOSURE_CAP - ON_TARGET)


def media_health(code: int) -> float:
    """−0.95–0.05: recent meetings that connected, shrunk, beside the usual. Remote work only."""
    return (code - USUAL_MEDIA) / MEDIA_CAP


def idle(minutes: int, half_life_min: float) -> float:
    """0–1: time since last work or offer, saturating by halves. Source: fair turns."""
    return float(1.0 - 2.0 ** (-minutes / half_life_min))


def specialism(matches: int, wanted: int) -> float:
    """0–1: (matches + 1) / (wanted + 1), so that no match still beats no answer. domain.md."""
    return (matches + 1) / (wanted + 1)


def dialect(fit: int) -> float:
    """0–1: exact 1, curated 0.5, unstated 0.25, another 0. Source: domain.md."""
    return (0.0, 0.25, 0.5, 1.0)[fit]


def travel(minutes: int, limit_min: float) -> float:
    """0–1: modelled travel time over the policy's limit. Source: the travel model.

    The limit is one for all candidates: dividing by each one's own would rank far and willing
    before near and unwilling.
    """
    return min(1.0, minutes / limit_min)


def slack(steps: int) -> float:
    """0–1: how little time is left to the nearest booking, travel taken off; 0 is roomy."""
    return 1.0 - steps / ROOMY


def preference(preferred: int) -> float:
    """0 or 1: the customer named this interpreter. Source: the request."""
    return float(preferred)


def continuity(code: int) -> float:
    """0–1: earlier good sessions with this customer, decayed and saturating. domain.md."""
    return code / CONTINUITY_CAP


def scarcity(holders: int) -> float:
    """0–1: 1 for the only one online with a skill the job does not need, 0.5 for one of two.

    *holders* counts who holds the rarest such specialism in the pair; 0 says none is rare. Words
    that came too late for a bit (`capabilities`) do not count as rare. Source: domain.md.
    """
    return 1.0 / holders if holders else 0.0


def cost(percent_over: int) -> float:
    """0–1: price over the customer's cap, as a share of the cap. Source: the request."""
    return percent_over / 100


# --- codes, from facts --------------------------------------------------------------------


def experience_code(sessions: float) -> int:
    """Return how often the number of sessions in a pair doubled, from none."""
    return min(int(math.log2(1 + max(sessions, 0))), EXPERIENCE_CAP)


def reliability_code(completed: float, failed: float) -> int:
    """Return whole percent of accepted work that was completed, shrunk to the usual 95."""
    done = completed + PRIOR_COMPLETED
    return round(RELIABILITY_CAP * done / (done + failed + PRIOR_FAILED))


def responsiveness_code(answered: float, silent: float) -> int:
    """Return fiftieths of the offers that were answered, shrunk to the usual three in four."""
    spoke = answered + PRIOR_ANSWERED
    return round(RESPONSIVENESS_CAP * spoke / (spoke + silent + PRIOR_SILENT))


def rating_code(stars: float, rated: float) -> int:
    """Return tenths of the shrunk mean of *rated* ratings with *stars* in all, above one star."""
    mean = (stars + PRIOR_STARS * PRIOR_RATED) / (rated + PRIOR_RATED)
    return min(max(round((mean - 1) * 10), 0), RATING_CAP)


def load_code(minutes: int) -> int:
    """Return begun quarters of an hour, capped."""
    return min(max(-(-minutes // LOAD_STEP_MIN), 0), LOAD_CAP)


def streak_code(minutes: int) -> int:
    """Return begun quarters of an hour worked without a break, capped."""
    return min(max(-(-minutes // LOAD_STEP_MIN), 0), STREAK_CAP)


def exposure_code(offers: float, online_h: float, target: float) -> int:
    """Return tenths of the target of offers per online hour that are missing, from `ON_TARGET`.

    A few hours say little: they are shrunk towards the target.
    """
    if target <= 0:
        return ON_TARGET
    rate = (offers + target * PRIOR_ONLINE_H) / (online_h + PRIOR_ONLINE_H)
    missing = min(max((target - rate) / target, -1.0), 1.0)
    return round(ON_TARGET + missing * (EXPOSURE_CAP - ON_TARGET))


def media_code(connects: float, failures: float) -> int:
    """Return twentieths of the recent meetings that connected, shrunk."""
    good = connects + PRIOR_CONNECTS
    return round(MEDIA_CAP * good / (good + failures + PRIOR_CONNECT_FAILURES))


def idle_code(since_active_min: int) -> int:
    """Return whole minutes within 0 … `IDLE_CAP_MIN`; a clock that went back counts as 0."""
    return min(max(since_active_min, 0), IDLE_CAP_MIN)


def slack_code(minutes: int) -> int:
    """Return whole five minutes to the nearest commitment, 0 … `ROOMY`."""
    return min(max(minutes // SLACK_STEP_MIN, 0), ROOMY)


def continuity_code(good: float, since_ms: int) -> int:
    """Return tenths: one good session is 5, each more takes half of what is left; halved by age."""
    if good <= 0:
        return 0
    decay = 2.0 ** (-max(since_ms, 0) / DAY_MS / CONTINUITY_HALF_LIFE_DAYS)
    strength: float = CONTINUITY_CAP * (1 - 2.0**-good) * decay
    return max(1, round(strength))


def cost_code(price_cents: int, cap_cents: int) -> int:
    """Return whole percent over the cap, 0 … 100; any price is over a cap of nothing."""
    over = price_cents - cap_cents
    if over <= 0:
        return 0
    return min(COST_CAP_PERCENT, over * 100 // cap_cents) if cap_cents else COST_CAP_PERCENT
