"""The inner loops of the search, written for numba: rules, order and the best few of a pair's rows.

The extra `fast` installs numba; without it `ranking` does the same in numpy. The machine code is
kept beside this file, or in the user's cache: the first `prepare` ever takes some seconds.
Arguments are few arrays, since handing one over costs as much as ten rows.
"""

from collections.abc import Callable
from contextlib import suppress
from functools import cache
from typing import Any, Final, TypeVar

import numpy as np

from matching.capabilities import CAR_SHIFT
from matching.features import IDLE_CAP_MIN, RARE, ROOMY, SLACK_STEP_MIN
from matching.geo import EARTH_KM
from matching.pairtable import LAST, NUMBER, ONSITE, REACH, REMOTE, UNTIL, WIDTH

njit: Any = None
with suppress(ImportError):  # the extra may not be installed
    from numba import njit

F = TypeVar("F", bound=Callable[..., Any])

ROOM: Final = 128  # for those who are chosen: some more than asked for if ids begin alike
# Where what is asked stands: `bits` (uint64), `whole` (int64), `reals` (float32).
NEEDED, WISHED, RARE_ONE, RARE_TWO = 0, 1, 2, 3
NOW_MIN, END_MIN, BOUND, ON_SITE, WISHES, LIMIT = 0, 1, 2, 3, 4, 5
AT_X, AT_Y, AT_Z, LIMIT2 = 0, 1, 2, 3
# Where what is chosen is written: `found` (int32, `(3, ROOM)`) and `marks` (float32, `(2, ROOM)`).
ROW, HOLDERS, WAY = 0, 1, 2
ORDER, SQUARE = 0, 1
# Where the tables that every request needs begin, in one (`Scorer.tables`).
SLACK: Final = IDLE_CAP_MIN + 1
SCARCE: Final = SLACK + ROOMY + 1
TRAVEL: Final = SCARCE + RARE + 1
X, Y, Z = 4, 5, 6
KM: Final = np.float32(EARTH_KM)
CAR_AT: Final = np.uint64(CAR_SHIFT)
ONE: Final = np.uint64(1)
LATEST: Final = np.uint64(0xFFFFFFFFFFFFFFFF)


def compiled(function: F) -> F:
    """Compile *function* where numba is installed; it says the same without."""
    made: F = function if njit is None else njit(cache=True)(function)
    return made


@compiled
def square_to(columns: Any, i: int, reals: Any) -> Any:
    """Return the squared chord from row *i* to the place of the request, as `plan.distances2`."""
    dx = columns[i, X] - reals[AT_X]
    dy = columns[i, Y] - reals[AT_Y]
    dz = columns[i, Z] - reals[AT_Z]
    flat = dx * dx + dy * dy
    return flat + dz * dz


@compiled
def way_of(held: Any, square: Any, minutes: Any) -> Any:
    """Return the minutes of the way of somebody who holds *held*, as `ranking._trips`."""
    km = min(int(np.sqrt(square) * KM), minutes.shape[1] - 1)
    return minutes[(held >> CAR_AT) & ONE, km]


@compiled
def rare_of(held: Any, bits: Any) -> int:
    """Return how many hold the rarest unneeded specialism of *held*, 0 if none is rare."""
    if held & bits[RARE_ONE]:
        return 1
    return 2 if held & bits[RARE_TWO] else 0


@compiled
def count_of(both: Any) -> int:
    """Return how many bits are set."""
    count = 0
    while both:
        both &= both - ONE
        count += 1
    return count


@compiled
def stands_in(row: int, rows: Any) -> bool:
    """Say whether *row* is one of *rows*, which are few."""
    for each in rows:
        if each == row:
            return True
    return False


@compiled
def kth_of(values: Any, k: int) -> Any:
    """Return the kth greatest of *values* `(m,)`, m ≥ k ≥ 1, by a short sorted list of the best."""
    top = np.full(k, -np.inf, np.float32)
    for value in values:
        p = k - 1
        if value <= top[p]:
            continue
        while p > 0 and value > top[p - 1]:
            top[p] = top[p - 1]
            p -= 1
        top[p] = value
    return top[k - 1]


