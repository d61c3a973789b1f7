"""What each audience may see of a record, in the protocol's field names."""

from collections.abc import Mapping
from typing import Any, Protocol

from signalling.core import address, quality, reasons
from signalling.core.events import Message
from signalling.core.offer import Offer
from signalling.core.room import Carrier, Meeting, Participant
from signalling.core.slot import FILLED, Assignment, Slot, SlotState
from signalling.core.timeline import connected_ms
from signalling.core.times import rfc3339, rfc3339_or_none

# What an interpreter may know of an assignment before they accept: nothing of the customer.
OPEN_TERMS = (
    "languages",
    "mode",
    "duration_min",
    "starts_at",
    "timezone",
    "requirements",
    "emergency",
    "public_body",
    "pay",
)
TOLD_AFTER_ACCEPT = ("note", "location")
SEEN_BY_CUSTOMER = ("preferences", "note", "location", "priority", "strategy", "confirm")


class Shown(Protocol):
    """A record as an audience sees it, and of interpreters one of them."""

    def __call__(self, audience: str, reader: str = "", /) -> Mapping[str, Any]: ...


def assignment(a: Assignment, audience: str, reader: str = "") -> dict[str, Any]:
    """Return the assignment as *audience* (customer, interpreter, operator, app) sees it.

    Of interpreters *reader* (an id) is who reads it: they see their own rating.
    """
    shown = OPEN_TERMS + (TOLD_AFTER_ACCEPT if audience == "interpreter" else SEEN_BY_CUSTOMER)
    view: dict[str, Any] = {
        "id": a.id,
        "state": str(a.state),
        **{name: a.terms[name] for name in shown if a.terms.get(name) is not None},
        "created_at": rfc3339(a.created_ms),
        "deadline_at": rfc3339(a.deadline_ms),
        "slots": [_slot(s, audience, reader) for s in a.slots],
    }
    if a.meeting:
        view["meeting"] = a.meeting
    for name in ("started", "ended"):
        times = [ms for s in a.slots if (ms := getattr(s, f"{name}_ms")) is not None]
        if times:
            view[f"{name}_at"] = rfc3339(min(times))
    if a.outcome and audience != "interpreter":
        view["outcome"] = reasons.outcome(a.outcome)
    if audience != "interpreter":
        view["customer"] = a.customer
        view |= _booking_view(a)
    if a.start_ms is not None and a.mode != "onsite":
        view["opens_at"] = rfc3339(a.comes_ms(0))
    if a.series:
        place = {"id": a.series.id, "index": a.series.index, "count": a.series.count}
        view["series"] = place
    if a.cancellation:
        view["cancellation"] = dict(a.cancellation)
    if audience == "operator":
        view["offers"] = [_offer_record(o) for s in a.slots for o in s.offers]
    return view


def _booking_view(a: Assignment) -> dict[str, Any]:
    """Return who could take a booking, and until when they may say so; not for interpreters."""
    if a.interest_until_ms is None:
        return {}
    could = [
        {"interpreter": {"id": each.interpreter, **each.card}, "since": rfc3339(each.at_ms)}
        for each in a.interests
    ]
    view: dict[str, Any] = {"interest_until": rfc3339(a.interest_until_ms), "interested": could}
    return view | ({"choosing": True} if a.choosing and a.gathers else {})


def _slot(slot: Slot, audience: str, reader: str) -> dict[str, Any]:
    view: dict[str, Any] = {"state": str(slot.state), "wave": slot.wave}
    view["asked"] = len({o.interpreter for o in slot.offers}) if audience != "interpreter" else 1
    if slot.interpreter and (slot.state in FILLED or slot.state is SlotState.CANCELLED):
        won = next(o for o in reversed(slot.offers) if o.interpreter == slot.interpreter)
        view["interpreter"] = {"id": slot.interpreter, **won.card}
    if slot.state is SlotState.HELD:
        view["hold_until"] = rfc3339_or_none(slot.until_ms)
    if slot.checked_in_ms is not None:
        view["checked_in_at"] = rfc3339(slot.checked_in_ms)
        if slot.checked_in_place is not None and audience == "operator":
            view["checked_in_position"] = dict(slot.checked_in_place)
    if slot.late:
        view["late"] = True
    worked = slot.started_ms is not None and slot.ended_ms is not None
    if worked:
        view["started_at"] = rfc3339_or_none(slot.started_ms)
        view["ended_at"] = rfc3339_or_none(slot.ended_ms)
    if slot.said is not None:
        view["said"] = {
            "started_at": rfc3339(slot.said.started_ms),
            "ended_at": rfc3339(slot.said.ended_ms),
            "by": slot.said.by,
        }
    if worked or slot.minutes is not None:
        view["minutes"] = slot.worked_min(0)
    if slot.rating and audience != "interpreter":
        view["stars"] = slot.rating.stars
        view["comment"] = slot.rating.text
    own = audience == "interpreter" and reader == slot.interpreter
    if slot.their_rating and (own or audience == "operator"):
        view["their_stars"] = slot.their_rating.stars
        view["their_comment"] = slot.their_rating.text
    return {name: value for name, value in view.items() if value is not None}


