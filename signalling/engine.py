"""Load, decide, commit; on a conflict reload and decide again.

The only shell around the life cycles: whatever asks for a change, from a socket, a timer or the
dispatcher, comes through `Engine.handle`.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from signalling.core import (
    assignment,
    availability,
    calendar_key,
    contest,
    delivery,
    diary,
    history,
    meeting,
    profile,
    report,
    series,
    standing,
    subscriptions,
    webhook,
)
from signalling.core.availability import Availability
from signalling.core.calendar_key import CalendarKey
from signalling.core.contest import Contest
from signalling.core.delivery import Delivery
from signalling.core.diary import Diary
from signalling.core.effects import (
    Bounds,
    CarrierOption,
    Clash,
    Effect,
    Hook,
    Key,
    Moment,
    Tell,
    overlap,
)
from signalling.core.history import History
from signalling.core.profile import Answer, MatchDecision, Profile
from signalling.core.report import Report
from signalling.core.room import Meeting
from signalling.core.series import Series
from signalling.core.slot import Assignment
from signalling.core.standing import Standing
from signalling.core.subscriptions import Subscriptions
from signalling.core.webhook import Webhook
from signalling.errors import Conflict, DragomanError, InternalError, Unavailable
from signalling.store.clock import Clock
from signalling.store.commit import Batch
from signalling.store.keys import Keys
from signalling.store.recent import Recent
from signalling.store.records import unpack
from signalling.store.store import Store, StoreUnavailable
from signalling.transaction import Loaded, Transaction, batch_of

ATTEMPTS: Final = 30
LOST_MOST: Final = 3  # commits whose outcome stayed unknown, one after the other
ROUNDS: Final = 64
STEPS: Final = 16  # decisions, a fifth of a millisecond each, before others go on


@dataclass(frozen=True, slots=True)
class Kind:
    """How records of one kind come to be and change."""

    record: type[Any]
    decide: Callable[[Any, Any, Moment], tuple[Any, tuple[Effect, ...]]]
    blank: Callable[[str], Any] = lambda _: None


KINDS: Final[Mapping[str, Kind]] = {
    "assignment": Kind(Assignment, assignment.decide),
    "availability": Kind(Availability, availability.decide, Availability),
    "meeting": Kind(Meeting, meeting.decide),
    "interpreter": Kind(Profile, profile.decide_profile),
    "decision": Kind(MatchDecision, profile.decide_decision),
    "answer": Kind(Answer, profile.decide_answer),
    "history": Kind(History, history.decide),
    "contest": Kind(Contest, contest.decide),
    "diary": Kind(Diary, diary.decide, Diary),
    "series": Kind(Series, series.decide),
    "calendar_key": Kind(CalendarKey, calendar_key.decide),
    "report": Kind(Report, report.decide),
    "standing": Kind(Standing, standing.decide, Standing),
    "webhook": Kind(Webhook, webhook.decide),
    "subscriptions": Kind(Subscriptions, subscriptions.decide, lambda _: Subscriptions()),
    "delivery": Kind(Delivery, delivery.decide),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """The records that a commit touched, as they are now (None: absent), and their versions."""

    records: Mapping[Key, Any]
    versions: Mapping[Key, int]
    now_ms: int

    def of(self, kind: str, id_: str) -> Any:
        return self.records[Key(kind, id_)]


class Engine:
    """Handles events of every marketplace over one store."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        bounds: Bounds,
        carriers: Callable[[], tuple[CarrierOption, ...]] = tuple,
        clash: Clash = overlap,
    ) -> None:
        self.store = store
        self.clock = clock
        self.bounds = bounds
        self.carriers = carriers
        self.clash = clash
        self.recent = Recent()

    async def handle(
        self,
        marketplace: str,
        *tells: Tell,
        expect: Mapping[Key, int] | None = None,
        fresh: Collection[Key] = (),
    ) -> Outcome:
        """Let the records told decide, and commit everything that follows, at once or not at all.

        *expect* names versions that the caller has seen, *fresh* records whose ids the caller has
        just minted, so that there is nothing to read. Raises what a decision refuses with,
        Conflict for a version that is no longer so, and Unavailable when the store does not
        answer or others are always faster; then the same call may be made again.
        """
        lost = 0
        for _ in range(ATTEMPTS):
            now = Moment(self.clock.now_ms(), self.bounds, self.carriers(), self.clash)
            txn = Transaction(now, recalls=True, fresh=fresh)
            try:
                await self._decide(marketplace, txn, tells)
                await self._drop_unheard(marketplace, txn)
                _check_versions(txn, expect or {})
            except StoreUnavailable:
                raise
            except DragomanError:
                if await self._is_torn(marketplace, txn):
                    continue  # it was refused for what never was so at one moment
                raise
            batch = batch_of(Keys(marketplace), txn)
            try:
                if await self._settled(marketplace, txn, batch):
                    return _outcome(txn)
            except StoreUnavailable:  # it may have been written: look, and decide again
                lost += 1
                if lost == LOST_MOST:
                    raise
            fresh = ()
        raise Unavailable("too many changes at once; try again")

    async def look(self, marketplace: str, *keys: Key, recalls: bool = False) -> Outcome:
        """Return records as they are now, with their versions; nothing is changed.

        With *recalls* as this process last knew them: whoever changes them expects these versions.
        """
        txn = Transaction(Moment(self.clock.now_ms(), self.bounds), recalls=recalls)
        await self._load(marketplace, txn, keys)
        return _outcome(txn)

    async def read(self, marketplace: str, *keys: Key) -> list[Any]:
        """Return records as they are, None for absent ones (a blank one where the kind has it)."""
        outcome = await self.look(marketplace, *keys)
        return [outcome.records[key] for key in keys]

    async def _decide(self, marketplace: str, txn: Transaction, tells: tuple[Tell, ...]) -> None:
        """Run decisions to a fixpoint, breadth first, so that each round loads its records once."""
        queue: list[tuple[Key | None, Tell]] = [(None, tell) for tell in tells]
        for _ in range(ROUNDS):
            if not queue:
                return
            await self._load(marketplace, txn, [tell.key for _, tell in queue])
            following: list[tuple[Key | None, Tell]] = []
            for number, (teller, tell) in enumerate(queue, start=1):
                if number % STEPS == 0:
                    await asyncio.sleep(0)  # a series has hundreds
                try:
                    effects = _step(txn, tell)
                except DragomanError:
                    if tell.refused is None or teller is None:
                        raise
                    effects = _step(txn, Tell(teller, tell.refused))
                    tell = Tell(teller, tell.refused)  # noqa: PLW2901 - it speaks from here on
                following += [(tell.key, e) for e in effects if isinstance(e, Tell)]
                txn.effects += [e for e in effects if not isinstance(e, Tell)]
            queue = following
        raise InternalError("decisions do not come to an end")

    async def _drop_unheard(self, marketplace: str, txn: Transaction) -> None:
        """Leave out events for webhooks that there are not; the commit checks that it is so."""
        if any(isinstance(effect, Hook) for effect in txn.effects):
            await self._load(marketplace, txn, [subscriptions.KEY])
            there: Subscriptions = txn.now[subscriptions.KEY]
            txn.effects = [
                e for e in txn.effects if not isinstance(e, Hook) or there.concern(e.app)
            ]

    async def _settled(self, marketplace: str, txn: Transaction, batch: Batch | None) -> bool:
        """Commit; False if what it was decided on is no longer so."""
        if batch is None:
            return not (txn.recalled and await self._is_torn(marketplace, txn))
        for write in batch.writes:  # whoever reads meanwhile reads behind this commit
            self.recent.forget(write.key)
        if await self.store.commit(marketplace, batch) is None:
            self._forget(marketplace, txn)
            return False
        self._remember(Keys(marketplace), txn, batch)
        return True

    def _remember(self, names: Keys, txn: Transaction, batch: Batch) -> None:
        """Keep what was written, and what was read and is so still: a profile, say."""
        for key, write in zip(txn.changed, batch.writes, strict=True):
            if getattr(KINDS[key.kind].record, "large", False):
                continue  # decisions, which nothing changes
            base = txn.loaded[key].base
            plain = base is None or base.plain
            self.recent.put(write.key, write.version + 1, write.body, plain=plain)
        for key, loaded in txn.loaded.items():
            if key not in txn.recalled and key not in txn.changed:
                body = None if loaded.base is None else loaded.base.body
                self.recent.put(names.record(key.kind, key.id), loaded.version, body)

    def _forget(self, marketplace: str, txn: Transaction) -> None:
        names = Keys(marketplace)
        for key in txn.loaded:
            self.recent.forget(names.record(key.kind, key.id))

    async def _is_torn(self, marketplace: str, txn: Transaction) -> bool:
        """Say whether records that were not read at one moment, now, have changed meanwhile."""
        if txn.loads < 2 and not txn.recalled:
            return False
        self._forget(marketplace, txn)
        names = Keys(marketplace)
        found = await self.store.load([names.record(k.kind, k.id) for k in txn.loaded])
        seen = [loaded.version for loaded in txn.loaded.values()]
        return seen != [version for version, _ in found]

    async def _load(self, marketplace: str, txn: Transaction, keys: Any) -> None:
        missing = list(dict.fromkeys(key for key in keys if key not in txn.loaded))
        if not missing:
            return
        names = Keys(marketplace)
        unread = [key for key in missing if not self._recall(names, txn, key)]
        if unread:
            txn.loads += 1
            found = await self.store.load([names.record(k.kind, k.id) for k in unread])
            for key, (version, body) in zip(unread, found, strict=True):
                _take(txn, key, version, body)

    def _recall(self, names: Keys, txn: Transaction, key: Key) -> bool:
        """Take a record as it was written here last, if it was and that will do."""
        if key in txn.fresh:
            _take(txn, key, 0, None)
            return True
        found = self.recent.get(names.record(key.kind, key.id)) if txn.recalls else None
        if found is None:
            return False
        txn.recalled.add(key)
        _take(txn, key, *found)
        return True


def _take(
    txn: Transaction, key: Key, version: int, body: bytes | None, plain: bool | None = None
) -> None:
    kind = KINDS[key.kind]
    if body is None:
        record, base = kind.blank(key.id), None
    else:
        record, base = unpack(kind.record, body, plain=plain)
    txn.loaded[key] = Loaded(version, record, base)
    txn.now[key] = record


def _step(txn: Transaction, tell: Tell) -> tuple[Effect, ...]:
    """Let one record decide; nothing of it is kept when it refuses."""
    new, effects = KINDS[tell.key.kind].decide(txn.now[tell.key], tell.event, txn.moment)
    txn.now[tell.key] = new
    return effects


def _check_versions(txn: Transaction, expect: Mapping[Key, int]) -> None:
    for key, version in expect.items():
        if txn.loaded[key].version != version:
            raise Conflict(f"it has changed since version {version}", path="version")


def _outcome(txn: Transaction) -> Outcome:
    versions = {key: loaded.version for key, loaded in txn.loaded.items()}
    versions.update((key, versions[key] + 1) for key in txn.changed)
    return Outcome(txn.now, versions, txn.moment.now_ms)
