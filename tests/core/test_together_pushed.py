"""An assignment and an interpreter whose app is closed: what the phone hears, and who is next."""

from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from signalling.core import events as on
from signalling.core.availability import Availability
from signalling.core.effects import Hook
from signalling.errors import Gone
from tests.core.conductor import Conductor
from tests.core.story import accept, request, ring, status, told
from tests.core.test_together_at_random import (
    PEOPLE,
    TEST_SETTINGS,
    Marketplace,
    someone,
)

HOUR_MS = 3_600_000


def lease(c: Conductor, who: str) -> None:
    """Let somebody be available by push, and their app be closed."""
    wish = on.SetStatus("available", until_ms=c.now_ms + HOUR_MS, push=True)
    c.tell("availability", who, wish)
    c.tell("availability", who, on.Close(f"s-{who}"))


def pushes(c: Conductor) -> list[Hook]:
    return [e for e in c.effects if isinstance(e, Hook) and e.type.startswith("offer.")]


def hooks(c: Conductor) -> list[tuple[str, str, str | None]]:
    """Return what phones were told: of what, of which offer, and why."""
    return [(e.type, e.data["offer"], e.data.get("reason")) for e in pushes(c)]


def state(c: Conductor, offer: str) -> tuple[str, str | None]:
    found = request(c).slot("1").offer(offer)
    return str(found.state), found.reason


def test_an_acknowledged_push_rings_as_long_as_any_offer(c: Conductor) -> None:
    lease(c, "ann")
    ring(c, "ann")
    c.advance(2_000)
    c.tell("assignment", "a1", on.Ack("ann-1", "ann", seen=False))
    c.advance(17_999)
    assert (status(c, "ann"), state(c, "ann-1")) == ("ringing", ("delivered", None))

    c.advance(1)

    assert state(c, "ann-1") == ("expired", None)
    assert hooks(c) == [("offer.made", "ann-1", None), ("offer.withdrawn", "ann-1", "expired")]


def test_ten_seconds_are_lost_to_a_phone_that_is_off_and_no_more(c: Conductor) -> None:
    """The next is asked then; she is not asked again for the same, though she stays available."""
    lease(c, "ann")
    ring(c, "ann")
    c.advance(9_999)
    assert status(c, "ann") == "ringing"

    c.advance(1)

    assert state(c, "ann-1") == ("undelivered", "unreached")
    assert (str(request(c).state), status(c, "ann")) == ("searching", "available")
    ring(c, "ann", "bo", wave=2)
    assert [o.interpreter for o in request(c).slot("1").ringing] == ["bo"]
    assert hooks(c)[-1] == ("offer.withdrawn", "ann-1", "undelivered")


def test_who_only_lost_their_socket_is_asked_again_by_push(c: Conductor) -> None:
    c.tell("availability", "ann", on.SetStatus("available", until_ms=c.now_ms + HOUR_MS, push=True))
    ring(c, "ann")
    c.tell("availability", "ann", on.Drop("s-ann", 1))
    c.advance(5_000)
    assert (state(c, "ann-1"), hooks(c)) == (("undelivered", None), [])

    ring(c, "ann", wave=2)

    assert hooks(c) == [("offer.made", "ann-2", None)]


def test_a_phone_and_a_socket_race(c: Conductor) -> None:
    """One wins; the phone that lost is told, and so is the winner's other device."""
    lease(c, "ann")
    lease(c, "bo")
    ring(c, "ann", "bo")

    accept(c, "bo")

    assert told(c, "i:ann") == [("offer.withdrawn", "taken")]
    assert hooks(c)[2:] == [
        ("offer.withdrawn", "bo-1", "accepted"),
        ("offer.withdrawn", "ann-1", "taken"),
    ]
    with pytest.raises(Gone):
        accept(c, "ann")
    assert accept(c, "bo").slots[0].interpreter == "bo"


class WithPhones(Marketplace):
    """The same marketplace, where people also close their apps and rely on push."""

    @rule(who=someone, device=st.sampled_from(("s", "t")), ms=st.sampled_from([30_000, HOUR_MS]))
    def rely_on_push(self, who: str, device: str, ms: int) -> None:
        wish = on.SetStatus("available", until_ms=self.c.now_ms + ms, push=True)
        self.tell("availability", who, wish)
        self.tell("availability", who, on.Close(f"{device}-{who}"))

    @invariant()
    def a_phone_rings_for_one_offer_at_most(self) -> None:
        """And each that was pushed is told once when it is over."""
        rings: dict[str, list[str]] = {who: [] for who in PEOPLE}
        for each in pushes(self.c):
            phone, offer = rings[each.data["interpreter"]], each.data["offer"]
            if each.type == "offer.made":
                phone.append(offer)
                assert len(phone) == 1
            else:
                phone.remove(offer)
        for who, offers in rings.items():
            record: Availability = self.c.get("availability", who)
            pushed = record.engagement is not None and record.engagement.pushed
            engaged: Any = record.engagement
            assert offers == ([engaged.offer] if pushed else [])

    @invariant()
    def nobody_is_available_whom_nothing_reaches_for_ever(self) -> None:
        for record in self.all("availability"):
            if record.push:
                assert record.until_ms is not None
                assert record.wake_at_ms is not None


TestWithPhones = WithPhones.TestCase
TestWithPhones.settings = TEST_SETTINGS
