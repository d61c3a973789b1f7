"""Everybody a marketplace has, and who of them is present, ready to be searched.

The key of the index is an unordered pair of languages; each pair has one table of the rows of
those present (`pairtable`). What is known of everyone stands in columns by interpreter *number*;
*slots* (number × pair) lead from an interpreter to their rows. Nothing is ever rebuilt: a change
of presence or profile touches that person's rows only.

What goes in has passed `admission`. Ids that are unknown raise KeyError.
"""

from array import array
from collections.abc import Iterable, Iterator
from heapq import heappop, heappush
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from matching import geo
from matching.capabilities import (
    ADULT,
    ALL_MODE_BITS,
    CAR,
    FREE,
    GENDERS,
    Kind,
    Lexicon,
    Term,
    mode_bits,
    tier_bits,
)
from matching.eligibility import reach2_of
from matching.features import BREAK_MIN, experience_code
from matching.holders import Holders
from matching.languages import Pair
from matching.model import Model
from matching.pairtable import FOREVER, LAST, ONSITE, REMOTE, Common
from matching.personal import Personal
from matching.scoring import Codes, Scorer, Standing
from matching.slots import Slots
from matching.tables import Tables
from matching.travel import Means
from matching.types import ALL_MODES, OFFLINE, Interpreter, Mode, Place, Presence, Track

NEVER = -(2**30)  # a minute long before any clock: who was never active
NO_PRICE = -1
MINUTE_MS = 60_000
REMEMBERED = 65_536


