"""One marketplace's population in memory, and what the store says of everybody in it."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
import numpy as np

from matching.eligibility import services
from matching.population import Population
from matching.types import NONE, Request
from signalling.core.availability import Availability, Status
from signalling.core.diary import Diary
from signalling.core.history import History
from signalling.core.profile import Profile
from signalling.core.track import NOTHING, Counts
from signalling.kept import Kept
from signalling.past import Share, load_of, track_of
from signalling.store.records import unpack
from signalling.translate import bookings_of, interpreter_of, presence_of

TARGET_S: Final = 60.0
TARGET_CHANGE: Final = 0.05


def _profile_of(body: bytes) -> Mapping[str, Any]:
    return unpack(Profile, body)[0].profile


def _availability_of(body: bytes) -> Availability:
    return unpack(Availability, body)[0]


def _history_of(body: bytes) -> History:
    return unpack(History, body)[0]


def _diary_of(body: bytes) -> Diary:
    return unpack(Diary, body)[0]


class _Glance(msgspec.Struct, frozen=True):
    """What is looked at of everybody's availability: a third of the work of reading it."""

    status: str = Status.OFFLINE
    counts: Counts = NOTHING
    suspended_until_ms: int | None = None


class _Shown(msgspec.Struct, frozen=True):
    """What customers may see of a profile, but for languages that they did not ask for."""

    name: str
    languages: list[dict[str, Any]]
    specialisms: list[str] = []


class _Card(msgspec.Struct, frozen=True):
    """What is read of the profile of whoever is asked: a third of the work of reading it."""

    profile: _Shown


_glance: Final = msgspec.msgpack.Decoder(_Glance).decode
_card: Final = msgspec.msgpack.Decoder(_Card).decode


