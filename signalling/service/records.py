"""Read and tell meetings, as a caller may: what several groups of methods do alike."""

from signalling.core.effects import Key, Tell
from signalling.core.room import Meeting
from signalling.engine import Engine
from signalling.errors import DragomanError
from signalling.service import access
from signalling.service.call import Call, Caller


class MeetingRecords:
    """The meetings' records behind the handlers."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def read(self, call: Call, meeting: str) -> Meeting:
        """Return a meeting that the caller may see; raise NotFound for any other."""
        (found,) = await self._engine.read(call.caller.marketplace, Key("meeting", meeting))
        return access.check_meeting(call.caller, found, call.session)

    async def recall(self, call: Call, meeting: str) -> Meeting:
        """Return a meeting as this process last knew it; who may not see it then is looked up.

        For what the meeting itself refuses to strangers, as it is by then.
        """
        key = Key("meeting", meeting)
        known = await self._engine.look(call.caller.marketplace, key, recalls=True)
        try:
            return access.check_meeting(call.caller, known.records[key], call.session)
        except DragomanError:
            return await self.read(call, meeting)

    async def tell(self, caller: Caller, meeting: str, *events: object) -> Meeting:
        """Let it decide these events in one commit; return it as it then is."""
        key = Key("meeting", meeting)
        outcome = await self._engine.handle(caller.marketplace, *(Tell(key, e) for e in events))
        m: Meeting = outcome.records[key]
        return m
