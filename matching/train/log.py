"""A decision log as arrays: what was offered, seen with whose eyes, and what came of it.

Lines come in any order and may be missing. What cannot be joined or trusted is counted as a hole,
by name, and not used. Memory grows with the log by about 60 bytes a candidate; no line is kept.
"""

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from matching.chances import DURATION_CAP_MIN, MODES, WAVE_CAP
from matching.features import CODES, CONTEXT
from matching.train.lines import Decision, Offer, Online, Raw, Work, read
from matching.types import Mode

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Progress = Callable[[str, int], None]

STATES: Final = ("accepted", "declined", "expired", "withdrawn", "undelivered")
ACCEPTED, DECLINED, EXPIRED, WITHDRAWN, UNDELIVERED = range(5)
NEVER: Final = -1
OFFER_TIMES: Final = ("made_ms", "expires_ms", "delivered_ms", "seen_ms", "answered_ms")
TELL_EVERY: Final = 20_000


@dataclass(frozen=True, slots=True)
class Decisions:
    """Decisions in the order of the log, n of them.

    `at_ms`, `units` (what is filled: an assignment and its slot, numbered), `wanted` and
    `explored`: (n,). `first`: (n + 1,), the candidates of decision i are `first[i]` to
    `first[i + 1]`, best first. `context`: (n, 5), see `features.CONTEXT`.
    """

    at_ms: Ints
    units: Ints
    wanted: Ints
    explored: Bools
    first: Ints
    context: Floats

    def candidates_of(self, decisions: Ints) -> Ints:
        """Return the rows of all candidates of *decisions* (k,), one after the other."""
        first = self.first
        return np.concatenate([np.arange(first[at], first[at + 1]) for at in decisions])


@dataclass(frozen=True, slots=True)
class Candidates:
    """Candidates of all decisions, m of them.

    `codes`: (m, 19) int16 in the order of `features.CODES`, -1 where a request did not ask; all
    else (m,). `interpreter` numbers people as they appear.
    """

    codes: npt.NDArray[np.int16]
    interpreter: Ints
    order: Floats
    p_accept: Floats
    propensity: Floats
    rung: Bools


@dataclass(frozen=True, slots=True)
class Offers:
    """Offers that could be joined, (k,) each, by the time they were made.

    Milliseconds since 1970, -1 where it did not happen. `taken_ms` is when somebody accepted what
    this was an offer of. `completed`: 1 and 0 where the interpreter completed or failed it, -1
    where that is not known or not theirs to answer for.
    """

    decision: Ints
    candidate: Ints
    unit: Ints
    state: Ints
    made_ms: Ints
    expires_ms: Ints
    delivered_ms: Ints
    seen_ms: Ints
    answered_ms: Ints
    taken_ms: Ints
    completed: Ints

    def __len__(self) -> int:
        return len(self.state)

    def only(self, rows: npt.NDArray[np.generic]) -> "Offers":
        """Return the offers that *rows* (indices or a mask) picks."""
        return Offers(*(getattr(self, name)[rows] for name in self.__slots__))


@dataclass(frozen=True, slots=True)
class Log:
    """A decision log, joined.

    `people` names interpreters by number. `asked`: (a, 3), person, state and ms of every offer, be
    it joined or not; `spells`: (s, 3), person, from and to in ms of being available, -1 for no end.
    `counts` are lines by kind; `holes` counts what could not be used, by reason.
    """

    decisions: Decisions
    candidates: Candidates
    offers: Offers
    people: tuple[str, ...]
    asked: Ints
    spells: Ints
    counts: Mapping[str, int]
    holes: Mapping[str, int]


def read_log(lines: Iterable[Raw], progress: Progress = lambda _step, _count: None) -> Log:
    """Read and join the *lines* of a decision log.

    *progress* is told what is being done and how many lines are through. Raises `InvalidField` as
    `lines.read` does.
    """
    reader = _Reader()
    for number, line in read(lines):
        if number % TELL_EVERY == 0:
            progress("reading", number)
        if isinstance(line, Decision):
            reader.decision(line)
        elif isinstance(line, Offer):
            reader.offer(line)
        elif isinstance(line, Work):
            reader.work(line)
        elif isinstance(line, Online):
            reader.online(line)
        reader.counts[type(line).__name__.lower()] += 1
    return reader.joined()


class _Numbers(dict[object, int]):
    """Numbers things in the order in which they appear."""

    def __missing__(self, key: object) -> int:
        self[key] = number = len(self)
        return number