def minute_of(at_ms: int) -> int:
    """Return the minute at or after a moment: rounded up, so that nobody idles into the future."""
    return -(-at_ms // MINUTE_MS)


def prefix_of(name: str) -> int:
    """Return the first eight bytes of an id as a number: ids are in the order of their numbers.

    UTF-8 sorts as code points do; ids that begin alike have the same number.
    """
    return int.from_bytes(name[:8].encode("utf-8", "surrogatepass")[:8].ljust(8, b"\0"))


class Population:
    """The index. One writer; `ranking.rank` reads it, and only lets reservations lapse."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self.scorer = Scorer(tables.policy, tables.qualifications.tiers)
        self.lexicon = Lexicon()
        self.holders = Holders()
        self.slots = Slots()
        self.ids: list[str] = []
        self.prefix = array("Q")  # of the ids, in their order
        self.personal = Personal()
        self.price = array("i")  # hundredths, NO_PRICE if not stated
        self._numbers: dict[str, int] = {}
        self._online: dict[str, int] = {}  # of `_numbers`, whoever is present: a tenth of the cache
        self._unused: list[int] = []
        self._caps = array("Q")  # the profile's, with no tier
        self._present = array("Q")  # mode bits taken now, FREE kept set; 0 when absent
        self._home = (array("f"), array("f"), array("f"))
        self._reach = array("f")
        self._last = array("i")
        self._until = array("q")  # reserved until, ms; 0 when free
        self._away = array("i")  # the minute from which they are not free
        self._positions: dict[int, Place] = {}  # of those present elsewhere than at home
        self._lapses: list[tuple[int, int]] = []
        self._breaks: list[tuple[int, int]] = []
        self._trips: dict[int, NDArray[np.intp]] = {}
        self._standings: dict[tuple[int, int, bool], Standing] = {}

    def __len__(self) -> int:
        return len(self._numbers)

    def __contains__(self, interpreter: str) -> bool:
        return interpreter in self._numbers

    def number(self, interpreter: str) -> int | None:
        """Return the number behind an id, None if unknown."""
        return self._numbers.get(interpreter)

    def present(self, ids: Iterable[str]) -> list[int]:
        """Return the numbers of those of *ids* who are present."""
        online = self._online
        return [online[each] for each in ids if each in online]

    def put(self, interpreter: Interpreter) -> None:
        """Add or replace a profile; presence, reservation and activity are kept."""
        number = self._numbers.get(interpreter.id)
        if number is None:
            number = self._new(interpreter.id)
        present = self._present[number]
        if present:
            self._leave(number)
        self._caps[number] = self._profile_bits(number, interpreter)
        home = geo.vector(interpreter.location)
        for column, value in zip(self._home, home, strict=True):
            column[number] = value
        self._reach[number] = reach2_of(interpreter)
        if self._standings:
            self._forget_standing(number)
        price = interpreter.price
        self.price[number] = NO_PRICE if price is None else round(price * 100)
        self.slots.assign(number, self._pairs(number, interpreter))
        if present:
            self._enter(number, present)

    def put_all(self, interpreters: Iterable[Interpreter]) -> Iterator[int]:
        """Add many, yielding how many are in after every 10,000 (drive it to the end)."""
        done = 0
        for done, interpreter in enumerate(interpreters, start=1):
            self.put(interpreter)
            if done % 10_000 == 0:
                yield done
        yield done

    def remove(self, interpreter: str) -> None:
        """Forget an interpreter altogether."""
        number = self._numbers.pop(interpreter)
        if self._present[number]:
            self._leave(number)
        self._forget_standing(number)
        self.slots.release(number)
        self.personal.clear(number)
        self.holders.clear(number)
        self._positions.pop(number, None)
        self.ids[number] = ""
        self._unused.append(number)

    def set_presence(
        self,
        interpreter: str,
        *,
        available: bool,
        modes: frozenset[Mode] = ALL_MODES,
        position: Place | None = None,
    ) -> None:
        """Let someone appear, change how they are present, or go.

        `position` holds while they are present; a reservation outlives a blink of presence.
        """
        number = self._numbers[interpreter]
        if self._present[number]:
            self._leave(number)
            self._positions.pop(number, None)
        if available:
            if position is not None:
                self._positions[number] = position
            self._enter(number, mode_bits(modes) | FREE)

    def reserve(self, interpreter: str, until_ms: int) -> bool:
        """Keep someone from being matched until a moment; False if they are reserved already."""
        number = self._numbers[interpreter]
        if self._until[number]:
            return False
        self._until[number] = until_ms
        heappush(self._lapses, (until_ms, number))
        self._refresh(number)
        return True

    def release(self, interpreter: str) -> None:
        """End a reservation, if there is one."""
        number = self._numbers[interpreter]
        if self._until[number]:
            self._until[number] = 0
            self._refresh(number)

    def lapse(self, now_ms: int) -> None:
        """End reservations and streaks whose time has passed; searching does this by itself."""
        lapses, breaks = self._lapses, self._breaks
        while breaks and breaks[0][0] <= now_ms // MINUTE_MS:
            minute, number = heappop(breaks)
            if self._last[number] + BREAK_MIN == minute:
                worked, _ = self.personal.load(number)
                self.personal.set_load(number, worked, 0, self.scorer)
                self._rebase(number)
        while lapses and lapses[0][0] <= now_ms:
            until, number = heappop(lapses)
            if self._until[number] == until:
                self._until[number] = 0
                self._refresh(number)

    def touch(self, interpreter: str, at_ms: int) -> None:
        """Note work or an offer: idle time counts from the latest such moment."""
        number = self._numbers[interpreter]
        minute = max(minute_of(at_ms), self._last[number])
        self._last[number] = minute
        for table, row, _ in self.slots.rows(number):
            table.whole[row, LAST] = minute

    def set_free_until(self, interpreter: str, until_ms: int | None) -> None:
        """Note when the next booking or their own end of day takes someone away, None for never."""
        number = self._numbers[interpreter]
        minute = FOREVER if until_ms is None else min(until_ms // MINUTE_MS, FOREVER)
        self._away[number] = minute
        for table, row, _ in self.slots.rows(number):
            table.set_until(row, minute)

    def set_load(self, interpreter: str, minutes_today: int, streak_min: int = 0) -> None:
        """Note how long someone has worked, today and without a break.

        Their caller counts, and begins each day. A streak ends by itself, a break after the last
        work or offer; searching sees to it.
        """
        number = self._numbers[interpreter]
        self.personal.set_load(number, minutes_today, streak_min, self.scorer)
        if streak_min and self._last[number] != NEVER:
            heappush(self._breaks, (self._last[number] + BREAK_MIN, number))
        self._rebase(number)

    def set_track(self, interpreter: str, track: Track) -> None:
        """Replace what is known of someone's past."""
        number = self._numbers[interpreter]
        self.personal.set_track(number, track, self.scorer)
        slots = self.slots
        for slot in slots.span(number):
            slots.experience[slot] = _experience(track, slots.pair(slot))
        self._rebase(number)

    def set_exposure_target(self, offers_per_online_hour: float) -> None:
        """Say what everybody's share of offers is; 0 while that is not known. Sums all anew."""
        self.personal.target = offers_per_online_hour
        self._retune()

    def use_model(self, model: Model | None) -> None:
        """Rank by a learnt model from now on, None for the hand weights alone. Sums all anew."""
        self.scorer = Scorer(self.tables.policy, self.tables.qualifications.tiers, model)
        self._retune()

    def _retune(self) -> None:
        self._standings.clear()
        self.personal.retune(self.scorer)
        for number in self._online.values():
            self._rebase(number)

    def _bases(self, number: int, slot: int) -> tuple[float, float]:
        slots = self.slots
        here = self.scorer.in_pair(slots.tier[slot], slots.experience[slot])
        return self.personal.remote[number] + here, self.personal.onsite[number] + here

    def _rebase(self, number: int) -> None:
        """Write a change of what is static to the rows of someone who is present."""
        for table, row, slot in self.slots.rows(number):
            remote, onsite = self._bases(number, slot)
            table.reals[row, REMOTE], table.reals[row, ONSITE] = remote, onsite
        if self._standings:
            self._forget_standing(number)

    def _forget_standing(self, number: int) -> None:
        for slot in self.slots.span(number):
            for floor in range(len(self.scorer.letters)):
                for onsite in (False, True):
                    self._standings.pop((slot, floor, onsite), None)

    def codes(self, number: int, slot: int, *, onsite: bool) -> Codes:
        """Return the static codes of someone in one pair."""
        slots, personal = self.slots, self.personal.codes(number)
        codes = Codes(tier=slots.tier[slot], experience=slots.experience[slot], **personal)
        return codes._replace(media=None) if onsite else codes

    def standing(self, number: int, slot: int, floor: int, *, onsite: bool) -> Standing:
        """Return what the static features say of someone in one pair, kept until it changes."""
        key = slot, floor, onsite
        found = self._standings.get(key)
        if found is None:
            found = self.scorer.standing(self.codes(number, slot, onsite=onsite), floor)
            if len(self._standings) >= REMEMBERED:
                self._standings.clear()
            self._standings[key] = found
        return found

    def presence(self, interpreter: str) -> Presence:
        """Return what the index knows of someone now, times to the minute and quarter hour."""
        number = self._numbers[interpreter]
        present, last, away = self._present[number], self._last[number], self._away[number]
        worked, streak = self.personal.load(number)
        return Presence(
            available=bool(present),
            modes=frozenset(m for m in Mode if present & mode_bits((m,)))
            if present
            else OFFLINE.modes,
            position=self._positions.get(number),
            reserved_until_ms=self._until[number],
            last_active_ms=None if last == NEVER else last * MINUTE_MS,
            minutes_today=worked,
            streak_min=streak,
            free_until_ms=None if away == FOREVER else away * MINUTE_MS,
        )

    def track(self, interpreter: str) -> Track:
        """Return what the index was told of someone's past."""
        return self.personal.track(self._numbers[interpreter])

    def trips(self, density: int) -> NDArray[np.intp]:
        """Return the minutes of a way by whole km, up to the longest that counts, `(2, n_km)`.

        Row 0 is public transport, row 1 a car.
        """
        found = self._trips.get(density)
        if found is None:
            travel, longest = self.tables.travel, self.scorer.longest_min
            tables = [travel.table(density, means) for means in (Means.TRANSIT, Means.CAR)]
            found = self._trips[density] = np.minimum(tables, longest)
        return found

    def summary(self) -> dict[Pair, dict[Mode, int]]:
        """Return how many are present and unreserved, for each pair of languages and mode."""
        counts = {
            pair: {mode: table.free(mode) for mode in Mode} for pair, table in self.slots.tables()
        }
        return {pair: modes for pair, modes in counts.items() if any(modes.values())}

    def _new(self, interpreter: str) -> int:
        if self._unused:
            number = self._unused.pop()
            self.ids[number] = interpreter
        else:
            number = len(self.ids)
            self.ids.append(interpreter)
            self.slots.grow()
            self.personal.grow()
            counts = self._caps, self._present, self._until, self._last, self._away
            for whole in (*counts, self.prefix, self.price):
                whole.append(0)
            for real in (self._reach, *self._home):
                real.append(0.0)
        self.prefix[number] = prefix_of(interpreter)
        self._present[number] = self._until[number] = 0
        self._last[number], self._away[number] = NEVER, FOREVER
        self.personal.begin(number, self.scorer)
        self._numbers[interpreter] = number
        return number

    def _profile_bits(self, number: int, interpreter: Interpreter) -> int:
        caps = mode_bits(interpreter.modes)
        if interpreter.adult:
            caps |= ADULT
        if interpreter.by_car:
            caps |= CAR
        if interpreter.gender is not None:
            caps |= GENDERS[interpreter.gender]
        unworded: list[Term] = []
        for kind, words in (
            (Kind.SPECIALISM, interpreter.specialisms),
            (Kind.CLEARANCE, interpreter.clearances),
        ):
            for word in sorted(words):
                bit = self.lexicon.learn(kind, word)
                caps |= bit
                if not bit:
                    unworded.append((kind, word))
        self.holders.set(number, interpreter, unworded)
        return caps

    def _pairs(self, number: int, interpreter: Interpreter) -> list[tuple[Pair, int, int]]:
        tags = sorted({skill.tag for skill in interpreter.languages})
        tier, track = self.tables.qualifications.pair_tier, self.personal.track(number)
        return [
            (pair, tier(interpreter.languages, *pair), _experience(track, pair))
            for pair in combinations(tags, 2)
        ]

    def _now_bits(self, number: int) -> int:
        """Return the profile's bits with the modes taken now, and FREE unless reserved."""
        caps, present = self._caps[number], self._present[number]
        bits = (caps & ~ALL_MODE_BITS) | (caps & present & ALL_MODE_BITS)
        return bits if self._until[number] else bits | FREE

    def _enter(self, number: int, present: int) -> None:
        self._present[number] = present
        self._online[self.ids[number]] = number
        caps = self._now_bits(number)
        x, y, z = self._home
        at = geo.Vector(x[number], y[number], z[number])
        if number in self._positions:
            at = geo.vector(self._positions[number])
        common = Common(self._last[number], *at, self._reach[number], number, self._away[number])
        slots = self.slots
        for slot in slots.span(number):
            tier = slots.tier[slot]
            slots.row[slot] = slots.table(slot).append(
                slot, caps | tier_bits(tier), self._bases(number, slot), common
            )

    def _leave(self, number: int) -> None:
        self._present[number] = 0
        del self._online[self.ids[number]]
        slots = self.slots
        for slot in slots.span(number):
            row = slots.row[slot]
            slots.row[slots.table(slot).drop(row)] = row
            slots.row[slot] = slots.ABSENT

    def _refresh(self, number: int) -> None:
        """Write a change of reservation to the rows of someone who is present."""
        caps, tier = self._now_bits(number), self.slots.tier
        for table, row, slot in self.slots.rows(number):
            table.set_caps(row, caps | tier_bits(tier[slot]))


def _experience(track: Track, pair: Pair) -> int:
    return experience_code(track.sessions.get("-".join(pair), 0.0))
