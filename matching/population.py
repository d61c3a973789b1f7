"""Everybody a marketplace has, and who of them is present, ready to be searched.

The key of the index is an unordered pair of languages; each pair has one table of the rows of
those present (`pairtable`). What is known of everyone stands in columns by interpreter *number*;
*slots* (number × pair) lead from an interpreter to their rows. Nothing is ever rebuilt: a change
of presence or profile touches that person's rows only.

What goes in has passed `admission`. Ids that are unknown raise KeyError.
"""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from heapq import heappop, heappush

import numpy as np
from numpy.typing import NDArray

from matching import geo, loops
from matching.admission import admit_place
from matching.agenda import Agenda, Agendas
from matching.bookings import Booking
from matching.capabilities import ALL_MODE_BITS, FREE, mode_bits, tier_bits
from matching.features import BREAK_MIN
from matching.languages import Pair
from matching.model import Model
from matching.pairtable import FOREVER, LAST, ONSITE, REMOTE, Common
from matching.personal import Personal
from matching.profiles import Profiles, experience_in
from matching.roster import BLOCK
from matching.scoring import Scorer
from matching.slots import Slots
from matching.standings import Standings
from matching.tables import Tables
from matching.travel import Means
from matching.types import ALL_MODES, Interpreter, Mode, Place, Presence, Track
from matching.zones import MINUTE_MS, minute_of

NEVER = -(2**30)  # a minute long before any clock: who was never active
UNTIDY = 8  # a roster is put in order when more than an eighth of it has changed


