"""The history of an assignment: who did what, when, why, and under which policy.

One entry of its log a commit, appended in the same step as what it tells, and never changed.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from signalling.core import address
from signalling.core import booking_events as book
from signalling.core import events as on
from signalling.core.effects import Log, Moment
from signalling.core.offer import OfferState
from signalling.core.slot import Assignment, Slot

MOST: Final = 5_000  # commits; eight waves of fifty make some twelve hundred
# Words of the history where an event says more than the state that follows.
SAID: Final[dict[type[Any], str]] = {
    on.Update: "changed",
    on.Cancel: "cancel",
    on.Complete: "complete",
    on.Rate: "rated",
    on.Transfer: "transfer",
    book.CheckIn: "checked_in",
    book.NeverCame: "never_came",
    book.Correct: "corrected",
    book.Confirm: "chosen",
    book.Preempt: "preempted",
}
# What customers read of without names: whoever declines is not to be blamed for it.
IN_VAIN: Final = frozenset(
    f"offer.{state}" for state in OfferState if state is not OfferState.ACCEPTED
)
NAMING: Final = frozenset({"interpreter", "offer", "by", "reason"})


def name(assignment: str) -> str:
    """Name the log of an assignment."""
    return f"assignment:{assignment}"


def log(old: Assignment | None, new: Assignment, event: object, at: Moment) -> tuple[Log, ...]:
    """Return what the change from *old* to *new* adds to the history, if anything."""
    entries = list(_entries(old, new, event))
    if not entries:
        return ()
    by = _by(event)
    for entry in entries:
        if by is not None and entry.get("by") is None:
            entry["by"] = by
    body = {"at_ms": at.now_ms, "entries": [_filled(e) for e in entries]}
    return (Log(name(new.id), body, MOST),)


def _entries(old: Assignment | None, new: Assignment, event: object) -> Iterator[dict[str, Any]]:
    if old is None:
        yield {
            "what": "created",
            "by": new.customer_address,
            "state": str(new.state),
            "policy": f"rules {new.rules.version}",
        }
        return
    said = SAID.get(type(event))
    if said and old is not new and old != new:
        changed = tuple(sorted(event.changes)) if isinstance(event, on.Update) else None
        yield {"what": said, "changed": changed, "reason": getattr(event, "reason", None)}
    yield from _of_interests(old, new)
    for slot in new.slots:
        before = next((s for s in old.slots if s.id == slot.id), None)
        yield from _of_slot(before, slot)
    if new.choosing and not old.choosing:
        yield {"what": "choosing"}
    if new.reminded > old.reminded:
        yield {"what": "reminded"}
    if new.backstopped and not old.backstopped:
        yield {"what": "backstop"}


def _of_interests(old: Assignment, new: Assignment) -> Iterator[dict[str, Any]]:
    before = {each.interpreter for each in old.interests}
    after = {each.interpreter for each in new.interests}
    for who in sorted(after - before):
        yield {"what": "interested", "interpreter": who, "by": address.interpreter(who)}
    for who in sorted(before - after):
        yield {"what": "interest_over", "interpreter": who}


def _of_slot(before: Slot | None, slot: Slot) -> Iterator[dict[str, Any]]:
    was = {o.id: o for o in before.offers} if before else {}
    for offer in slot.offers:
        earlier = was.get(offer.id)
        if earlier is not None and (earlier.state, earlier.reason) == (offer.state, offer.reason):
            continue
        what = "offer.made" if earlier is None and offer.ringing else f"offer.{offer.state}"
        if earlier is not None and earlier.state is OfferState.ACCEPTED:
            what = "offer.let_go"  # by whoever did that, not by who had accepted
        answered = what in ("offer.accepted", "offer.declined", "offer.seen", "offer.delivered")
        yield {
            "what": what,
            "slot": slot.id,
            "interpreter": offer.interpreter,
            "offer": offer.id,
            "reason": offer.reason,
            "decision": offer.decision if earlier is None else None,
            "by": address.interpreter(offer.interpreter) if answered else None,
        }
    if before is None or slot.state is not before.state:
        who = slot.interpreter or (before.interpreter if before else None)
        state = str(slot.state)
        yield {"what": state, "slot": slot.id, "state": state, "interpreter": who}
    if slot.minutes is not None and (before is None or slot.minutes != before.minutes):
        who = slot.interpreter
        yield {"what": "minutes", "slot": slot.id, "interpreter": who, "minutes": slot.minutes}
    if before is not None and slot.late and not before.late:
        yield {"what": "late", "slot": slot.id, "interpreter": slot.interpreter}


def _by(event: object) -> str | None:
    """Return the address of whoever caused an event; None: the server did."""
    by: str | None = getattr(event, "by", None)
    return by


def _filled(entry: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if value not in (None, "", ())}


def is_own(entry: Mapping[str, Any], who: str) -> bool:
    """Say whether the interpreter *who* may read an entry: nothing of another's, or by another."""
    by: str = entry.get("by") or address.interpreter(who)
    another = address.role(by) == "interpreter" and address.user_id(by) != who
    return not another and entry.get("interpreter", who) == who


def view(at: str, entry: Mapping[str, Any], audience: str, a: Assignment) -> dict[str, Any]:
    """Return an entry of *a* as *audience* (customer, interpreter, operator) may read it.

    Only staff read which decision was behind it, and who of the marketplace's staff did it;
    customers not who was asked in vain, nor why somebody gave back what they had taken;
    interpreters not who the customer is.
    """
    shown = {key: value for key, value in entry.items() if key != "by"}
    by = entry.get("by")
    if by is not None:
        shown["role"] = address.role(by)
        known = audience == "customer" and by == a.customer_address
        if audience == "operator" or known or address.role(by) == "interpreter":
            shown["by"] = address.user_id(by)
    if audience != "operator":
        shown.pop("decision", None)
    if audience == "customer" and entry["what"] in IN_VAIN:
        shown = {key: value for key, value in shown.items() if key not in NAMING}
    elif audience == "customer" and shown.get("role") == "interpreter":
        shown.pop("reason", None)
    return {"at": at, **shown}
