"""Lets the recorder of a media node do what the meetings' records say of recordings."""

import structlog

from signalling.core import room_events as room
from signalling.core.room import Meeting, MeetingState, RecordingState
from signalling.errors import DragomanError
from signalling.media.record import Began, Failed, Finished, Recorder
from signalling.media_node import MediaNode, whole

LOG = structlog.get_logger(__name__)


class Recordings:
    """Follows the meetings of *node*: records those that are to be, for as long as they are."""

    def __init__(self, node: MediaNode, recorder: Recorder) -> None:
        self._node = node
        self._recorder = recorder
        # what runs here: meeting to recording, and whose consents its part was begun with
        self._running: dict[str, tuple[str, dict[str, int]]] = {}

    async def follow(self, marketplace: str, m: Meeting) -> None:
        """Make the recording of a meeting match its record."""
        name, now = whole(marketplace, m.id), m.recording
        here = m.carrier is not None and m.carrier.node == self._node.node
        running = self._running.get(name)
        if running is not None and (not here or now.state is RecordingState.OFF):
            await self._stop(name)
        if not here or now.id is None or m.state is MeetingState.ENDED:
            return
        if running is not None and running[0] != now.id:
            await self._stop(name)
            running = None
        consents = _consents(m)
        try:
            if now.state is RecordingState.PAUSED and running is not None:
                await self._recorder.pause(name)
                self._running[name] = now.id, {}
            elif now.state is RecordingState.ON and running is None:
                await self._recorder.start(name, now.id, consents)
                self._running[name] = now.id, consents
            elif now.state is RecordingState.ON and running and running[1] != consents:
                await self._recorder.pause(name)
                await self._recorder.resume(name, consents)
                self._running[name] = now.id, consents
        except DragomanError as error:
            LOG.warning("a meeting could not be recorded", meeting=m.id, error=str(error))
            await self._stop(name)
            failed = room.Recorder(now.id, "failed", error.detail or error.message)
            self._node.spawn(self._node.tell(marketplace, m.id, failed))

    async def _stop(self, name: str) -> None:
        self._running.pop(name, None)
        for file in await self._recorder.stop(name):
            LOG.info("recorded", recording=file.recording, bytes=file.bytes, seconds=file.seconds)

    def told(self, event: Began | Finished | Failed) -> None:
        """Log that a file has begun; tell a meeting that its recording ended by itself."""
        if isinstance(event, Began):
            about = event.about
            LOG.info(
                "a file of a recording has begun",
                recording=about.recording,
                part=about.part,
                participant=about.participant,
                container=about.container,
            )
        if isinstance(event, Failed):
            LOG.error("a recording failed", recording=event.recording, reason=event.reason)
            marketplace, _, meeting = event.meeting.partition("/")
            failed = room.Recorder(event.recording, "failed", event.words)
            self._node.spawn(self._node.tell(marketplace, meeting, failed))


def _consents(m: Meeting) -> dict[str, int]:
    """Return when each participant inside agreed, by participant."""
    given = m.recording.consents or {}
    return {p.id: given[p.address] for p in m.inside if p.address in given}