class Market:
    """One marketplace: the index to rank by, and the profiles to show."""

    def __init__(self, marketplace: str, population: Population) -> None:
        self.marketplace = marketplace
        self.population = population
        self.profiles = Kept(_profile_of)
        self.availability = Kept(_availability_of)
        self.histories = Kept(_history_of)
        self.diaries = Kept(_diary_of)
        self.position: str | None = None  # in the feed, up to which all is known; None: not all
        self.share = Share()
        self.targeted_s = -TARGET_S
        self.strangers: set[str] = set()  # of whom there are records, but no profile (yet)
        self.ringing: set[str] = set()  # at whom an offer rings
        self._free: set[str] = set()
        self._by_push: set[str] = set()  # of the free, those whose app is closed

    @property
    def kept(self) -> dict[str, Kept[Any]]:
        """What is kept of the store's records, by their kind."""
        return {
            "interpreter": self.profiles,
            "availability": self.availability,
            "history": self.histories,
            "diary": self.diaries,
        }

    def apply(self, kind: str, id_: str, body: bytes | None) -> bool:
        """Take in one record (None: removed); return whether somebody can be asked now."""
        if kind == "availability":
            return self._present(id_, self._availability(id_, body))
        if kind == "interpreter":
            self._profile(id_, body)
        elif kind == "history":
            self._history(id_, body)
        elif kind == "diary":
            self.diaries.put(id_, body)
        if kind in ("interpreter", "diary"):
            self._book(id_)
        if kind == "diary" and id_ in self.population:
            return id_ in self._free  # a booking changes nothing of who is there
        return self._present(id_, self.availability.get(id_))

    def _profile(self, id_: str, body: bytes | None) -> None:
        if body is not None:
            self.population.put(interpreter_of(_profile_of(body)))
        elif id_ in self.population:  # perhaps without a body: of a snapshot, written meanwhile
            self.population.remove(id_)
        self.profiles.put(id_, body)

    def _availability(self, id_: str, body: bytes | None) -> Availability | None:
        before = self.availability.bodies.get(id_)
        old = None if before is None else _glance(before)
        new = None if body is None else _availability_of(body)
        self.availability.put(id_, body)
        rings = new is not None and new.status is Status.RINGING
        (self.ringing.add if rings else self.ringing.discard)(id_)
        self.share.change(old.counts if old else NOTHING, new.counts if new else NOTHING)
        return new

    def _history(self, id_: str, body: bytes | None) -> None:
        if body is not None:
            _history_of(body)  # or it is left out
        self.histories.put(id_, body)

    def _book(self, id_: str) -> None:
        """Tell the population what somebody is booked for, if it knows them."""
        if id_ in self.population:
            diary = self.diaries.get(id_)
            self.population.set_bookings(id_, bookings_of(diary) if diary else ())

    def resume(self) -> None:
        """Let those appear who were present, after the population and the bodies came back."""
        for id_, body in self.availability.bodies.items():
            seen = _glance(body)
            self.share.change(NOTHING, seen.counts)
            if seen.status == Status.RINGING:
                self.ringing.add(id_)
            if id_ not in self.population:
                self.strangers.add(id_)
                continue
            self._suspend(id_, seen.suspended_until_ms)
            if seen.status == Status.AVAILABLE:
                self._appear(id_, self.availability[id_])
        for id_ in self.diaries:
            self._book(id_)
        for kept in (self.histories, self.diaries):
            self.strangers.update(id_ for id_ in kept if id_ not in self.population)

    def _present(self, id_: str, record: Availability | None) -> bool:
        self._free.discard(id_)
        self._by_push.discard(id_)
        if id_ not in self.population:
            known = any(id_ in kept for kept in self.kept.values())
            (self.strangers.add if known else self.strangers.discard)(id_)
            return False
        self.strangers.discard(id_)
        record = record or Availability(id_)
        if record.idle_since_ms:
            self.population.touch(id_, record.idle_since_ms)
        self._past(id_, record)
        self.population.set_free_until(id_, record.until_ms)
        self._suspend(id_, record.suspended_until_ms)
        self._appear(id_, record)
        return record.matchable

    def _suspend(self, id_: str, until_ms: int | None) -> None:
        if until_ms is None:
            self.population.suspended.pop(id_, None)
        else:
            self.population.suspended[id_] = until_ms

    def _appear(self, id_: str, record: Availability) -> None:
        presence = presence_of(record)
        self.population.set_presence(
            id_,
            available=presence.available,
            modes=presence.modes,
            position=presence.position,
        )
        if not presence.available:
            # What it was reserved for has happened, or can't: only those present need reserving.
            self.population.release(id_)
        else:
            self._free.add(id_)
            if record.by_push:
                self._by_push.add(id_)

    def _past(self, id_: str, record: Availability) -> None:
        """Tell the population what somebody did."""
        self.population.set_track(id_, track_of(record, self.histories.get(id_)))
        worked = load_of(record)
        if any(worked) or any(self.population.load(id_)):
            self.population.set_load(id_, *worked)

    def aim(self, now_s: float) -> None:
        """Let exposure aim at the share that is everybody's by now, if that is worth the work.

        Everybody is summed anew: at most once a minute, by any clock that only goes forward.
        """
        rate = self.share.rate
        moved = abs(rate - self.target) > TARGET_CHANGE * self.target
        if moved and now_s - self.targeted_s >= TARGET_S:
            self.targeted_s = now_s
            self.population.set_exposure_target(rate)

    @property
    def target(self) -> float:
        """Offers an hour online that are everybody's share, as the population knows it."""
        return self.population.personal.target

    @property
    def available(self) -> int:
        """How many can be asked now."""
        return len(self._free)

    def quiet(self, request: Request, now_ms: int) -> frozenset[str]:
        """Return who is not to be woken for a request just now: an emergency wakes everybody.

        A booking is for anybody of its languages; work that begins now disturbs only those whose
        app is closed: the others are there of their own will.
        """
        population = self.population
        if request.emergency or (request.start_ms is None and not self._by_push):
            return NONE
        if request.start_ms is None:
            numbers = np.array(population.numbers(self._by_push), np.int32)
        else:
            offered = services(request, population.tables.languages)
            members = [population.slots.members(service.pair) for service in offered]
            numbers = np.concatenate(members)
        asleep = population.profiles.quiet.asleep(numbers, now_ms)
        return frozenset(population.ids[number] for number in asleep.tolist())

    def pair_counts(self) -> list[dict[str, Any]]:
        """Return how many can be asked for each pair of languages, sorted, as presence.summary."""
        return [
            {
                "languages": {"from": pair[0], "to": pair[1]},
                "available": max(modes.values()),
                "modes": {str(mode): count for mode, count in modes.items() if count},
            }
            for pair, modes in sorted(self.population.summary().items())
        ]

    def turns(self) -> dict[tuple[str, str], int]:
        """Return how often the counts of each pair have changed, also if they are as before."""
        return {pair: table.turns for pair, table in self.population.slots.tables()}

    def card(self, id_: str, pair: tuple[str, str]) -> dict[str, Any]:
        """Return what a customer may see of an interpreter, for one pair of languages."""
        profile = _card(self.profiles.bodies[id_]).profile
        return {
            "name": profile.name,
            "languages": [skill for skill in profile.languages if skill["tag"] in pair],
            "specialisms": profile.specialisms,
        }
