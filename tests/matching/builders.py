"""People and requests in few words."""

from collections.abc import Iterable
from typing import Any

from matching import Interpreter, LanguageSkill, Mode, Place, Qualification, Request, Requirements

NOW = 1_800_000_000_000
MINUTE = 60_000
OSLO = Place(59.913, 10.739)
ASKER = Place(59.835, 10.435)  # 19 km from Oslo
DRAMMEN = Place(59.744, 10.205)  # 35 km
BERGEN = Place(60.393, 5.324)  # 305 km
ALL = frozenset(Mode)


def skill(text: str, level: str = "") -> LanguageSkill:
    """Read "so", "so:B" or "kmr/badini:C" (a bare letter is of Norway's scale)."""
    tag, _, letter = text.partition(":")
    tag, _, dialect = tag.partition("/")
    scale, _, category = letter.rpartition(" ")
    qualification = Qualification(scale or "NO", category) if letter else None
    return LanguageSkill(tag, level, dialect or None, qualification)


def person(name: str, languages: str = "no so:C", **fields: Any) -> Interpreter:
    skills = tuple(skill(each) for each in languages.split())
    return Interpreter(id=name, languages=skills, **({"modes": ALL} | fields))


def request(languages: str = "no so", mode: Mode = Mode.VIDEO, **fields: Any) -> Request:
    """Build a request; what `Requirements` knows goes there."""
    one, other = languages.split()
    required = {name: fields.pop(name) for name in Requirements.__slots__ if name in fields}
    floor = required.get("min_qualification")
    if isinstance(floor, str):
        required["min_qualification"] = Qualification("NO", floor)
    return Request(one, other, mode, requirements=Requirements(**required), **fields)


def words(*values: str) -> frozenset[str]:
    return frozenset(values)


def present(population: Any, people: Iterable[Interpreter]) -> None:
    for each in people:
        population.put(each)
        population.set_presence(each.id, available=True)
