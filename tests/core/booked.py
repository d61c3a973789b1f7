"""What happens in the stories of bookings: a talk in two days, with Ann, Bo and Cy."""

from typing import Any

from signalling.core import booking_events as book
from signalling.core import events as on
from signalling.core.effects import Hook, Send
from signalling.core.rules import Rules
from signalling.core.series_place import SeriesPlace
from signalling.core.slot import Assignment
from tests.core.conductor import Conductor
from tests.core.samples import ANN, CUSTOMER, NOW, TERMS, candidate

MIN = 60_000
HOUR = 60 * MIN
START = NOW + 48 * HOUR
CLOSES = NOW + HOUR
OPENS, LATE, NO_SHOW = START - 10 * MIN, START + 5 * MIN, START + 15 * MIN
PEOPLE = ("ann", "bo", "cy")
BO = "i:bo"
__all__ = ["ANN", "CUSTOMER", "NOW"]


def market() -> Conductor:
    """Return a marketplace whose people are connected and available."""
    c = Conductor()
    for who in PEOPLE:
        c.tell("availability", who, on.Connect(f"s-{who}", 1))
        c.tell("availability", who, on.SetStatus("available"))
    return c


def ask(
    c: Conductor,
    id_: str = "a1",
    *,
    start_ms: int | None = START,
    mode: str = "video",
    window: bool = False,
    needed: int = 1,
    rules: Rules | None = None,
    series: SeriesPlace | None = None,
) -> Assignment:
    terms: dict[str, Any] = TERMS | {"mode": mode, "start_ms": start_ms}
    if start_ms is None:
        del terms["start_ms"]
    made: Assignment = c.tell(
        "assignment",
        id_,
        on.Create(
            id_,
            "hospital",
            "kari",
            terms,
            rules=rules or Rules(),
            needed=needed,
            interest_until_ms=CLOSES if window else None,
            room=f"room-{id_}",
            series=series,
        ),
    )
    return made


def offer(c: Conductor, *interpreters: str, id_: str = "a1", slot: str = "1") -> None:
    """Send letters, or ring; the offer's id names whom, which slot, and the wave."""
    wave = request(c, id_).slot(slot).wave + 1
    picked = tuple(candidate(f"{id_}-{who}-{slot}-{wave}", who) for who in interpreters)
    c.tell("assignment", id_, on.Wave(slot, picked, len(picked), f"d{wave}"))


def accept(c: Conductor, who: str, id_: str = "a1", slot: str = "1") -> Assignment:
    wave = request(c, id_).slot(slot).wave
    event = on.Accept(f"{id_}-{who}-{slot}-{wave}", who, f"m-{id_}")
    accepted: Assignment = c.tell("assignment", id_, event)
    return accepted


def confirmed(c: Conductor, who: str = "ann", **asked: Any) -> Assignment:
    """Ask, offer and accept: the booking stands."""
    id_ = asked.setdefault("id_", "a1")
    ask(c, **asked)
    offer(c, who, id_=id_)
    return accept(c, who, id_)


def could(c: Conductor, *interpreters: str, id_: str = "a1") -> None:
    for who in interpreters:
        c.tell("assignment", id_, book.Interest(who, True, f"{id_}-{who}-could", {"name": who}))


def request(c: Conductor, id_: str = "a1") -> Assignment:
    a: Assignment = c.get("assignment", id_)
    return a


def until(c: Conductor, ms: int) -> None:
    """Let time pass until *ms*, every deadline fed at its moment."""
    c.advance(ms - c.now_ms)


def states(c: Conductor, id_: str = "a1") -> list[str]:
    return [str(s.state) for s in request(c, id_).slots]


def diary(c: Conductor, who: str) -> list[tuple[str, str, int, int]]:
    """Return what somebody is booked for: assignment, slot, and how far from START, in minutes."""
    return [
        (b.assignment, b.slot, (b.start_ms - START) // MIN, (b.end_ms - START) // MIN)
        for b in c.get("diary", who).bookings
    ]


def hooks(c: Conductor) -> list[str]:
    return [e.type for e in c.effects if isinstance(e, Hook)]


def withdrawn(c: Conductor, who: str) -> list[str]:
    """Return why offers, or what they could have taken, were taken back from somebody."""
    sends = [e for e in c.effects if isinstance(e, Send) and e.address == f"i:{who}"]
    return [e.params["reason"] for e in sends if e.method == "offer.withdrawn"]
