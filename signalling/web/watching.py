"""presence.watch and presence.unwatch: which connection hears of whom."""

from collections.abc import Mapping

from signalling.errors import InvalidParams, MethodNotFound, NotFound, TooLarge, Unavailable
from signalling.protocol.messages.presence import (
    PresenceChangedEvent,
    PresenceSummaryEvent,
    PresenceSummaryParams,
    PresenceUnwatchParams,
    PresenceUnwatchResult,
    PresenceWatchParams,
    PresenceWatchResult,
)
from signalling.settings import Limits
from signalling.store.keys import Keys
from signalling.web.answers import Own
from signalling.web.close import CloseCode
from signalling.web.connection import Connection
from signalling.web.hub import Hub
from signalling.web.seam import Service

SUMMARY = PresenceSummaryParams()


class Watching:
    """Subscribes connections to presence; the service says who may, and how things stand."""

    def __init__(self, hub: Hub, service: Service, limits: Limits) -> None:
        self.hub = hub
        self.service = service
        self.limits = limits
        self.own: Mapping[str, Own] = {
            "presence.watch": self.watch,
            "presence.unwatch": self.unwatch,
        }
        hub.gaps.append(self.on_gap)

    async def watch(
        self, connection: Connection, params: PresenceWatchParams
    ) -> PresenceWatchResult:
        """Subscribe first, then ask how it is now, so that nothing in between is lost."""
        call, handler = connection.call, self.service.handlers.get("presence.watch")
        if call is None or handler is None:
            raise MethodNotFound("presence.watch is not served here")
        if not params.interpreters and not params.summary:
            raise InvalidParams("say whom to watch", path="interpreters")
        keys = Keys(call.caller.marketplace)
        wanted = {keys.presence(who) for who in params.interpreters}
        wanted |= {keys.summary} if params.summary else set()
        new = wanted - connection.watching
        if len(connection.watching - {keys.summary}) + len(new) > self.limits.watch_max + 1:
            raise TooLarge(f"a session may watch {self.limits.watch_max}", path="interpreters")
        connection.watching |= new
        try:
            for channel in new:
                await self.hub.join(connection, channel)
            result: PresenceWatchResult = await handler(call, params)
        except BaseException:
            self._forget(connection, new)
            raise
        return result

    async def unwatch(
        self, connection: Connection, params: PresenceUnwatchParams
    ) -> PresenceUnwatchResult:
        """Stop some, or all."""
        assert connection.call is not None  # noqa: S101 - it is not a method before open
        keys = Keys(connection.call.caller.marketplace)
        if params.interpreters is None:
            gone = connection.watching - {keys.summary}
        else:
            gone = {keys.presence(who) for who in params.interpreters} & connection.watching
        if params.summary:
            gone |= connection.watching & {keys.summary}
        self._forget(connection, gone)
        return PresenceUnwatchResult(watching=len(connection.watching - {keys.summary}))

    def on_gap(self, channels: frozenset[str]) -> None:
        """Tell how it is now where changes may have been missed."""
        deaf: dict[Connection, list[str]] = {}
        for channel in channels:
            for connection in self.hub.at(channel):
                if channel in connection.watching:
                    deaf.setdefault(connection, []).append(channel)
        for connection, missed in deaf.items():
            self.hub.spawn(self._tell(connection, missed))

    async def _tell(self, connection: Connection, channels: list[str]) -> None:
        assert connection.call is not None  # noqa: S101 - who watches has a session
        keys, handlers = Keys(connection.call.caller.marketplace), self.service.handlers
        for channel in channels:
            try:
                if channel == keys.summary:
                    now = await handlers["presence.summary"](connection.call, SUMMARY)
                    event = PresenceSummaryEvent(pairs=now.pairs, available=now.available)
                    connection.send_event("presence.summary", event)
                    continue
                who = channel.removeprefix(keys.presence(""))
                one = PresenceWatchParams(interpreters=(who,))
                for presence in (await handlers["presence.watch"](connection.call, one)).presence:
                    changed = PresenceChangedEvent(presence=presence)
                    connection.send_event("presence.changed", changed)
            except NotFound:
                self._forget(connection, {channel})  # they may watch them no longer
            except Unavailable:
                connection.close(CloseCode.STATE_LOST)
                return

    def _forget(self, connection: Connection, channels: set[str]) -> None:
        connection.watching -= channels
        for channel in channels:
            self.hub.leave(connection, channel)
