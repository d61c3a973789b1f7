"""Who of the population is online: those whom a scenario needs, and a crowd of others."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from matching.geo import chord2, chord_km, vector
from matching.types import Place
from signalling.demo.population import Interpreter

ONLINE: Final = 200


@dataclass(frozen=True, slots=True)
class Casting:
    """The first *count* speakers of *tag* in the register whom *fits* takes."""

    tag: str
    count: int
    fits: Callable[[Interpreter], bool] = lambda _: True


def cast(people: Sequence[Interpreter], castings: Sequence[Casting]) -> list[Interpreter]:
    """Return who goes online, each once; raise ValueError where a casting finds too few.

    Nobody speaks two languages that are cast, so what one scenario does leaves the others alone.
    """
    asked = {casting.tag for casting in castings}
    chosen: dict[str, Interpreter] = {}
    for casting in castings:
        fitting = [
            person
            for person in people
            if tags_of(person) & asked == {casting.tag}
            and person["id"] not in chosen
            and casting.fits(person)
        ]
        if len(fitting) < casting.count:
            raise ValueError(f"only {len(fitting)} of {casting.count} for {casting.tag}")
        chosen.update({person["id"]: person for person in fitting[: casting.count]})
    others = [person for person in people if not tags_of(person) & asked]
    for person in others[: max(0, ONLINE - len(chosen))]:
        chosen[person["id"]] = person
    return list(chosen.values())


def tags_of(person: Interpreter) -> set[str]:
    return {skill["tag"] for skill in person["languages"]}


def takes(*modes: str) -> Callable[[Interpreter], bool]:
    """Match who works in all of these modes."""
    return lambda person: set(modes) <= set(person["modes"])


def qualified(tag: str, *, held: bool) -> Callable[[Interpreter], bool]:
    """Match who has a qualification in that language, or none."""
    return lambda person: any(
        skill["tag"] == tag and ("qualification" in skill) is held for skill in person["languages"]
    )


def specialised(*fields: str, held: bool) -> Callable[[Interpreter], bool]:
    """Match who has all of these specialisms, or lacks one."""
    return lambda person: (set(fields) <= set(person["specialisms"])) is held


def within(km: float, place: dict[str, float]) -> Callable[[Interpreter], bool]:
    """Match who lives within *km* of a place, and travels as far."""
    return lambda person: distance_km(person, place) <= min(km, person["max_travel_km"])


def beyond(km: float, place: dict[str, float]) -> Callable[[Interpreter], bool]:
    """Match who lives farther than *km* from a place."""
    return lambda person: distance_km(person, place) > km


def both(*fits: Callable[[Interpreter], bool]) -> Callable[[Interpreter], bool]:
    return lambda person: all(each(person) for each in fits)


def distance_km(person: Interpreter, place: dict[str, float]) -> float:
    home: dict[str, Any] = person["location"]
    ends = (vector(Place(at["lat"], at["lon"])) for at in (home, place))
    return chord_km(chord2(*ends))
