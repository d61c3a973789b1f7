"""What is known of each interpreter from their past: codes by number, and what they add up to.

The static part of everybody's order is summed beforehand: `remote` and `onsite` hold the personal
half of it, to which a row adds what tier and experience in its pair are worth.
"""

from array import array
from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from matching import features
from matching.scoring import Codes, Scorer
from matching.types import NEW, Track

COLUMNS: Final = (
    *("reliability", "responsiveness", "rating", "load", "streak", "exposure", "media"),
)
COUNTS: Final = tuple(
    each.name for each in fields(Track) if each.name not in {"sessions", "customers"}
)
NEWCOMER: Final = Codes(
    reliability=features.reliability_code(NEW.completed, NEW.failed),
    responsiveness=features.responsiveness_code(NEW.answered, NEW.silent),
    rating=features.rating_code(NEW.stars, NEW.rated),
    exposure=features.ON_TARGET,
    media=features.media_code(NEW.connects, NEW.connect_failures),
)
Known = tuple[float, int]  # good sessions with a customer, and when the last was, ms


class Personal:
    """Columns by interpreter number. *number* grows; a number given back is `clear`ed."""

    def __init__(self) -> None:
        self.remote = array("d")
        self.onsite = array("d")
        self._codes = {name: array("B") for name in COLUMNS}
        self._counts = {name: array("d") for name in COUNTS}
        self.columns: dict[str, array[Any]] = {**self._codes, **self._counts}
        # By number, of those of whom there is something to say; change them by `recall`.
        self.sessions: dict[int, Mapping[str, float]] = {}
        self.customers: dict[int, Mapping[str, Known]] = {}
        self._known: dict[str, dict[int, Known]] = {}
        self.target = 0.0  # offers per online hour that are everybody's share
        self._newcomer: Scorer | None = None
        self._newcomer_sums = (0.0, 0.0)

    def grow(self) -> None:
        """Make room for the next number."""
        for column in (self.remote, self.onsite, *self.columns.values()):
            column.append(0)

    def begin(self, number: int, scorer: Scorer) -> None:
        """Let somebody new take a number."""
        if self._newcomer is not scorer:
            self._newcomer, self._newcomer_sums = scorer, scorer.personal(NEWCOMER)
        for name, codes in self._codes.items():
            codes[number] = getattr(NEWCOMER, name)
        for counts in self._counts.values():
            counts[number] = 0.0
        self.remote[number], self.onsite[number] = self._newcomer_sums

    def clear(self, number: int) -> None:
        """Forget whom a number has worked for."""
        self.recall(number, {}, {})

    def track(self, number: int) -> Track:
        """Return the past that was told last."""
        return Track(
            sessions=self.sessions.get(number, {}),
            customers=self.customers.get(number, {}),
            **{name: counts[number] for name, counts in self._counts.items()},
        )

    def knows(self, number: int, track: Track) -> bool:
        """Say whether this past was told last."""
        return (
            all(counts[number] == getattr(track, name) for name, counts in self._counts.items())
            and self.sessions.get(number, {}) == track.sessions
            and self.customers.get(number, {}) == track.customers
        )

    def set_track(self, number: int, track: Track, scorer: Scorer) -> None:
        """Replace what is known of somebody's past."""
        self.recall(number, track.sessions, track.customers)
        for name, counts in self._counts.items():
            counts[number] = getattr(track, name)
        codes = self._codes
        codes["reliability"][number] = features.reliability_code(track.completed, track.failed)
        codes["responsiveness"][number] = features.responsiveness_code(track.answered, track.silent)
        codes["rating"][number] = features.rating_code(track.stars, track.rated)
        codes["media"][number] = features.media_code(track.connects, track.connect_failures)
        codes["exposure"][number] = features.exposure_code(
            track.offers, track.online_h, self.target
        )
        self._sum(number, scorer)

    def recall(
        self, number: int, sessions: Mapping[str, float], customers: Mapping[str, Known]
    ) -> None:
        """Replace how often somebody has worked in a pair, and for whom."""
        for customer in self.customers.pop(number, {}):
            known = self._known[customer]
            del known[number]
            if not known:
                del self._known[customer]
        self.sessions.pop(number, None)
        if sessions:
            self.sessions[number] = sessions
        if customers:
            self.customers[number] = customers
            for customer, last in customers.items():
                self._known.setdefault(customer, {})[number] = last

    def set_load(self, number: int, minutes_today: int, streak_min: int, scorer: Scorer) -> None:
        """Replace how long somebody has worked, today and without a break."""
        self._codes["load"][number] = features.load_code(minutes_today)
        self._codes["streak"][number] = features.streak_code(streak_min)
        self._sum(number, scorer)

    def load(self, number: int) -> tuple[int, int]:
        """Return minutes worked today and without a break, to the quarter hour."""
        codes, step = self._codes, features.LOAD_STEP_MIN
        return codes["load"][number] * step, codes["streak"][number] * step

    def codes(self, number: int) -> dict[str, int]:
        """Return the personal codes of `scoring.Codes`, by name."""
        return {name: column[number] for name, column in self._codes.items()}

    def column(self, name: str, numbers: NDArray[Any]) -> NDArray[np.uint8]:
        """Return one personal code of *numbers* `(m,)`, shape `(m,)`."""
        found: NDArray[np.uint8] = np.frombuffer(self._codes[name], np.uint8).take(numbers)
        return found

    def known_to(self, customer: str) -> Mapping[int, Known]:
        """Return who has worked well for a customer, by number."""
        return self._known.get(customer, {})

    @property
    def streaks(self) -> list[int]:
        """The numbers of those who work without a break."""
        return list(np.frombuffer(self._codes["streak"], np.uint8).nonzero()[0].tolist())

    def fill(self) -> None:
        """Make room for the sums of everybody whom the columns hold; `retune` is to follow."""
        for sums in (self.remote, self.onsite):
            sums.frombytes(bytes(sums.itemsize * len(self._codes["load"])))

    def _sum(self, number: int, scorer: Scorer) -> None:
        codes = Codes(**self.codes(number))
        self.remote[number], self.onsite[number] = scorer.personal(codes)

    def retune(self, scorer: Scorer) -> None:
        """Sum up everybody anew, for another scorer or target; same bits as one at a time."""
        if not self.remote:
            return
        offers, hours = (np.frombuffer(self._counts[name]) for name in ("offers", "online_h"))
        exposure = np.frombuffer(self._codes["exposure"], np.uint8)
        exposure[:] = exposure_codes(offers, hours, self.target)

        def of(name: str) -> NDArray[np.uint8]:
            return np.frombuffer(self._codes[name], np.uint8)

        total = np.array(scorer.reliability.total)[of("reliability")]
        for curve, name in (
            (scorer.responsiveness, "responsiveness"),
            (scorer.rating, "rating"),
            (scorer.load, "load"),
            (scorer.streak, "streak"),
            (scorer.exposure, "exposure"),
        ):
            total += np.array(curve.total)[of(name)]
        np.frombuffer(self.onsite)[:] = total
        np.frombuffer(self.remote)[:] = total + np.array(scorer.media.total)[of("media")]


def exposure_codes(
    offers: NDArray[np.float64], online_h: NDArray[np.float64], target: float
) -> NDArray[np.intp]:
    """Return `features.exposure_code` of arrays `(n,)`."""
    if target <= 0:
        return np.full(offers.shape, features.ON_TARGET)
    rate = (offers + target * features.PRIOR_ONLINE_H) / (online_h + features.PRIOR_ONLINE_H)
    missing = np.clip((target - rate) / target, -1.0, 1.0)
    scale = features.EXPOSURE_CAP - features.ON_TARGET
    codes: NDArray[np.intp] = np.rint(features.ON_TARGET + missing * scale).astype(np.intp)
    return codes