def _offer_record(offer: Offer) -> dict[str, Any]:
    return {
        "offer": offer.id,
        "interpreter": offer.interpreter,
        "state": str(offer.state),
        "wave": offer.wave,
        "score": offer.score,
        "reason": offer.reason,
        "made_at": rfc3339(offer.made_ms),
        "expires_at": rfc3339(offer.expires_ms),
        "answered_at": rfc3339_or_none(offer.answered_ms),
    }


def summary(terms: Mapping[str, Any]) -> dict[str, Any]:
    """Return of an assignment's terms what an offer may tell: nothing that names the customer."""
    shown = {name: terms[name] for name in OPEN_TERMS if terms.get(name) is not None}
    if (needed := terms.get("interpreters_needed", 1)) > 1:
        shown["interpreters_needed"] = needed
    if later := terms.get("series"):
        shown["series"] = later
    return shown


def for_agency(a: Assignment) -> dict[str, Any]:
    """Return what an outside agency may know of an assignment: nothing that names the customer.

    Of the place about a square kilometre.
    """
    view = {"id": a.id, **summary(a.terms), "deadline_at": rfc3339(a.deadline_ms)}
    if place := a.terms.get("location"):
        view["location"] = {axis: round(degrees, 2) for axis, degrees in place.items()}
    return view


def meeting(m: Meeting, to: str) -> dict[str, Any]:
    """Return a meeting as the party of address *to* sees it: a guest in the lobby, themselves."""
    all_ = m.sees(to)
    view: dict[str, Any] = {
        "id": m.id,
        "state": str(m.state),
        "topology": m.topology if all_ else "mesh",
        "locked": m.locked,
        "created_at": rfc3339(m.created_ms),
        "participants": [participant(p) for p in m.participants if all_ or p.address == to],
        "recording": recording(m) if all_ else {"state": str(m.recording.state)},
    }
    if m.carrier and all_:
        view["carrier"] = carrier(m.carrier)
    if m.assignment is not None and all_:
        view["assignment"] = m.assignment
    if m.reason is not None:
        view["reason"] = m.reason
    if m.ended_ms is not None:
        view["ended_at"] = rfc3339(m.ended_ms)
    return view


def carrier(c: Carrier) -> dict[str, Any]:
    return {"id": c.id, "kind": c.kind}


def recording(m: Meeting) -> dict[str, Any]:
    """Return whether it is recorded, and which participants have agreed."""
    now = m.recording
    agreed = now.consents or {}
    view: dict[str, Any] = {
        "state": str(now.state),
        "consents": [p.id for p in m.inside if p.address in agreed],
    }
    if now.failure:
        view["failure"] = now.failure
    return view


def history(m: Meeting) -> list[dict[str, Any]]:
    """Return what happened in a meeting, oldest first."""
    return [
        {"at": rfc3339(h.at_ms), "what": h.what}
        | {
            name: value
            for name in ("participant", "user", "role", "detail")
            if (value := getattr(h, name)) is not None
        }
        for h in m.history
    ]


def attendance(m: Meeting, now_ms: int) -> list[dict[str, Any]]:
    """Return how long each participant had media, why they left, and how it fared."""
    return [
        {
            "participant": p.id,
            "user": address.user_id(p.address),
            "role": p.role,
            "joined_at": rfc3339(p.joined_ms),
            "connected_at": rfc3339_or_none(p.connected_ms),
            "left_at": rfc3339_or_none(p.left_ms),
            "connected_s": round(connected_ms(p, now_ms) / 1000, 3),
            "reason": p.reason,
            "quality": quality.view(p.quality),
        }
        for p in m.participants
    ]


def participant(p: Participant) -> dict[str, Any]:
    view: dict[str, Any] = {
        "participant": p.id,
        "user": address.user_id(p.address),
        "role": p.role,
        "name": p.name,
        "state": str(p.state),
        "joined_at": rfc3339(p.joined_ms),
    }
    if p.reason is not None:
        view["reason"] = p.reason
    if p.media:
        view["media"] = dict(p.media)
    return view


def peer(mine: Participant, other: Participant) -> dict[str, Any]:
    """Return how *mine* negotiates with *other*: the later to join offers and is polite.

    W3C perfect negotiation resolves glare; an end that cannot roll back needs one offerer
    named, who then is not the one without rollback unless both are.
    """
    later = (mine.joined_ms, mine.id) > (other.joined_ms, other.id)
    single = mine.single_offerer or other.single_offerer
    offers = other.single_offerer if mine.single_offerer != other.single_offerer else later
    return {
        "participant": other.id,
        "polite": later,
        "offers": offers,
        "negotiation": "single" if single else "perfect",
    }


def message(m: Meeting, sender: Participant, event: Message, now_ms: int) -> dict[str, Any]:
    view = {
        "meeting": m.id,
        "message": event.message,
        "from": sender.id,
        "text": event.text,
        "sent_at": rfc3339(now_ms),
    }
    return view | {"to": event.to} if event.to else view
