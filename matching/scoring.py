"""From codes to contributions: one curve a feature, looked up in bulk or one at a time.

The order of candidates is decided in float32: the static part, rounded once, then one table after
another in the order of `Codes`. The score that is returned is the float64 sum of the returned
contributions. What is the same for every candidate of a request (the floor, required specialisms,
the chances it starts with) is left out of the order.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Final, NamedTuple

import numpy as np

from matching import features
from matching.chances import Chances, HandChances, LearntChances, step_of
from matching.curves import F8, Curve, Curves, Point, Told, values_of
from matching.features import DialectFit
from matching.model import Model
from matching.policy import Policy
from matching.types import Audience, Contribution

REMEMBERED: Final = 4096
_new = tuple.__new__  # half the time of a NamedTuple's own


class Codes(NamedTuple):
    """A candidate as the features see it (features.CODES); None where a request does not ask.

    `specialism` counts the wanted ones held.
    """

    tier: int = 0
    experience: int = 0
    reliability: int = 0
    responsiveness: int = features.USUAL_RESPONSIVENESS
    rating: int = 0
    load: int = 0
    streak: int = 0
    exposure: int = features.ON_TARGET
    media: int | None = None
    idle: int | None = features.IDLE_CAP_MIN
    specialism: int | None = None
    dialect: int | None = None
    travel: int | None = None
    slack: int = features.ROOMY
    preference: int = 0
    continuity: int = 0
    scarcity: int = 0
    cost: int | None = None
    substitute: int = 0


Sum = tuple[Told, float, float, float]  # what a Point is


class Ask(NamedTuple):
    """What the features need of a request: its floor, the specialisms called for, its chances."""

    floor: int
    wanted: int
    wishes: bool  # some of the wanted specialisms are wishes, so candidates differ in them
    accept: float  # log-odds that its chances start with
    complete: float


def hours(minutes: int) -> str:
    """Say how long so many minutes are."""
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d}"


def _idle_text(minutes: int) -> str:
    more = " or more" if minutes >= features.IDLE_CAP_MIN else ""
    return f"idle: {hours(minutes)}{more} since last work or offer"


DIALECT_TEXT: Mapping[int, str] = {
    DialectFit.OTHER: "dialect: another",
    DialectFit.UNSTATED: "dialect: not stated",
    DialectFit.NEAR: "dialect: near the one asked for",
    DialectFit.EXACT: "dialect: exact",
}


def _exposure_text(code: int) -> str:
    side = "fewer" if code > features.ON_TARGET else "more"
    return f"exposure: {abs(code - features.ON_TARGET) * 10} % {side} offers than their share"


class Scorer:
    """A policy, and the model if there is one, made into curves."""

    def __init__(self, policy: Policy, tiers: tuple[str, ...], model: Model | None = None) -> None:
        self.policy = policy
        self.chances: Chances = HandChances(policy) if model is None else LearntChances(model)
        self.model = self.chances.version
        self._tiers = ("none", *tiers)
        self.letters = (None, *tiers)
        self.p_accept = np.array(self.chances.by_accept)
        self._weight_accept = policy.weights["p_accept"]
        self._weight_complete = policy.weights["p_complete"]
        self._curves = Curves(policy, self.chances)
        self._values = values_of(policy.shape)
        self.longest_min = -int(-policy.shape.travel_limit_min // 1)  # rounded up
        self._make_static()
        self._make_dynamic()
        # Those that every request needs, end to end, for `kernel`.
        parts = self.idle, self.slack, self.scarcity, self.travel
        self.tables = np.concatenate([curve.table for curve in parts])
        self._specialisms: dict[int, Curve] = {}
        self._named: dict[tuple[int, tuple[str, ...]], Point] = {}

    def _make_static(self) -> None:
        """Make the curves of what depends on the interpreter alone."""
        steps, ranks = features.LOAD_STEP_MIN, range(len(self._tiers))
        # Models learn from the tier itself: its distance to a floor is the same for all.
        bare = [features.tier_surplus(tier, 0) for tier in ranks]
        chances = self._curves.make("tier", bare, lambda _: "")
        self._tier_told = tuple(tuple(self._tier_told_at(t, f) for t in ranks) for f in ranks)
        self.tier_sums = tuple(self._tier_sums_over(chances, floor) for floor in ranks)
        weight = self.policy.weights["tier_surplus"]
        total = tuple(weight * v + by for v, by in zip(bare, chances.total, strict=True))
        self.tier = chances._replace(total=total, table=np.array(total, np.float32))
        self.experience = self._curve(
            "experience",
            lambda code: f"experience: {2**code - 1} sessions or more in these languages",
        )
        self.reliability = self._curve("reliability", lambda _: "")
        self.responsiveness = self._curve("responsiveness", lambda _: "")
        self.rating = self._curve("rating", lambda code: f"rating: {1 + code / 10:.1f} of 5")
        self.load = self._curve("load", lambda q: f"load: {hours(q * steps)} worked today")
        self.streak = self._curve(
            "streak",
            lambda q: f"back to back: {hours(q * steps)} without a break",
            name="back_to_back",
        )
        self.exposure = self._curve("exposure", _exposure_text)
        self.media = self._curve(
            "media",
            lambda code: f"connections: {code * 100 // features.MEDIA_CAP} % of recent meetings",
            name="media_health",
        )

    def _tier_told_at(self, tier: int, floor: int) -> Told:
        value = features.tier_surplus(tier, floor)
        amount = value * self.policy.weights["tier_surplus"]
        text = f"qualification: {self._tiers[tier]}"
        if floor:
            side = "below" if tier < floor else "above"
            text += f", {abs(tier - floor)} {side} the floor {self._tiers[floor]}"
        entry = Contribution("tier_surplus", value, amount, text, "everyone")
        return (entry,) if amount else ()

    def _tier_sums_over(self, chances: Curve, floor: int) -> F8:
        """Return what each tier amounts to over a floor, as `Curve.sums`."""
        sums = chances.sums.copy()
        for tier, told in enumerate(self._tier_told[floor]):
            sums[tier, 0] = score_of(told)
        return sums

    def _make_dynamic(self) -> None:
        """Make the curves of what depends on the moment and the request."""
        self.idle = self._curve("idle", _idle_text)
        self.dialect = self._curve("dialect", DIALECT_TEXT.__getitem__)
        limit = self.policy.shape.travel_limit_min
        self.travel = self._curve(
            "travel", lambda m: f"travel: {m} min" + (" or more" if m >= limit else "")
        )
        self.slack = self._curve(
            "slack",
            lambda steps: f"slack: {steps * features.SLACK_STEP_MIN} min to the next booking",
        )
        self.preference = self._curve(
            "preference", lambda _: "preferred by the customer", audience="customer"
        )
        self.continuity = self._curve(
            "continuity",
            lambda _: "continuity: earlier good sessions with this customer",
            audience="customer",
        )
        self.scarcity = self._curve(
            "scarcity", lambda _: "scarcity: one of few with a specialism this job does not need"
        )
        self.cost = self._curve("cost", lambda percent: f"cost: {percent} % over the cap")
        self.substitute = self._curve("substitute", lambda _: "substitute")

    def _curve(
        self,
        code: str,
        text: Callable[[int], str],
        *,
        name: str | None = None,
        audience: Audience = "everyone",
    ) -> Curve:
        """Return the curve of a feature by its *code*, weighed and told as *name*."""
        return self._curves.make(name or code, self.values(code), text, audience, learnt_as=code)

    def values(self, code: str) -> list[float]:
        """Return the values of a feature in the order of its codes, but of specialisms."""
        size = self.longest_min + 1 if code == "travel" else features.SIZES[code]
        return [self._values[code](each) for each in range(size)]

    def specialism(self, wanted: int) -> Curve:
        """Return the curve of 0 … *wanted* matches."""
        curve = self._specialisms.get(wanted)
        if curve is None:
            values = [features.specialism(held, wanted) for held in range(wanted + 1)]
            curve = self._curves.make(
                "specialism", values, lambda held: f"specialism: {held} of {wanted}"
            )
            self._specialisms[wanted] = curve
        return curve

    def named(self, wanted: int, matched: tuple[str, ...]) -> Point:
        """Return what holding *matched*, of so many wanted, adds, told by name."""
        point = self._named.get((wanted, matched))
        if point is None:
            text = f"specialism: {', '.join(matched) or 'none of those wished for'}"
            point = _told_as(self.specialism(wanted).points[len(matched)], text)
            if len(self._named) >= REMEMBERED:
                self._named.clear()
            self._named[wanted, matched] = point
        return point

    def stand_in(self, names: tuple[str, str]) -> Point:
        """Return what serving another language adds; *names* are (served, asked)."""
        text = f"substitute: {names[0]} in place of {names[1]}"
        return _told_as(self.substitute.points[1], text)

    # --- the static part ------------------------------------------------------------------

    def personal(self, codes: Codes) -> tuple[float, float]:
        """Return what a person's own record adds to the order, for remote and on-site work."""
        onsite = (
            self.reliability.total[codes.reliability]
            + self.responsiveness.total[codes.responsiveness]
            + self.rating.total[codes.rating]
            + self.load.total[codes.load]
            + self.streak.total[codes.streak]
            + self.exposure.total[codes.exposure]
        )
        return onsite + self.media.total[codes.media or 0], onsite

    def in_pair(self, tier: int, experience: int) -> float:
        """Return what tier and experience in a pair add to the order."""
        return self.tier.total[tier] + self.experience.total[experience]

    def base(self, codes: Codes) -> float:
        """Return the static part of the order, rounded to float32."""
        personal = self.personal(codes)[codes.media is None]
        return float(np.float32(personal + self.in_pair(codes.tier, codes.experience)))

    def standing(self, codes: Codes, floor: int) -> Point:
        """Return what the static features of one candidate add under a floor, all together."""
        parts = [
            (self.experience, codes.experience),
            (self.reliability, codes.reliability),
            (self.responsiveness, codes.responsiveness),
            (self.rating, codes.rating),
            (self.load, codes.load),
            (self.streak, codes.streak),
            (self.exposure, codes.exposure),
        ]
        if codes.media is not None:
            parts.append((self.media, codes.media))
        tier = self.tier.points[codes.tier]
        told = self._tier_told[floor][codes.tier]
        amount = sum(each.contribution for each in told)
        points = (curve.points[code] for curve, code in parts)
        return _sum(Point(told, amount, tier.accept, tier.complete), points)

    # --- one candidate --------------------------------------------------------------------

    def moving(self, codes: Codes, ask: Ask) -> list[tuple[Curve, int]]:
        """Return the curves that a request raises for one candidate, in the order of `Codes`."""
        parts = [] if codes.idle is None else [(self.idle, codes.idle)]
        if codes.specialism is not None:
            parts.append((self.specialism(ask.wanted), codes.specialism))
        if codes.dialect is not None:
            parts.append((self.dialect, codes.dialect))
        if codes.travel is not None:
            parts.append((self.travel, codes.travel))
        parts += [
            (self.slack, codes.slack),
            (self.preference, codes.preference),
            (self.continuity, codes.continuity),
            (self.scarcity, codes.scarcity),
        ]
        if codes.cost is not None:
            parts.append((self.cost, codes.cost))
        return [*parts, (self.substitute, codes.substitute)]

    def order(self, codes: Codes, ask: Ask) -> float:
        """Return the float32 by which one candidate is ordered: the oracle of the index."""
        total = np.float32(self.base(codes))
        required = None if ask.wishes or not ask.wanted else self.specialism(ask.wanted)
        for curve, code in self.moving(codes, ask):
            if curve is not required:  # all candidates hold all of them
                total += curve.table[code]
        return float(total)

    def with_chances(self, sums: Iterable[Sum], ask: Ask) -> list[tuple[Told, float, float]]:
        """Return what is told of each sum with the lines of the two chances, score and P(accept).

        The log-odds of *sums* are the candidates' own. For all at once: calls would cost as much.
        """
        weight, other = self._weight_accept, self._weight_complete
        accepted, completed = self.chances.by_accept, self.chances.by_complete
        start, other_start, found = ask.accept, ask.complete, []
        for each in sums:
            told, score, accept, complete = each
            p_accept = accepted[step_of(start + accept)]
            if amount := weight * accept:
                line = ("p_accept", p_accept, amount, "likely to accept", "operator")
                told += (_new(Contribution, line),)
                score += amount
            if amount := other * complete:
                p_complete = completed[step_of(other_start + complete)]
                line = ("p_complete", p_complete, amount, "likely to complete it", "operator")
                told += (_new(Contribution, line),)
                score += amount
            found.append((told, score, p_accept))
        return found

    def contributions(
        self,
        codes: Codes,
        ask: Ask,
        matched: tuple[str, ...] | None = None,
        names: tuple[str, str] | None = None,
    ) -> tuple[Told, float]:
        """Return what each feature adds to one candidate, zeros left out, and P(accept).

        *matched* names the wanted specialisms held, *names* a substitute's (served, asked).
        """
        points = []
        for curve, code in self.moving(codes, ask):
            point = curve.points[code]
            if curve is self.substitute and code and names is not None:
                point = self.stand_in(names)
            elif matched is not None and curve is self._specialisms.get(ask.wanted):
                point = self.named(ask.wanted, matched)
            points.append(point)
        total = _sum(self.standing(codes, ask.floor), points)
        ((told, _, p_accept),) = self.with_chances([total], ask)
        return told, p_accept


def _sum(total: Point, points: Iterable[Point]) -> Point:
    """Add *points* to *total*, one after the other."""
    told, amount, accept, complete = total
    for point in points:
        told += point.told
        amount += point.amount
        accept += point.accept
        complete += point.complete
    return Point(told, amount, accept, complete)


def score_of(told: Told) -> float:
    """Add contributions one after the other: `sum` rounds otherwise since Python 3.12."""
    score = 0.0
    for each in told:
        score += each.contribution
    return score


def _told_as(point: Point, text: str) -> Point:
    return point._replace(told=tuple(each._replace(told=text) for each in point.told))
