"""The static part of everybody's order: summed beforehand, and told of the few who are returned."""

import numpy as np
from numpy.typing import NDArray

from matching.curves import Point
from matching.pairtable import ONSITE, REMOTE, SLOT
from matching.personal import Personal
from matching.scoring import Codes, Scorer
from matching.slots import Slots

REMEMBERED = 65_536


class Standings:
    """What tier, experience and past come to, by slot; `scorer` is replaced by `use`."""

    def __init__(self, scorer: Scorer, slots: Slots, personal: Personal) -> None:
        self.scorer = scorer
        self._slots = slots
        self._personal = personal
        self.known: dict[tuple[int, int, bool], Point] = {}

    def use(self, scorer: Scorer) -> None:
        """Sum up everybody's past anew, for a scorer or for another target of exposure."""
        self.scorer = scorer
        self.known.clear()
        self._personal.retune(scorer)
        self._relist()
        for _, table in self._slots.tables():
            at = table.whole[: table.n, SLOT]
            table.reals[: table.n, REMOTE] = self.bases_of(at, onsite=False)
            table.reals[: table.n, ONSITE] = self.bases_of(at, onsite=True)

    def _relist(self) -> None:
        """Write everybody's bases to the rosters."""
        for roster in self._slots.rosters():
            roster.set_all_bases(self.bases_of(roster.slots, onsite=False))

    def bases_of(self, at: NDArray[np.int32], *, onsite: bool) -> NDArray[np.float32]:
        """Return the static part of the order of slots *at* `(m,)`: the same bits as `bases`."""
        slots, personal = self._slots, self._personal
        here = np.array(self.scorer.tier.total)[np.frombuffer(slots.tier, np.uint8).take(at)]
        experience = np.array(self.scorer.experience.total)
        here += experience[np.frombuffer(slots.experience, np.uint8).take(at)]
        sums = np.frombuffer(personal.onsite if onsite else personal.remote)
        bases: NDArray[np.float32] = (sums.take(slots.owners(at)) + here).astype(np.float32)
        return bases

    def bases(self, number: int, slot: int) -> tuple[float, float]:
        """Return the static part of the order in one pair, for remote and for on-site work."""
        slots, personal = self._slots, self._personal
        here = self.scorer.in_pair(slots.tier[slot], slots.experience[slot])
        return personal.remote[number] + here, personal.onsite[number] + here

    def codes(self, number: int, slot: int, *, onsite: bool) -> Codes:
        """Return the static codes of someone in one pair."""
        slots, personal = self._slots, self._personal.codes(number)
        codes = Codes(tier=slots.tier[slot], experience=slots.experience[slot], **personal)
        return codes._replace(media=None) if onsite else codes

    def standing(self, number: int, slot: int, floor: int, *, onsite: bool) -> Point:
        """Return what the static features say of someone in one pair, kept until it changes."""
        key = slot, floor, onsite
        found = self.known.get(key)
        if found is None:
            found = self.scorer.standing(self.codes(number, slot, onsite=onsite), floor)
            if len(self.known) >= REMEMBERED:
                self.known.clear()
            self.known[key] = found
        return found

    def forget(self, number: int) -> None:
        """Let someone's standings be told anew: something static has changed."""
        if not self.known:
            return
        for slot in self._slots.span(number):
            for floor in range(len(self.scorer.letters)):
                for onsite in (False, True):
                    self.known.pop((slot, floor, onsite), None)
