"""A population comes back from a file as it was; what cannot be trusted is refused."""

import gc
import io
from dataclasses import replace
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching import Population, Tables, explain, rank, shortage
from matching.blocks import Writer, read
from matching.bookings import Booking
from matching.errors import InvalidSnapshot
from matching.quiet import QuietHours
from matching.snapshot import HEAD, MAGIC, PEOPLE, SHARED, load, save, write
from matching.types import Track
from tests.matching.builders import BERGEN, MINUTE, NOW, OSLO, person, request, words
from tests.matching.conftest import TABLES
from tests.matching.worlds import CALENDARS, World, act, draw_person, draw_request, draw_world


def kept(population: Population) -> bytes:
    file = io.BytesIO()
    save(population, file)
    return file.getvalue()


def back(data: bytes, tables: Tables = TABLES) -> Population:
    return load(io.BytesIO(data), tables)


def appear(population: Population, before: Population, names: list[str]) -> None:
    """Let those be present, and reserved, who were."""
    for name in names:
        was = before.presence(name)
        population.set_presence(
            name, available=was.available, modes=was.modes, position=was.position
        )
        if was.reserved_until_ms:
            population.reserve(name, was.reserved_until_ms)
        population.suspended[name] = was.suspended_until_ms


def diary(population: Population, name: str) -> Any:
    agenda = population.agenda(name)
    return agenda and (agenda.diary.home, list(agenda.diary))


def answers(world: World, population: Population, asked: list[Any]) -> list[Any]:
    """Return everything that a population says of requests and people, with the time going on."""
    return [
        (
            rank(population, each, NOW + at * MINUTE, 10),
            shortage(population, each, NOW + at * MINUTE),
            [explain(population, who, each, NOW) for who in world.profiles.values()],
        )
        for at, each in enumerate(asked)
    ] + [
        (population.presence(name), population.track(name), diary(population, name))
        for name in sorted(world.profiles)
    ]


@settings(max_examples=20)
@given(st.integers(0, 2**32))
def test_it_answers_as_before(seed: int) -> None:
    """Once the same are present; and after whatever happens to both from then on."""
    draw = Random(seed)
    world = draw_world(draw)
    before = world.population
    population = back(kept(before))
    assert len(population) == len(before)
    assert not any(population.presence(name).available for name in world.profiles)
    appear(population, before, sorted(world.profiles))
    asked = [draw_request(draw) for _ in range(4)]
    assert answers(world, population, asked) == answers(world, before, asked)

    other = World(population, dict(world.profiles))
    name = draw.choice(sorted(world.profiles))
    changed, chance = draw_person(draw, name), draw.getrandbits(32)
    for each in (world, other):
        each.put(changed)
        act(each, name, Random(chance))
    assert answers(other, population, asked) == answers(world, before, asked)


def test_what_was_given_back_is_not_kept() -> None:
    world = draw_world(Random(3))
    gone = sorted(world.profiles)[:10]
    for name in gone:
        world.population.remove(name)
    population = back(kept(world.population))
    assert not [name for name in gone if name in population]
    assert "" not in population.ids
    assert len(population.ids) == len(population) == len(world.population)


def test_quiet_hours_are_of_the_same_zones(population: Population) -> None:
    night = QuietHours("22:00", "07:00")
    zones = {"a": "Asia/Tokyo", "b": "Europe/Oslo", "c": "Asia/Tokyo"}
    for name, timezone in zones.items():
        population.put(person(name, quiet=night, timezone=timezone))
    again = back(kept(population))
    again.put(person("d", quiet=night, timezone="Africa/Lagos"))
    everybody = np.arange(4, dtype=np.int32)
    midday = 1_800_025_200_000  # 15:00 UTC: midnight in Tokyo
    assert again.profiles.quiet.asleep(everybody, midday).tolist() == [0, 2]
    assert again.profiles.quiet.zones == ["Asia/Tokyo", "Europe/Oslo", "Africa/Lagos"]


def test_the_collector_is_left_as_it_was(population: Population) -> None:
    population.put(person("ann"))
    data = kept(population)
    gc.disable()
    try:
        back(data)
        assert not gc.isenabled()
    finally:
        gc.enable()
    back(data)
    assert gc.isenabled()


def test_rosters_are_in_order(population: Population) -> None:
    """Of as many as make several blocks, the best are looked at first."""
    for number in range(300):
        population.put(person(f"i{number}", f"no so:{'ABCDE'[number % 5]}"))
    roster = back(kept(population)).slots.roster(("no", "so"))
    assert roster is not None
    assert (roster.n, roster.changed) == (300, 0)
    assert list(roster.bases) == sorted(roster.bases, reverse=True)


