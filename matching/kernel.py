"""Ask the compiled loops (`loops`) for the best of a pair, where they know all that is asked for.

They do not know dialects, price caps, substitutes and words without a bit: `usable` says so, and
numpy does the same for those (`ranking`), which is also what the tests hold them to.
"""

import threading
from itertools import repeat
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from matching import loops
from matching.answer import Chosen
from matching.eligibility import Service
from matching.pairtable import NUMBER, PairTable
from matching.plan import Plan
from matching.population import Population
from matching.scoring import Scorer

MOST_NAMED: Final = 16  # preferred and known people: more are found faster in numpy
NOBODY: Final = np.empty(0, np.int32)
NOTHING: Final = np.empty(0, np.float32)
NOWHERE: Final = np.zeros(4, np.float32)
NO_TRIPS: Final = np.zeros((2, 1), np.intp)
NOT_RARE: Final = (0, 0)
NOTHING_ASKED: Any = repeat(None)


def usable(plan: Plan, limit: int) -> bool:
    """Say whether `best_of` knows all that a request asks for."""
    return (
        loops.njit is not None
        and 0 < limit <= loops.ROOM // 2
        and not plan.request.requirements.accept_substitutes
        and plan.dialect is None
        and plan.cap_cents is None
        and not plan.late
        and not plan.wished_late
        and len(plan.preferred) + len(plan.known) <= MOST_NAMED
    )


class Room(threading.local):
    """Where a thread says what is asked and reads what is chosen; an item costs less by a view."""

    def __init__(self) -> None:
        self.bits, self.whole = np.zeros(4, np.uint64), np.zeros(6, np.int64)
        self.bits_view, self.whole_view = self.bits.data, self.whole.data
        self.found, self.marks = (
            np.zeros((3, loops.ROOM), np.int32),
            np.zeros((2, loops.ROOM), np.float32),
        )
        self.rows, self.holders, self.ways = self.found
        self.orders, self.squares = self.marks

    def ask(self, plan: Plan, rare: tuple[int, int], bound: int, limit: int) -> None:
        """Say what is asked of the rows, but for where it is."""
        bits, whole = self.bits_view, self.whole_view
        bits[loops.NEEDED], bits[loops.WISHED] = plan.bits, plan.wished
        bits[loops.RARE_ONE], bits[loops.RARE_TWO] = rare
        whole[loops.NOW_MIN], whole[loops.END_MIN], whole[loops.BOUND] = (
            plan.now_min,
            plan.end_min,
            bound,
        )
        whole[loops.ON_SITE], whole[loops.WISHES], whole[loops.LIMIT] = (
            plan.at is not None,
            plan.ask.wishes,
            limit,
        )


ROOM_OF_THREAD: Final = Room()


def best_of(
    population: Population, plan: Plan, service: Service, table: PairTable, limit: int
) -> tuple[int, list[Chosen]] | None:
    """Return how many of a pair are eligible, and the best *limit* with a few more.

    None where too many ids begin alike to tell here who they are.
    """
    scorer, slots, room = population.scorer, population.slots, ROOM_OF_THREAD
    out, place, minutes, wish = NOBODY, NOWHERE, NO_TRIPS, NOTHING
    if plan.out:
        out = np.array([slots.row_in(number, table) for number in plan.out], np.int32)
    if plan.at is not None:
        limit2 = np.inf if plan.limit2 is None else plan.limit2
        place = np.array([*plan.at, limit2], np.float32)
        minutes = population.trips(plan.density)
    if plan.ask.wishes:
        wish = scorer.specialism(plan.ask.wanted).table
    rare = _rare(population, plan, table)
    room.ask(plan, rare, table.bound, limit)
    m, c = loops.sift(
        *(table.caps, table.reals, table.whole, table.n, room.bits, room.whole, place, out),
        *(scorer.tables, wish, minutes, *_named(scorer, plan)),
        *(np.frombuffer(population.prefix, np.uint64), room.found, room.marks),
    )
    if c < 0:
        return None
    at, ids = room.rows[:c], population.ids
    rows, held = table.whole.take(at, 0).tolist(), table.caps.take(at).tolist()
    names = [ids[row[NUMBER]] for row in rows]
    holders: Any = room.holders[:c].tolist() if rare != NOT_RARE else NOTHING_ASKED
    ways, squares = NOTHING_ASKED, NOTHING_ASKED
    if plan.at is not None:
        ways, squares = room.ways[:c].tolist(), room.squares[:c].tolist()
    others = holders, ways, squares, NOTHING_ASKED, NOTHING_ASKED, repeat(service)
    return m, list(zip(room.orders[:c].tolist(), names, rows, held, *others, strict=False))


def _rare(population: Population, plan: Plan, table: PairTable) -> tuple[int, int]:
    """Return the specialisms that one holds, and that two hold, and the job does not need."""
    one, two = table.rare
    if not (one or two) or plan.request.emergency:
        return NOT_RARE
    unneeded = population.lexicon.specialisms & ~plan.wished
    return one & unneeded, two & unneeded


def _named(scorer: Scorer, plan: Plan) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Return who gains by being named or known, and what, in the order in which it is added."""
    if not plan.preferred and not plan.known:
        return NOBODY, NOTHING
    preferred, known = scorer.preference.table[1], scorer.continuity.table
    numbers = [*plan.preferred, *(number for number, _ in plan.known)]
    bonus = [*repeat(preferred, len(plan.preferred)), *(known[code] for _, code in plan.known)]
    return np.array(numbers, np.int32), np.array(bonus, np.float32)
