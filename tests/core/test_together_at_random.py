"""Several interpreters, customers and assignments at once, in any order, also the wrong one.

Deadlines come late or early, events twice, sockets drop at any time. Whatever happens, nobody
is booked twice, nothing is stuck, and nothing but a refusal is ever raised.
"""

from typing import Any

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from signalling.core import events as on
from signalling.core.availability import Availability
from signalling.core.effects import Key, Log
from signalling.core.history import History
from signalling.core.profile import PutProfile
from signalling.core.room import Meeting
from signalling.core.slot import Assignment
from signalling.errors import DragomanError
from tests.core.conductor import Conductor
from tests.core.samples import TERMS, candidate

PEOPLE = ("ann", "bo", "cy", "dan")
REQUESTS = ("a1", "a2", "a3")
HELD = {"confirmed", "held", "connecting", "in_progress"}
OVER = {"completed", "cancelled", "unfilled", "no_show"}
ENGAGED = {"ringing", "held", "in_meeting"}

someone = st.sampled_from(PEOPLE)
requests = st.sampled_from(REQUESTS)
devices = st.sampled_from(("s", "t"))
sometimes = st.sampled_from((False,) * 7 + (True,))


class Marketplace(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.c = Conductor()
        self.minted = 0
        self.epochs: dict[str, int] = {}
        self.said: list[tuple[str, str, object]] = []

    # --- the world ------------------------------------------------------------------------

    def mint(self, prefix: str) -> str:
        self.minted += 1
        return f"{prefix}{self.minted}"

    def tell(self, kind: str, id_: str, event: object) -> None:
        """Say it, and remember it so that it may be said again; a refusal changes nothing."""
        self.said.append((kind, id_, event))
        before, sent = dict(self.c.records), len(self.c.effects)
        try:
            self.c.tell(kind, id_, event)
        except DragomanError:
            assert (self.c.records, len(self.c.effects)) == (before, sent)

    def all(self, kind: str) -> list[Any]:
        return [r for key, r in self.c.records.items() if key.kind == kind]

    def assignments(self) -> list[Assignment]:
        return self.all("assignment")

    def offers(self, *, ringing: bool = False) -> list[tuple[str, str, str]]:
        """Return (assignment, offer, interpreter) of every offer, or of those that ring."""
        return [
            (a.id, o.id, o.interpreter)
            for a in self.assignments()
            for o in (a.slots[0].ringing if ringing else a.slots[0].offers)
        ]

    # --- what people and machines do ------------------------------------------------------

    @initialize()
    def everybody_is_there(self) -> None:
        for who in PEOPLE:
            self.tell("interpreter", who, PutProfile({"id": who}))
            self.connect(who)
        for id_ in REQUESTS[:2]:
            self.ask(id_, "video")

    @rule(who=someone, device=devices)
    def connect(self, who: str, device: str = "s") -> None:
        session = f"{device}-{who}"
        self.epochs[session] = self.epochs.get(session, 0) + 1
        self.tell("availability", who, on.Connect(session, self.epochs[session]))
        self.tell("availability", who, on.SetStatus("available"))
        for m in self.all("meeting"):
            self.tell("meeting", m.id, on.SocketResumed(session, self.epochs[session]))

    @rule(who=someone, device=devices, late=sometimes)
    def drop(self, who: str, device: str, late: bool) -> None:
        session = f"{device}-{who}"
        epoch = self.epochs.get(session, 0) - late
        self.tell("availability", who, on.Drop(session, epoch))
        for m in self.all("meeting"):
            self.tell("meeting", m.id, on.SocketDropped(session, epoch))

    @rule(who=someone, device=devices)
    def resume(self, who: str, device: str) -> None:
        session = f"{device}-{who}"
        self.epochs[session] = self.epochs.get(session, 0) + 1
        self.tell("availability", who, on.Connect(session, self.epochs[session]))

    @rule(who=someone, device=devices, really=sometimes)
    def close(self, who: str, device: str, really: bool) -> None:
        if really:
            self.tell("availability", who, on.Close(f"{device}-{who}"))

    @rule(who=someone, status=st.sampled_from(["available"] * 4 + ["busy", "away", "offline"]))
    def wish(self, who: str, status: str) -> None:
        self.tell("availability", who, on.SetStatus(status, until_ms=self.c.now_ms + 50_000))

    @rule(id_=requests, mode=st.sampled_from(["video", "video", "onsite"]))
    def ask(self, id_: str, mode: str) -> None:
        terms = TERMS | {"mode": mode}
        self.tell("assignment", id_, on.Create(id_, "hospital", f"kari-{id_}", terms))

    @rule(id_=requests, picked=st.permutations(PEOPLE), ring=st.integers(1, 2))
    def wave(self, id_: str, picked: list[str], ring: int) -> None:
        candidates = tuple(candidate(self.mint("o"), who) for who in picked)
        self.tell("assignment", id_, on.Wave("1", candidates, ring, self.mint("d")))

    @rule(id_=requests, never=sometimes)
    def no_match(self, id_: str, never: bool) -> None:
        self.tell("assignment", id_, on.NoMatch("1", {}, never))

    @precondition(lambda self: self.offers())
    @rule(
        data=st.data(), answer=st.sampled_from(["accept"] * 4 + ["ack", "decline"]), any_=sometimes
    )
    def answer(self, data: st.DataObject, answer: str, any_: bool) -> None:
        offers = self.offers(ringing=not any_) or self.offers()
        a, offer, who = data.draw(st.sampled_from(offers))
        event: object = on.Ack(offer, who, seen=True)
        if answer == "accept":
            event = on.Accept(offer, who, self.mint("m"))
        if answer == "decline":
            event = on.Decline(offer, who)
        self.tell("assignment", a, event)

    @precondition(lambda self: self.all("meeting"))
    @rule(data=st.data(), act=st.sampled_from(["join"] * 6 + ["leave", "leave", "end"]))
    def meet(self, data: st.DataObject, act: str) -> None:
        running = [m for m in self.all("meeting") if m.wake_at_ms is not None]
        m: Meeting = data.draw(st.sampled_from(running or self.all("meeting")))
        who = data.draw(st.sampled_from(m.parties)).address
        user = who.rsplit(":", 1)[-1]
        epoch = self.epochs.get(f"s-{user}", 1)
        events: dict[str, object] = {
            "join": on.Join(who, self.mint("p"), f"s-{user}", epoch),
            "leave": on.Leave(who, f"s-{user}", epoch=epoch),
            "end": on.End(who),
        }
        self.tell("meeting", m.id, events[act])

    @rule(
        id_=requests,
        act=st.sampled_from(
            ["cancel", "complete", "complete", "complete", "change", "give_back", "rate"]
        ),
        stars=st.integers(1, 5),
    )
    def turn(self, id_: str, act: str, stars: int = 5) -> None:
        a: Assignment | None = self.c.get("assignment", id_)
        if a is None:
            return
        holder = f"i:{a.slots[0].interpreter or 'nobody'}"
        events: dict[str, object] = {
            "cancel": on.Cancel(a.customer_address),
            "complete": on.Complete(holder),
            "change": on.Update(a.customer_address, {"duration_min": 15}),
            "give_back": on.Cancel(holder),
            "rate": on.Rate(a.customer_address, stars),
        }
        self.tell("assignment", id_, events[act])

    @rule(id_=requests)
    def all_goes_well(self, id_: str) -> None:
        """Take one request a step nearer to its good end."""
        a: Assignment | None = self.c.get("assignment", id_)
        if a is None:
            self.ask(id_, "video")
        elif a.state == "searching":
            self.wave(id_, list(PEOPLE), 2)
        elif a.state == "offering":
            offer = a.slots[0].ringing[-1]
            self.tell("assignment", id_, on.Accept(offer.id, offer.interpreter, self.mint("m")))
        elif a.state in ("held", "connecting"):
            for who in sorted(a.needed(a.slots[0])):
                user = who.rsplit(":", 1)[-1]
                epoch = self.epochs.get(f"s-{user}", 1)
                join = on.Join(who, self.mint("p"), f"s-{user}", epoch)
                self.tell("meeting", str(a.meeting), join)
        else:
            self.turn(id_, "complete")

    @precondition(lambda self: self.said)
    @rule(data=st.data())
    def again(self, data: st.DataObject) -> None:
        """Say something once more: a retry, or an event that was overtaken."""
        self.tell(*data.draw(st.sampled_from(self.said[-30:])))

    @precondition(lambda self: self.c.records)
    @rule(data=st.data())
    def early_or_late(self, data: st.DataObject) -> None:
        """Feed a deadline that may not be due at all."""
        key: Key = data.draw(st.sampled_from(sorted(self.c.records, key=str)))
        self.tell(key.kind, key.id, on.Deadline())

    @rule(ms=st.sampled_from([500, 1_000, 5_000, 20_000, 60_000]), dead=sometimes)
    def time_passes(self, ms: int, dead: bool) -> None:
        """With the timers running, or with every worker dead for a while."""
        if dead:
            self.c.now_ms += ms
        else:
            self.c.advance(ms)

    # --- what always holds ----------------------------------------------------------------

    @invariant()
    def nobody_is_engaged_twice(self) -> None:
        """Whoever rings or is held does so for exactly the assignment that says so."""
        found: dict[str, list[tuple[str, str]]] = {who: [] for who in PEOPLE}
        for a in self.assignments():
            slot = a.slots[0]
            for offer in slot.ringing:
                if self.c.now_ms < offer.expires_ms:
                    found[offer.interpreter].append((a.id, "ringing"))
            if slot.state in HELD:
                assert slot.interpreter is not None
                work = "in_meeting" if slot.state == "in_progress" else "held"
                found[slot.interpreter].append((a.id, work))
        for who, engagements in found.items():
            record: Availability = self.c.get("availability", who)
            assert len(engagements) <= 1
            if engagements:
                assert record.engagement is not None
                assert [(record.engagement.assignment, record.status)] == engagements

    @invariant()
    def whoever_is_engaged_is_so_by_a_live_assignment(self) -> None:
        for record in self.all("availability"):
            if record.status not in ENGAGED:
                continue
            a: Assignment = self.c.get("assignment", record.engagement.assignment)
            slot = a.slots[0]
            rung = [o for o in slot.ringing if o.interpreter == record.id]
            held = slot.state in HELD and slot.interpreter == record.id
            assert (len(rung) == 1) == (record.status == "ringing")
            assert held == (record.status != "ringing")

    @invariant()
    def a_slot_has_one_winner_at_most(self) -> None:
        for a in self.assignments():
            slot = a.slots[0]
            winners = [o for o in slot.offers if o.state == "accepted" and o.reason is None]
            assert [o.interpreter for o in winners] == [slot.interpreter] * len(winners)
            assert len(winners) <= 1
            assert bool(winners) == (slot.interpreter is not None)
            assert bool(slot.ringing) == (slot.state == "offering")

    @invariant()
    def whatever_is_not_over_wakes(self) -> None:
        """Work in progress has its meeting to wake it."""
        for a in self.assignments():
            if a.state == "in_progress":
                assert self.c.get("meeting", str(a.meeting)).wake_at_ms is not None
            else:
                assert (a.wake_at_ms is None) == (a.state in OVER)
        for m in self.all("meeting"):
            assert (m.wake_at_ms is None) == (m.state == "ended")

    @invariant()
    def what_is_remembered_is_what_was_done(self) -> None:
        """Histories and the lines of the log, against the assignments themselves."""
        slots = [(a, a.slots[0]) for a in self.assignments()]
        for who in PEOPLE:
            done = [(a, s) for a, s in slots if s.state == "completed" and s.interpreter == who]
            good = [a for a, s in done if s.rating is None or s.rating.stars > 2]
            ratings = [s.rating.stars for _, s in slots if s.rating and s.interpreter == who]
            history: History = self.c.get("history", who) or History(who)
            assert sum(history.sessions.values()) == len(done)
            assert sum(count for count, _ in history.customers.values()) == len(good)
            assert (history.stars, history.rated) == (sum(ratings), len(ratings))
        # A record forgets what was asked on terms that have changed twice since; the log does not.
        over = self.lines("offer", "offer")
        assert len(set(over)) == len(over)
        assert {o.id for _, s in slots for o in s.offers if not o.ringing} <= set(over)
        accepted = [o.id for _, s in slots for o in s.offers if o.state == "accepted"]
        standing = [
            o.id
            for _, s in slots
            for o in s.offers
            if o.state == "accepted" and o.reason is None and s.state in HELD | {"wrap_up"}
        ]
        assert self.lines("work", "offer") == sorted(set(accepted) - set(standing))

    def lines(self, kind: str, field: str) -> list[str]:
        entries = [e.entry for e in self.c.effects if isinstance(e, Log)]
        return sorted(entry[field] for entry in entries if entry.get("kind") == kind)

    def teardown(self) -> None:
        """Feed nothing but deadlines: everything ends, and nobody is stuck."""
        self.c.advance(48 * 3_600_000)
        assert self.c.due() == []
        assert {str(a.state) for a in self.assignments()} <= OVER
        assert {str(m.state) for m in self.all("meeting")} <= {"ended"}
        resting = {"offline", "away", "busy", "available"}
        assert {str(r.status) for r in self.all("availability")} <= resting


TEST_SETTINGS = settings(
    max_examples=250,
    stateful_step_count=50,
    report_multiple_bugs=False,
    phases=(Phase.generate, Phase.shrink),  # explaining takes longer than a test may
)
TestMarketplace = Marketplace.TestCase
TestMarketplace.settings = TEST_SETTINGS
