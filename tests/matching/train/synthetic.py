"""A log whose truth is known: additive hidden log-odds, a race within each wave, lost messages.

Each person rung draws a second in which they would accept, or decline, or neither; the first to
accept takes the job and the others' rings are withdrawn in that moment. So truth can be compared
with what was learnt of a log that shows only the winner.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matching.features import CODES
from matching.types import Mode

RING_S = 20
START_MS = 1_760_000_000_000
DAY_MS = 86_400_000
MODES = (Mode.AUDIO, Mode.VIDEO, Mode.ONSITE)
HALF_S = 6.0


@dataclass(frozen=True)
class Market:
    """Who is asked what; see `accept_log_odds` and `complete_log_odds` for what they answer."""

    decisions: int = 6_000
    people: int = 60
    rung: int = 3
    ranked: int = 8
    days: float = 30.0
    undelivered: float = 0.05
    unseen: float = 0.0
    shift: float = 0.0
    late_shift: float = 0.0  # added in the last 30 % of the time
    early_idle: float = 1.0  # what idleness does to log-odds before that
    interaction: float = 0.0
    signal: float = 1.0
    seed: int = 0


def accept_log_odds(
    market: Market, codes: dict[str, int | None], context: dict[str, Any], *, late: bool = False
) -> float:
    """Return the truth: the log-odds of ever accepting within the ring, nobody else asked."""
    travel = 0.0 if codes["travel"] is None else min(1.0, codes["travel"] / 90)
    night = 1.0 if context["hour"] < 7 else 0.0
    effect = (
        -2.0 * travel
        - 1.2 * (codes["substitute"] or 0)
        + 0.8 * (codes["preference"] or 0)
        + 3.0 * ((codes["responsiveness"] or 0) / 50 - 0.7)
        - 1.0 * night
        + (1.0 if late else market.early_idle) * min((codes["idle"] or 0) / 240, 1.0)
        + market.interaction * (night - 0.3) * ((codes["idle"] or 0) > 120)
    )
    shift = market.shift + (market.late_shift if late else 0.0)
    return -0.3 + shift + market.signal * effect


def complete_log_odds(codes: dict[str, int | None]) -> float:
    return 2.0 + 6.0 * ((codes["reliability"] or 0) / 100 - 0.8) - 1.0 * (codes["load"] or 0) / 32


def log_lines(market: Market) -> Iterator[dict[str, Any]]:
    """Yield the lines of a log of *market*, in time."""
    draw = np.random.default_rng(market.seed)
    for who in range(market.people):
        yield {
            "kind": "online",
            "interpreter": f"i{who}",
            "from_ms": START_MS,
            "to_ms": START_MS + int(market.days * DAY_MS),
        }
    for number, decision in enumerate(_decisions(market, draw)):
        yield decision
        yield from _answers(market, draw, decision, late=number >= 0.7 * market.decisions)


def _decisions(market: Market, draw: np.random.Generator) -> Iterator[dict[str, Any]]:
    """Yield decisions; all chance is drawn by the column, which is a hundred times as fast."""
    n, ranked = market.decisions, market.ranked
    at_ms = START_MS + np.arange(n) * market.days * DAY_MS / n
    modes = draw.integers(3, size=n)
    columns = zip(
        at_ms.astype(int).tolist(),
        modes.tolist(),
        draw.integers(24, size=n).tolist(),
        draw.choice([15, 30, 60, 120], size=n).tolist(),
        (draw.random(n) < 0.05).tolist(),
        draw.permuted(np.tile(np.arange(market.people), (n, 1)), axis=1)[:, :ranked].tolist(),
        _codes(draw, np.repeat(modes, ranked)).reshape(n, ranked, len(CODES)).tolist(),
        strict=True,
    )
    for number, (at, mode, hour, duration, emergency, people, codes) in enumerate(columns):
        context = {
            "mode": MODES[mode].value,
            "hour": hour,
            "duration_min": duration,
            "emergency": emergency,
            "scheduled": False,
        }
        candidates = [
            {
                "interpreter": f"i{who}",
                "position": position,
                "order": float(ranked - position),
                "score": float(ranked - position),
                "p_accept": 0.5,
                "propensity": market.rung / ranked,
                "rung": position <= market.rung,
                "codes": [None if code < 0 else code for code in codes[position - 1]],
            }
            for position, who in enumerate(people, start=1)
        ]
        yield _decision(number, at, context, candidates)


def _decision(
    number: int, at_ms: int, context: dict[str, Any], candidates: list[dict[str, Any]]
) -> dict[str, Any]:
    return {
        "kind": "decision",
        "id": f"d{number}",
        "at_ms": at_ms,
        "assignment": f"a{number}",
        "slot": "0",
        "wave": 1,
        "strategy": "waves",
        "policy": "hand-0",
        "model": None,
        "seed": number,
        "explored": True,
        "context": context,
        "floor": 0,
        "wanted": 2,
        "request": {},
        "eligible": len(candidates),
        "excluded": {},
        "online": {"interpreters": [], "excluded": []},
        "features": list(CODES),
        "candidates": candidates,
    }


def _codes(draw: np.random.Generator, modes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return codes (n, 19) of candidates for requests of these *modes* (n,); -1 is not asked."""
    n = len(modes)

    def some(low: int, high: int, share: float = 1.0) -> NDArray[np.int64]:
        return np.where(draw.random(n) < share, draw.integers(low, high, n), -1)

    onsite = modes == MODES.index(Mode.ONSITE)
    columns = {
        "tier": some(0, 6),
        "experience": some(0, 12),
        "reliability": some(70, 101),
        "responsiveness": some(20, 51),
        "rating": some(20, 41),
        "load": some(0, 33),
        "streak": some(0, 9),
        "exposure": some(0, 21),
        "media": np.where(onsite, -1, some(10, 21)),
        "idle": some(0, 481),
        "specialism": some(0, 3, 0.5),
        "dialect": some(0, 4, 0.3),
        "travel": np.where(onsite, some(0, 91), -1),
        "slack": some(0, 25),
        "preference": some(1, 2, 0.1).clip(0),
        "continuity": some(0, 11),
        "scarcity": np.zeros(n, np.int64),
        "cost": some(0, 40, 0.3),
        "substitute": some(1, 2, 0.15).clip(0),
    }
    return np.column_stack([columns[name] for name in CODES])


