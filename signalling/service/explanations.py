"""Why somebody was or was not asked: from the recorded decisions, else from the rules as they are.

An interpreter reads their own part, chances included, but never who prefers, knows or blocked
them: their chances are worked out as if nobody did.
"""

from collections.abc import AsyncIterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matching.counterfactual import (
    Change,
    excluded_then,
    if_met,
    what_would_help,
)
from matching.decisions import ask_then, decides_alike
from matching.eligibility import Rule
from matching.explanation import Explanation, explain
from matching.parameters import needs
from matching.scoring import Codes, Scorer
from matching.types import Audience, Contribution, Request, reasons_for
from signalling.core.slot import Assignment
from signalling.core.times import rfc3339
from signalling.errors import InvalidParams, NotFound
from signalling.markets import Market
from signalling.protocol.messages import match as mm
from signalling.protocol.messages.common import Contribution as ContributionMessage
from signalling.service import access
from signalling.service.call import Caller
from signalling.showing import seen_by_them
from signalling.translate import NOT_OFFERED, OWN, UNNAMED, interpreter_of, request_of

Body = Mapping[str, Any]
Contributions = tuple[Contribution, ...]

READERS: Mapping[str, Audience] = {
    "interpreter": "everyone",
    "operator": "operator",
    "app": "operator",
}
CONTEST = "match.contest"
ANOTHER_RULE = "another rule of the marketplace"
UNNAMED_MET = "that rule of the marketplace met"
CHANCES = ("p_accept", "p_complete")


def messages_of(contributions: Contributions) -> tuple[ContributionMessage, ...]:
    return tuple(
        ContributionMessage(feature=c.feature, contribution=c.contribution, text=c.text)
        for c in contributions
    )


def reasons_of(caller: Caller, contributions: Contributions) -> Contributions:
    """Return what the caller may read of somebody's contributions."""
    return reasons_for(contributions, READERS.get(caller.role, "customer"))


def score_of(reasons: Contributions) -> float:
    """Return what the reasons shown sum to: the whole score would tell of those that are not."""
    return sum((each.contribution for each in reasons), 0.0)


def subject(caller: Caller, a: Assignment | None, interpreter: str | None) -> str:
    """Return about whom it is: interpreters ask about themselves, the others about anybody."""
    who = access.named(caller, interpreter)
    if caller.role != "interpreter":
        access.check_assignment(caller, a)
    elif a is None:
        raise NotFound("no such assignment", path="assignment")
    if who is None:
        raise InvalidParams("say about whom", path="interpreter")
    return who


