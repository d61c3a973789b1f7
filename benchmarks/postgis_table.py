"""The synthetic population in PostgreSQL, in the best schema found: one row a person and pair.

Everything a search reads stands in the row, as the index keeps it: what is known beforehand is
added up (`base`), who alone holds what in the pair is marked (`sole`, `few`), and places are both a
`geography` for the index and a unit vector to measure with. Rows of a pair lie together. A server
would have to keep all of it up to date; here only reads are timed.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
import psycopg
from numpy.typing import NDArray

from benchmarks.common import progress
from benchmarks.match import NOW_MS
from benchmarks.people import SPECIALISMS, TAGS, Ints, People
from benchmarks.postgis_score import Score

EXTENSIONS = ("postgis", "btree_gist", "pg_prewarm")
TABLE = """
create table pair_rows (
    pair int not null, id int not null, online bool not null,
    category smallint not null, modes smallint not null, gender smallint not null,
    specialisms int not null, sole int not null, few int not null,
    base float8 not null, last_min int not null,
    x real not null, y real not null, z real not null,
    place geography(point, 4326) not null
)"""
INDEXES = (
    "create index by_pair on pair_rows (pair) where online",
    "create index by_place on pair_rows using gist (pair, place) where online",
    "alter table pair_rows alter pair set statistics 2000",
)
COVERING = (
    "drop index by_pair",
    """create index by_pair on pair_rows (pair)
       include (id, category, modes, gender, specialisms, sole, few, base, last_min)
       where online""",
)
AT_ONCE = 50_000


class PairRows(NamedTuple):
    """One row a person and unordered pair of languages, by pair, then person; `(k,)` each."""

    pair: Ints
    person: Ints
    sole: NDArray[np.uint32]  # specialisms that nobody else present in the pair holds
    few: NDArray[np.uint32]  # that one other holds


def pair_number(one: int, other: int) -> int:
    """Return the number of an unordered pair of languages."""
    return min(one, other) * len(TAGS) + max(one, other)


def pair_rows(people: People) -> PairRows:
    """Return everyone's pairs of languages."""
    found = []
    for first, second in combinations(range(people.languages.shape[1]), 2):
        a, b = people.languages[:, first], people.languages[:, second]
        person = ((a >= 0) & (b >= 0) & (a != b)).nonzero()[0]
        low, high = np.minimum(a[person], b[person]), np.maximum(a[person], b[person])
        found.append((low * len(TAGS) + high) * len(people) + person)
    keys = np.unique(np.concatenate(found))  # a language may come twice
    pair, person = np.divmod(keys, len(people))
    return PairRows(pair, person, *scarce(people, pair, person))


def scarce(people: People, pair: Ints, person: Ints) -> NDArray[np.uint32]:
    """Return each row's specialisms that one, and that two present in its pair hold: `(2, k)`."""
    present, held = people.present[person], people.specialisms[person]
    numbers, at = np.unique(pair, return_inverse=True)
    marks = np.zeros((2, pair.size), np.uint32)
    for bit in range(len(SPECIALISMS)):
        holds = ((held >> bit & 1) == 1) & present
        count = np.bincount(at[holds], minlength=numbers.size)
        for holders in (1, 2):
            rare = holds & (count[at] == holders)
            marks[holders - 1, rare] |= np.uint32(1 << bit)
    return marks


def load(connection: psycopg.Connection[Any], people: People, score: Score) -> None:
    """Make the table anew, fill and index it, and bring it into memory."""
    for name in EXTENSIONS:
        connection.execute(f"create extension if not exists {name}")
    connection.execute("drop table if exists pair_rows")
    connection.execute(TABLE)
    rows = pair_rows(people)
    total = rows.pair.size
    with connection.cursor().copy("copy pair_rows from stdin") as copy:
        for start in range(0, total, AT_ONCE):
            copy.write("".join(lines(people, rows, slice(start, start + AT_ONCE), score)))
            if (done := min(start + AT_ONCE, total)) % 500_000 < AT_ONCE:
                progress(f"  {done:,} of {total:,} pair rows copied")
    make_indexes(connection, INDEXES)


def make_indexes(connection: psycopg.Connection[Any], statements: Sequence[str]) -> None:
    """Make or replace indexes, and bring everything into memory.

    With `COVERING` a remote search reads the index alone, as long as the table is freshly vacuumed:
    each change of presence takes its page out of that until the next time.
    """
    for statement in (*statements, "vacuum (freeze, analyze) pair_rows"):
        connection.execute(statement)
    for name in ("pair_rows", "by_pair", "by_place"):
        connection.execute("select pg_prewarm(%s)", [name])
    sizes = connection.execute(
        "select pg_size_pretty(pg_table_size('pair_rows')), "
        "pg_size_pretty(pg_indexes_size('pair_rows'))"
    ).fetchone()
    assert sizes is not None
    progress(f"  table {sizes[0]}, indexes of those present {sizes[1]}")


def lines(people: People, rows: PairRows, part: slice, score: Score) -> Iterator[str]:
    """Yield rows as COPY reads them."""
    person = rows.person[part]
    lat, lon = people.lat[person], people.lon[person]
    columns: list[list[Any]] = [
        rows.pair[part].tolist(),
        person.tolist(),
        np.where(people.present[person], "t", "f").tolist(),
        people.category[person].tolist(),
        people.modes[person].tolist(),
        people.gender[person].tolist(),
        people.specialisms[person].tolist(),
        rows.sole[part].tolist(),
        rows.few[part].tolist(),
        np.array(score.tier)[people.category[person]].tolist(),
        (NOW_MS // 60_000 - people.idle_min[person]).tolist(),
        *vectors(lat, lon).tolist(),
        [f"SRID=4326;POINT({x!r} {y!r})" for x, y in zip(lon.tolist(), lat.tolist(), strict=True)],
    ]
    for row in zip(*columns, strict=True):
        yield "\t".join(map(str, row)) + "\n"


def vectors(lat: Any, lon: Any) -> NDArray[np.float32]:
    """Return unit vectors of degrees, shape `(3, …)`."""
    lat, lon = np.radians(lat), np.radians(lon)
    exact = [np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)]
    return np.stack(exact).astype(np.float32)