def _answers(
    market: Market, draw: np.random.Generator, decision: dict[str, Any], *, late: bool
) -> Iterator[dict[str, Any]]:
    """Ring the wave: whoever would accept first takes it, and the others stop ringing."""
    rung = [each for each in decision["candidates"] if each["rung"]]
    made = decision["at_ms"]
    tries = []
    for each in rung:
        codes = dict(zip(CODES, each["codes"], strict=True))
        chance = 1 / (1 + np.exp(-accept_log_odds(market, codes, decision["context"], late=late)))
        # Truncated exponential times: who accepts at all does so within the ring.
        within = -HALF_S * np.log(1 - draw.random() * (1 - np.exp(-RING_S / HALF_S)))
        accepts, declines = draw.random() < chance, draw.random() < 0.5
        arrived = draw.random() >= market.undelivered
        seen = draw.random() >= market.unseen
        tries.append((each, codes, within, accepts, declines, arrived, seen))
    times = [t[2] for t in tries if t[3] and t[5] and t[6]]
    taken = min(times, default=np.inf)
    for at, (each, codes, within, accepts, declines, arrived, seen) in enumerate(tries):
        state, answered = "expired", None
        if not arrived:
            state = "undelivered"
        elif seen and accepts and within == taken:
            state, answered = "accepted", within
        elif seen and not accepts and declines and within < taken:
            state, answered = "declined", within
        elif taken < RING_S:
            state, answered = "withdrawn", taken
        offer = f"{decision['id']}-{at}"
        yield {
            "kind": "offer",
            "offer": offer,
            "decision": decision["id"],
            "assignment": decision["assignment"],
            "interpreter": each["interpreter"],
            "wave": 1,
            "made_ms": made,
            "expires_ms": made + RING_S * 1000,
            "delivered_ms": made if arrived else None,
            "seen_ms": made if arrived and seen else None,
            "answered_ms": None if answered is None else made + round(answered * 1000),
            "state": state,
            "reason": None,
        }
        if state == "accepted":
            yield _work(draw, decision, each, offer, codes, made)


def _work(
    draw: np.random.Generator,
    decision: dict[str, Any],
    each: dict[str, Any],
    offer: str,
    codes: dict[str, int | None],
    made: int,
) -> dict[str, Any]:
    completed = draw.random() < 1 / (1 + np.exp(-complete_log_odds(codes)))
    return {
        "kind": "work",
        "assignment": decision["assignment"],
        "interpreter": each["interpreter"],
        "offer": offer,
        "accepted_ms": made,
        "started_ms": made,
        "ended_ms": made + 1_800_000,
        "minutes": 30,
        "state": "completed" if completed else "failed",
        "fault": "nobody" if completed else "interpreter",
    }
