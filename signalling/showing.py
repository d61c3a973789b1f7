"""What an interpreter is shown of an assignment before they accept, and why it would fit them."""

from dataclasses import replace
from typing import Any

from matching.agenda import Agenda
from matching.geo import coarse
from matching.types import Audience, Match, Request, reasons_for
from signalling.core import views
from signalling.core.slot import Assignment, SlotState
from signalling.core.times import rfc3339


def seen_by_them(request: Request, agenda: Agenda | None) -> Request:
    """Return a request as interpreters may have themselves judged for it: by its square kilometre.

    Whoever says that they are elsewhere, and asks again, would find the place to the metre. Who is
    booked at that very place knows it, and has no way from one job to the other.
    """
    place = request.location
    known = agenda is not None and any(booking.place == place for booking in agenda.diary)
    return request if place is None or known else replace(request, location=coarse(place))


def shown(
    a: Assignment, match: Match, reader: Audience = "everyone", *, again: bool = False
) -> dict[str, Any]:
    """Return an assignment's summary with the score and the reasons that *reader* may read.

    The score is the sum of those reasons: the whole would tell of the rest, who preferred them.
    *again*: they had accepted it under other terms.
    """
    summary = {"id": a.id, **views.summary(a.terms)}
    if again:
        summary["again"] = True
    for name in ("distance_band", "travel_min", "substitute"):
        if (value := getattr(match, name)) is not None:
            summary[name] = value
    reasons = reasons_for(match.contributions, reader)
    return {
        "assignment": summary,
        "score": sum((each.contribution for each in reasons), 0.0),
        "reasons": [
            {"feature": each.feature, "contribution": each.contribution, "text": each.text}
            for each in reasons
        ],
    }


def recommendation(a: Assignment, match: Match, reader: Audience = "everyone") -> dict[str, Any]:
    """Return what is shown of an assignment that fits, and whether they said that they could."""
    view = shown(a, match, reader)
    if any(each.interpreter == match.interpreter for each in a.interests):
        view["interested"] = True
    gathers = any(slot.state is SlotState.GATHERING for slot in a.slots)
    if gathers and a.interest_until_ms is not None:
        view["interest_until"] = rfc3339(a.interest_until_ms)
    return view