class _Reader:
    """Columns that grow with the log."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._holes: Counter[str] = Counter()
        self._people, self._units = _Numbers(), _Numbers()
        self._decisions: dict[str, int] = {}
        self._first = array("q", [0])
        self._decided = array("q")  # at_ms, unit, wanted, explored
        self._context = array("d")
        self._codes = array("h")
        self._ranked = array("d")  # interpreter, order, p_accept, propensity, rung
        self._offers: dict[str, int] = {}
        self._offered = array("q")
        self._offer_decisions: list[str] = []
        self._works: dict[str, int] = {}
        self._spells = array("q")

    def decision(self, line: Decision) -> None:
        if line.id in self._decisions:
            self._holes["repeated"] += 1
            return
        self._decisions[line.id] = len(self._decisions)
        unit = self._units[line.assignment, line.slot]
        self._decided.extend((line.at_ms, unit, line.wanted, line.explored))
        asked = line.context
        duration = min(1.0, asked.duration_min / DURATION_CAP_MIN)
        context = (MODES[Mode(asked.mode)], asked.hour, duration, min(line.wave, WAVE_CAP))
        self._context.extend((*context, asked.emergency))
        places = [line.features.index(name) if name in line.features else None for name in CODES]
        same = tuple(line.features) == CODES
        for each in line.candidates:
            codes = (
                each.codes if same else [None if at is None else each.codes[at] for at in places]
            )
            self._codes.extend([NEVER if code is None else code for code in codes])
            person = self._people[each.interpreter]
            self._ranked.extend((person, each.order, each.p_accept, each.propensity, each.rung))
        self._first.append(self._first[-1] + len(line.candidates))

    def offer(self, line: Offer) -> None:
        if line.offer in self._offers:
            self._holes["repeated"] += 1
            return
        self._offers[line.offer] = len(self._offers)
        self._offer_decisions.append(line.decision)
        person = self._people[line.interpreter]
        times = (line.delivered_ms, line.seen_ms, line.answered_ms)
        self._offered.extend((person, STATES.index(line.state), line.made_ms, line.expires_ms))
        self._offered.extend(NEVER if at is None else at for at in times)

    def work(self, line: Work) -> None:
        if line.state == "completed":
            self._works[line.offer] = 1
        elif line.fault == "interpreter":
            self._works[line.offer] = 0
        else:
            self._holes["not_theirs"] += 1

    def online(self, line: Online) -> None:
        person = self._people[line.interpreter]
        self._spells.extend((person, line.from_ms, NEVER if line.to_ms is None else line.to_ms))

    def joined(self) -> Log:
        decided = np.array(self._decided, np.int64).reshape(-1, 4)
        decisions = Decisions(
            decided[:, 0],
            decided[:, 1],
            decided[:, 2],
            decided[:, 3] == 1,
            np.array(self._first, np.int64),
            np.array(self._context).reshape(-1, len(CONTEXT)),
        )
        ranked = np.array(self._ranked).reshape(-1, 5)
        candidates = Candidates(
            np.array(self._codes, np.int16).reshape(-1, len(CODES)),
            ranked[:, 0].astype(np.int64),
            order=ranked[:, 1],
            p_accept=ranked[:, 2],
            propensity=ranked[:, 3],
            rung=ranked[:, 4] == 1,
        )
        return Log(
            decisions,
            candidates,
            self._joined_offers(decisions, candidates),
            tuple(str(each) for each in self._people),
            np.array(self._offered, np.int64).reshape(-1, 7)[:, :3],
            np.array(self._spells, np.int64).reshape(-1, 3),
            dict(self.counts),
            {name: count for name, count in sorted(self._holes.items()) if count},
        )

    def _joined_offers(self, decisions: Decisions, candidates: Candidates) -> Offers:
        rows = np.array(self._offered, np.int64).reshape(-1, 7)
        missing = [self._decisions.get(each, NEVER) for each in self._offer_decisions]
        decision = np.array(missing, np.int64)
        candidate = _candidates_of(decision, rows[:, 0], decisions.first, candidates.interpreter)
        completed = np.array([self._works.pop(each, NEVER) for each in self._offers], np.int64)
        self._holes["work_without_offer"] += len(self._works)
        self._holes["decision_missing"] += int((decision == NEVER).sum())
        self._holes["not_a_candidate"] += int(((decision != NEVER) & (candidate == NEVER)).sum())
        known = candidate != NEVER
        rows, decision, candidate = rows[known], decision[known], candidate[known]
        unit = decisions.units[decision]
        taken = _taken(unit, rows[:, 1], rows[:, 6], len(self._units))
        times = dict(zip(OFFER_TIMES, rows[:, 2:].T, strict=True))
        offers = Offers(
            decision,
            candidate,
            unit,
            rows[:, 1],
            taken_ms=taken,
            completed=completed[known],
            **times,
        )
        return offers.only(np.argsort(offers.made_ms, kind="stable"))


def _candidates_of(decision: Ints, person: Ints, first: Ints, interpreter: Ints) -> Ints:
    """Return the row of each offer's *person* among the candidates of its *decision*, or -1."""
    owner = np.repeat(np.arange(len(first) - 1), np.diff(first))
    width = int(max(interpreter.max(initial=0), person.max(initial=0))) + 1
    keys = owner * width + interpreter
    order = np.argsort(keys, kind="stable")
    wanted = decision * width + person
    at = np.searchsorted(keys, wanted, sorter=order).clip(max=max(len(keys) - 1, 0))
    if not len(keys):
        return np.full(len(wanted), NEVER)
    row = order[at]
    return np.where((decision != NEVER) & (keys[row] == wanted), row, NEVER)


def _taken(unit: Ints, state: Ints, answered_ms: Ints, units: int) -> Ints:
    """Return when each offer's unit was accepted by anybody, -1 if it never was."""
    latest = np.iinfo(np.int64).max
    taken = np.full(units, latest)
    accepted = (state == ACCEPTED) & (answered_ms != NEVER)
    np.minimum.at(taken, unit[accepted], answered_ms[accepted])
    return np.where(taken[unit] == latest, NEVER, taken[unit])
