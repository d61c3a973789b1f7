"""assignment.recommend: the open assignments that fit an interpreter."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import msgspec

from matching.recommendation import Fit, best_of, pairs_served, recommend
from matching.types import Interpreter, Request
from signalling.core.effects import Key
from signalling.core.slot import Assignment
from signalling.engine import Engine
from signalling.errors import NotFound
from signalling.markets import Markets
from signalling.protocol.messages import booking as bm
from signalling.rates import Buckets
from signalling.service import access
from signalling.service.call import Call, Caller, Handler
from signalling.service.explanations import READERS
from signalling.service.lists import Lists
from signalling.showing import recommendation, seen_by_them
from signalling.translate import interpreter_of, request_of

MOST: Final = 500  # open assignments that are looked at, the newest
# One may take 30 ms; whoever looks through them, or has an app that keeps them fresh, asks less.
ASKED_A_SECOND: Final = 1.0
ASKED_AT_ONCE: Final = 60
AT_ONCE: Final = 40  # read and judged, some 50 µs each, before others go on


class Open(NamedTuple):
    """An open assignment, and what it asks for."""

    assignment: Assignment
    request: Request


class Recommendations:
    """Handler of assignment.recommend."""

    def __init__(self, engine: Engine, lists: Lists, markets: Markets) -> None:
        self.engine = engine
        self.lists = lists
        self.markets = markets
        clock = engine.clock
        self.rates = Buckets(ASKED_A_SECOND, ASKED_AT_ONCE, lambda: clock.now_ms() / 1000)
        self.handlers: dict[str, Handler] = {"assignment.recommend": self.recommend}

    async def recommend(
        self, call: Call, params: bm.AssignmentRecommendParams
    ) -> bm.AssignmentRecommendResult:
        """Rank what is open for one interpreter: themselves, or whom staff names.

        Interpreters are shown what any app asks for, staff what their own does.
        """
        caller = call.caller
        who = access.own_or_staff(caller, params.interpreter)
        self.rates.take(f"{caller.marketplace}/{caller.address}")
        market = await self.markets.get(caller.marketplace)
        profile = market.profiles.get(who)
        if profile is None:
            raise NotFound("no such interpreter", path="interpreter")
        interpreter = interpreter_of(profile)
        ids = await self._newest(caller.marketplace, interpreter)
        reader = READERS[caller.role]
        found: list[Open] = []
        fits: list[Fit] = []
        for start in range(0, len(ids), AT_ONCE):
            more = await self._open(caller, ids[start : start + AT_ONCE], who, params.mode)
            if caller.role == "interpreter":
                agenda = market.population.agenda(who)
                more = [Open(each.assignment, seen_by_them(each.request, agenda)) for each in more]
            requests, now_ms = [each.request for each in more], self.engine.clock.now_ms()
            fit = recommend(market.population, interpreter, requests, now_ms, params.limit, reader)
            fits += [each._replace(place=each.place + len(found)) for each in fit]
            found += more
        best = best_of(fits, params.limit, reader)
        shown = [recommendation(found[fit.place].assignment, fit.match, reader) for fit in best]
        return msgspec.convert({"recommendations": shown}, bm.AssignmentRecommendResult)

    async def _newest(self, marketplace: str, interpreter: Interpreter) -> list[str]:
        """Return the ids of what is open in the languages of somebody."""
        pairs = pairs_served(interpreter, self.markets.tables.languages)
        names = [f"open:{one}-{other}" for one, other in sorted(pairs)]
        return await self.lists.newest(marketplace, names, MOST)

    async def _open(
        self, caller: Caller, ids: Sequence[str], who: str, mode: str | None
    ) -> list[Open]:
        """Return those of *ids* that are open to somebody, and the caller's to see."""
        keys = [Key("assignment", id_) for id_ in ids]
        records: list[Assignment | None] = await self.engine.read(caller.marketplace, *keys)
        return [
            Open(a, request_of(a.terms, a.customer, a.app))
            for a in records
            if a is not None
            and (mode is None or a.mode == mode)
            and not (caller.staff and a.app != caller.app)
            and a.is_open_to(who)
        ]
