"""Which requests are taken: by what they say, and by how often somebody asks."""

from collections.abc import Callable
from typing import Any

import msgspec

from matching.bookings import admit_start
from matching.recurrence import Repeats, dates_of
from matching.tables import Tables
from matching.wallclock import moment_of, shown_at
from matching.zones import zone
from signalling.core.rules import USUAL, Rules
from signalling.core.slot import Assignment
from signalling.errors import InvalidParams
from signalling.protocol.messages import assignment as am
from signalling.protocol.messages import terms as tm
from signalling.rates import Buckets
from signalling.service.call import Caller
from signalling.translate import admitted_terms, refusals

NOT_TERMS = ("idempotency_key", "customer", "limit", "repeats", "interest_s", "confirm")
CHANGEABLE = ("duration_min", "requirements", "preferences", "location", "priority", "note")
# A start within this many ms of now is now: clocks and typing take time.
NOW_MS = 60_000


class Admission:
    """Checks requests against the matcher's tables and the rate of asking.

    *now_ms* is the store's clock; *per_minute* how often one customer may ask, *burst* how often
    at once; *series_most* how many one series may have.
    """

    def __init__(
        self,
        tables: Tables,
        now_ms: Callable[[], int],
        per_minute: float,
        burst: float,
        series_most: int = 60,
    ) -> None:
        self.tables = tables
        self.series_most = series_most
        self.now_ms = now_ms
        self._asks = Buckets(per_minute / 60, burst, lambda: now_ms() / 1000)

    def terms(
        self, caller: Caller, params: tm.AssignmentTerms, rules: Rules = USUAL
    ) -> dict[str, Any]:
        """Return what is asked for in normal form, or raise InvalidParams with the path.

        What starts at a time to come has a `start_ms`, and its `starts_at` as the clock shows it
        in its time zone.
        """
        start_ms = self._start_ms(params.starts_at, params.timezone)
        given = msgspec.to_builtins(params)
        plain = {k: v for k, v in given.items() if v is not None and k not in NOT_TERMS}
        plain["requirements"] = _without_none(plain["requirements"])
        plain["preferences"] = _without_none(plain["preferences"])
        plain["strategy"] = params.strategy or rules.strategy
        if caller.role == "customer" and caller.name:
            plain["customer_name"] = caller.name
        plain.pop("starts_at", None)
        if plain["interpreters_needed"] == 1:
            del plain["interpreters_needed"]
        if start_ms is not None:
            plain |= _starting(start_ms, params.timezone)
        return admitted_terms(plain, self.tables)

    def _start_ms(self, starts_at: str | None, timezone: str | None) -> int | None:
        """Return when a request starts, None for now; refuse times that are over or far off."""
        with refusals():
            if timezone is not None:
                zone(timezone)
            if starts_at is None:
                return None
            start_ms, now_ms = moment_of(starts_at, timezone), self.now_ms()
            admit_start(start_ms, now_ms)
        return start_ms if start_ms > now_ms + NOW_MS else None

    def starts(self, params: am.AssignmentCreateParams) -> list[int]:
        """Return when each of a series starts, ms; nothing for what is not one.

        All of them are bookings: who takes the first for now could not be booked for the others.
        """
        if params.repeats is None:
            return []
        if params.starts_at is None or self._start_ms(params.starts_at, params.timezone) is None:
            raise InvalidParams("a series has a first start, later than now", path="starts_at")
        repeats = Repeats(**msgspec.structs.asdict(params.repeats))
        with refusals():
            return dates_of(params.starts_at, params.timezone, repeats, self.series_most)

    def starting(self, start_ms: int, params: tm.AssignmentTerms) -> dict[str, Any]:
        """Return the terms of one of a series that differ from the others'."""
        return _starting(start_ms, params.timezone)

    def changes(self, old: Assignment, params: am.AssignmentUpdateParams) -> dict[str, Any]:
        """Return which terms an update replaces, checked together with those that stay."""
        given = msgspec.to_builtins(params)
        changed = {k: given[k] for k in CHANGEABLE if given[k] is not None}
        for name in ("requirements", "preferences"):
            if name in changed:
                changed[name] = _without_none(changed[name])
        changed |= self._moved(old, params)
        if not changed:
            raise InvalidParams("there is nothing to change")
        merged = admitted_terms({**old.terms, **changed}, self.tables)
        return {name: merged[name] for name in changed}

    def _moved(self, old: Assignment, params: am.AssignmentUpdateParams) -> dict[str, Any]:
        """Return the terms of another start; without one, another zone only shows it otherwise."""
        if params.starts_at is None and params.timezone is None:
            return {}
        if old.start_ms is None:
            path = "timezone" if params.starts_at is None else "starts_at"
            raise InvalidParams("it is for now: cancel it, and ask for that time", path=path)
        timezone = params.timezone or old.terms.get("timezone")
        start_ms = self._start_ms(params.starts_at, timezone) if params.starts_at else old.start_ms
        if start_ms is None:
            raise InvalidParams("a booking cannot be moved to now", path="starts_at")
        with refusals():
            return _starting(start_ms, timezone)

    def count_ask(self, caller: Caller, customer: str) -> None:
        """Count one request of a customer, or raise RateLimited."""
        self._asks.take(f"{caller.marketplace}/{caller.app}/{customer}")


def _starting(start_ms: int, timezone: str | None) -> dict[str, Any]:
    shown = {"start_ms": start_ms, "starts_at": shown_at(start_ms, timezone)}
    return shown | ({"timezone": timezone} if timezone else {})


def _without_none(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value not in (None, (), [])}