@compiled
def late_of(order: Any, rows: Any, least: Any, room: int, ints: Any, prefix: Any) -> Any:
    """Return the greatest prefix that still counts of those at *least*, where *room* of them do.

    Prefixes lie all over the memory: only those of equals are read, and none where all have room.
    """
    equals = 0
    for j in range(order.size):
        equals += order[j] == least
    if equals <= room:
        return LATEST
    first = np.full(room, LATEST, np.uint64)
    for j in range(order.size):
        if order[j] != least:
            continue
        begins, p = prefix[ints[rows[j], NUMBER]], room - 1
        if begins >= first[p]:
            continue
        while p > 0 and begins < first[p - 1]:
            first[p] = first[p - 1]
            p -= 1
        first[p] = begins
    return first[room - 1]


@compiled
def sift(
    caps: Any, columns: Any, ints: Any, n: int,
    bits: Any, whole: Any, reals: Any, out: Any,
    tables: Any, wish: Any, minutes: Any, named: Any, bonus: Any, prefix: Any,
    found: Any, marks: Any,
) -> Any:  # fmt: skip
    """Find the best of the rows `0 … n - 1` that fit, as many as asked for and their equals.

    *caps* `(c,)`, *columns* and *ints* `(c, WIDTH)` are a pair's table, *bits*, *whole* and *reals*
    what is asked, *out* rows that may not be asked; *named* numbers have *bonus* added. Writes to
    *found* and *marks*. Returns how many fit, and how many are chosen, -1 where there is no room.
    The order is added up as `Scorer.order` does.
    """
    rows, order = np.empty(n, np.int32), np.empty(n, np.float32)
    need, wished, wishes = bits[NEEDED], bits[WISHED], whole[WISHES]
    now_min, end_min, bound = whole[NOW_MIN], whole[END_MIN], whole[BOUND]
    onsite, base, limit2 = whole[ON_SITE], ONSITE if whole[ON_SITE] else REMOTE, reals[LIMIT2]
    way, m = 0, 0
    for i in range(n):
        held = caps[i]
        if held & need != need or (bound and ints[i, UNTIL] < end_min):
            continue
        if onsite:
            square = square_to(columns, i, reals)
            if not (square <= columns[i, REACH] and square <= limit2):
                continue  # too far, or nobody knows where
            way = way_of(held, square, minutes)
        if stands_in(i, out):
            continue
        waited = min(max(now_min - ints[i, LAST], 0), IDLE_CAP_MIN)
        total = columns[i, base] + tables[waited]
        if wishes:
            total += wish[count_of(held & wished)]
        if onsite:
            total += tables[TRAVEL + way]
        if bound:
            total += tables[SLACK + min((ints[i, UNTIL] - end_min) // SLACK_STEP_MIN, ROOMY)]
        for j in range(named.size):
            if named[j] == ints[i, NUMBER]:
                total += bonus[j]
        total += tables[SCARCE + rare_of(held, bits)]
        rows[m], order[m] = i, total
        m += 1
    c = 0
    if m:
        k = min(whole[LIMIT], m)
        least, above = kth_of(order[:m], k), 0
        for j in range(m):
            above += order[j] > least
        late = late_of(order[:m], rows, least, k - above, ints, prefix)
        for j in range(m):
            if order[j] < least:
                continue
            if order[j] == least and late != LATEST and prefix[ints[rows[j], NUMBER]] > late:
                continue
            if c == ROOM:
                return m, -1
            found[ROW, c], marks[ORDER, c] = rows[j], -order[j]
            found[HOLDERS, c] = rare_of(caps[rows[j]], bits)
            if onsite:
                marks[SQUARE, c] = square_to(columns, rows[j], reals)
                found[WAY, c] = way_of(caps[rows[j]], marks[SQUARE, c], minutes)
            c += 1
    return m, c


@cache
def prepare() -> None:
    """Have the loops compiled, or read from where they are kept: before anybody waits for them."""
    columns = np.zeros((1, WIDTH), np.float32)
    asked = np.zeros(4, np.uint64), np.ones(6, np.int64), np.zeros(4, np.float32)
    sift(
        *(np.zeros(1, np.uint64), columns, columns.view(np.int32)),
        1,
        *asked,
        *(np.empty(0, np.int32), np.zeros(TRAVEL + 1, np.float32), np.empty(0, np.float32)),
        *(np.zeros((2, 1), np.intp), np.empty(0, np.int32), np.empty(0, np.float32)),
        *(np.zeros(1, np.uint64), np.empty((3, ROOM), np.int32), np.empty((2, ROOM), np.float32)),
    )
