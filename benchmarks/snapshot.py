"""Measure the way to disk and back: of a population, and of a market with everybody's records.

Everybody has a past, a third have customers. A market is what a server restarts from.

python -m benchmarks.snapshot [--json] [--quick]
"""

import gc
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import IO

import numpy as np

from benchmarks.common import Result, arguments, percentile, progress, report
from benchmarks.match import NOW_MS, TOP, build, live, made_up_model
from benchmarks.people import People, Question, interpreters, make_people, make_questions
from matching import Population, load_tables, rank
from matching.snapshot import load, write
from signalling.core.availability import Availability, Connection, Status
from signalling.core.profile import Profile
from signalling.core.track import Counts
from signalling.market import Market
from signalling.snapshots import read, slices
from signalling.store.records import pack

AGREE_ON = 50


def remember(population: Population) -> None:
    """Let a third have worked in a pair, each for three customers of a thousand."""
    rng = np.random.default_rng(13)
    for number in range(0, len(population), 3):
        name = population.ids[number]
        customers = {f"a1b2c3d4:c{each}": (2.0, NOW_MS) for each in rng.integers(0, 1000, 3)}
        track = replace(population.track(name), sessions={"en-no": 6}, customers=customers)
        population.set_track(name, track)


def measure(n: int, label: str) -> Iterator[Result]:
    """Yield what snapshots of *n* people cost."""
    progress(f"population of {n:,}")
    people, tables = make_people(n), load_tables()
    population = build(people)
    live(population, people)
    remember(population)
    gc.collect()
    gc.freeze()
    with tempfile.TemporaryFile() as file:
        yield from there_and_back(
            f"snapshot_{label}", file, write(population, file), lambda: load(file, tables)
        )
        file.seek(0)
        found = load(file, tables)
    agree(population, found, make_questions(people, AGREE_ON))
    del found
    market = Market("main", population)
    fill(market, people)
    gc.collect()
    gc.freeze()
    with tempfile.TemporaryFile() as file:
        written = (file.write(part) for part in slices(market, "1-1"))
        yield from there_and_back(
            f"market_{label}", file, written, lambda: read(file, "main", tables)
        )


def there_and_back(
    name: str, file: IO[bytes], written: Iterator[int], back: Callable[[], object]
) -> Iterator[Result]:
    """Yield how long writing takes, in all and the longest of its slices, and reading."""
    started = time.perf_counter()
    times = [time.perf_counter() - started for _ in written]
    file.flush()
    waits = np.diff(times, prepend=0.0) * 1000
    yield Result(f"{name}_save_s", times[-1], "s")
    yield Result(f"{name}_slice_p99_ms", percentile(waits.tolist(), 99), "ms")
    yield Result(f"{name}_slice_max_ms", float(waits.max()), "ms")
    yield Result(f"{name}_mb", file.tell() / 2**20, "MB")
    file.seek(0)
    started = time.perf_counter()
    back()
    yield Result(f"{name}_load_s", time.perf_counter() - started, "s")


def fill(market: Market, people: People) -> None:
    """Give everybody the records that a store has of them."""
    progress("  records of everybody")
    counts = Counts(NOW_MS, 3.25, 10.5, 4.0, 1.0, 5.0, 1.0)
    for number, person in enumerate(interpreters(people)):
        profile = {
            "id": person.id,
            "name": f"Person {number}",
            "languages": [
                {"tag": skill.tag, "qualification": {"scale": "NO", "category": "B"}}
                for skill in person.languages
            ],
            "specialisms": sorted(person.specialisms),
            "modes": sorted(person.modes),
            "timezone": "Europe/Oslo",
            "location": {"lat": 59.9, "lon": 10.7},
        }
        here = bool(people.present[number])
        record = Availability(
            person.id,
            Status.AVAILABLE if here else Status.OFFLINE,
            sessions=(Connection(f"s{number}", 1),) if here else (),
            counts=counts,
            status_since_ms=NOW_MS,
            idle_since_ms=NOW_MS,
        )
        market.profiles.put(person.id, pack(Profile(person.id, profile, NOW_MS), 1))
        market.availability.put(person.id, pack(record, 1))
        if here:
            market.apply("availability", person.id, market.availability.bodies[person.id])


def agree(population: Population, found: Population, questions: list[Question]) -> None:
    """Fail unless both rank the same, once the same people are present."""
    found.use_model(made_up_model())  # as `live` does
    for name in population.ids:
        presence = population.presence(name)
        if presence.available:
            found.set_presence(name, available=True, modes=presence.modes)
    for question in questions:
        mine = rank(population, question.request, NOW_MS, TOP)
        assert mine == rank(found, question.request, NOW_MS, TOP), question


def main() -> None:
    options = arguments(__doc__, quick="100,000 people only").parse_args()
    report(measure(100_000, "100k"), as_json=options.json)
    if not options.quick:
        report(measure(1_000_000, "1m"), as_json=options.json)


if __name__ == "__main__":
    main()
