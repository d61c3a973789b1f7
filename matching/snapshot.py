"""A population as a file, and back in seconds: columns as they are, and the rest by number.

Presence and reservations are not in it: whoever keeps it knows better by then who is there. Sums
that the policy or a model decide are made anew. What was made by other tables is refused.

It may be written while the population changes, between two slices. Then everybody is in it as they
were at some moment of the writing, and who changed meanwhile must be told again.
"""

import gc
import sys
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import astuple
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from matching import blocks
from matching.blocks import Sink, Source
from matching.bookings import Booking
from matching.calendar import Calendar, DatedHours, TimeOff, WeeklyHours
from matching.capabilities import Kind
from matching.errors import InvalidSnapshot
from matching.population import Population
from matching.slots import Spans
from matching.tables import Tables
from matching.types import Place

MAGIC: Final = b"dragoman people\n"
SCHEMA: Final = 2  # raise it when a column, a bit or a code means something else
AT_ONCE: Final = 1_000
HEAD, PEOPLE, SHARED = "head", "people", "shared"


def save(population: Population, file: Sink) -> None:
    """Write a population to a binary file."""
    for _ in write(population, file):
        pass


def write(population: Population, file: Sink, at_once: int = AT_ONCE) -> Iterator[int]:
    """Write a population, yielding how many are done after each slice: others may go between.

    Drive it to the end. Those who change meanwhile are written as they were before or after.
    """
    writer = blocks.Writer(file, MAGIC)
    writer.write(HEAD, _head(population.tables))
    ids, start, done = population.ids, 0, 0
    while start < len(ids):
        stop = min(start + at_once, len(ids))
        numbers = np.array([n for n in range(start, stop) if ids[n]], np.intp)
        writer.write(PEOPLE, _people(population, numbers))
        start, done = stop, done + numbers.size
        yield done
    # What columns point into comes last, when it is complete: pairs and terms only get more, and
    # a place among the calendars is only taken again after whoever was there has changed.
    writer.write(SHARED, _shared(population) | {"people": done})
    writer.end()


def load(file: Source, tables: Tables) -> Population:
    """Return the population of a file, read to the end of it, everybody absent and unreserved.

    Raises `InvalidSnapshot` for what is damaged, of another version, or made by other tables.
    """
    population = Population(tables)
    content = blocks.read(file, MAGIC)
    try:
        if next(content) != (HEAD, _head(tables)):
            raise InvalidSnapshot("made by another version, or by other tables")
        with uncollected():
            _restore(population, content)
    except InvalidSnapshot:
        raise
    except (ArithmeticError, LookupError, StopIteration, TypeError, ValueError) as error:
        raise InvalidSnapshot(f"it does not fit together: {error!r}") from error
    return population


@contextmanager
def uncollected() -> Iterator[None]:
    """Keep the collector away: all that is made here stays, and looking it over takes as long."""
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()


def _head(tables: Tables) -> dict[str, Any]:
    return {"schema": SCHEMA, "bytes": sys.byteorder, "tables": tables.digest}


def _columns(population: Population) -> dict[str, "array[Any]"]:
    return {
        **population.profiles.columns,
        **population.personal.columns,
        **population.columns,
    }


def _people(population: Population, numbers: NDArray[np.intp]) -> dict[str, Any]:
    """Return everything about some: columns, and what few have by their place among them."""
    personal, agendas = population.personal, population.agendas
    ids, chosen = population.ids, numbers.tolist()

    def those(held: Mapping[int, Any]) -> dict[int, Any]:
        return {at: held[n] for at, n in enumerate(chosen) if n in held} if held else {}

    return {
        "ids": [ids[number] for number in chosen],
        "columns": {
            name: np.frombuffer(column, column.typecode)[numbers].tobytes()
            for name, column in _columns(population).items()
        },
        "spans": population.slots.spans(numbers),
        "calendars": agendas.kept(numbers),
        "facts": those(population.holders.facts),
        "sessions": those(personal.sessions),
        "customers": those(personal.customers),
        "bookings": {
            at: [astuple(booking) for booking in agenda.diary]
            for at, number in enumerate(chosen)
            if (agenda := agendas.of(number)) is not None
        },
    }


def _shared(population: Population) -> dict[str, Any]:
    return {
        "pairs": population.slots.pairs,
        "terms": population.lexicon.terms,
        "zones": population.profiles.quiet.zones,
        "calendars": [each and astuple(each) for each in population.agendas.known_calendars],
        "target": population.personal.target,
    }


def _restore(population: Population, content: Iterator[tuple[str, Any]]) -> None:
    spans, calendars = {name: bytearray() for name in Spans._fields}, bytearray()
    booked: dict[int, Any] = {}
    shared: Any = None
    for kind, part in content:
        if kind == SHARED:
            shared = part
            continue
        first = len(population.ids)
        for name, column in _columns(population).items():
            column.frombytes(part["columns"][name])
        for name, more in zip(Spans._fields, part["spans"], strict=True):
            spans[name] += more
        calendars += part["calendars"]
        population.ids.extend(part["ids"])
        for at, facts in part["facts"].items():
            population.holders.put(first + at, facts)
        sessions, customers = part["sessions"], part["customers"]
        for at in sessions.keys() | customers.keys():
            population.personal.recall(first + at, sessions.get(at, {}), customers.get(at, {}))
        booked |= {first + at: given for at, given in part["bookings"].items()}
    _settle(population, shared, Spans(*map(bytes, spans.values())), bytes(calendars))
    for number, given in booked.items():
        bookings = [Booking(start, end, _place(place)) for start, end, place in given]
        population.set_bookings(population.ids[number], bookings)


def _settle(population: Population, shared: Any, spans: Spans, calendars: bytes) -> None:
    """Make of the columns what searching reads."""
    lengths = {len(column) for column in _columns(population).values()}
    lengths |= {shared["people"], len(set(population.ids))}
    if lengths != {len(population.ids)}:
        # Somebody who was removed and came back meanwhile may be in it twice.
        raise InvalidSnapshot("somebody is in it twice, or in part")
    for kind, word in shared["terms"]:
        population.lexicon.learn(Kind(kind), word)
    population.profiles.quiet.know(shared["zones"])
    caps = np.frombuffer(population.profiles.caps, np.uint64)
    population.slots.fill(shared["pairs"], spans, caps)
    population.agendas.fill(calendars, [each and _calendar(each) for each in shared["calendars"]])
    population.personal.fill()
    population.resume()
    population.set_exposure_target(shared["target"])
    for number in population.personal.streaks:  # so that a break ends them
        population.set_load(population.ids[number], *population.personal.load(number))
    for _ in population.tidy():
        pass


def _calendar(given: Sequence[Any]) -> Calendar:
    timezone, weekly, dated, off = given

    def each(kind: Callable[..., Any], rows: Sequence[Any]) -> tuple[Any, ...]:
        return tuple(kind(*row) for row in rows)

    return Calendar(
        timezone,
        None if weekly is None else each(WeeklyHours, weekly),
        each(DatedHours, dated),
        each(TimeOff, off),
    )


def _place(given: Sequence[float] | None) -> Place | None:
    return None if given is None else Place(*given)
