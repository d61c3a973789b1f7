"""One assignment in each state, with the people that the tests of core share."""

from typing import Any

from msgspec.structs import replace

from signalling.core import events as on
from signalling.core.assignment import decide
from signalling.core.effects import Effect, Moment, Send, Tell
from signalling.core.hours import Hours
from signalling.core.offer import Offer, OfferState, make
from signalling.core.slot import Assignment, Slot, SlotState
from signalling.core.slot_table import Event

NOW = 1_700_000_000_000
LATER = NOW + 10_000
END = NOW + 180_000
CUSTOMER = "c:hospital:kari"
ANN = "i:ann"
MODES = ("audio", "video", "onsite")
TERMS: dict[str, Any] = {
    "languages": {"from": "ti", "to": "no"},
    "mode": "video",
    "duration_min": 30,
    "requirements": {"min_qualification": "C"},
    "preferences": {"preferred": ["ann"], "blocked": ["eve"]},
    "location": {"lat": 59.91, "lon": 10.75},
    "customer_name": "Kari Nordmann",
    "note": "Ward 7, ask for Kari",
}


def hours(minutes: int) -> Hours:
    """Return what an interpreter may say: that the work took so long, until now."""
    return Hours(NOW - minutes * 60_000, NOW, "interpreter")


def moment(ms: int = NOW) -> Moment:
    return Moment(ms)


def candidate(offer: str, interpreter: str) -> on.Candidate:
    return on.Candidate(
        offer=offer,
        interpreter=interpreter,
        score=1.5,
        p_accept=0.625,
        card={"name": interpreter.title(), "distance_band": "5-10 km"},
        made={"assignment": {"id": "a1"}, "score": 1.5},
    )


def offer(
    id_: str, interpreter: str, state: OfferState = OfferState.MADE, reason: str | None = None
) -> Offer:
    made = make(candidate(id_, interpreter), wave=1, now_ms=NOW, expires_ms=LATER)
    return replace(made, state=state, reason=reason)


RINGING = (offer("o1", "ann"), offer("o2", "bo"))
EXPIRED = (offer("o1", "ann", OfferState.EXPIRED),)
WON = (offer("o1", "ann", OfferState.ACCEPTED), offer("o2", "bo", OfferState.WITHDRAWN, "taken"))
CALLED_OFF = tuple(replace(o, state=OfferState.WITHDRAWN, reason="cancelled") for o in RINGING)
FILLED: dict[str, Any] = {"offers": WON, "interpreter": "ann", "held_ms": NOW}
BOTH: dict[str, Any] = {"present": (CUSTOMER, ANN), "started_ms": NOW}

SLOTS = {
    "searching": Slot("1", SlotState.SEARCHING, 1, offers=EXPIRED),
    "gathering": Slot("1", SlotState.GATHERING, 1, offers=EXPIRED),
    "offering": Slot("1", SlotState.OFFERING, 1, offers=RINGING),
    "confirmed": Slot("1", SlotState.CONFIRMED, 1, until_ms=LATER, **FILLED),
    "held": Slot("1", SlotState.HELD, 1, until_ms=LATER, **FILLED),
    "connecting": Slot("1", SlotState.CONNECTING, 1, until_ms=LATER, present=(CUSTOMER,), **FILLED),
    "in_progress": Slot("1", SlotState.IN_PROGRESS, 1, **FILLED, **BOTH),
    "wrap_up": Slot("1", SlotState.WRAP_UP, 1, until_ms=LATER, ended_ms=NOW, **FILLED),
    "completed": Slot("1", SlotState.COMPLETED, 1, ended_ms=NOW, **FILLED),
    "cancelled": Slot("1", SlotState.CANCELLED, 1, offers=CALLED_OFF, ended_ms=NOW),
    "unfilled": Slot("1", SlotState.UNFILLED, 1, offers=EXPIRED, ended_ms=NOW),
    "no_show": Slot("1", SlotState.NO_SHOW, 1, ended_ms=NOW, **FILLED),
}


def assignment(state: str, **changes: Any) -> Assignment:
    """Return assignment `a1` in *state*, in meeting `m1` once somebody was held."""
    slot = SLOTS[state]
    a = Assignment(
        id="a1",
        app="hospital",
        customer="kari",
        terms=TERMS,
        created_ms=NOW,
        deadline_ms=END,
        slots=(slot,),
        meeting="m1" if slot.interpreter else None,
        interest_until_ms=LATER if state == "gathering" else None,
    )
    return replace(a, **changes)


def told(effects: tuple[Effect, ...]) -> list[tuple[str, str, str]]:
    """Return the kind and id of each record told, and what."""
    tells = [e for e in effects if isinstance(e, Tell)]
    return [(t.key.kind, t.key.id, type(t.event).__name__) for t in tells]


def sent(effects: tuple[Effect, ...]) -> list[tuple[str, str]]:
    return [(e.address, e.method) for e in effects if isinstance(e, Send)]


def follow(a: Assignment, *events: Event, ms: int = NOW) -> Assignment:
    for event in events:
        a, _ = decide(a, event, moment(ms))
    return a
