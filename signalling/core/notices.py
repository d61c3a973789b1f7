"""Whom an assignment tells what is new: customer, interpreters concerned, dispatcher."""

from signalling.core import address, views
from signalling.core.effects import Announce, Effect, Send
from signalling.core.slot import Assignment, Slot, SlotState


def notices(old: Assignment | None, new: Assignment) -> tuple[Effect, ...]:
    """Return what the change from *old* to *new* has to be told, to each once."""
    effects: list[Effect] = []
    if old is None or _visible(old) != _visible(new):
        effects.append(_changed(new, new.customer_address, "customer"))
    for slot in new.slots:
        before = old.slot(slot.id) if old else Slot(slot.id)
        moved = slot.state is not before.state
        who = slot.interpreter or before.interpreter
        if moved and who:
            effects.append(_changed(new, address.interpreter(who), "interpreter"))
        anew = old is None or moved or old.terms != new.terms
        if slot.state is SlotState.SEARCHING and anew:
            effects.append(Announce("work", "search", {"assignment": new.id, "slot": slot.id}))
    return tuple(effects)


def _changed(a: Assignment, to: str, audience: str) -> Send:
    return Send(to, "assignment.changed", {"assignment": views.assignment(a, audience)})


def _visible(a: Assignment) -> object:
    return [(s.state, s.wave) for s in a.slots], a.meeting, a.outcome, a.terms
