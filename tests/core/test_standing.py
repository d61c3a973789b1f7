"""No-shows: which of them count, what follows, and that an excuse takes it back."""

from itertools import pairwise
from typing import get_args

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from msgspec.structs import replace

from signalling.core import standing as life
from signalling.core.booking_events import Excuse, NoShow, Suspend
from signalling.core.effects import Hook, Key, Send, Tell
from signalling.core.events import Deadline, Forget
from signalling.core.profile import PutProfile, RemoveProfile
from signalling.core.rules import USUAL, Rules
from signalling.core.standing import MOST, Standing, decide, view
from signalling.core.track import DAY_MS
from tests.core.conductor import Conductor
from tests.core.samples import ANN, NOW, moment

# Two in thirty days pause for a week.
STRICT = replace(USUAL, no_shows_most=2, no_shows_days=30, pause_days=7)
BLANK = Standing("ann")
TWICE_AT = "2023-11-15T22:13:20.000Z"
WEEK_AFTER = "2023-11-22T22:13:20.000Z"


def missed(assignment: str, rules: Rules = STRICT) -> NoShow:
    return NoShow("ann", assignment, "hospital", rules, counted=True)


def after(*events: tuple[life.Event, int], old: Standing = BLANK) -> Standing:
    """Return the standing after events, each so many days from now."""
    for event, day in events:
        new, _ = decide(old, event, moment(NOW + day * DAY_MS))
        assert new is not None
        old = new
    return old


def until(standing: Standing) -> int | None:
    """Return in how many days a pause ends."""
    end = standing.suspended_until_ms
    return None if end is None else (end - NOW) // DAY_MS


def test_so_many_in_so_many_days_lead_to_a_pause() -> None:
    assert until(after((missed("a1"), 0))) is None
    assert until(after((missed("a1"), 0), (missed("a2"), 29))) == 36
    assert until(after((missed("a1"), 0), (missed("a2"), 30))) is None


def test_each_further_one_pauses_anew() -> None:
    assert until(after((missed("a1"), 0), (missed("a2"), 1), (missed("a3"), 20))) == 27


def test_an_app_without_a_rule_pauses_nobody() -> None:
    """Though what was missed there counts by the rules of the others."""
    assert until(after((missed("a1", USUAL), 0), (missed("a2", USUAL), 1))) is None
    assert until(after((missed("a1", USUAL), 0), (missed("a2"), 1))) == 8


def test_the_same_one_counts_once() -> None:
    """The timer and the customer may both say so; and it is not revived once it was excused."""
    once = after((missed("a1"), 0))
    assert decide(once, missed("a1"), moment(NOW + 1)) == (once, ())
    excused = after((Excuse("a1"), 1), old=once)
    assert decide(excused, missed("a1"), moment(NOW + 2)) == (excused, ())


def test_who_is_suspended_is_told_why() -> None:
    new, effects = decide(after((missed("a1"), 0)), missed("a2"), moment(NOW + DAY_MS))

    assert new is not None
    shows = [
        {"assignment": "a2", "at": TWICE_AT, "excused": False},
        {"assignment": "a1", "at": "2023-11-14T22:13:20.000Z", "excused": False},
    ]
    told = {"suspended_until": WEEK_AFTER, "no_shows": shows, "appeal": "feedback.report"}
    assert effects == (
        Tell(Key("availability", "ann"), Suspend(NOW + 8 * DAY_MS)),
        Send(ANN, "feedback.suspended", told),
        Hook("interpreter.suspended", "ann", {"interpreter": "ann", **told}),
    )
    assert view(new.missed) == shows


def test_a_pause_of_no_days_is_none() -> None:
    at_once = replace(STRICT, no_shows_most=1, pause_days=0)

    _, effects = decide(BLANK, missed("a1", at_once), moment())
    assert effects == (Tell(Key("availability", "ann"), Suspend(NOW)),)


def test_an_excuse_takes_back_what_followed() -> None:
    """All of it: the pause, and the failure at the time when it was one."""
    twice = after((missed("a1"), 0), (missed("a2"), 1))

    new, effects = decide(twice, Excuse("a1"), moment(NOW + 2 * DAY_MS))
    assert new is not None
    assert (new.suspended_until_ms, new.missed[0].excused) == (None, True)
    assert effects == (Tell(Key("availability", "ann"), Suspend(None, excused_ms=NOW)),)
    assert decide(new, Excuse("a1"), moment()) == (new, ())
    assert decide(new, Excuse("a9"), moment()) == (new, ())