def test_calendars_that_nobody_has_any_more(population: Population) -> None:
    """Their places are taken again, and the others are shared as before."""
    weekend, evening, never = CALENDARS[1], CALENDARS[0], CALENDARS[3]
    for name, calendar in (("ann", weekend), ("bo", evening), ("cy", evening)):
        population.put(person(name, calendar=calendar))
    population.put(person("ann"))
    found = back(kept(population))
    assert len(found.agendas._index) == 1
    found.put(person("ann", calendar=never))
    assert len(found.agendas._index) == 2
    assert len(found.agendas.known_calendars) == 3
    for name in ("bo", "cy"):
        found.put(person(name))
    assert len(found.agendas._index) == 1


def test_nobody() -> None:
    assert len(back(kept(Population(TABLES)))) == 0


def test_a_streak_ends_after_it_came_back(population: Population) -> None:
    population.put(person("ann"))
    population.touch("ann", NOW)
    population.set_load("ann", 60, 45)
    found = back(kept(population))
    assert found.presence("ann") == population.presence("ann")
    found.lapse(NOW + 16 * MINUTE)
    assert found.presence("ann").streak_min == 0


def test_bookings_come_back(population: Population) -> None:
    """With the home that trips are counted from."""
    bookings = [Booking(NOW + MINUTE, NOW + 9 * MINUTE, BERGEN), Booking(NOW, NOW + MINUTE)]
    population.put(person("ann", location=OSLO))
    population.set_bookings("ann", bookings)
    found = diary(back(kept(population)), "ann")
    assert found == diary(population, "ann")
    assert found[1] == bookings[::-1]


def test_changes_in_between_are_there_or_to_be_told(population: Population) -> None:
    """Written while people come, change and go: who was left alone is as they were."""
    for number in range(30):
        population.put(person(f"i{number:02d}", "no so:C", specialisms=words("court")))
    file = io.BytesIO()
    slices = write(population, file, at_once=10)
    assert next(slices) == 10
    population.put(person("i05", "no ti:A", specialisms=words("medical")))
    population.put(person("i25", "no ti:A", specialisms=words("medical")))
    population.remove("i29")
    population.put(person("new", "no ti"))
    assert list(slices) == [20, 30]

    found = back(file.getvalue())
    people = {name: found.track(name) for name in sorted(found.ids)}
    assert people.keys() == {*(f"i{number:02d}" for number in range(29)), "new"}
    for name in people:
        found.set_presence(name, available=True)
    ranked = {match.interpreter for match in rank(found, request("no ti"), NOW, 40).matches}
    assert ranked == {"i25", "new"}
    # Told again, all is as it is.
    found.put(person("i05", "no ti:A", specialisms=words("medical")))
    court = request("no so", specialisms=words("court"))
    assert rank(found, court, NOW, 40).eligible == 27
    assert rank(found, request("no ti", specialisms=words("medical")), NOW, 40).eligible == 2


def test_who_is_in_it_twice(population: Population) -> None:
    """Removed, and come back under another number, while it was written."""
    for name in ("ann", "bo", "cy"):
        population.put(person(name))
    file = io.BytesIO()
    slices = write(population, file, at_once=1)
    next(slices)
    for name in ("cy", "ann"):
        population.remove(name)
    population.put(person("new"))
    population.put(person("ann"))
    assert list(slices) == [2, 3]
    with pytest.raises(InvalidSnapshot, match="twice"):
        back(file.getvalue())


def test_other_tables(population: Population) -> None:
    data = kept(population)
    assert back(data, replace(TABLES, policy=TABLES.policy)).tables.digest == TABLES.digest
    with pytest.raises(InvalidSnapshot, match="other tables"):
        back(data, replace(TABLES, digest="other"))


def test_the_policy_and_the_target_sum_anew(population: Population) -> None:
    population.put(person("ann"))
    population.set_track("ann", Track(offers=9.0, online_h=3.0, completed=4.0))
    population.set_exposure_target(2.0)
    found = back(kept(population))
    assert found.personal.target == 2.0
    assert found.personal.codes(0) == population.personal.codes(0)
    assert list(found.personal.remote) == list(population.personal.remote)


def test_what_is_none(population: Population) -> None:
    population.put(person("ann"))
    data = kept(population)
    for wrong in (b"", data[:-1], data[:100], data.replace(b"ann", b"bob"), b"x" + data):
        with pytest.raises(InvalidSnapshot):
            back(wrong)


@pytest.mark.parametrize("kind", [HEAD, PEOPLE, SHARED])
@pytest.mark.parametrize("change", [None, {}])
def test_what_does_not_fit_together(population: Population, kind: str, change: Any) -> None:
    """Right checksums say that it is what was written, not that it makes sense."""
    population.put(person("ann"))
    file = io.BytesIO()
    writer = Writer(file, MAGIC)
    for each, content in read(io.BytesIO(kept(population)), MAGIC):
        if each != kind or change is not None:
            writer.write(each, content if each != kind else change)
    writer.end()
    with pytest.raises(InvalidSnapshot):
        back(file.getvalue())


def test_no_blocks_at_all() -> None:
    file = io.BytesIO()
    Writer(file, MAGIC).end()
    with pytest.raises(InvalidSnapshot, match="does not fit"):
        back(file.getvalue())