@dataclass(frozen=True, slots=True)
class Question:
    """Why was (not) *who* asked for *assignment*? By *caller*, in *market*."""

    caller: Caller
    assignment: Assignment
    who: str
    market: Market

    @property
    def _reader(self) -> Audience:
        """As whom the caller reads what somebody has: of oneself, as the operator does."""
        return "customer" if self.caller.role == "customer" else "operator"

    @property
    def scorer(self) -> Scorer:
        return self.market.population.scorer

    async def answer(self, bodies: AsyncIterable[Body], now_ms: int) -> mm.MatchExplainResult:
        """Answer from recorded decisions, newest first, or from the rules as they are.

        The newest that ranked them counts, else the newest that had them before it, else the
        newest: who is not in it was not present.
        """
        newest: Body | None = None
        had: Body | None = None
        async for body in bodies:
            if (ranked := self._ranked(body)) is not None:
                return ranked
            newest = newest or body
            if had is None and self.who in body.get("online", {}).get("interpreters", ()):
                had = body
        body = had or newest or {}
        rules = excluded_then(body, self.who)
        if rules is not None and (had or self._speaks(now_ms)):
            return self._unranked(body, rules)
        return self._now(now_ms)

    def _ranked(self, body: Body) -> mm.MatchExplainResult | None:
        """Answer from a decision that ranked them, as far as it recorded."""
        told = next((e for e in body["ranking"] if e["interpreter"] == self.who), None)
        candidates = body.get("candidates", ())
        found = next((each for each in candidates if each["interpreter"] == self.who), None)
        entry = found or told
        if entry is None:
            return None
        alike = found is not None and decides_alike(body, self.scorer)
        contributions: Contributions | None = None
        if told is not None:
            contributions = tuple(Contribution(*each) for each in told["contributions"])
        elif alike:
            contributions, _ = self._contributions(body, entry)
        reasons = reasons_of(self.caller, contributions or ())
        p_accept = entry["p_accept"] if self.caller.staff else None
        if self.caller.role == "interpreter" and alike:
            own, p_accept = self._contributions(body, entry, preference=0, continuity=0)
            reasons += tuple(each for each in own if each.feature in CHANCES)
        offer = next(
            (o for s in self.assignment.slots for o in s.offers if o.interpreter == self.who), None
        )
        return self._result(
            body,
            eligible=True,
            reasons=messages_of(reasons),
            score=None if contributions is None else score_of(reasons),
            rank=1 + body["ranking"].index(told) if told is not None else entry["position"],
            wave=None if offer is None else offer.wave,
            p_accept=p_accept,
            propensity=entry.get("propensity") if self.caller.staff else None,
            counterfactual=_told(what_would_help(body, self.who, self.scorer, self._reader)),
        )

    def _contributions(self, body: Body, found: Body, **others: int) -> tuple[Contributions, float]:
        """Return what a candidate's recorded codes add, with *others* in place of theirs."""
        codes = Codes._make(found["codes"])._replace(**others)
        return self.scorer.contributions(codes, ask_then(body))

    def _unranked(self, body: Body, rules: Sequence[str]) -> mm.MatchExplainResult:
        """Answer for who was excluded, or came after all who were recorded."""
        changes: tuple[Change, ...] = ()
        profile = self.market.profiles.get(self.who)
        if rules and profile is not None:
            said = (
                UNNAMED_MET if self._unnamed(rule) else self._needs(body, rule) for rule in rules
            )
            population = self.market.population
            request = self._request(body["terms"])
            words = " and ".join(dict.fromkeys(said))
            changes = (if_met(population, body, interpreter_of(profile), request, rules, words),)
        named = (self._exclusion(rule, f"needed: {self._needs(body, rule)}") for rule in rules)
        return self._result(
            body,
            eligible=not rules,
            excluded=tuple(dict.fromkeys(named)),
            counterfactual=_told(changes),
        )

    def _needs(self, body: Body, rule: str) -> str:
        """Say what a recorded rule asked for."""
        text = needs(rule)
        letter = self.market.population.tables.qualifications.letter(body["floor"])
        return f"{text}: {letter}" if rule == Rule.QUALIFICATION and letter else text

    def _unnamed(self, rule: str) -> bool:
        """Say whether a rule is not the caller's to know: who blocked whom is for staff only."""
        named = OWN if self.caller.role == "interpreter" else frozenset[str]()
        return rule in UNNAMED - named and not self.caller.staff

    def _exclusion(self, rule: str, text: str) -> mm.Exclusion:
        if self._unnamed(rule):
            return mm.Exclusion(rule=NOT_OFFERED, text=ANOTHER_RULE)
        return mm.Exclusion(rule=rule, text=text)

    def _request(self, terms: Body) -> Request:
        """Return what was asked for, as far as the caller may have it judged."""
        request = request_of(terms, self.assignment.customer, self.assignment.app)
        if self.caller.role != "interpreter":
            return request
        return seen_by_them(request, self.market.population.agenda(self.who))

    def _judged(self, now_ms: int) -> Explanation:
        """Return what the rules say of them, as they are known now."""
        profile = self.market.profiles.get(self.who)
        if profile is None:
            raise NotFound("no such interpreter", path="interpreter")
        request = self._request(self.assignment.terms)
        return explain(self.market.population, interpreter_of(profile), request, now_ms)

    def _speaks(self, at_ms: int) -> bool:
        """Say whether they have the languages, by their profile."""
        return Rule.LANGUAGE not in {each.rule for each in self._judged(at_ms).reasons}

    def _now(self, now_ms: int) -> mm.MatchExplainResult:
        found = self._judged(now_ms)
        if self.caller.role == "interpreter" and not self._speaks(now_ms):
            raise NotFound("no such assignment", path="assignment")
        reasons = reasons_of(self.caller, found.contributions)
        excluded: tuple[mm.Exclusion, ...] = ()
        if any(slot.interpreter == self.who for slot in self.assignment.current):
            # Taken without a ranking: that their calendar has it by now speaks not against them.
            reasons = tuple(each for each in reasons if each.feature != "slack")
        else:
            excluded = self._excluded(found, now_ms)
        return self._result(
            {"policy": found.policy, "model": found.model, "at_ms": now_ms},
            eligible=not excluded,
            excluded=excluded,
            reasons=messages_of(reasons),
            score=score_of(reasons),
        )

    def _excluded(self, found: Explanation, now_ms: int) -> tuple[mm.Exclusion, ...]:
        excluded = [self._exclusion(r.rule, r.text) for r in found.reasons]
        request = self._request(self.assignment.terms)
        if self.who in self.market.quiet(request, now_ms):
            excluded.append(self._exclusion(Rule.QUIET, "has quiet hours now"))
        return tuple(excluded)

    def _result(self, body: Body, **fields: Any) -> mm.MatchExplainResult:
        """Return an answer, with what all of them say."""
        a, blank = self.assignment, {"excluded": (), "reasons": (), "counterfactual": ()}
        return mm.MatchExplainResult(
            assignment=a.id,
            interpreter=self.who,
            offered=any(o.interpreter == self.who for s in a.slots for o in s.offers),
            policy=body["policy"],
            model=body["model"],
            decided_at=rfc3339(body["at_ms"]),
            parameters=mm.PAGE,
            contest=None if self.caller.staff else CONTEST,
            decision=body.get("id") if self.caller.staff else None,
            **(blank | fields),
        )


def _told(changes: Sequence[Change]) -> tuple[mm.Counterfactual, ...]:
    return tuple(
        mm.Counterfactual(change=c.change, text=c.text, rank=c.rank, asked=c.asked) for c in changes
    )
