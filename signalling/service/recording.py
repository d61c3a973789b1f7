"""meeting.record and consent.*: recording, and everybody's agreement to it."""

from signalling.core.effects import Key
from signalling.core.room import Meeting
from signalling.core.room_events import Consent, Record
from signalling.core.times import rfc3339
from signalling.engine import Engine
from signalling.errors import Forbidden
from signalling.ids import mint
from signalling.protocol.messages import consent as cm
from signalling.protocol.messages import meeting as mm
from signalling.service.call import Call, Caller, Handler
from signalling.service.lists import Lists
from signalling.service.meetings import shown
from signalling.service.records import MeetingRecords


class Recording:
    """Handlers of recording; *possible* says whether the server is set up to record."""

    def __init__(self, engine: Engine, lists: Lists, *, possible: bool) -> None:
        self.engine = engine
        self.records = MeetingRecords(engine)
        self.lists = lists
        self.possible = possible
        self.handlers: dict[str, Handler] = {
            "meeting.record": self.record,
            "consent.grant": self.grant,
            "consent.withdraw": self.withdraw,
            "consent.list": self.list,
        }

    async def record(self, call: Call, params: mm.MeetingRecordParams) -> mm.MeetingRecordResult:
        """Ask everybody, or stop; it runs only while all in the meeting agree."""
        caller = call.caller
        await self.records.read(call, params.meeting)
        start = params.action == "start"
        if start and not self.possible:
            raise Forbidden("this server does not record: recording.recipients is not set")
        event = Record(caller.address, start, mint("re") if start else "")
        return mm.MeetingRecordResult(
            meeting=shown(await self.records.tell(caller, params.meeting, event), caller)
        )

    async def grant(self, call: Call, params: cm.ConsentGrantParams) -> cm.ConsentGrantResult:
        caller = call.caller
        await self.records.read(call, params.meeting)
        m = await self.records.tell(caller, params.meeting, Consent(caller.address, given=True))
        return cm.ConsentGrantResult(consent=_given(m, caller))

    async def withdraw(
        self, call: Call, params: cm.ConsentWithdrawParams
    ) -> cm.ConsentWithdrawResult:
        caller = call.caller
        await self.records.read(call, params.meeting)
        await self.records.tell(caller, params.meeting, Consent(caller.address, given=False))
        return cm.ConsentWithdrawResult()

    async def list(self, call: Call, params: cm.ConsentListParams) -> cm.ConsentListResult:
        """Return what the caller agreed to, in one meeting or in all of theirs."""
        caller = call.caller
        if params.meeting is not None:
            found = [await self.records.read(call, params.meeting)]
        else:
            page = await self.lists.page(caller.marketplace, f"meetings:{caller.address}")
            keys = [Key("meeting", m) for m in page.ids]
            found = [m for m in await self.engine.read(caller.marketplace, *keys) if m is not None]
        given = (_given(m, caller) for m in found)
        return cm.ConsentListResult(consents=tuple(c for c in given if c is not None))


def _given(m: Meeting, caller: Caller) -> cm.Consent | None:
    at_ms = (m.recording.consents or {}).get(caller.address)
    if at_ms is None:
        return None
    return cm.Consent(purpose="recording", meeting=m.id, given_at=rfc3339(at_ms))
