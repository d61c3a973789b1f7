"""A booking's offer is a letter: to the inbox and the phone, and taken back from both."""

import pytest
from msgspec.structs import replace

from signalling.core import events as on
from signalling.core.assignment import decide
from signalling.core.effects import Effect, Hook, Send, Tell
from signalling.core.offer import OfferState
from signalling.core.slot import Assignment
from signalling.core.slot_table import Event
from tests.core.samples import CUSTOMER, LATER, NOW, TERMS, assignment, candidate, moment, offer

BOOKED = TERMS | {"start_ms": NOW + 72 * 3_600_000}


def letters(*states: OfferState) -> Assignment:
    """Return a booking that is offered to Ann and Bo."""
    slot = assignment("offering").slots[0]
    offers = tuple(
        replace(offer(f"o{n}", who, state), letter=True)
        for n, (who, state) in enumerate(zip(("ann", "bo"), states, strict=True), start=1)
    )
    end_ms = BOOKED["start_ms"]
    slots = (replace(slot, offers=offers),)
    return assignment("offering", slots=slots, terms=BOOKED, deadline_ms=end_ms)


def phones(effects: tuple[Effect, ...]) -> list[tuple[str, str, str | None]]:
    """Return what phones are told of which offer, and why; each inbox is told the same."""
    hooks = [e for e in effects if isinstance(e, Hook) and e.type.startswith("offer.")]
    sent = [e for e in effects if isinstance(e, Send) and e.method.startswith("offer.")]
    assert [(f"i:{e.data['interpreter']}", e.type) for e in hooks] == [
        (e.address, e.method) for e in sent
    ]
    for hook, mail in zip(hooks, sent, strict=True):
        assert hook.data == {"interpreter": hook.data["interpreter"], **mail.params}
        assert (hook.about, hook.app) == ("a1", None)
    return [(e.type, e.data["offer"], e.data.get("reason")) for e in hooks]


def test_a_letter_rings_nowhere() -> None:
    """Whether their app is open or not, available or not."""
    searching = assignment("searching", terms=BOOKED, deadline_ms=BOOKED["start_ms"])
    wave = on.Wave("1", (candidate("o8", "cy"),), 1, "d1")

    _, effects = decide(searching, wave, moment())

    assert phones(effects) == [("offer.made", "o8", None)]
    assert not [e for e in effects if isinstance(e, Tell) and e.key.kind == "availability"]


ENDS: dict[str, tuple[Event, list[tuple[str, str]]]] = {
    "decline": (on.Decline("o1", "ann"), [("o1", "declined")]),
    "cancel": (on.Cancel(CUSTOMER), [("o1", "cancelled"), ("o2", "cancelled")]),
    "change": (on.Update(CUSTOMER, {"duration_min": 45}), [("o1", "changed"), ("o2", "changed")]),
    "accept": (on.Accept("o1", "ann", "m1"), [("o2", "taken")]),
    "time": (on.Deadline(), [("o1", "expired"), ("o2", "expired")]),
}


@pytest.mark.parametrize("end", ENDS)
def test_a_letter_that_counts_no_more_is_taken_back_everywhere(end: str) -> None:
    event, want = ENDS[end]
    at = moment(LATER if end == "time" else NOW)

    _, effects = decide(letters(OfferState.MADE, OfferState.MADE), event, at)

    assert phones(effects) == [("offer.withdrawn", each, reason) for each, reason in want]


def test_that_a_letter_has_arrived_concerns_nobody_else() -> None:
    new, effects = decide(
        letters(OfferState.MADE, OfferState.MADE), on.Ack("o1", "ann", seen=False), moment()
    )

    assert new.slots[0].offer("o1").state == "delivered"
    assert not [e for e in effects if isinstance(e, Tell)]
