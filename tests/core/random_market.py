"""What anybody may do in a market of bookings, series and requests for now, for a state machine.

Whoever may do something does it at any time, also twice, late or wrongly; deadlines come early or
not for hours.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from signalling.core import booking_events as book
from signalling.core import events as on
from signalling.core.effects import Key
from signalling.core.profile import PutProfile
from signalling.core.rules import Rules
from signalling.core.series import Begin
from signalling.core.series_place import SeriesPlace
from signalling.core.slot import OVER, Assignment, Slot
from signalling.errors import DragomanError
from tests.core.conductor import Conductor
from tests.core.samples import TERMS, candidate

PEOPLE = ("ann", "bo", "cy", "dan")
PLACES = ({"lat": 59.9, "lon": 10.7}, {"lat": 60.4, "lon": 5.3})
MIN, HOUR = 60_000, 3_600_000
TRIP = 25 * MIN
MOST = 10  # assignments
# What the two sides may well do; they do anything else, too, but seldom.
ACTS = {
    "gathering": ("confirm", "confirm", "cancel"),
    "offering": ("cancel",),
    "confirmed": ("check_in", "check_in", "give_back", "never_came", "complete", "cancel"),
    "held": ("give_back", "never_came", "waited", "cancel"),
    "connecting": ("give_back", "never_came", "waited", "cancel"),
    "in_progress": ("complete", "hand_over", "hand_over", "waited"),
    "wrap_up": ("complete", "correct"),
}
EVERY_ACT = sorted({act for acts in ACTS.values() for act in acts})

someone = st.sampled_from(PEOPLE)
seldom = st.sampled_from((False,) * 7 + (True,))
soon = st.sampled_from((15 * MIN, 45 * MIN, 75 * MIN, 2 * HOUR, 26 * HOUR))


def clash(others: tuple[Any, ...], new: Any, _: Mapping[str, Any]) -> str | None:
    """Let a trip between two places, or from one to the desk, take 25 minutes."""
    for b in others:
        trip = 0 if b.place == new.place else TRIP
        if b.start_ms < new.end_ms + trip and new.start_ms < b.end_ms + trip:
            return "is booked at that time"
    return None


class RandomMarket(RuleBasedStateMachine):
    """Does what anybody may do; what then has to hold stands in the test."""

    def __init__(self) -> None:
        super().__init__()
        self.c = Conductor()
        self.c.clash = clash
        self.minted = 0
        self.asked: list[str] = []
        self.said: list[tuple[str, str, object]] = []

    # --- the world ------------------------------------------------------------------------

    def mint(self, prefix: str) -> str:
        self.minted += 1
        return f"{prefix}{self.minted}"

    def tell(self, kind: str, id_: str, event: object) -> bool:
        """Say it, to be said again some time; a refusal changes nothing."""
        self.said.append((kind, id_, event))
        before, sent = dict(self.c.records), len(self.c.effects)
        try:
            self.c.tell(kind, id_, event)
        except DragomanError:
            assert (self.c.records, len(self.c.effects)) == (before, sent)
            return False
        return True

    def all(self, kind: str) -> list[Any]:
        return [r for key, r in self.c.records.items() if key.kind == kind]

    def places(self) -> Iterator[tuple[Assignment, Slot]]:
        for a in self.all("assignment"):
            for slot in a.slots:
                yield a, slot

    def some(self, data: st.DataObject) -> tuple[Assignment, Slot]:
        """Draw a place, more often of an assignment that is not over."""
        every = {(a.id, s.id): (a, s) for a, s in self.places()}
        live = [names for names, (_, slot) in every.items() if slot.state not in OVER]
        return every[data.draw(st.sampled_from(live or list(every)))]

    # --- asking ---------------------------------------------------------------------------

    @initialize()
    def everybody_is_there(self) -> None:
        for who in PEOPLE:
            self.tell("interpreter", who, PutProfile({"id": who}))
            self.tell("availability", who, on.Connect(f"s-{who}", 1))
            self.tell("availability", who, on.SetStatus("available"))
        self.ask(None, "video", 1, window=False)
        self.ask(45 * MIN, "video", 2, window=True)
        self.ask(45 * MIN, "onsite", 1, window=False)
        self.ask_each_hour(75 * MIN, 1, window=False)

    @rule(
        in_ms=st.one_of(st.none(), soon),
        mode=st.sampled_from(("video", "video", "onsite", "elsewhere")),
        needed=st.sampled_from((1, 1, 2)),
        window=st.booleans(),
    )
    def ask(self, in_ms: int | None, mode: str, needed: int, *, window: bool) -> None:
        if len(self.asked) < MOST:
            self.create(self.mint("a"), in_ms, mode, needed, window)

    @rule(in_ms=soon, needed=st.sampled_from((1, 1, 2)), window=seldom)
    def ask_each_hour(self, in_ms: int, needed: int, window: bool) -> None:
        if len(self.asked) + 3 > MOST:
            return
        ids = tuple(self.mint("w") for _ in range(3))
        self.tell("series", ids[0], Begin(ids[0], "hospital", ids))
        for n, id_ in enumerate(ids):
            place = SeriesPlace(ids[0], n + 1, 3)
            self.create(id_, in_ms + n * HOUR, "video", needed, window, place)

    def create(
        self,
        id_: str,
        in_ms: int | None,
        mode: str,
        needed: int,
        window: bool,
        series: SeriesPlace | None = None,
    ) -> None:
        place = PLACES[mode == "elsewhere"]
        terms = TERMS | {"mode": mode.replace("elsewhere", "onsite"), "location": place}
        until_ms = None
        if in_ms is not None:
            terms["start_ms"] = self.c.now_ms + in_ms
            until_ms = self.c.now_ms + in_ms // 3 if window else None
        create = on.Create(
            id_,
            "hospital",
            f"kari-{id_}",
            terms,
            rules=Rules(reminders_min=(60, 5), backstop=needed > 1),
            needed=needed,
            interest_until_ms=until_ms,
            room=f"room-{id_}",
            series=series,
        )
        self.asked.append(id_)
        self.tell("assignment", id_, create)

    # --- the dispatcher -------------------------------------------------------------------

    @rule(data=st.data(), order=st.permutations(PEOPLE), ring=st.integers(1, 2), nobody=seldom)
    def dispatch(self, data: st.DataObject, order: list[str], ring: int, nobody: bool) -> None:
        """Answer a search that is on, or was: nothing is expected of the record."""
        a, slot = self.some(data)
        self.answer_search(a, slot, order, ring, nobody)

    def answer_search(
        self, a: Assignment, slot: Slot, order: list[str], ring: int, nobody: bool
    ) -> None:
        only = {slot.first or slot.only} if slot.first or slot.only else set(order)
        if a.interests and not slot.first:
            only = {i.interpreter for i in a.interests}
        found = tuple(candidate(self.mint(f"{a.id}.o"), who) for who in order if who in only)
        event: object = on.Wave(slot.id, found, ring, self.mint("d"))
        if nobody or not found:
            event = on.NoMatch(slot.id, {}, never=nobody and a.start_ms is None)
        elif a.interests and not slot.first:
            event = book.Choose(slot.id, found, self.mint("d"))
        self.tell("assignment", a.id, event)

    @precondition(lambda self: any(s.ringing for _, s in self.places()))
    @rule(data=st.data())
    def preempt(self, data: st.DataObject) -> None:
        ringing = [(a.id, o.id, o.interpreter) for a, s in self.places() for o in s.ringing]
        id_, offer, who = data.draw(st.sampled_from(ringing))
        self.tell("assignment", id_, book.Preempt(offer, who))

    # --- interpreters ---------------------------------------------------------------------

    @precondition(lambda self: any(s.offers for _, s in self.places()))
    @rule(data=st.data(), act=st.sampled_from(("accept",) * 5 + ("ack", "decline")), old=seldom)
    def answer(self, data: st.DataObject, act: str, old: bool) -> None:
        offers = [(a.id, o.id, o.interpreter) for a, s in self.places() for o in s.offers]
        ringing = {o.id for _, s in self.places() for o in s.ringing}
        those = [each for each in offers if each[1] in ringing]
        id_, offer, who = data.draw(st.sampled_from(offers if old or not those else those))
        events: dict[str, object] = {
            "accept": on.Accept(offer, who, self.mint("m")),
            "ack": on.Ack(offer, who, seen=True),
            "decline": on.Decline(offer, who),
        }
        self.tell("assignment", id_, events[act])

    @rule(data=st.data(), who=someone, interested=st.sampled_from((True, True, True, False)))
    def interest(self, data: st.DataObject, who: str, interested: bool) -> None:
        a, _ = self.some(data)
        could = book.Interest(who, interested, self.mint(f"{a.id}.o"), {})
        self.tell("assignment", a.id, could)

    @rule(who=someone, status=st.sampled_from(("available",) * 4 + ("busy", "offline")))
    def wish(self, who: str, status: str) -> None:
        self.tell("availability", who, on.SetStatus(status))

    @rule(who=someone, epoch=st.integers(1, 3), back=st.booleans())
    def socket(self, who: str, epoch: int, back: bool) -> None:
        event = on.Connect(f"s-{who}", epoch) if back else on.Drop(f"s-{who}", epoch)
        self.tell("availability", who, event)

    # --- both sides -----------------------------------------------------------------------

    @rule(data=st.data(), who=someone, any_=seldom)
    def turn(self, data: st.DataObject, who: str, any_: bool) -> None:
        a, slot = self.some(data)
        holder = f"i:{slot.interpreter or who}"
        could = [i.interpreter for i in a.interests] or [who]
        chosen = candidate(self.mint(f"{a.id}.o"), could[0])
        events: dict[str, object] = {
            "cancel": on.Cancel(a.customer_address),
            "give_back": on.Cancel(holder),
            "check_in": book.CheckIn(holder),
            "complete": on.Complete(holder),
            "never_came": book.NeverCame(a.customer_address, slot.interpreter),
            "waited": book.NeverCame(holder),
            "correct": book.Correct("o:hospital:op", slot.interpreter or who, 45),
            "hand_over": on.Transfer(holder),
            "confirm": book.Confirm(a.customer_address, chosen),
        }
        acts = EVERY_ACT if any_ else ACTS.get(slot.state, EVERY_ACT)
        self.tell("assignment", a.id, events[data.draw(st.sampled_from(acts))])

    @rule(data=st.data(), in_ms=soon, what=st.sampled_from(("start_ms", "note", "duration_min")))
    def change(self, data: st.DataObject, in_ms: int, what: str) -> None:
        a, _ = self.some(data)
        values = {"start_ms": self.c.now_ms + in_ms, "note": "Ward 8", "duration_min": 50}
        self.tell("assignment", a.id, on.Update(a.customer_address, {what: values[what]}))

    @precondition(lambda self: self.all("meeting"))
    @rule(data=st.data(), act=st.sampled_from(("join",) * 6 + ("leave", "leave", "end", "close")))
    def meet(self, data: st.DataObject, act: str) -> None:
        running = [m for m in self.all("meeting") if m.wake_at_ms is not None]
        meetings = {m.id: m for m in running or self.all("meeting")}
        m = meetings[data.draw(st.sampled_from(sorted(meetings)))]
        who = data.draw(st.sampled_from([p.address for p in m.parties]))
        session = f"s-{who.rsplit(':', 1)[-1]}"
        events: dict[str, object] = {
            "join": on.Join(who, self.mint("p"), session, 1),
            "leave": on.Leave(who, session),
            "end": on.End(who),
            "close": on.End("o:hospital:op"),
        }
        self.tell("meeting", m.id, events[act])

    @rule(data=st.data(), order=st.permutations(PEOPLE), steps=st.integers(1, 12))
    def all_goes_well(self, data: st.DataObject, order: list[str], steps: int) -> None:
        """Take one place some steps nearer to its good end."""
        a, slot = self.some(data)
        for _ in range(steps):
            self.step(self.c.get("assignment", a.id), slot.id, order)

    @precondition(lambda self: any(s.state in ACTS for _, s in self.places()))
    @rule(data=st.data(), order=st.permutations(PEOPLE), steps=st.integers(1, 4))
    def what_was_begun_goes_on(self, data: st.DataObject, order: list[str], steps: int) -> None:
        begun = [(a.id, s.id) for a, s in self.places() if s.state in ACTS]
        id_, place = data.draw(st.sampled_from(begun))
        for _ in range(steps):
            self.step(self.c.get("assignment", id_), place, order)

    def step(self, a: Assignment, place: str, order: list[str]) -> None:
        slot = a.slot(place)
        if slot.looking:
            self.answer_search(a, slot, order, 2, nobody=False)
        elif slot.state == "gathering" and len(a.interests) < 2:
            for who in order[:3]:
                could = book.Interest(who, True, self.mint(f"{a.id}.o"), {})
                self.tell("assignment", a.id, could)
        elif slot.ringing:
            offer = slot.ringing[-1]
            accept = on.Accept(offer.id, offer.interpreter, self.mint("m"))
            self.tell("assignment", a.id, accept)
        elif slot.state in ("held", "connecting"):
            for who in sorted(a.needed(slot)):
                session = f"s-{who.rsplit(':', 1)[-1]}"
                self.tell("meeting", str(a.meeting), on.Join(who, self.mint("p"), session, 1))
        elif slot.state in ("confirmed", "gathering") and a.mode != "onsite":
            self.c.advance(max(0, min(a.wake_at_ms or 0, self.c.now_ms + HOUR) - self.c.now_ms))
        elif slot.state == "confirmed":
            self.tell("assignment", a.id, book.CheckIn(f"i:{slot.interpreter}"))
        else:
            self.tell("assignment", a.id, on.Complete(f"i:{slot.interpreter}"))

    # --- time, and what comes twice -------------------------------------------------------

    @precondition(lambda self: self.said)
    @rule(data=st.data())
    def again(self, data: st.DataObject) -> None:
        """Say something once more: a retry, or what was overtaken."""
        self.tell(*data.draw(st.sampled_from(self.said[-40:])))

    @rule(data=st.data())
    def early(self, data: st.DataObject) -> None:
        """Feed a deadline that may not be due at all."""
        key: Key = data.draw(st.sampled_from(sorted(self.c.records, key=str)))
        self.tell(key.kind, key.id, on.Deadline())

    @rule(ms=st.sampled_from((1, 1000, 20_000, MIN, 3 * MIN, 5 * MIN, 10 * MIN, HOUR)), dead=seldom)
    def time_passes(self, ms: int, dead: bool) -> None:
        """With the timers running, or with every worker dead for a while."""
        if dead:
            self.c.now_ms += ms
        else:
            self.c.advance(ms)
