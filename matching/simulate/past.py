"""What a marketplace remembers of its people: counted as the server counts it, into `Track`."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from random import Random

from matching.features import BREAK_MIN
from matching.simulate.answers import Standing, answer, fate
from matching.simulate.world import PIVOT, Person, World
from matching.types import Request, Track
from matching.zones import HOUR_MS, MINUTE_MS

RECENT = 100  # jobs from before the scenario that are still remembered as completed or failed
# Offers from before that still count: the server's counts halve in a fortnight, and Norway's 1,650
# requests a day come to about an offer a day for each of its 3,654 people.
RECENT_OFFERS = 20
NOON_H = 12


@dataclass(slots=True)
class Record:
    """Counts of one person; times in ms, `since_ms` while online."""

    sessions: dict[str, float]
    completed: float
    failed: float
    connects: float = 0.0
    connect_failures: float = 0.0
    answered: float = 0.0
    silent: float = 0.0
    offers: int = 0
    online_ms: int = 0
    since_ms: int | None = None
    worked_min: float = 0.0
    streak_min: float = 0.0
    ended_ms: float = -math.inf
    customers: dict[str, tuple[float, int]] = field(default_factory=dict)

    def online_h(self, now_ms: int) -> float:
        now = 0 if self.since_ms is None else now_ms - self.since_ms
        return (self.online_ms + now) / HOUR_MS


class Past:
    """Everybody's records."""

    def __init__(self, world: World) -> None:
        self._of = {who: _before(world, person) for who, person in world.people.items()}
        self._offers = 0

    def track(self, who: str, now_ms: int = 0) -> Track:
        """Return what the matcher may know of someone now."""
        kept = self._of[who]
        return Track(
            sessions=dict(kept.sessions),
            completed=kept.completed,
            failed=kept.failed,
            offers=kept.offers,
            online_h=kept.online_h(now_ms),
            answered=kept.answered,
            silent=kept.silent,
            connects=kept.connects,
            connect_failures=kept.connect_failures,
            customers=dict(kept.customers),
        )

    def worked_min(self, who: str) -> float:
        return self._of[who].worked_min

    def work_ended(self, who: str) -> float:
        """Return when someone last ended work, ms; minus infinity for never."""
        return self._of[who].ended_ms

    def offers_an_hour(self, now_ms: int) -> float:
        """Return all offers over all hours online so far: everybody's fair share."""
        hours = sum(kept.online_h(now_ms) for kept in self._of.values())
        return self._offers / hours if hours else 0.0

    def new_day(self) -> Iterable[str]:
        """Forget the day's work; return whose it was."""
        found = [who for who, kept in self._of.items() if kept.worked_min]
        for who in found:
            self._of[who].worked_min = 0.0
        return found

    def online(self, who: str, now_ms: int) -> None:
        self._of[who].since_ms = now_ms

    def offline(self, who: str, now_ms: int) -> None:
        kept = self._of[who]
        if kept.since_ms is not None:
            kept.online_ms += now_ms - kept.since_ms
        kept.since_ms = None

    def offered(self, who: str) -> None:
        self._of[who].offers += 1
        self._offers += 1

    def answered(self, who: str) -> None:
        """Count an acceptance or a refusal: the same."""
        self._of[who].answered += 1

    def rang_out(self, who: str) -> None:
        self._of[who].silent += 1

    def failed(self, who: str) -> None:
        kept = self._of[who]
        kept.failed += 1
        kept.connect_failures += 1

    def worked(self, who: str, request: Request, span_ms: tuple[int, int]) -> float:
        """Count a completed job from one moment to another; return the streak, minutes."""
        kept, (started, ended) = self._of[who], span_ms
        minutes = (ended - started) / MINUTE_MS
        rested = started - kept.ended_ms >= BREAK_MIN * MINUTE_MS
        kept.streak_min = minutes + (0.0 if rested else kept.streak_min)
        kept.worked_min += minutes
        kept.ended_ms = ended
        kept.completed += 1
        kept.connects += 1
        pair = _pair(request.language_to)
        kept.sessions[pair] = kept.sessions.get(pair, 0.0) + 1
        if request.customer is not None:
            good, _ = kept.customers.get(request.customer, (0.0, 0))
            kept.customers[request.customer] = good + 1, ended
        return kept.streak_min


def _before(world: World, person: Person) -> Record:
    """Return the record that someone brings along."""
    jobs = min(sum(person.sessions.values()), RECENT)
    failed = round(jobs * person.fails)
    sessions = {_pair(tag): float(count) for tag, count in person.sessions.items()}
    answered, silent = _answers_before(world, person, min(jobs, RECENT_OFFERS))
    return Record(sessions, jobs - failed, failed, answered=answered, silent=silent)


def _answers_before(world: World, person: Person, offers: int) -> tuple[int, int]:
    """Return how many *offers* from before someone answered, and how many they let ring out.

    Of requests such as those to come, in their own language, at noon and rested, by chance drawn
    apart from that of the market. There were no fewer than the jobs that came of them.
    """
    scenario, who = world.scenario, person.profile.id
    if not world.asks or not person.sessions:
        return 0, 0
    draw = Random(f"{world.seed}/{who}/before")  # noqa: S311 - a lot, not a secret
    language, answered = next(iter(person.sessions)), 0
    for number in range(offers):
        ask = draw.choice(world.asks)
        asked = replace(ask, request=replace(ask.request, language_to=language))
        ghost = draw.random() < scenario.answers.ghost
        standing = Standing(NOON_H, 0.0, math.inf, None, ghost)
        drawn = fate(world.seed, f"before-{number}", who)
        given = answer(scenario.answers, person, asked, standing, drawn, scenario.clock.offer_s)
        answered += given.accepts is not None
    return answered, offers - answered


def _pair(tag: str) -> str:
    return "-".join(sorted((PIVOT, tag)))
