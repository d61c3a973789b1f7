"""interpreter.calendar, and the feed of bookings that its secret address opens."""

import asyncio
import hashlib
import hmac
import secrets
from typing import Final

from matching.tables import Tables
from signalling.core import address
from signalling.core.calendar_key import CalendarKey, RenewKey, RevokeKey
from signalling.core.diary import Diary
from signalling.core.effects import Key, Tell
from signalling.core.profile import Profile
from signalling.core.times import rfc3339
from signalling.engine import Engine
from signalling.errors import Forbidden, NotFound
from signalling.protocol.messages import interpreter as im
from signalling.rates import Buckets
from signalling.service import access
from signalling.service.call import Call, Caller, Handler
from signalling.service.lists import WHOLE, Lists, Window
from signalling.service.schedule import Entry, Way, entries, written
from signalling.translate import way_by

SECRET_BYTES: Final = 32
PAST_MOST: Final = 1000  # assignments looked at, newest first, beside what the diary has
# One reading may look at three thousand records; programs come every quarter of an hour.
READINGS_A_SECOND: Final = 1 / 30
READINGS_AT_ONCE: Final = 30


class Calendars:
    """The handler of interpreter.calendar, and the feed."""

    def __init__(self, engine: Engine, lists: Lists, tables: Tables) -> None:
        self.engine = engine
        self.lists = lists
        self.languages = tables.languages
        self.way = way_by(tables.travel)
        clock = engine.clock
        self.rates = Buckets(READINGS_A_SECOND, READINGS_AT_ONCE, lambda: clock.now_ms() / 1000)
        self.handlers: dict[str, Handler] = {"interpreter.calendar": self.calendar}

    async def calendar(
        self, call: Call, params: im.InterpreterCalendarParams
    ) -> im.InterpreterCalendarResult:
        """Say whether there is a feed; make its address anew, which is told only now; or end it.

        Staff of one app must not read what another app has booked: they end a feed, at most.
        """
        caller = call.caller
        who = access.own_or_staff(caller, params.interpreter)
        if caller.staff:
            access.check_manages_interpreters(caller)
            if params.action == "renew":
                raise Forbidden("only interpreters make the address of their own", path="action")
        if params.action == "renew":
            return await self._renew(caller, who)
        key = Key("calendar_key", who)
        if params.action == "revoke":
            await self.engine.handle(caller.marketplace, Tell(key, RevokeKey()))
        found: CalendarKey | None
        (found,) = await self.engine.read(caller.marketplace, key)
        return im.InterpreterCalendarResult(created_at=rfc3339(found.created_ms) if found else None)

    async def _renew(self, caller: Caller, who: str) -> im.InterpreterCalendarResult:
        secret = secrets.token_urlsafe(SECRET_BYTES)
        renew = RenewKey(who, _digest(secret))
        outcome = await self.engine.handle(caller.marketplace, Tell(Key("interpreter", who), renew))
        return im.InterpreterCalendarResult(
            created_at=rfc3339(outcome.of("calendar_key", who).created_ms),
            path=f"/v1/calendar/{caller.marketplace}.{who}.{secret}.ics",
        )

    async def feed(self, marketplace: str, interpreter: str, secret: str) -> bytes:
        """Return the bookings of who has this secret.

        Raises NotFound if nobody has, RateLimited if it is read very often.
        """
        key: CalendarKey | None
        profile: Profile | None
        kinds = ("calendar_key", "diary", "interpreter")
        found_by_kind = (Key(kind, interpreter) for kind in kinds)
        key, diary, profile = await self.engine.read(marketplace, *found_by_kind)
        known = key.digest if key is not None else ""
        if not hmac.compare_digest(_digest(secret), known):
            raise NotFound("no such calendar")
        self.rates.take(f"{marketplace}/{interpreter}")
        way = self.way(profile.profile if profile else {})
        found = await self._entries(marketplace, interpreter, diary, way)
        # Two tenths of a second for a thousand: the sockets of this node do not wait for it.
        return await asyncio.to_thread(written, found, self.languages.name)

    async def _entries(self, marketplace: str, who: str, diary: Diary, way: Way) -> list[Entry]:
        """Return everything that is to come, and of the past what the newest have."""
        ids = dict.fromkeys(booking.assignment for booking in diary.bookings)
        name, window = f"assignments:{address.interpreter(who)}", Window(limit=WHOLE)
        for _ in range(PAST_MOST // WHOLE):
            page = await self.lists.page(marketplace, name, window)
            ids |= dict.fromkeys(page.ids)
            if page.next is None:
                break
            window = Window(limit=WHOLE, cursor=page.next)
        keys = [Key("assignment", id_) for id_ in ids]
        found: list[Entry] = []
        for start in range(0, len(keys), WHOLE):
            outcome = await self.engine.look(marketplace, *keys[start : start + WHOLE])
            for key, a in outcome.records.items():
                if a is not None:
                    found += entries(a, outcome.versions[key], who, outcome.now_ms, way)
        return found


def _digest(secret: str) -> str:
    """Return what is kept of a secret: 256 random bits need no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()
