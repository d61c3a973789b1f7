"""What happens in the stories of the joined life cycles: one request, Ann and Bo."""

from typing import Any

from signalling.core import events as on
from signalling.core.slot import Assignment
from tests.core.conductor import Conductor
from tests.core.samples import TERMS, candidate


def marketplace() -> Conductor:
    """Return a marketplace with Ann and Bo available, and one request that searches."""
    c = Conductor()
    for who in ("ann", "bo"):
        c.tell("availability", who, on.Connect(f"s-{who}", 1))
        c.tell("availability", who, on.SetStatus("available"))
    c.tell("assignment", "a1", on.Create("a1", "hospital", "kari", TERMS))
    return c


def ring(c: Conductor, *interpreters: str, wave: int = 1) -> None:
    picked = tuple(candidate(f"{who}-{wave}", who) for who in interpreters)
    c.tell("assignment", "a1", on.Wave("1", picked, len(picked), f"d{wave}"))


def accept(c: Conductor, who: str, wave: int = 1) -> Any:
    return c.tell("assignment", "a1", on.Accept(f"{who}-{wave}", who, f"m-{who}"))


def join(c: Conductor, address: str, meeting: str = "m-ann") -> Any:
    user = address.rsplit(":", 1)[-1]
    before = [p for p in c.get("meeting", meeting).participants if p.address == address]
    participant = f"p-{user}-{len(before)}" if before else f"p-{user}"
    return c.tell("meeting", meeting, on.Join(address, participant, f"s-{user}", 1))


def status(c: Conductor, who: str) -> str:
    return str(c.get("availability", who).status)


def request(c: Conductor) -> Assignment:
    a: Assignment = c.get("assignment", "a1")
    return a


def told(c: Conductor, address: str) -> list[tuple[str, str]]:
    """Return what an address heard of assignments and offers, with the state or the reason."""
    return [
        (e.method, e.params.get("reason") or e.params["assignment"]["state"])
        for e in c.sent(address)
        if e.method in ("assignment.changed", "offer.withdrawn")
    ]
