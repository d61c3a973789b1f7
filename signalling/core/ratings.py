"""What each side of finished work thinks of the other. Who was not in it has no say.

The customer's stars count in the interpreter's history; the interpreter's are for staff alone.
"""

from msgspec.structs import replace

from signalling.core import address, outcomes
from signalling.core import notices as tell
from signalling.core.effects import Effect, Hook, Moment
from signalling.core.events import Rate
from signalling.core.moves import move
from signalling.core.slot import Assignment, Rating, Slot
from signalling.errors import InvalidParams, NotFound


def rated_by(a: Assignment, event: Rate) -> tuple[Slot, ...]:
    """Return whose work it is about: an interpreter's own, or that of whom the customer names.

    Raises NotFound for an interpreter who was not in it, InvalidParams if several were and none
    is named.
    """
    if address.role(event.by) == "interpreter":
        return _held_by(a, address.user_id(event.by), "assignment")
    if event.interpreter is not None:
        return _held_by(a, event.interpreter, "interpreter")
    held = tuple(s for s in a.slots if s.interpreter)
    if len(held) > 1:
        raise InvalidParams("several worked: say whom you rate", path="interpreter")
    return held or a.slots


def _held_by(a: Assignment, interpreter: str, path: str) -> tuple[Slot, ...]:
    held = tuple(s for s in a.slots if s.interpreter == interpreter)
    if not held:
        raise NotFound(f"no such {path}", path=path)
    return held


def rate(
    a: Assignment, slot: Slot, event: Rate, at: Moment
) -> tuple[Assignment, tuple[Effect, ...]]:
    """Keep a rating in place of an earlier one of the same side."""
    own = address.role(event.by) == "interpreter"
    before = slot.their_rating if own else slot.rating
    rating = Rating(event.stars, at.now_ms, event.text)
    if before and replace(before, at_ms=at.now_ms) == rating:
        return a, ()  # a client's retry
    told = {"assignment": a.id, "interpreter": slot.interpreter, "stars": event.stars}
    told |= {"of": "customer" if own else "interpreter"}
    told |= {"text": event.text} if event.text is not None else {}
    hook = Hook("feedback.rated", about=a.id, data=told, app=a.app)
    if own:
        return move(a, slot, event, slot.state, their_rating=rating), (hook,)
    new = move(a, slot, event, slot.state, rating=rating)
    line = outcomes.rating(a, slot, event.stars, at)
    return new, (tell.rated(a, slot, event.stars), line, hook)