def test_what_is_excused_leaves_the_pause_that_is_deserved_without_it() -> None:
    thrice = after((missed("a1"), 0), (missed("a2"), 1), (missed("a3"), 2))

    assert until(thrice) == 9
    assert until(after((Excuse("a3"), 3), old=thrice)) == 8
    assert until(after((Excuse("a1"), 3), old=thrice)) == 9


def test_no_more_is_kept_than_counts() -> None:
    many = after(*((missed(f"a{n}"), 0) for n in range(MOST + 1)))
    assert len(many.missed) == MOST
    assert [m.assignment for m in after((missed("b"), 731), old=many).missed] == ["b"]


def test_the_rest() -> None:
    once = after((missed("a1"), 0))

    assert decide(once, Deadline(), moment()) == (once, ())
    assert decide(once, Forget(), moment()) == (None, ())
    assert (once.indexes, once.feed, once.wake_at_ms) == ({"standings": 0}, None, None)
    assert set(get_args(life.Event)) == {NoShow, Excuse, Forget, Deadline}


def test_what_nobody_counted_yet_counts_as_failed_until_it_is_excused() -> None:
    """For who is booked is not engaged, and so not let go of."""
    c = Conductor()
    c.tell("interpreter", "ann", PutProfile({"id": "ann"}))
    for id_, counted in (("a1", True), ("a2", False)):
        c.tell("interpreter", "ann", replace(missed(id_), counted=counted))
    assert c.get("availability", "ann").counts.failed == 1
    c.tell("standing", "ann", Excuse("a2"))
    assert c.get("availability", "ann").counts.failed == 0


def test_what_they_missed_goes_with_their_profile() -> None:
    c = Conductor()
    c.tell("interpreter", "ann", PutProfile({"id": "ann"}))
    c.tell("interpreter", "ann", missed("a1"))
    assert c.get("standing", "ann").missed
    c.tell("interpreter", "ann", RemoveProfile())
    assert c.get("standing", "ann") == BLANK


class AnyOrder(RuleBasedStateMachine):
    """No-shows and excuses in any order: what counts is what was missed and not excused."""

    @initialize()
    def begin(self) -> None:
        self.c = Conductor()
        self.c.tell("interpreter", "ann", PutProfile({"id": "ann"}))
        self.missed: dict[str, int] = {}
        self.excused: set[str] = set()

    @rule(number=st.integers(0, 9))
    def miss(self, number: int) -> None:
        id_ = f"a{number}"
        self.c.tell("interpreter", "ann", missed(id_))
        self.missed.setdefault(id_, self.c.now_ms)

    @rule(number=st.integers(0, 9))
    def excuse(self, number: int) -> None:
        id_ = f"a{number}"
        self.c.tell("standing", "ann", Excuse(id_))
        if id_ in self.missed:
            self.excused.add(id_)

    @rule(days=st.integers(0, 40))
    def wait(self, days: int) -> None:
        self.c.advance(days * DAY_MS)

    @property
    def due(self) -> int:
        """When the last pause ends that two no-shows within 30 days deserve; 0 for none."""
        times = sorted(at for id_, at in self.missed.items() if id_ not in self.excused)
        close = [b for a, b in pairwise(times) if b - a < 30 * DAY_MS]
        return max(close) + 7 * DAY_MS if close else 0

    @invariant()
    def who_deserves_it_is_suspended_and_nobody_else(self) -> None:
        """For a week at most; what is over may be forgotten."""
        until_ms = self.c.get("availability", "ann").suspended_until_ms or 0
        assert max(until_ms, self.c.now_ms) == max(self.due, self.c.now_ms)
        assert until_ms <= self.c.now_ms + 7 * DAY_MS

    @invariant()
    def a_pause_is_told_before_it_is_felt(self) -> None:
        told = [e for e in self.c.sent(ANN) if e.method == "feedback.suspended"]
        assert bool(told) >= (self.due > 0)


AnyOrder.TestCase.settings = settings(max_examples=60, stateful_step_count=30)
TestAnyOrder = AnyOrder.TestCase
