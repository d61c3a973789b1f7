"""Which requests are taken: by what they say, and by how often somebody asks."""

from collections.abc import Callable
from typing import Any

import msgspec

from matching.bookings import admit_start
from matching.tables import Tables
from matching.wallclock import moment_of
from matching.zones import zone
from signalling.core.slot import Assignment
from signalling.errors import InvalidParams
from signalling.protocol.messages import assignment as am
from signalling.rates import Buckets
from signalling.service.call import Caller
from signalling.translate import admitted_terms, refusals

NOT_TERMS = ("idempotency_key", "customer", "limit")
CHANGEABLE = ("duration_min", "requirements", "preferences", "location", "priority", "note")
# A start within this many ms of now is now: clocks and typing take time.
NOW_MS = 60_000


class Admission:
    """Checks requests against the matcher's tables and the rate of asking.

    *now_ms* is the store's clock; *per_minute* how often one customer may ask, *burst* how often
    at once.
    """

    def __init__(
        self, tables: Tables, now_ms: Callable[[], int], per_minute: float, burst: float
    ) -> None:
        self.tables = tables
        self.now_ms = now_ms
        self._asks = Buckets(per_minute / 60, burst, lambda: now_ms() / 1000)

    def terms(
        self, caller: Caller, params: am.AssignmentTerms, *, later: bool = False
    ) -> dict[str, Any]:
        """Return what is asked for in normal form, or raise InvalidParams with the path.

        *later* takes what starts at a time to come as well; its terms have a `start_ms`.
        """
        start_ms = self._start_ms(params)
        if start_ms is not None and not later:
            raise InvalidParams("only requests for now are taken yet", path="starts_at")
        if params.interpreters_needed != 1:
            raise InvalidParams("one interpreter at a time, for now", path="interpreters_needed")
        given = msgspec.to_builtins(params)
        plain = {k: v for k, v in given.items() if v is not None and k not in NOT_TERMS}
        plain["requirements"] = _without_none(plain["requirements"])
        plain["preferences"] = _without_none(plain["preferences"])
        if caller.role == "customer" and caller.name:
            plain["customer_name"] = caller.name
        del plain["interpreters_needed"]
        if start_ms is not None:
            plain["start_ms"] = start_ms
        return admitted_terms(plain, self.tables)

    def _start_ms(self, params: am.AssignmentTerms) -> int | None:
        """Return when a request starts, None for now; refuse times that are over or far off."""
        with refusals():
            if params.timezone is not None:
                zone(params.timezone)
            if params.starts_at is None:
                return None
            start_ms, now_ms = moment_of(params.starts_at, params.timezone), self.now_ms()
            admit_start(start_ms, now_ms)
        return start_ms if start_ms > now_ms + NOW_MS else None

    def changes(self, old: Assignment, params: am.AssignmentUpdateParams) -> dict[str, Any]:
        """Return which terms an update replaces, checked together with those that stay."""
        for name in ("starts_at", "timezone"):
            if getattr(params, name) is not None:
                raise InvalidParams("only requests for now are taken yet", path=name)
        given = msgspec.to_builtins(params)
        changed = {k: given[k] for k in CHANGEABLE if given[k] is not None}
        for name in ("requirements", "preferences"):
            if name in changed:
                changed[name] = _without_none(changed[name])
        if not changed:
            raise InvalidParams("there is nothing to change")
        merged = admitted_terms({**old.terms, **changed}, self.tables)
        return {name: merged[name] for name in changed}

    def count_ask(self, caller: Caller, customer: str) -> None:
        """Count one request of a customer, or raise RateLimited."""
        self._asks.take(f"{caller.marketplace}/{caller.app}/{customer}")


def _without_none(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value not in (None, (), [])}
