"""What is committed for a request: one assignment, or each of a series with what binds them."""

from collections.abc import Callable
from typing import Any

from matching.wallclock import shown_at
from signalling.core import series
from signalling.core.effects import Key, Tell
from signalling.core.events import Create
from signalling.core.rules import Rules
from signalling.core.series_place import SeriesPlace
from signalling.core.times import halfway_ms
from signalling.errors import InvalidParams
from signalling.ids import mint
from signalling.protocol.messages import assignment as am
from signalling.service.call import Caller
from signalling.service.terms import Admission

# Makes ids anew each time, for a commit may be tried again: the first id, and what to commit.
Asks = Callable[[], tuple[str, tuple[Tell, ...]]]


def creations(
    admission: Admission,
    caller: Caller,
    customer: str,
    params: am.AssignmentCreateParams,
    rules: Rules,
) -> Asks:
    """Return what makes the assignments of a request, or raise InvalidParams with the path."""
    terms = admission.terms(caller, params, rules)
    if "start_ms" in terms:
        terms["confirm"] = params.confirm
    starts = admission.starts(params)
    interest_ms = _interest_until_ms(params, rules, terms, admission.now_ms())
    if params.confirm == "customer" and interest_ms is None:
        raise InvalidParams("nobody says that they could: name an interest_s", path="confirm")

    def one(id_: str, its: dict[str, Any], place: SeriesPlace | None) -> Tell:
        booked = "start_ms" in its
        until_ms = interest_ms if place is None or place.index == 1 else None
        event = Create(
            id_,
            caller.app,
            customer,
            its,
            rules,
            params.interpreters_needed,
            until_ms,
            mint("me") if booked else None,
            place,
        )
        return Tell(Key("assignment", id_), event)

    def asks() -> tuple[str, tuple[Tell, ...]]:
        if len(starts) < 2:
            id_ = mint("as")
            return id_, (one(id_, terms, None),)
        ids, whole = tuple(mint("as") for _ in starts), mint("se")
        leading = {**terms, "series": [shown_at(ms, params.timezone) for ms in starts[1:]]}
        every = [leading, *(terms | admission.starting(ms, params) for ms in starts[1:])]
        tells = (
            one(id_, its, SeriesPlace(whole, index, len(starts)))
            for index, (id_, its) in enumerate(zip(ids, every, strict=True), start=1)
        )
        begun = Tell(Key("series", whole), series.Begin(whole, caller.app, ids))
        return ids[0], (begun, *tells)

    return asks


def _interest_until_ms(
    params: am.AssignmentCreateParams, rules: Rules, terms: dict[str, Any], now_ms: int
) -> int | None:
    """Return until when interpreters may say that they could; None: offers go out at once."""
    start_ms = terms.get("start_ms")
    if start_ms is None:
        if params.interest_s:
            raise InvalidParams("only what starts later is waited for", path="interest_s")
        return None
    wanted_s = rules.interest_s if params.interest_s is None else params.interest_s
    if wanted_s == 0:
        return None
    return min(now_ms + wanted_s * 1000, halfway_ms(now_ms, start_ms))
