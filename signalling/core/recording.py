"""Whether a meeting is being recorded: only while everybody inside has agreed to it.

Somebody asks (asked), each agrees; once all have it is on. Whoever comes in, or agrees no more,
pauses it until they agree. Everything that decides it lives in this file.
"""

from typing import Final

from msgspec.structs import replace

from signalling.core import address
from signalling.core import room_events as on
from signalling.core.carriage import best
from signalling.core.effects import Effect, Moment
from signalling.core.room import Meeting, MeetingState, Recording, RecordingState
from signalling.core.room_notices import to_inside
from signalling.errors import Forbidden, Gone, IllegalTransition, NotFound, TooLarge, Unavailable

Decision = tuple[Meeting, tuple[Effect, ...]]
R = RecordingState
# State -> the states it may lead to, by anything; `settle` draws which.
TABLE: Final[dict[RecordingState, tuple[RecordingState, ...]]] = {
    R.OFF: (R.OFF, R.ASKED, R.ON),
    R.ASKED: (R.ASKED, R.ON, R.OFF),
    R.ON: (R.ON, R.PAUSED, R.OFF),
    R.PAUSED: (R.PAUSED, R.ON, R.OFF),
}
CHANGES: Final = {
    R.OFF: "recording_stopped",
    R.ASKED: "recording_asked",
    R.ON: "recording_started",
    R.PAUSED: "recording_paused",
}


def record(m: Meeting, event: on.Record, at: Moment) -> Decision:
    """Ask everybody to be recorded, which agrees for oneself; or stop. Twice is once."""
    if address.role(event.by) == "guest":
        raise Forbidden("guests do not start or stop recordings")
    now = m.recording
    if not event.on:
        return _with(m, replace(now, state=R.OFF, consents=None)), ()
    if now.state is not R.OFF:
        return m, ()
    _check_can(m, at)
    consents = {event.by: at.now_ms} if any(p.address == event.by for p in m.inside) else {}
    asked = Recording(R.ASKED, event.id, event.by, consents, made=now.made + 1)
    return _with(m, asked), ()


def _check_can(m: Meeting, at: Moment) -> None:
    """Refuse where no relay could carry the meeting: recordings are made there."""
    carried = m.carrier.kind if m.carrier else None
    if not m.inside:
        raise IllegalTransition("nobody is in the meeting")
    if carried == "janus" or len(m.inside) > at.bounds.relayed:
        raise IllegalTransition("a meeting as large as this cannot be recorded")
    if carried is None and m.policy.topology in ("mesh", "janus"):
        raise IllegalTransition(f"this app's meetings are not recorded: {m.policy.topology}")
    if carried is None and best(at, "relay") is None:
        raise Unavailable("there is no media node to record at now")
    if m.recording.made >= at.bounds.recordings:
        raise TooLarge(f"a meeting is recorded at most {at.bounds.recordings} times")


def consent(m: Meeting, event: on.Consent, at: Moment) -> Decision:
    """Note that somebody agrees, or no more. It outlasts their leaving, not the recording."""
    now = m.recording
    if m.party(event.address) is None:
        raise NotFound("no such meeting")
    if now.state is R.OFF:
        if event.given:
            raise Gone("nothing is being recorded", reason="stopped")
        return m, ()
    consents = dict(now.consents or {})
    if event.given:
        consents.setdefault(event.address, at.now_ms)
    else:
        consents.pop(event.address, None)
    return _with(m, replace(now, consents=consents)), ()


def recorder(m: Meeting, event: on.Recorder) -> Decision:
    """Hear from where it is written that it failed: nobody is to think they are recorded."""
    now = m.recording
    if event.recording != now.id or event.state != "failed" or now.state is R.OFF:
        return m, ()
    return _with(m, replace(now, state=R.OFF, consents=None, failure=event.detail)), ()


def settle(old: Meeting, m: Meeting) -> Decision:
    """Draw what follows from who is inside and who agreed; tell everybody.

    It pauses too while no relay carries the meeting: nothing is written then.
    """
    now = m.recording
    if now.state is not R.OFF:
        agreed = {p.address for p in m.inside} <= set(now.consents or {})
        relayed = m.carrier is not None and m.carrier.kind == "relay"
        if m.state is MeetingState.ENDED or not m.inside:
            now = replace(now, state=R.OFF, consents=None)
        elif agreed and relayed:
            now = replace(now, state=R.ON)
        elif now.state is R.ON:
            now = replace(now, state=R.PAUSED)
    if now.state not in TABLE[old.recording.state]:
        raise IllegalTransition(f"{old.recording.state} does not lead to {now.state}")
    new = _with(m, now)
    if now.state is old.recording.state:
        same = now.consents == old.recording.consents
        return new, () if same else to_inside(new, "recording_consent")
    if now.failure and now.failure != old.recording.failure:
        return new, to_inside(new, "recording_failed")
    return new, to_inside(new, CHANGES[now.state])


def _with(m: Meeting, recording: Recording) -> Meeting:
    return m if recording == m.recording else replace(m, recording=recording)
