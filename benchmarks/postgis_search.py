"""The search in SQL: one prepared statement a kind of request, parameters bound by position."""

from typing import Any, NamedTuple

from psycopg.types.numeric import Float4, Int4

from benchmarks.match import NOW_MS, TOP
from benchmarks.people import REACH_KM, SPECIALISMS, Question
from benchmarks.postgis_score import Score, Table
from benchmarks.postgis_table import pair_number, vectors
from matching.geo import EARTH_KM

EVERY = (1 << len(SPECIALISMS)) - 1


class Search(NamedTuple):
    """A statement and what it is asked with."""

    sql: str
    params: list[Any]


class Searches:
    """Writes the searches of one score."""

    def __init__(self, score: Score) -> None:
        self._score = score
        self._idle = literal(score.idle)
        widest = max(map(len, score.specialism))
        padded = (table + (0.0,) * (widest - len(table)) for table in score.specialism)
        self._specialism = f"'{{{','.join(map(braces, padded))}}}'::float8[]"

    def make(self, question: Question, travel: int | None) -> Search:
        """Return the search of a question, with its table of travel (None if it is remote)."""
        params: list[Any] = []

        def bind(value: Any, kind: str) -> str:
            params.append(value)
            return f"${len(params)}::{kind}"

        hard = [
            "online",
            f"pair = {bind(Int4(pair_number(question.source, question.target)), 'int4')}",
            f"category >= {bind(Int4(question.floor - 1), 'int4')}",
            f"modes & {bind(Int4(1 << question.mode), 'int4')} <> 0",
            f"id <> all ({bind(list(map(Int4, question.blocked)), 'int4[]')})",
        ]
        if question.required:
            required = bind(Int4(question.required), "int4")
            hard.append(f"specialisms & {required} = {required}")
        if question.gender >= 0:
            hard.append(f"gender = {bind(Int4(question.gender), 'int4')}")
        unwished = bind(Int4(EVERY & ~question.wished), "int4")
        sole, few = self._score.scarce
        preferred = bind(list(map(Int4, question.preferred)), "int4[]")
        alone = f"when sole & {unwished} <> 0 then {sole!r}"
        one_of_two = f"when few & {unwished} <> 0 then {few!r}"
        now_min = bind(Int4(NOW_MS // 60_000), "int4")
        idle = f"least({len(self._score.idle) - 1}, greatest(0, {now_min} - last_min))"
        terms = [
            "base",
            f"({self._idle})[{idle} + 1]",
            f"case when id = any ({preferred}) then {self._score.preference!r} else 0 end",
            f"case {alone} {one_of_two} else 0 end",
        ]
        if question.wished != question.required:
            wished = bind(Int4(question.wished), "int4")
            wanted = bind(Int4(question.wished.bit_count() + 1), "int4")
            held = f"bit_count((specialisms & {wished})::bit(32))"
            terms.append(f"({self._specialism})[{wanted}][{held} + 1]")
        if travel is not None:
            place = question.request.location
            assert place is not None
            point = bind(f"SRID=4326;POINT({place.lon!r} {place.lat!r})", "geography")
            hard.append(f"ST_DWithin(place, {point}, {REACH_KM * 1000}, false)")
            at = [bind(Float4(each), "float4") for each in vectors(place.lat, place.lon).tolist()]
            chord2 = " + ".join(
                f"({axis} - {value}) * ({axis} - {value})"
                for axis, value in zip("xyz", at, strict=True)
            )
            km = f"floor(sqrt({chord2}) * {EARTH_KM})::int4"
            terms.append(f"({literal(self._score.travel[travel])})[{km} + 1]")
        sql = (  # made of numbers of our own
            f"select id, {' + '.join(terms)} as score from pair_rows "  # noqa: S608
            f"where {' and '.join(hard)} order by score desc, id limit {TOP}"
        )
        return Search(sql, params)


def literal(table: Table) -> str:
    """Return a table as a constant of SQL."""
    return f"'{braces(table)}'::float8[]"


def braces(table: Table) -> str:
    return f"{{{','.join(map(repr, table))}}}"
