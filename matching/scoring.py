"""From codes to contributions: one table a feature, looked up in bulk or one at a time.

The order of candidates is decided in float32, by adding contributions in the order of `Codes`;
the score that is returned is the float64 sum of the returned contributions. What is the same for
every candidate of a request (the floor, required specialisms) is left out of the order.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from matching import features
from matching.features import DialectFit
from matching.geo import travel_min
from matching.policy import Policy
from matching.types import Audience, Contribution, Mode

REMEMBERED = 4096

F4 = NDArray[np.float32]


class Codes(NamedTuple):
    """A candidate as the features see it; None where a request does not raise the question.

    `matched` are the wanted specialisms held, `substitute` the names (served, asked).
    """

    tier: int
    load: int
    idle: int
    matched: tuple[str, ...] = ()
    dialect: int | None = None
    km: int | None = None
    preferred: bool = False
    scarce: int = 0
    cost: int | None = None
    substitute: tuple[str, str] | None = None


class Ask(NamedTuple):
    """What the features need of a request: its floor, and the specialisms called for."""

    floor: int
    wanted: int
    wishes: bool  # some of the wanted specialisms are wishes, so candidates differ in them


Told = tuple[Contribution, ...]


class Feature(NamedTuple):
    """One feature's contributions by code: objects to explain with, float32 to rank with.

    `told[code]` is what an explanation says of it: the entry, or nothing if it adds zero.
    """

    entries: tuple[Contribution, ...]
    told: tuple[Told, ...]
    table: F4


def _hours(minutes: int) -> str:
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d}"


DIALECT_TEXT: Mapping[int, str] = {
    DialectFit.OTHER: "dialect: another",
    DialectFit.UNSTATED: "dialect: not stated",
    DialectFit.NEAR: "dialect: near the one asked for",
    DialectFit.EXACT: "dialect: exact",
}


class Scorer:
    """A policy made into tables."""

    def __init__(self, policy: Policy, tiers: tuple[str, ...]) -> None:
        self.policy = policy
        self._tiers = ("none", *tiers)
        shape = policy.shape
        self.tier = tuple(self._tier_row(floor) for floor in range(len(self._tiers)))
        self.load = self._feature(
            "load",
            (features.load(q, shape.load_limit_min) for q in range(features.LOAD_CAP + 1)),
            lambda q: f"load: {_hours(q * features.LOAD_STEP_MIN)} worked today",
        )
        self.idle = self._feature(
            "idle",
            (
                features.idle(minutes, shape.idle_half_life_min)
                for minutes in range(features.IDLE_CAP_MIN + 1)
            ),
            lambda minutes: f"idle: {_hours(minutes)} since last work or offer",
        )
        self.dialect = self._feature(
            "dialect", map(features.dialect, sorted(DialectFit)), DIALECT_TEXT.__getitem__
        )
        self.farthest_km = farthest = next(
            km for km in range(10**6) if features.travel(km, shape.travel_limit_min) >= 1
        )
        self.travel = self._feature(
            "travel",
            (features.travel(km, shape.travel_limit_min) for km in range(farthest + 1)),
            lambda km: (
                f"travel: {travel_min(km)} min"
                if km < farthest
                else f"travel: {shape.travel_limit_min:.0f} min or more"
            ),
        )
        self.preference = self._feature(
            "preference",
            map(features.preference, (0, 1)),
            lambda _: "preferred by the customer",
            audience="customer",
        )
        self.scarcity = self._feature(
            "scarcity",
            map(features.scarcity, range(features.RARE + 1)),
            lambda _: "scarcity: one of few with a specialism this job does not need",
        )
        self.cost = self._feature(
            "cost",
            map(features.cost, range(features.COST_CAP_PERCENT + 1)),
            lambda percent: f"cost: {percent} % over the cap",
        )
        # By `features.standing_code`, what is told by the floor as well.
        self.standing = np.array(
            [self.base(t, q) for t in range(len(self.tier)) for q in range(features.LOAD_CAP + 1)],
            np.float32,
        )
        self.standing_told = tuple(
            tuple(told + load for told in row.told for load in self.load.told) for row in self.tier
        )
        self.letters = tuple(
            letter for letter in (None, *tiers) for _ in range(features.LOAD_CAP + 1)
        )
        self.substitute = policy.weights["substitute"]
        self._specialism: dict[tuple[int, tuple[str, ...]], Told] = {}
        self._specialism_tables: dict[int, F4] = {}
        self.chance = {mode: _logistic(policy.acceptance[mode]) for mode in Mode}
        self.chance_by_km = {mode: self._chances(mode) for mode in Mode}

    def _feature(
        self,
        name: str,
        values: Iterable[float],
        text: Callable[[int], str],
        audience: Audience = "everyone",
    ) -> Feature:
        weight = self.policy.weights[name]
        entries = tuple(
            _contribution(name, value, weight, text(code), audience)
            for code, value in enumerate(values)
        )
        told = tuple(map(_told, entries))
        return Feature(entries, told, np.array([each.contribution for each in entries], np.float32))

    def _tier_row(self, floor: int) -> Feature:
        return self._feature(
            "tier_surplus",
            (features.tier_surplus(tier, floor) for tier in range(len(self._tiers))),
            lambda tier: self._tier_text(tier, floor),
        )

    def _tier_text(self, tier: int, floor: int) -> str:
        text = f"qualification: {self._tiers[tier]}"
        if not floor:
            return text
        side = "below" if tier < floor else "above"
        return f"{text}, {abs(tier - floor)} {side} the floor {self._tiers[floor]}"

    def specialism_table(self, wanted: int) -> F4:
        """Return the float32 contributions of 0 … *wanted* matches."""
        table = self._specialism_tables.get(wanted)
        if table is None:
            weight = self.policy.weights["specialism"]
            values = [features.specialism(held, wanted) * weight for held in range(wanted + 1)]
            table = self._specialism_tables[wanted] = np.array(values, np.float32)
        return table

    def specialism(self, wanted: int, matched: tuple[str, ...]) -> Told:
        """Return what holding *matched*, of so many wanted, adds."""
        told = self._specialism.get((wanted, matched))
        if told is None:
            value = features.specialism(len(matched), wanted)
            text = f"specialism: {', '.join(matched) or 'none of those wished for'}"
            weight = self.policy.weights["specialism"]
            told = _told(_contribution("specialism", value, weight, text))
            if len(self._specialism) >= REMEMBERED:
                self._specialism.clear()
            self._specialism[wanted, matched] = told
        return told

    def stand_in(self, names: tuple[str, str]) -> Told:
        """Return what serving another language adds; *names* are (served, asked)."""
        served, asked = names
        text = f"substitute: {served} in place of {asked}"
        return _told(_contribution("substitute", 1.0, self.substitute, text))

    def base(self, tier: int, load: int) -> float:
        """Return what depends on the interpreter alone, rounded to float32."""
        known = self.tier[0].entries[tier].contribution + self.load.entries[load].contribution
        return float(np.float32(known))

    def contributions(self, codes: Codes, ask: Ask) -> Told:
        """Return what each feature adds to one candidate; zeros are left out."""
        told = self.tier[ask.floor].told[codes.tier] + self.load.told[codes.load]
        told += self.idle.told[codes.idle]
        if ask.wanted:
            told += self.specialism(ask.wanted, codes.matched)
        if codes.dialect is not None:
            told += self.dialect.told[codes.dialect]
        if codes.km is not None:
            told += self.travel.told[min(codes.km, self.farthest_km)]
        if codes.preferred:
            told += self.preference.told[1]
        if codes.scarce:
            told += self.scarcity.told[codes.scarce]
        if codes.cost is not None:
            told += self.cost.told[codes.cost]
        if codes.substitute is not None:
            told += self.stand_in(codes.substitute)
        return told

    def order(self, codes: Codes, ask: Ask) -> float:
        """Return the float32 by which one candidate is ordered: the oracle of the index."""
        f4 = np.float32
        total = f4(self.base(codes.tier, codes.load)) + self.idle.table[codes.idle]
        if ask.wishes:
            total += self.specialism_table(ask.wanted)[len(codes.matched)]
        if codes.dialect is not None:
            total += self.dialect.table[codes.dialect]
        if codes.km is not None:
            total += self.travel.table[min(codes.km, self.farthest_km)]
        total += self.preference.table[int(codes.preferred)]
        total += self.scarcity.table[codes.scarce]
        if codes.cost is not None:
            total += self.cost.table[codes.cost]
        if codes.substitute is not None:
            total += f4(self.substitute)
        return float(total)

    def _chances(self, mode: Mode) -> tuple[float, ...]:
        """Return P(accept) by whole km, from the policy's hand constants."""
        known, by_travel = self.policy.acceptance[mode], self.policy.acceptance["travel"]
        return tuple(_logistic(known + by_travel * each.value) for each in self.travel.entries)

    def p_accept(self, codes: Codes, mode: Mode) -> float:
        """Return the probability that an offer is accepted; only on site does the way count."""
        if codes.km is None:
            return self.chance[mode]
        return self.chance_by_km[mode][min(codes.km, self.farthest_km)]


def _told(entry: Contribution) -> Told:
    return (entry,) if entry.contribution else ()


def _logistic(log_odds: float) -> float:
    return 1 / (1 + math.exp(-log_odds))


def _contribution(
    name: str, value: float, weight: float, text: str, audience: Audience = "everyone"
) -> Contribution:
    amount = value * weight
    return Contribution(name, value, amount, f"{amount:+.2f} {text}", audience)
