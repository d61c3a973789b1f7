"""The shape of an assignment and of its slots, one per interpreter needed."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Final

from msgspec import Struct, field
from msgspec.structs import replace

from signalling.core import address
from signalling.core.hours import Hours
from signalling.core.offer import RINGING, Offer, OfferState, answer
from signalling.core.rules import USUAL, Rules
from signalling.core.series_place import SeriesPlace
from signalling.core.slot_states import (
    AT_WORK,
    FILLED,
    MEETING,
    OPEN,
    ORDER,
    OVER,
    TO_MEET,
    WAITING,
    SlotState,
)

__all__ = ["FILLED", "OPEN", "OVER", "WAITING", "Assignment", "Slot", "SlotState"]

DECISIONS_MOST: Final = 500  # the newest: each is read to explain one


class Rating(Struct, frozen=True):
    """What one side thinks of the other: 1 to 5 stars."""

    stars: int
    at_ms: int
    text: str | None = None


class Slot(Struct, frozen=True):
    """One interpreter's place.

    *until_ms* is the state's own deadline; *present* who of the two is in the meeting
    (addresses); *stale_wave* the last wave that was asked under other terms. While offers ring,
    *due* counts how many more are to be rung beside them, and *due_ms* says when one more will be.
    *replaces* names the slot that this one takes over from, *only* the one person wanted for it,
    *first* whom to ask before anybody else: *again*, if they had accepted other terms. *rating* is
    the customer's of the interpreter, *their_rating* the other way round. *said* is when the work
    was, as a side says, *minutes* how long: so, or as staff put it right. It *waits* for whoever
    takes the same place in the first of its series.
    """

    id: str
    state: SlotState = SlotState.SEARCHING
    wave: int = 0
    stale_wave: int = 0
    offers: tuple[Offer, ...] = ()
    interpreter: str | None = None
    present: tuple[str, ...] = ()
    until_ms: int | None = None
    held_ms: int | None = None
    started_ms: int | None = None
    ended_ms: int | None = None
    minutes: int | None = None
    rating: Rating | None = None
    due: int = 0
    due_ms: int | None = None
    pace_ms: int | None = None
    replaces: str | None = None
    only: str | None = None
    first: str | None = None
    again: bool = False
    checked_in_ms: int | None = None
    checked_in_place: Mapping[str, float] | None = None
    late: bool = False
    their_rating: Rating | None = None
    waits: bool = False
    said: Hours | None = None

    @property
    def coming(self) -> bool:
        """Whether it is to take over from another, and has not yet."""
        return self.replaces is not None and ORDER.index(self.state) < AT_WORK

    @property
    def looking(self) -> bool:
        """Whether the dispatcher is to find somebody to ring."""
        if self.state is SlotState.SEARCHING:
            return not self.waits
        return self.state is SlotState.OFFERING and self.due > 0

    def paced(self, now_ms: int, declined: int = 0) -> "Slot":
        """Return the slot with one more due for each who *declined*, and if it is time."""
        if self.pace_ms is None or self.state is not SlotState.OFFERING:
            return self
        passed = self.due_ms is not None and self.due_ms <= now_ms
        due_ms = now_ms + self.pace_ms if passed else self.due_ms
        return replace(self, due=self.due + declined + passed, due_ms=due_ms)

    @property
    def ringing(self) -> tuple[Offer, ...]:
        return tuple([o for o in self.offers if o.state in RINGING])  # a list is faster to fill

    @property
    def asked(self) -> frozenset[str]:
        """Whoever was asked under the present terms, and is not asked again."""
        return frozenset(
            o.interpreter for o in self.offers if o.wave > self.stale_wave and o.counts
        )

    @property
    def there(self) -> bool:
        """Whether whoever holds it is in the meeting now."""
        return (
            self.interpreter is not None and address.interpreter(self.interpreter) in self.present
        )

    @property
    def won(self) -> Offer | None:
        """The offer that whoever holds it accepted."""
        return next(
            (
                o
                for o in reversed(self.offers)
                if o.interpreter == self.interpreter and o.state is OfferState.ACCEPTED
            ),
            None,
        )

    @property
    def booked(self) -> bool:
        """Whether whoever holds it took it for a time to come."""
        return self.won is not None and self.won.letter

    def offer(self, offer: str) -> Offer:
        return next(o for o in self.offers if o.id == offer)

    def worked_min(self, planned_ms: int) -> int:
        """Return how long the work took: as said, as measured, or else as planned."""
        if self.minutes is not None:
            return self.minutes
        if self.started_ms is None or self.ended_ms is None:
            return planned_ms // 60_000
        return round((self.ended_ms - self.started_ms) / 60_000)

    def with_offer(self, offer: Offer) -> "Slot":
        """Return the slot with that offer in place of the one of the same id."""
        offers = tuple(offer if o.id == offer.id else o for o in self.offers)
        return replace(self, offers=offers)

    def over(
        self, offers: Iterable[Offer], state: OfferState, now_ms: int, reason: str | None = None
    ) -> "Slot":
        """Return the slot with those offers over, all in the same way."""
        over = {o.id: answer(o, state, now_ms, reason) for o in offers}
        return replace(self, offers=tuple(over.get(o.id, o) for o in self.offers))

    def asked_anew(self) -> "Slot":
        """Return the slot as asked for on other terms: who was asked before may be asked again.

        Of what was asked on terms that are no longer even the last, only what was accepted stays.
        """
        kept = tuple(
            o for o in self.offers if o.wave > self.stale_wave or o.state is OfferState.ACCEPTED
        )
        return replace(self, offers=kept, stale_wave=self.wave)

    def let_go(self, reason: str) -> "Slot":
        """Return the slot without its interpreter, whose accepted offer keeps the reason."""
        gone = tuple(
            replace(o, reason=o.reason or reason) if o.state is OfferState.ACCEPTED else o
            for o in self.offers
        )
        return replace(self, offers=gone, interpreter=None, held_ms=None)


class Interested(Struct, frozen=True):
    """An interpreter who said that they could; *offer* names the offer that it may become."""

    interpreter: str
    offer: str
    at_ms: int
    card: Mapping[str, Any]


class Assignment(Struct, frozen=True):
    """A request for an interpreter and what became of it.

    *terms* are assignment.create's, languages resolved, with a `start_ms` while it is to come;
    *deadline_ms* stands still while an interpreter is held. *rules* were the app's when it was
    asked for. *room* is the id that its next meeting will have. *planned_ms* is when a booking was
    to start that is looked for as if for now. *interests* are those who said that
    they could, until *interest_until_ms*. *series* is its place in one. *reminded* counts the
    reminders that are over; *backstopped*: an outside agency was told. *recommended* are those who
    were told that it would fit them, None before anybody was. *choosing*: the
    window is over, and the customer has time to choose. *changes* counts what each address
    has changed.
    """

    kind: ClassVar[str] = "assignment"
    schema: ClassVar[int] = 1
    ttl_ms: ClassVar[int | None] = None
    feed: ClassVar[Mapping[str, Any] | None] = None

    id: str
    app: str
    customer: str
    terms: Mapping[str, Any]
    created_ms: int
    deadline_ms: int
    slots: tuple[Slot, ...]
    meeting: str | None = None
    outcome: Mapping[str, Any] | None = None
    decisions: tuple[str, ...] = ()
    rules: Rules = USUAL
    room: str | None = None
    interests: tuple[Interested, ...] = ()
    interest_until_ms: int | None = None
    series: SeriesPlace | None = None
    reminded: int = 0
    backstopped: bool = False
    planned_ms: int | None = None
    cancellation: Mapping[str, Any] | None = None
    recommended: tuple[str, ...] | None = None
    choosing: bool = False
    changes: Mapping[str, int] = field(default_factory=dict)

    @property
    def start_ms(self) -> int | None:
        """When a scheduled one starts; None for now, and once it is looked for as if for now."""
        start_ms: int | None = self.terms.get("start_ms")
        return start_ms

    @property
    def begins_ms(self) -> int | None:
        """When what was booked begins, or was to; None if it was never booked."""
        return self.planned_ms if self.start_ms is None else self.start_ms

    def for_now(self, deadline_ms: int) -> "Assignment":
        """Return it as looked for until *deadline_ms* as if it were asked for now."""
        terms = {name: value for name, value in self.terms.items() if name != "start_ms"}
        return replace(self, terms=terms, planned_ms=self.begins_ms, deadline_ms=deadline_ms)

    def comes_ms(self, now_ms: int) -> int:
        """Return when a confirmed one wants something next: its meeting, or whoever is late."""
        start_ms = self.begins_ms or now_ms
        if self.mode == "onsite":
            return start_ms + self.rules.late_min * 60_000
        return max(now_ms, start_ms - self.rules.early_min * 60_000)

    @property
    def reminders_ms(self) -> tuple[int, ...]:
        """When to remind those who are to meet, soonest first; none that were due at the start."""
        if self.begins_ms is None:
            return ()
        times = (self.begins_ms - minutes * 60_000 for minutes in self.rules.reminders_min)
        return tuple(sorted(ms for ms in times if ms > self.created_ms))

    def due_reminders(self, now_ms: int) -> int:
        return sum(ms <= now_ms for ms in self.reminders_ms)

    @property
    def open(self) -> bool:
        """Whether somebody is looked for, or may still say that they could."""
        return any(s.state in OPEN for s in self.current)

    @property
    def to_meet(self) -> tuple[Slot, ...]:
        """The slots whose interpreters are still to meet the customer."""
        return tuple(s for s in self.slots if s.state in TO_MEET)

    def last(self, slot: Slot) -> bool:
        """Say whether nobody is at work in the meeting, or comes to it, but for *slot* itself."""
        others = (s for s in self.current if slot.id not in (s.id, s.replaces))
        return not any(s.state in MEETING for s in others)

    @property
    def state(self) -> SlotState:
        """The state of the slot that is furthest from its end, of those that count now."""
        return min((s.state for s in self.current if not s.coming), key=ORDER.index)

    @property
    def current(self) -> tuple[Slot, ...]:
        """The slots but for those that another has taken over from."""
        left = {s.replaces for s in self.slots if s.replaces and not s.coming}
        return tuple(s for s in self.slots if s.id not in left) if left else self.slots

    @property
    def open_slots(self) -> tuple[Slot, ...]:
        """The slots that somebody may still get: no hand-over's, nor one that waits."""
        free = (s for s in self.slots if s.state in OPEN and not s.waits)
        return tuple(s for s in free if s.replaces is None)

    def is_open_to(self, interpreter: str) -> bool:
        """Return whether a slot may still become theirs: not what they were asked for already."""
        return any(interpreter not in self.unwanted(s) for s in self.open_slots)

    @property
    def untold(self) -> bool:
        """Whether those whom it fits are to hear of it: that they may say they could, once."""
        return self.recommended is None and self.gathers

    @property
    def gathers(self) -> bool:
        """Whether interpreters may say that they could."""
        if not any(s.state is SlotState.GATHERING for s in self.slots):
            return False  # most, and it is asked often
        return any(s.state is SlotState.GATHERING for s in self.current)

    def held_by(self, who: str) -> tuple[Slot, ...]:
        """Return the slots of an interpreter's address that count now."""
        return tuple(s for s in self.current if s in self.worked_by(who))

    def worked_by(self, who: str) -> tuple[Slot, ...]:
        """Return the slots of an interpreter's address, those handed over since among them."""
        return tuple(
            s for s in self.slots if s.interpreter and address.interpreter(s.interpreter) == who
        )

    def unwanted(self, slot: Slot) -> frozenset[str]:
        """Return who is not to be asked for a slot: asked before, or in another place of it."""
        asked = slot.asked if slot.replaces is None else {i for s in self.slots for i in s.asked}
        beside = {o.interpreter for s in self.slots if s.id != slot.id for o in s.ringing}
        return frozenset(asked) | beside | {s.interpreter for s in self.slots if s.interpreter}

    @property
    def mode(self) -> str:
        return str(self.terms["mode"])

    @property
    def duration_ms(self) -> int:
        return int(self.terms.get("duration_min", 0)) * 60_000

    @property
    def customer_address(self) -> str:
        return address.customer(self.app, self.customer)

    @property
    def pair(self) -> str:
        """The two languages, sorted, as one word."""
        return "-".join(sorted(self.terms["languages"].values()))

    @property
    def wake_at_ms(self) -> int | None:
        """When the shell must feed a Deadline; None once nothing is pending."""
        due: list[int | None] = [s.until_ms for s in self.slots]
        due += [s.due_ms for s in self.slots if s.state is SlotState.OFFERING and not s.due]
        due += [o.expires_ms for s in self.slots for o in s.ringing]
        if any(s.state in WAITING for s in self.slots):
            due.append(self.deadline_ms)
        if any(s.state is SlotState.GATHERING for s in self.slots):
            due.append(self.interest_until_ms)
        if self.to_meet:
            due += self.reminders_ms[self.reminded : self.reminded + 1]
        return min((at for at in due if at is not None), default=None)

    @property
    def indexes(self) -> dict[str, float]:
        """The lists that this assignment stands in, each with its sort key."""
        found: dict[str, float] = {
            f"assignments:a:{self.app}": self.created_ms,
            f"assignments:{self.customer_address}": self.created_ms,
        }
        for slot in self.slots:
            if slot.interpreter:
                found[f"assignments:{address.interpreter(slot.interpreter)}"] = self.created_ms
            for offer in slot.ringing:
                found[f"offers:{address.interpreter(offer.interpreter)}"] = offer.made_ms
        if any(s.looking for s in self.slots):
            found["searching" if self.start_ms is None else "seeking"] = self.created_ms
        if self.open_slots:
            found[f"open:{self.pair}"] = self.created_ms
        if self.untold:
            found["untold"] = self.created_ms
        if self.begins_ms is not None:
            for name in [name for name in found if name.startswith("assignments:")]:
                found[f"starts{name.removeprefix('assignments')}"] = self.begins_ms
        return found

    def needed(self, slot: Slot) -> frozenset[str]:
        """Return the addresses that have to meet: the customer's, and whoever holds the slot's."""
        held = [address.interpreter(slot.interpreter)] if slot.interpreter else []
        return frozenset([self.customer_address, *held])

    def slot(self, slot: str) -> Slot:
        """Return the slot of that id; a blank one if it is not there yet, or no more."""
        return next((s for s in self.slots if s.id == slot), Slot(slot))

    def decided(self, decision: str) -> "Assignment":
        """Return the assignment with one more recorded decision behind it; the newest are kept."""
        return replace(self, decisions=(*self.decisions, decision)[-DECISIONS_MOST:])

    def with_slot(self, slot: Slot) -> "Assignment":
        """Return the assignment with that slot in place of the one of the same id."""
        return replace(self, slots=tuple(slot if s.id == slot.id else s for s in self.slots))
