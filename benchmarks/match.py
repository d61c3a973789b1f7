"""Measure the search: typed request in, ten matches with exact explanations out.

Everybody has a past, and a model decides what accepting and completing are worth: all hard rules
and all features are at work. The baseline is the plain way: one numpy scan of everyone's columns a
request, numbers and order out, nothing explained. Both answer the same questions in the same run,
and must agree.

    python -m benchmarks.match [--json] [--quick] [--runs N]
"""

import gc
import resource
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.common import Result, arguments, compared, percentile, progress, report, timed
from benchmarks.people import (
    REACH_KM,
    People,
    Question,
    interpreters,
    make_people,
    make_questions,
    name,
)
from matching import Mode, Population, Track, load_tables, rank
from matching import features as f
from matching.asking import Turn, ask
from matching.decisions import record
from matching.geo import EARTH_KM
from matching.model import INPUTS, Hazard, Head, Model, Step, versioned

NOW_MS = 1_800_000_000_000
TOP = 10
FLIPS = 2_000
RECORDED = 300  # decisions a run
COLD = 150  # searches out of a cold cache a run
OTHER_MEMORY = np.ones(64 << 20, np.uint8)  # twice the last cache of most machines


class Scan:
    """The baseline: all columns, all people, one request at a time."""

    def __init__(self, people: People, population: Population) -> None:
        self._people = people
        lat, lon = np.radians(people.lat), np.radians(people.lon)
        self._xyz = np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
        self._population = population
        scorer, personal = population.scorer, population.personal
        here = scorer.tier.table[people.category + 1] + scorer.experience.table[0]
        here += scorer.idle.table[np.minimum(people.idle_min, f.IDLE_CAP_MIN)]
        self._static = {
            False: here + np.frombuffer(personal.remote),
            True: here + np.frombuffer(personal.onsite),
        }

    def search(self, question: Question) -> tuple[list[int], list[float]]:
        """Return the numbers and order of the best ten."""
        people, scorer = self._people, self._population.scorer
        speaks = (people.languages == question.source).any(1)
        speaks &= (people.languages == question.target).any(1)
        speaks &= people.present
        ok = speaks & (people.category + 1 >= question.floor)
        ok &= (people.specialisms & question.required) == question.required
        ok &= (people.modes >> question.mode & 1) == 1
        if question.gender >= 0:
            ok &= people.gender == question.gender
        ok[list(question.blocked)] = False
        rows = ok.nonzero()[0]
        onsite = question.request.mode is Mode.ONSITE
        order = self._static[onsite][rows]
        if onsite:
            km = self._km(question, rows)
            rows, order, km = rows[km <= REACH_KM], order[km <= REACH_KM], km[km <= REACH_KM]
            place = question.request.location
            assert place is not None
            density = self._population.tables.travel.density(place)
            minutes = self._population.trips(density)[0, km.astype(np.intp)]
            order = order + scorer.travel.table[minutes]
        if question.wished != question.required:
            held = np.bitwise_count(people.specialisms[rows] & question.wished)
            order = order + scorer.specialism(question.wished.bit_count()).table[held]
        order = order + scorer.preference.table[1] * np.isin(rows, question.preferred)
        order = order + scorer.scarcity.table[self._scarcity(question, speaks, rows)]
        best = np.argsort(-order, kind="stable")[:TOP]
        return rows[best].tolist(), order[best].tolist()

    def _km(self, question: Question, rows: NDArray[np.intp]) -> NDArray[np.float64]:
        place = question.request.location
        assert place is not None
        lat, lon = np.radians(place.lat), np.radians(place.lon)
        at = np.array([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
        chord = np.sqrt(((self._xyz[:, rows] - at[:, None]) ** 2).sum(0))
        km: NDArray[np.float64] = EARTH_KM * chord
        return km

    def _scarcity(
        self, question: Question, speaks: NDArray[np.bool_], rows: NDArray[np.intp]
    ) -> NDArray[np.intp]:
        specialisms = self._people.specialisms
        bits = np.arange(20, dtype=np.uint32)
        held = (specialisms[speaks.nonzero()[0], None] >> bits & 1).sum(0)
        value = np.zeros(rows.shape, np.intp)
        for holders in range(f.RARE, 0, -1):
            rare = sum(1 << int(bit) for bit in (held == holders).nonzero()[0])
            value[(specialisms[rows] & (rare & ~question.wished)) != 0] = holders
        return value


def build(people: People) -> Population:
    """Fill an index, saying how far it is."""
    tables = load_tables()
    population = Population(tables)
    started = time.perf_counter()
    for done in population.put_all(interpreters(people)):
        if done % 100_000 == 0:
            progress(f"  {done:,} in the index after {time.perf_counter() - started:.1f} s")
    for number in people.present.nonzero()[0].tolist():
        who = name(number)
        population.set_presence(who, available=True)
        population.touch(who, NOW_MS - int(people.idle_min[number]) * 60_000)
    return population


def live(population: Population, people: People) -> None:
    """Give everybody a past, and a model that learnt from it."""
    rng = np.random.default_rng(11)
    done = rng.poisson(30, len(people))
    columns = zip(
        done.tolist(),
        rng.binomial(done // 10, 0.3).tolist(),
        (done * rng.uniform(3.2, 5, len(people))).tolist(),
        rng.uniform(0, 90, len(people)).tolist(),
        rng.uniform(0, 60, len(people)).tolist(),
        rng.binomial(done // 10, 0.2).tolist(),
        strict=True,
    )
    population.set_exposure_target(1.5)
    for number, (completed, failed, stars, offers, online_h, lost) in enumerate(columns):
        track = Track(
            completed=completed,
            failed=failed,
            stars=stars,
            rated=completed,
            offers=offers,
            online_h=online_h,
            connects=completed,
            connect_failures=lost,
        )
        population.set_track(name(number), track)
    population.use_model(made_up_model())


def made_up_model() -> Model:
    """Return a model of the size that training makes: 40 edges an input, rising or falling."""
    rng = np.random.default_rng(12)

    def steps(names: Sequence[str]) -> dict[str, Step]:
        return {
            name: Step(
                tuple(np.linspace(-0.9, 0.99, 40).tolist()),
                tuple(np.sort(rng.normal(0, 0.5, 41)).tolist()),
                0.0,
            )
            for name in names
        }

    every = steps(sorted(INPUTS))
    accept = Hazard(-1.0, every, ends_s=(5.0, 10.0, 20.0), by_period=(0.0, -0.3, -0.9))
    return versioned(accept, Head(2.5, steps(["reliability", "media", "experience", "travel"])), {})


def timed_cold(call: Callable[[Question], object], questions: Sequence[Question]) -> list[float]:
    """Return the time of each call, µs, after other memory has filled the caches."""
    samples = []
    for question in questions:
        OTHER_MEMORY.sum()
        samples += timed(call, [question])
    return samples


def agree(population: Population, scan: Scan, questions: Sequence[Question]) -> None:
    """Fail unless index and scan give the same orders (people may swap places within rounding)."""
    for question in questions:
        mine = rank(population, question.request, NOW_MS, TOP)
        _, orders = scan.search(question)
        left_out, wanted = 0.0, question.wished.bit_count()
        if question.wished == question.required and question.wished:
            left_out = population.scorer.specialism(wanted).total[wanted]
        floor = population.tables.policy.weights["tier_surplus"] * question.floor / f.TIER_STEPS
        scores = [match.score + floor - left_out for match in mine.matches]
        assert np.allclose(scores, orders, atol=1e-4), (question, scores, orders)


def measure(n: int, label: str, runs: int, count: int) -> Iterator[Result]:
    """Yield the figures of a population of *n*."""
    progress(f"population of {n:,}")
    people = make_people(n)
    before = memory_mb()
    population = build(people)
    live(population, people)
    gc.collect()
    index_mb = memory_mb() - before
    scan, questions = Scan(people, population), make_questions(people, count)
    agree(population, scan, questions[: count // 10])
    gc.collect()
    gc.freeze()
    searches, cold, scans = [], [], []

    def search(question: Question) -> object:
        return rank(population, question.request, NOW_MS, TOP)

    for run in range(runs):
        progress(f"  run {run + 1} of {runs}")
        searches.append(timed(search, questions))
        cold.append(timed_cold(search, questions[run * COLD : (run + 1) * COLD]))
        scans.append(timed(scan.search, questions[: max(50, count // 20)]))
    for at in (50, 99):
        yield compared(
            f"search_{label}_p{at}",
            [percentile(run, at) for run in searches],
            "us",
            [percentile(run, at) for run in scans],
        )
    for at in (50, 99):
        colds = [percentile(run, at) for run in cold]
        yield Result(f"search_{label}_cold_p{at}", float(np.median(colds)), "us", runs=runs)
    if label == "100k":
        yield from changes(population, people, runs)
        yield recording(population, questions[:RECORDED], runs)
    else:
        yield Result(f"index_{label}_mb", index_mb, "MB")


def changes(population: Population, people: People, runs: int) -> Iterator[Result]:
    """Yield what a flip of presence and an update of a profile cost."""
    chosen = people.present.nonzero()[0][:FLIPS].tolist()
    profiles = [
        each
        for number, each in zip(range(max(chosen) + 1), interpreters(people), strict=False)
        if number in set(chosen)
    ]
    flips, updates = [], []
    for _ in range(runs):
        started = time.perf_counter_ns()
        for profile in profiles:
            population.set_presence(profile.id, available=False)
            population.set_presence(profile.id, available=True)
        flips.append((time.perf_counter_ns() - started) / 2000 / len(profiles))
        started = time.perf_counter_ns()
        for profile in profiles:
            population.put(profile)
        updates.append((time.perf_counter_ns() - started) / 1000 / len(profiles))
    yield Result("flip_us", float(np.median(flips)), "us", runs=runs)
    yield Result("update_us", float(np.median(updates)), "us", runs=runs)


def recording(population: Population, questions: Sequence[Question], runs: int) -> Result:
    """Return what the record of a decision costs, the ranking left out."""
    size = population.tables.policy.waves["waves"]
    turns = [Turn(question.request, size) for question in questions]
    decided = [(turn, ask(population, turn, NOW_MS)) for turn in turns]
    times = [timed(lambda each: record(population, *each, NOW_MS), decided) for _ in range(runs)]
    return Result("record_us", float(np.median(times)), "us", runs=runs)


def memory_mb() -> float:
    """Return the resident memory of this process now; its peak would hide what was freed before."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 2**20


def main() -> None:
    options = arguments(__doc__, quick="100,000 people only", runs=3).parse_args()
    report(measure(100_000, "100k", options.runs, 2000), as_json=options.json)
    if not options.quick:
        report(measure(1_000_000, "1m", options.runs, 2000), as_json=options.json)


if __name__ == "__main__":
    main()
