"""Bookings, series and requests for now at once, of the same few people, in any order.

Whatever happens, nobody is booked for two things at once, trips included, each place has one
winner, and everything comes to an end.
"""

from itertools import combinations

from hypothesis import Phase, settings
from hypothesis.stateful import invariant

from signalling.core.availability import Availability
from signalling.core.slot import OVER
from tests.core.random_market import HOUR, PEOPLE, RandomMarket, clash

BOOKED = {"confirmed", "held", "connecting", "in_progress"}
IN_MEETING = {"held", "connecting", "in_progress"}


class Bookings(RandomMarket):
    @invariant()
    def nobody_is_booked_twice(self) -> None:
        for diary in self.all("diary"):
            for one, other in combinations(diary.bookings, 2):
                assert clash((one,), other, {}) is None, (one, other)

    @invariant()
    def what_is_taken_is_in_the_diary_and_nothing_else(self) -> None:
        taken = {(s.interpreter, a.id, s.id) for a, s in self.places() if s.state in BOOKED}
        written = {
            (d.interpreter, b.assignment, b.slot) for d in self.all("diary") for b in d.bookings
        }
        assert taken == written
        for a, slot in self.places():
            if slot.state == "confirmed" and slot.booked:
                (booking,) = (
                    b
                    for b in self.c.get("diary", str(slot.interpreter)).bookings
                    if (b.assignment, b.slot) == (a.id, slot.id)
                )
                assert booking.start_ms == a.begins_ms
                assert booking.end_ms == booking.start_ms + a.duration_ms

    @invariant()
    def each_place_has_one_winner(self) -> None:
        for a, slot in self.places():
            winners = [o for o in slot.offers if o.state == "accepted" and o.reason is None]
            assert len(winners) == (slot.interpreter is not None), (a.id, slot)
            assert [o.interpreter for o in winners] == [slot.interpreter] * len(winners)
            assert bool(slot.ringing) == (slot.state == "offering")
        for a in self.all("assignment"):
            held = [s.interpreter for s in a.slots if s.state in BOOKED]
            assert len(held) == len(set(held)), a.id

    @invariant()
    def whoever_rings_or_works_does_so_once(self) -> None:
        """An interpreter's availability agrees with what they ring for, hold or work at."""
        for who in PEOPLE:
            record: Availability = self.c.get("availability", who)
            places = [(a, s) for a, s in self.places() if s.interpreter == who]
            rung = [
                (a.id, o)
                for a, s in self.places()
                for o in s.ringing
                if o.interpreter == who and not o.letter
            ]
            rings = {(id_, o.id) for id_, o in rung if o.expires_ms > self.c.now_ms}
            holds = [a.id for a, s in places if s.state in BOOKED and not s.booked]
            works = [a.id for a, s in places if s.state == "in_progress"]
            found = record.engagement and (record.engagement.assignment, record.engagement.offer)
            assert rings <= ({found} if record.status == "ringing" else set())
            if record.status == "ringing":
                assert found in {(id_, o.id) for id_, o in rung}
            if record.status in ("ringing", "available"):
                assert not works
            if record.status == "held":
                assert found
                assert [found[0]] == holds
            if record.status == "in_meeting":
                assert found
                assert found[0] in works
            assert not holds or record.status in ("held", "in_meeting")

    @invariant()
    def nothing_vanishes_or_waits_for_ever(self) -> None:
        assert {a.id for a in self.all("assignment")} == set(self.asked)
        for a, slot in self.places():
            running = slot.state == "in_progress" and a.mode != "onsite"
            if slot.state not in OVER and not running:
                assert a.wake_at_ms is not None, (a.id, slot)
            if slot.state in ("confirmed", "held", "connecting", "wrap_up"):
                assert slot.until_ms is not None, (a.id, slot)
            if slot.waits and slot.state not in OVER:
                assert (slot.state, a.deadline_ms) == ("searching", a.start_ms), (a.id, slot)
        for a in self.all("assignment"):
            if all(slot.state in OVER for slot in a.slots):
                assert a.wake_at_ms is None, a.id

    @invariant()
    def whoever_is_to_meet_has_a_meeting(self) -> None:
        for a in self.all("assignment"):
            if a.mode == "onsite":
                continue
            meeting = self.c.get("meeting", a.meeting) if a.meeting else None
            wanted = {f"i:{s.interpreter}" for s in a.slots if s.state in IN_MEETING}
            if wanted:
                assert meeting is not None, a.id
                assert meeting.wake_at_ms is not None, a.id
            if meeting is not None and meeting.wake_at_ms is not None:
                let_in = {p.address for p in meeting.parties}
                assert let_in == wanted | {a.customer_address}, (a.id, let_in, wanted)

    def teardown(self) -> None:
        """Feed nothing but deadlines: everything ends, and everybody is free."""
        self.c.advance(40 * 24 * HOUR)
        assert self.c.due() == []
        assert {a.state for a in self.all("assignment")} <= OVER
        assert {str(m.state) for m in self.all("meeting")} <= {"ended"}
        assert [d.bookings for d in self.all("diary") if d.bookings] == []
        resting = {"offline", "away", "busy", "available"}
        assert {str(r.status) for r in self.all("availability")} <= resting


TestBookings = Bookings.TestCase
TestBookings.settings = settings(
    max_examples=150,
    stateful_step_count=60,
    report_multiple_bugs=False,
    phases=(Phase.generate, Phase.shrink),  # explaining takes longer than a test may
)
