"""Measure the search beside PostgreSQL with PostGIS: same people, same questions, same answers.

Ours is `matching.rank`: typed request in, ten matches with exact explanations out. Theirs is one
prepared statement over denormalised rows (`postgis_table`), parameters made beforehand, ten rows of
id and score out, through psycopg and a Unix socket. Both run on one core, in turns of a hundred
questions; every answer is checked before anything is timed. `ratio` is PostGIS / ours. The figures
named `covering` are of a second index over all columns, which is at its best in a table that nobody
changes.

    python -m benchmarks.postgis [--json] [--quick] [--runs N]
"""

import gc
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import psycopg

from benchmarks.common import Result, arguments, compared, percentile, progress, report, timed
from benchmarks.match import NOW_MS, TOP, build
from benchmarks.people import Question, make_people, make_questions, name
from benchmarks.postgis_score import read_score
from benchmarks.postgis_search import Search, Searches
from benchmarks.postgis_server import cluster, describe
from benchmarks.postgis_table import COVERING, load, make_indexes
from matching import Match, Population, rank

COUNT = 2_000
TURN = 100
TIE = 1e-4  # ours adds in float32

Row = tuple[int, float]
Cursor = psycopg.RawCursor[Row]


class Sides:
    """Both engines, ready to answer the same questions."""

    def __init__(
        self, population: Population, cursor: Cursor, questions: list[Question], asked: list[Search]
    ) -> None:
        self._population = population
        self._cursor = cursor
        self._questions = questions
        self._asked = asked

    def ours(self, number: int) -> tuple[Match, ...]:
        """Return our answer to a question."""
        return rank(self._population, self._questions[number].request, NOW_MS, TOP).matches

    def theirs(self, number: int) -> list[Row]:
        """Return PostgreSQL's answer, ids as numbers."""
        search = self._asked[number]
        return self._cursor.execute(search.sql, search.params, prepare=True).fetchall()

    def agree(self) -> None:
        """Fail unless all answers are the same, but for places swapped within rounding."""
        same = 0
        for number, question in enumerate(self._questions):
            ours = {match.interpreter: match.score for match in self.ours(number)}
            theirs = {name(person): score for person, score in self.theirs(number)}
            assert close(list(ours.values()), list(theirs.values())), (question, ours, theirs)
            both = [person for person in ours if person in theirs]
            at_both = [ours[each] for each in both], [theirs[each] for each in both]
            assert close(*at_both), (question, ours, theirs)
            same += list(ours) == list(theirs)
        progress(f"  all {len(self._questions):,} answers agree, {same:,} to the last place")


def close(ours: Sequence[float], theirs: Sequence[float]) -> bool:
    """Say whether scores differ by the same constant throughout: what all candidates share."""
    if len(ours) != len(theirs):
        return False
    apart = np.subtract(ours, theirs)
    return not apart.size or bool(np.ptp(apart) < TIE)


def measure(conninfo: str, n: int, label: str, runs: int) -> Iterator[Result]:
    """Yield the figures of a population of *n*."""
    progress(f"population of {n:,}")
    people = make_people(n)
    population = build(people)
    questions = make_questions(people, COUNT)
    score, travel = read_score(questions)
    searches = Searches(score)
    with psycopg.connect(conninfo, autocommit=True) as connection:
        load(connection, people, score)
        progress(f"  {describe(connection)}")
        connection.prepared_max = None
        cursor: Cursor = psycopg.RawCursor(connection)
        cursor.format = psycopg.pq.Format.BINARY
        asked = list(map(searches.make, questions, travel))
        progress(f"  {len({search.sql for search in asked})} statements prepared")
        sides = Sides(population, cursor, questions, asked)
        sides.agree()
        gc.collect()
        gc.freeze()
        yield from take_turns(sides, f"postgis_{label}", runs)
        progress("  the same with an index that holds all columns")
        make_indexes(connection, COVERING)
        sides.agree()
        yield from take_turns(sides, f"postgis_covering_{label}", runs)


def take_turns(sides: Sides, label: str, runs: int) -> Iterator[Result]:
    """Yield the figures of theirs over ours."""
    ours: list[list[float]] = []
    theirs: list[list[float]] = []
    spent = np.zeros(2)
    for run in range(runs):
        progress(f"  run {run + 1} of {runs}")
        ours.append([])
        theirs.append([])
        for start in range(0, COUNT, TURN):
            turn = range(start, start + TURN)
            theirs[-1] += timed(sides.theirs, turn)
            before = scheduled_ns()
            ours[-1] += timed(sides.ours, turn)
            spent = np.add(spent, np.subtract(scheduled_ns(), before))
    progress(f"  kept waiting by others: {100 * spent[1] / spent.sum():.0f} %")
    for at in (50, 99):
        yield compared(
            f"{label}_p{at}",
            [percentile(run, at) for run in theirs],
            "us",
            [percentile(run, at) for run in ours],
        )


def scheduled_ns() -> tuple[int, int]:
    """Return how long this thread ran, and waited for its core while others had it, ns."""
    ran, waited, _ = Path("/proc/thread-self/schedstat").read_text(encoding="ascii").split()
    return int(ran), int(waited)


def main() -> None:
    options = arguments(__doc__, quick="100,000 people only", runs=3).parse_args()
    core = max(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {core})
    with cluster() as conninfo:
        report(measure(conninfo, 100_000, "100k", options.runs), as_json=options.json)
        if not options.quick:
            report(measure(conninfo, 1_000_000, "1m", options.runs), as_json=options.json)


if __name__ == "__main__":
    main()
