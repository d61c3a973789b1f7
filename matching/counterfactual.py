"""What would have put somebody into a wave: worked out from what a decision recorded.

Changed is what a person can change, or what changes by itself: never who prefers or knows them,
how others rate them, or their turn. Others stay as they were, and so does the size of the wave.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from itertools import combinations
from typing import Any, Final, NamedTuple

from matching import features
from matching.decisions import SCHEMA, ask_then, decides_alike
from matching.eligibility import Rule
from matching.explanation import explain
from matching.features import DialectFit
from matching.parameters import WORDS
from matching.population import Population
from matching.scoring import Codes, Scorer, hours
from matching.shortage import MOST_ONLINE
from matching.types import MAY_READ, Audience, Interpreter, Qualification, Request

Decision = Mapping[str, Any]
Key = tuple[float, str]  # minus the order, and the id: less is better
Steps = Mapping[str, tuple[int, ...]]

# Towards which end of its codes each of them helps.
BETTER: Final[Mapping[str, int]] = {
    "tier": 1,
    "experience": 1,
    "responsiveness": 1,
    "load": -1,
    "streak": -1,
    "media": 1,
    "idle": 1,
    "specialism": 1,
    "dialect": 1,
    "travel": -1,
    "slack": 1,
    "cost": -1,
}


class Change(NamedTuple):
    """One thing that might have been otherwise, and what would have followed.

    `rank` counts from 1. It and `asked` (whether they would have been rung) are None where that
    is not known. `text` says all of it.
    """

    change: str
    rank: int | None
    asked: bool | None
    text: str


def what_would_help(
    decision: Decision, who: str, scorer: Scorer, reader: Audience = "operator"
) -> tuple[Change, ...]:
    """Return the smallest single changes that would have had a candidate rung, smallest first.

    A change is as large as the part of its feature's scale that it takes. If none alone is
    enough, one is returned: the two together that lift most. Empty for whoever was rung, and for
    whoever is not among the candidates recorded. If *scorer* is not of the policy and model that
    decided, only what was missing in the score is said. A change tells what somebody has now, so
    only those of features that *reader* may read are tried.
    """
    if decision.get("schema") != SCHEMA:
        return ()
    mine = next((each for each in decision["candidates"] if each["interpreter"] == who), None)
    last = _last(decision)
    if mine is None or mine["rung"] or last is None:
        return ()
    if mine["position"] <= last["position"]:
        return (_passed_over(mine["position"], by_lot=decision["explored"]),)
    if not decides_alike(decision, scorer):
        return (_missing(decision, mine, last),)
    unread = {words.code for words in WORDS if words.audience not in MAY_READ[reader]}
    case = _Case(decision, mine, _key(last), scorer, BETTER.keys() - unread)
    found = [
        (abs(code - case.codes[name]) / _scale(name, case), name, code)
        for name in case.steps
        if (code := case.first(name)) is not None
    ]
    if found:
        return tuple(case.change({name: code}) for _, name, code in sorted(found))
    return case.two()


def excluded_then(decision: Decision, who: str) -> tuple[str, ...] | None:
    """Return the rules that excluded somebody when it was decided, none if they were eligible.

    Whoever is not recorded was not present. None if that cannot be told: more were present than
    are recorded, it was about work at a later time, or the record is of another schema.
    """
    if decision.get("schema") != SCHEMA:
        return None
    online = decision["online"]
    if who in online["interpreters"]:
        mask = online["excluded"][online["interpreters"].index(who)]
        return tuple(rule for bit, rule in enumerate(online["rules"]) if mask >> bit & 1)
    if decision["context"]["scheduled"] or len(online["interpreters"]) >= MOST_ONLINE:
        return None
    return (Rule.NOT_PRESENT.value,)


def if_met(
    population: Population,
    decision: Decision,
    interpreter: Interpreter,
    request: Request,
    rules: Collection[str],
    change: str,
) -> Change:
    """Say what would have followed if somebody excluded had met *rules*; *change* says so in words.

    Codes of the excluded are not recorded, so what is known of the person now is weighed against
    the order that was recorded. It is not known what would have followed without both languages,
    without a place, or if another policy or model decided.
    """
    unknown = Change(change, None, None, f"with {change}: not known what would have followed")
    last = _last(decision)
    if Rule.LANGUAGE in rules or last is None or not decides_alike(decision, population.scorer):
        return unknown
    presence = replace(population.presence(interpreter.id), available=True, reserved_until_ms=0)
    if request.location is not None and (presence.position or interpreter.location) is None:
        return unknown
    met = _meeting(population, interpreter, request, rules)
    found = explain(population, met, request, decision["at_ms"], presence=presence)
    known = "by what is known of the person now"
    others = {reason.rule for reason in found.reasons} - {*rules, Rule.UNTIL}
    if Rule.NOT_PRESENT in rules and others:  # of those present every rule is recorded
        text = f"with {change}: another rule would have stood in the way, {known}"
        return Change(change, None, False, text)
    mine = (-found.order, interpreter.id)
    rank, asked = _place(decision, mine), mine < _key(last)
    end = "would have been asked" if asked else "would still not have been asked"
    return Change(change, rank, asked, f"with {change}: place {rank}, {end}, {known}")


def _meeting(
    population: Population, interpreter: Interpreter, request: Request, rules: Collection[str]
) -> Interpreter:
    """Return somebody as they would have been, had they just met the rules that make a score."""
    required, scales = request.requirements, population.tables.qualifications
    pair = {request.language_from, request.language_to}
    skills = interpreter.languages
    letter = scales.letter(scales.floor(request))
    if Rule.QUALIFICATION in rules and letter is not None:
        floor = Qualification("NO", letter)
        skills = tuple(replace(s, qualification=floor) if s.tag in pair else s for s in skills)
    if Rule.DIALECT in rules:
        spoken = population.tables.languages.dialect_language(
            (min(pair), max(pair)), required.dialect or ""
        )
        skills = tuple(
            replace(s, dialect=required.dialect) if s.tag == spoken else s for s in skills
        )
    words = interpreter.specialisms
    if Rule.SPECIALISM in rules:
        words |= required.specialisms
    return replace(interpreter, languages=skills, specialisms=words)


class _Case:
    """One candidate as recorded, the place to be reached (*bar*), and *tried*, what may change."""

    def __init__(
        self,
        decision: Decision,
        mine: Mapping[str, Any],
        bar: Key,
        scorer: Scorer,
        tried: Collection[str],
    ) -> None:
        self.decision = decision
        self.who: str = mine["interpreter"]
        self.place: int = mine["position"]
        self.bar = bar
        self.scorer = scorer
        self.ask = ask_then(decision)
        self.row = Codes._make(mine["codes"])
        self.codes: dict[str, int] = {
            name: code
            for name, code in zip(features.CODES, mine["codes"], strict=True)
            if code is not None
        }
        self.steps: Steps = {
            name: steps
            for name, way in BETTER.items()
            if name in tried and (steps := self._steps(name, way))
        }

        self.keys: Mapping[str, tuple[Key, ...]] = {
            name: tuple(self.key({name: code}) for code in steps)
            for name, steps in self.steps.items()
        }

    def _steps(self, name: str, way: int) -> tuple[int, ...]:
        """Return the better codes of a feature, nearest first; none if it was not asked about."""
        code = self.codes.get(name)
        if code is None or (name == "specialism" and not self.ask.wishes):
            return ()  # of required specialisms every candidate holds all
        if name == "streak":
            return (0,) if code else ()  # a break ends it
        if name == "dialect":
            return tuple(fit for fit in (DialectFit.NEAR, DialectFit.EXACT) if fit > code)
        return tuple(range(code + way, _top(name, self) + 1 if way > 0 else -1, way))

    def key(self, changed: Mapping[str, int]) -> Key:
        return -self.scorer.order(self.row._replace(**changed), self.ask), self.who

    def first(self, name: str) -> int | None:
        """Return the nearest code of a feature that alone would have had them rung."""
        tried = zip(self.steps[name], self.keys[name], strict=True)
        return next((code for code, key in tried if key < self.bar), None)

    def first_beside(self, name: str, others: Mapping[str, int]) -> int | None:
        """Return the same with *others* changed too."""
        steps = self.steps[name]
        return next((c for c in steps if self.key({**others, name: c}) < self.bar), None)

    def farthest(self, name: str) -> int:
        """Return the code of a feature that lifts most."""
        return min(zip(self.keys[name], self.steps[name], strict=True))[1]

    def change(self, changed: Mapping[str, int]) -> Change:
        """Say what these codes would have led to."""
        key = self.key(changed)
        place, asked = _place(self.decision, key), key < self.bar
        words = " and ".join(_said(name, code, self) for name, code in changed.items())
        text = f"with {words}: place {place} instead of {self.place}"
        if not asked:
            text = f"no one or two changes would have been enough; {text}"
        return Change(words, place, asked, text)

    def two(self) -> tuple[Change, ...]:
        """Return the best two changes together, no larger than they need be."""
        now, best = self.key({}), {name: self.farthest(name) for name in self.steps}
        best = {name: code for name, code in best.items() if self.key({name: code}) < now}
        if len(best) < 2:
            return tuple(self.change({name: code}) for name, code in best.items())
        pairs = [{one: best[one], other: best[other]} for one, other in combinations(best, 2)]
        chosen = min(pairs, key=self.key)
        for name in tuple(chosen):
            if (code := self.first_beside(name, chosen)) is not None:
                chosen[name] = code
        return (self.change(chosen),)


def _last(decision: Decision) -> Mapping[str, Any] | None:
    """Return whose place had to be reached: the last one rung, if they are recorded.

    Where the lot drew the last of the wave, it is whoever had the place that was given away.
    """
    candidates: list[Mapping[str, Any]] = decision["candidates"]
    rung = [each for each in candidates if each["rung"]]
    if not rung:
        return None
    return candidates[len(rung) - 1] if decision["explored"] else rung[-1]


def _key(candidate: Mapping[str, Any]) -> Key:
    return -candidate["order"], candidate["interpreter"]


def _place(decision: Decision, mine: Key) -> int:
    """Return which place, from 1, somebody would have had among the others recorded."""
    others = (_key(each) for each in decision["candidates"] if each["interpreter"] != mine[1])
    return 1 + sum(key < mine for key in others)


def _top(name: str, case: _Case) -> int:
    match name:
        case "tier":
            return len(case.scorer.letters) - 1
        case "specialism":
            return case.ask.wanted
        case "travel":
            return case.scorer.longest_min
        case "responsiveness":  # only below it is it sure that some rang out
            return features.USUAL_RESPONSIVENESS
        case _:
            return features.SIZES[name] - 1


def _scale(name: str, case: _Case) -> int:
    return max(_top(name, case), 1)


def _passed_over(place: int, *, by_lot: bool) -> Change:
    """Say why somebody was not rung although others were who came after them."""
    change, why = "no other request at that moment", "they were kept for another request"
    if by_lot:
        change, why = "another draw of the lot", "the last place of the wave was drawn by lot"
    return Change(change, place, True, f"with {change}: asked from place {place}; {why}")


def _missing(decision: Decision, mine: Mapping[str, Any], last: Mapping[str, Any]) -> Change:
    """Say how far behind somebody was, where the record alone can be asked."""
    gap = last["order"] - mine["order"]
    change = f"a score more than {gap:.2f} higher"
    by = f"policy {decision['policy']} with model {decision['model']}"
    text = f"with {change}: place {last['position']} instead of {mine['position']}; {by} decided"
    return Change(change, last["position"], True, f"{text}, and is no longer in use")


def _said(name: str, code: int, case: _Case) -> str:
    """Say one change in words."""
    old = case.codes[name]
    match name:
        case "tier":
            letters = case.scorer.letters
            return f"category {letters[code]} instead of {letters[old] or 'none'}"
        case "responsiveness":
            return "more of the offers that reached them answered, yes or no"
        case "streak":
            worked = hours(old * features.LOAD_STEP_MIN)
            return f"a break of {features.BREAK_MIN} min after {worked} without one"
        case "specialism":
            return f"{code} of {case.ask.wanted} specialisms instead of {old}"
        case "dialect":
            exact = code == DialectFit.EXACT
            return "the dialect asked for" if exact else "a dialect near the one asked for"
        case _:
            value, unit = UNITS[name]
            return f"{value(code)} {unit} instead of {value(old)}"


# How a code reads, and of what it is so much.
UNITS: Final[Mapping[str, tuple[Callable[[int], str], str]]] = {
    "experience": (lambda doublings: str(2**doublings - 1), "sessions in these languages"),
    "load": (lambda quarters: hours(quarters * features.LOAD_STEP_MIN), "worked today"),
    "media": (lambda code: f"{code * 100 // features.MEDIA_CAP} %", "of recent meetings connected"),
    "idle": (hours, "since last work or offer"),
    "travel": (hours, "of travel"),
    "slack": (lambda steps: hours(steps * features.SLACK_STEP_MIN), "to the next booking"),
    "cost": (lambda percent: f"{percent} %", "over the price cap"),
}