class Population:
    """The index. One writer; `ranking.rank` reads it, and only lets reservations lapse."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        loops.prepare()
        self.scorer = Scorer(tables.policy, tables.qualifications.tiers)
        self.profiles = profiles = Profiles(tables.qualifications)
        self.lexicon, self.holders = profiles.lexicon, profiles.holders
        self.ids, self.prefix, self.price = profiles.ids, profiles.prefix, profiles.price
        self.slots = Slots()
        self.agendas = Agendas(tables.travel)
        self.personal = Personal()
        self.standings = Standings(self.scorer, self.slots, self.personal)
        self.standing = self.standings.standing
        self._numbers: dict[str, int] = {}
        self._online: dict[str, int] = {}  # of `_numbers`, whoever is present: a tenth of the cache
        self.suspended: dict[str, int] = {}  # until when, ms; whoever keeps the index says so
        self._unused: list[int] = []
        self._present = array("Q")  # mode bits taken now, FREE kept set; 0 when absent
        self._last = array("i")
        self._until = array("q")  # reserved until, ms; 0 when free
        self._away = array("i")  # the minute in which their own day ends
        self._positions: dict[int, Place] = {}  # of those present elsewhere than at home
        self._lapses: list[tuple[int, int]] = []
        self._breaks: list[tuple[int, int]] = []
        self._trips: dict[int, NDArray[np.intp]] = {}

    def __len__(self) -> int:
        return len(self._numbers)

    def __contains__(self, interpreter: str) -> bool:
        return interpreter in self._numbers

    def present(self, ids: Iterable[str]) -> list[int]:
        """Return the numbers of those of *ids* who are present."""
        online = self._online
        return [online[each] for each in ids if each in online]

    def numbers(self, ids: Iterable[str]) -> list[int]:
        """Return the numbers of those of *ids* who are known, present or not."""
        return [number for each in ids if (number := self._numbers.get(each)) is not None]

    def put(self, interpreter: Interpreter) -> None:
        """Add or replace a profile; presence, reservation and activity are kept."""
        number = self._numbers.get(interpreter.id)
        if number is None:
            number = self._new(interpreter.id)
        present = self._present[number]
        if present:
            self._leave(number)
        self.profiles.set(number, interpreter)
        self.standings.forget(number)
        pairs = self.profiles.pairs(interpreter, self.personal.track(number))
        self.slots.assign(number, pairs)
        caps, tier = self.profiles.caps[number], self.slots.tier
        for slot in self.slots.span(number):
            base, _ = self.standings.bases(number, slot)
            self.slots.enlist(slot, caps | tier_bits(tier[slot]), base)
        self.agendas.set_calendar(number, interpreter.calendar)
        self.agendas.move(number, self.profiles.location(number), by_car=interpreter.by_car)
        if present:
            self._enter(number, present)

    def put_all(self, interpreters: Iterable[Interpreter]) -> Iterator[int]:
        """Add many, yielding how many are in after every 10,000 (drive it to the end).

        Their rosters are in order when all are in.
        """
        done = 0
        for done, interpreter in enumerate(interpreters, start=1):
            self.put(interpreter)
            if done % 10_000 == 0:
                yield done
        for _ in self.tidy():
            pass
        yield done

    def tidy(self) -> Iterator[int]:
        """Put the rosters in order that need it, yielding their lengths: others may go between.

        Bookings are found either way, sooner in rosters that are in order.
        """
        for roster in self.slots.rosters():
            if roster.changed * UNTIDY > roster.n > BLOCK:
                self.slots.sort(roster)
                yield roster.n

    def remove(self, interpreter: str) -> None:
        """Forget an interpreter altogether."""
        number = self._numbers.pop(interpreter)
        self.suspended.pop(interpreter, None)
        if self._present[number]:
            self._leave(number)
        self.standings.forget(number)
        self.slots.release(number)
        self.personal.clear(number)
        self.profiles.clear(number)
        self.agendas.clear(number)
        self._positions.pop(number, None)
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
        Raises `InvalidField` for one that is nowhere, and changes nothing.
        """
        admit_place(position, "position")
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
        """End reservations and streaks whose time has passed; searching does this by itself.

        Bookings that are over make way for the next.
        """
        for number in self.agendas.turn(now_ms):
            self._set_until(number)
        lapses, breaks = self._lapses, self._breaks
        while breaks and breaks[0][0] <= now_ms // MINUTE_MS:
            minute, number = heappop(breaks)
            worked, streak = self.personal.load(number)
            ends = self._last[number] + BREAK_MIN
            if streak and ends > minute:  # they were at work, or offered some, meanwhile
                heappush(breaks, (ends, number))
            elif streak:
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
        """Note when someone's own day ends, None for never; their bookings are looked after."""
        number = self._numbers[interpreter]
        minute = FOREVER if until_ms is None else until_ms // MINUTE_MS
        self._away[number] = min(max(minute, NEVER), FOREVER)
        self._set_until(number)

    def set_bookings(self, interpreter: str, bookings: Sequence[Booking]) -> None:
        """Replace the bookings of someone: work beside them must fit, trips included.

        Raises `InvalidField` for one that cannot be, and keeps those before.
        """
        number, profiles = self._numbers[interpreter], self.profiles
        home, by_car = profiles.location(number), profiles.drives(number)
        self.agendas.set_bookings(number, bookings, home, by_car=by_car)

    def agenda(self, interpreter: str) -> Agenda | None:
        """Return someone's bookings, None if they have none."""
        return self.agendas.of(self._numbers[interpreter])

    def own_until(self, number: int) -> int:
        """Return the minute in which someone's own day ends, FOREVER for never."""
        return self._away[number]

    def _set_until(self, number: int) -> None:
        minute = self._free_min(number)
        for table, row, _ in self.slots.rows(number):
            table.set_until(row, minute)

    def _free_min(self, number: int) -> int:
        """Return the minute in which remote work must be over."""
        return min(self._away[number], self.agendas.leave_min(number))

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
        """Replace what is known of someone's past, if it is not known already."""
        number = self._numbers[interpreter]
        if self.personal.knows(number, track):
            return
        self.personal.set_track(number, track, self.scorer)
        slots = self.slots
        for slot in slots.span(number):
            slots.experience[slot] = experience_in(track, slots.pair(slot))
        self._rebase(number)

    def set_exposure_target(self, offers_per_online_hour: float) -> None:
        """Say what everybody's share of offers is; 0 while that is not known. Sums all anew."""
        self.personal.target = offers_per_online_hour
        self.standings.use(self.scorer)

    def use_model(self, model: Model | None) -> None:
        """Rank by a learnt model from now on, None for the hand weights alone. Sums all anew."""
        self.scorer = Scorer(self.tables.policy, self.tables.qualifications.tiers, model)
        self.standings.use(self.scorer)

    def _rebase(self, number: int) -> None:
        """Write a change of what is static to someone's rows."""
        slots = self.slots
        for slot in slots.span(number):
            bases, row = self.standings.bases(number, slot), slots.row[slot]
            slots.rebase(slot, bases[0])
            if row != slots.ABSENT:
                reals = slots.table(slot).reals
                reals[row, REMOTE], reals[row, ONSITE] = bases
        self.standings.forget(number)

    @property
    def columns(self) -> dict[str, "array[int]"]:
        """What is known of everybody's activity, by name and number."""
        return {"last": self._last, "away": self._away}

    def resume(self) -> None:
        """Take up those whom a snapshot has put into the columns; nobody is present."""
        self._numbers.update(zip(self.ids, range(len(self.ids)), strict=True))
        for column in (self._present, self._until):
            column.frombytes(bytes(column.itemsize * len(self.ids)))

    def presence(self, interpreter: str) -> Presence:
        """Return what the index knows of someone now, times to the minute and quarter hour."""
        number = self._numbers[interpreter]
        present, last, away = self._present[number], self._last[number], self._away[number]
        worked, streak = self.personal.load(number)
        return Presence(
            available=bool(present),
            modes=frozenset(m for m in Mode if not present or present & mode_bits((m,))),
            position=self._positions.get(number),
            reserved_until_ms=self._until[number],
            last_active_ms=None if last == NEVER else last * MINUTE_MS,
            minutes_today=worked,
            streak_min=streak,
            free_until_ms=None if away == FOREVER else away * MINUTE_MS,
            suspended_until_ms=self.suspended.get(interpreter, 0),
        )

    def load(self, interpreter: str) -> tuple[int, int]:
        """Return minutes worked today and without a break, to the quarter hour."""
        return self.personal.load(self._numbers[interpreter])

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
        else:
            number = self.profiles.grow()
            self.slots.grow()
            self.personal.grow()
            self.agendas.grow()
            for whole in (self._present, self._until, self._last, self._away):
                whole.append(0)
        self.profiles.begin(number, interpreter)
        self._present[number] = self._until[number] = 0
        self._last[number], self._away[number] = NEVER, FOREVER
        self.personal.begin(number, self.scorer)
        self._numbers[interpreter] = number
        return number

    def _now_bits(self, number: int) -> int:
        """Return the profile's bits with the modes taken now, and FREE unless reserved."""
        caps, present = self.profiles.caps[number], self._present[number]
        bits = (caps & ~ALL_MODE_BITS) | (caps & present & ALL_MODE_BITS)
        return bits if self._until[number] else bits | FREE

    def _enter(self, number: int, present: int) -> None:
        self._present[number] = present
        self._online[self.ids[number]] = number
        caps = self._now_bits(number)
        x, y, z = self.profiles.home
        at = geo.Vector(x[number], y[number], z[number])
        if number in self._positions:
            at = geo.vector(self._positions[number])
        until, reach = self._free_min(number), self.profiles.reach[number]
        common = Common(self._last[number], *at, reach, number, until)
        slots = self.slots
        for slot in slots.span(number):
            tier = slots.tier[slot]
            slots.row[slot] = slots.table(slot).append(
                slot, caps | tier_bits(tier), self.standings.bases(number, slot), common
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
