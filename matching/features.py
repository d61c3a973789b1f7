"""Soft features: each a number that one function makes from a small integer code.

Integer codes make every feature a table: ranking looks contributions up by the thousand, the
explanation of one candidate looks up the same entries, and a learnt additive model will replace
the tables and nothing else. Signs and sizes are the policy's; a value says only "how much".

Left out until there is history to know them by: experience, continuity, calibrated acceptance,
completion, rating, exposure, media health, slack between bookings. Never features: gender, age,
name, nationality, mother tongue, counts of declines, speed of answering.
"""

from enum import IntEnum

from matching.geo import travel_min

TIER_STEPS = 5
IDLE_CAP_MIN = 8 * 60  # who has not been seen working counts as idle for a working day
LOAD_STEP_MIN = 15
LOAD_CAP = 16 * 60 // LOAD_STEP_MIN
COST_CAP_PERCENT = 100
RARE = 2  # a specialism is scarce while at most so many people online hold it


class DialectFit(IntEnum):
    OTHER = 0
    UNSTATED = 1
    NEAR = 2
    EXACT = 3


def tier_surplus(tier: int, floor: int) -> float:
    """0–1: steps of qualification above the floor, of five. Source: domain.md; Norway's A–E."""
    return (tier - floor) / TIER_STEPS


def dialect(fit: int) -> float:
    """0–1: exact 1, curated 0.5, unstated 0.25, another 0. Source: domain.md."""
    return (0.0, 0.25, 0.5, 1.0)[fit]


def specialism(matches: int, wanted: int) -> float:
    """0–1: (matches + 1) / (wanted + 1), so that no match still beats no answer. domain.md."""
    return (matches + 1) / (wanted + 1)


def preference(preferred: int) -> float:
    """0 or 1: the customer named this interpreter. Source: the request."""
    return float(preferred)


def travel(km: int, limit_min: float) -> float:
    """0–1: modelled travel time over the policy's limit, at whole km. Source: geo.travel_min.

    The limit is one for all candidates: dividing by each one's own would rank far and willing
    before near and unwilling.
    """
    return min(1.0, travel_min(km) / limit_min)


def idle(minutes: int, half_life_min: float) -> float:
    """0–1: time since last work or offer, saturating by halves. Source: fair turns."""
    return float(1.0 - 2.0 ** (-minutes / half_life_min))


def load(quarters: int, limit_min: float) -> float:
    """0–1: minutes worked today over a limit, in quarters of an hour. Source: fatigue (AIIC)."""
    return min(1.0, quarters * LOAD_STEP_MIN / limit_min)


def scarcity(holders: int) -> float:
    """0–1: 1 for the only one online with a skill the job does not need, 0.5 for one of two.

    *holders* counts who holds the rarest such specialism in the pair; 0 says none is rare. Words
    that came too late for a bit (`capabilities`) do not count as rare. Source: domain.md.
    """
    return 1.0 / holders if holders else 0.0


def cost(percent_over: int) -> float:
    """0–1: price over the customer's cap, as a share of the cap. Source: the request."""
    return percent_over / 100


def idle_code(since_active_min: int) -> int:
    """Return whole minutes within 0 … `IDLE_CAP_MIN`; a clock that went back counts as 0."""
    return min(max(since_active_min, 0), IDLE_CAP_MIN)


def load_code(minutes: int) -> int:
    """Return begun quarters of an hour, capped."""
    return min(max(-(-minutes // LOAD_STEP_MIN), 0), LOAD_CAP)


def standing_code(tier: int, load: int) -> int:
    """Return what depends on an interpreter alone as one number, by tier and then load."""
    return tier * (LOAD_CAP + 1) + load


def cost_code(price_cents: int, cap_cents: int) -> int:
    """Return whole percent over the cap, 0 … 100; any price is over a cap of nothing."""
    over = price_cents - cap_cents
    if over <= 0:
        return 0
    return min(COST_CAP_PERCENT, over * 100 // cap_cents) if cap_cents else COST_CAP_PERCENT
