"""Who was online for how long in a log, and how many offers reached them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matching.errors import InvalidField
from matching.evaluate.arrays import Floats
from matching.zones import HOUR_MS


@dataclass(frozen=True, slots=True)
class Exposure:
    """Offers and online hours of all n who were online in a window, by name.

    `offers`, `hours` (n,): those of the window, hours above 0. `first_ms` (n,): when the log first
    tells of them, ms since 1970, be it before the window. `to_ms` is the window's end. `holes`
    counts offers to people of whom the log has no online time in the window: they have no rate.
    """

    interpreters: tuple[str, ...]
    offers: Floats
    hours: Floats
    first_ms: NDArray[np.int64]
    to_ms: int
    holes: int

    @property
    def rates(self) -> Floats:
        """Return offers per online hour, (n,)."""
        return self.offers / self.hours


def exposure_of(lines: Iterable[Mapping[str, Any]], from_ms: int, to_ms: int) -> Exposure:
    """Read the exposure within [from_ms, to_ms) from decoded lines of a log, in any order.

    Only `offer` and `online` lines count. An offer counts by the time it was made, once by its id,
    unless it was never delivered: nobody could answer it. Spells that overlap count once; one
    without an end lasts to the window's. Raise InvalidField, whose path is kind and key, for a line
    that lacks what it must have.
    """
    made: dict[str, str] = {}
    spells: dict[str, list[tuple[int, int]]] = defaultdict(list)
    first: dict[str, int] = {}
    for line in lines:
        kind = line.get("kind")
        if kind == "online":
            who, start, end = _text(line, "interpreter"), _time(line, "from_ms"), line.get("to_ms")
            spells[who].append((start, to_ms if end is None else _time(line, "to_ms")))
        elif kind == "offer":
            who, start = _text(line, "interpreter"), _time(line, "made_ms")
            if from_ms <= start < to_ms and line.get("state") != "undelivered":
                made[_text(line, "offer")] = who
        else:
            continue
        first[who] = min(start, first.get(who, start))
    return _gathered(
        made, {who: _hours(spells[who], from_ms, to_ms) for who in spells}, first, to_ms
    )


def _gathered(
    made: dict[str, str], hours: dict[str, float], first: dict[str, int], to_ms: int
) -> Exposure:
    people = tuple(sorted(who for who in hours if hours[who] > 0))
    offers = dict.fromkeys(people, 0)
    holes = 0
    for who in made.values():
        if who in offers:
            offers[who] += 1
        else:
            holes += 1
    return Exposure(
        people,
        np.array([offers[who] for who in people], np.float64),
        np.array([hours[who] for who in people], np.float64),
        np.array([first[who] for who in people], np.int64),
        to_ms,
        holes,
    )


def _hours(spells: list[tuple[int, int]], from_ms: int, to_ms: int) -> float:
    """Return the hours that the union of spells covers within the window."""
    covered, reached = 0, from_ms
    for start, end in sorted(spells):
        begin, until = max(start, reached), min(end, to_ms)
        if until > begin:
            covered += until - begin
            reached = until
    return covered / HOUR_MS


def _time(line: Mapping[str, Any], key: str) -> int:
    value = line.get(key)
    if not isinstance(value, int):
        raise InvalidField("a time in ms since 1970 expected", path=f"{line['kind']}.{key}")
    return value


def _text(line: Mapping[str, Any], key: str) -> str:
    value = line.get(key)
    if not isinstance(value, str):
        raise InvalidField("a name expected", path=f"{line['kind']}.{key}")
    return value
