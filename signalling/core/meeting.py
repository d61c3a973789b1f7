"""The life of a meeting and its participants. Everything that affects it lives in this file.

But for three things with a file each: who is let in (`lobby`), what carries the media
(`carriage`), and what is recorded (`recording`).

A leave or a drop names the session's epoch, so that a late one never removes a newer join.
"""

from collections.abc import Callable
from typing import Any, Final

from msgspec.structs import replace

from signalling.core import address, carriage, lobby, recording, views
from signalling.core import events as on
from signalling.core import room_events as room
from signalling.core.effects import Effect, Key, Moment, Send, Tell
from signalling.core.quality import fold
from signalling.core.room import AROUND, Meeting, MeetingState, Participant, ParticipantState
from signalling.core.room_notices import changed, hosts, others, to_parties
from signalling.core.room_table import LATE, PARTICIPANT_TABLE, TABLE, Event
from signalling.core.timeline import noted
from signalling.errors import Forbidden, Gone, IllegalTransition, NotFound

REMEMBERED_MOST: Final = 50  # who left

M, P = MeetingState, ParticipantState
Decision = tuple[Meeting, tuple[Effect, ...]]


def decide(old: Meeting | None, event: Event, at: Moment) -> Decision:
    """Return the next meeting and what to do about it.

    Raises NotFound for who has no place in it, Gone once it is over.
    """
    if old is None:
        return _opened(event, at), ()
    if isinstance(event, room.Open):
        return old, ()  # the commit that made it was repeated
    if type(event) not in TABLE[old.state]:
        if isinstance(event, LATE):
            return old, ()
        raise Gone("the meeting is over", reason=old.reason or "ended")
    new, effects = HANDLERS[type(event)](old, event, at)
    new, more = _settle(old, new, event, at)
    new, carried = carriage.settle(old, new, at)
    new, recorded = recording.settle(old, new)
    if new.state not in TABLE[old.state][type(event)]:
        raise IllegalTransition(f"{old.state} does not lead to {new.state}")
    told = (*effects, *more, *carried, *recorded, *carriage.at_nodes(old, new))
    return noted(old, new, at.now_ms), told


def _opened(event: Event, at: Moment) -> Meeting:
    if not isinstance(event, room.Open):
        raise NotFound("no such meeting")
    return Meeting(
        id=event.id,
        app=event.app,
        mode=event.mode,
        parties=event.parties,
        assignment=event.assignment,
        created_ms=at.now_ms,
        until_ms=at.now_ms + at.bounds.meeting + event.planned_ms,
    )


def _settle(old: Meeting, new: Meeting, event: Event, at: Moment) -> Decision:
    """Draw what follows from who is inside now, and tell the assignment."""
    new, handed = _handed_over(new, at)
    inside = {p.address for p in new.inside}
    if new.state is M.LIVE and not inside:
        new = _over(new, "empty", at)
    if new.state is M.ENDED:
        by = event.by if isinstance(event, on.End) else None
        effects = [*handed, *to_parties(new, "ended")]
        if new.assignment:
            over = on.MeetingOver(new.id, new.reason or "ended", by)
            effects.append(Tell(Key("assignment", new.assignment), over))
        return new, tuple(effects)
    if new.state is M.OPEN and len(inside) > 1:
        new = replace(new, state=M.LIVE, live_ms=at.now_ms)
    alone = new.state is M.LIVE and len(inside) == 1
    if alone != (new.alone_ms is not None):
        new = replace(new, alone_ms=at.now_ms + at.bounds.alone if alone else None)
    if new.assignment and inside != {p.address for p in old.inside}:
        present = on.Present(new.id, tuple(sorted(inside)))
        return new, (*handed, Tell(Key("assignment", new.assignment), present))
    return new, handed


def _handed_over(m: Meeting, at: Moment) -> Decision:
    """Let go of those whose successors are connected now."""
    m, done = lobby.handed_over(m, at)
    effects: tuple[Effect, ...] = ()
    for handover in done:
        m, more = _revoked(m, handover.leaving, "handed_over", at)
        effects = (*effects, *more)
        if m.assignment:
            told = on.HandedOver(m.id, handover.leaving, handover.coming)
            effects = (*effects, Tell(Key("assignment", m.assignment), told))
    return m, effects


def _over(m: Meeting, reason: str, at: Moment) -> Meeting:
    inside = tuple(
        replace(p, state=P.LEFT, left_ms=at.now_ms, reason=reason, tell_ms=None, gone_ms=None)
        if p.state in AROUND
        else p
        for p in m.participants
    )
    return replace(m, state=M.ENDED, ended_ms=at.now_ms, reason=reason, participants=inside)


# --- joining and leaving ------------------------------------------------------------------


def _admit(m: Meeting, event: room.Admit, _: Moment) -> Decision:
    if event.replaces:
        return lobby.hand_over(m, event.party, event.replaces), ()
    if m.party(event.party.address):
        return m, ()
    return replace(m, parties=(*m.parties, event.party)), ()


def _revoke(m: Meeting, event: room.Revoke, at: Moment) -> Decision:
    return _revoked(m, event.address, event.reason, at)


def _revoked(m: Meeting, who: str, reason: str, at: Moment) -> Decision:
    new = replace(
        m,
        parties=tuple(p for p in m.parties if p.address != who),
        handovers=tuple(h for h in m.handovers if who not in (h.leaving, h.coming)),
    )
    out = [p for p in new.around if p.address == who]
    return _out(new, out, room.Revoke(who, reason), at, reason)


def _remove(m: Meeting, event: room.Remove, at: Moment) -> Decision:
    new, out = lobby.put_out(m, event)
    return _out(new, out, event, at, event.reason)


def _join(m: Meeting, event: on.Join, at: Moment) -> Decision:
    party = m.party(event.address)
    if party is None:
        raise NotFound("no such meeting")
    m = replace(m, policy=event.policy)
    if any(p.session == event.session for p in m.around):
        return _back(m, event)
    if m.participant(event.participant):  # the commit that let them in was repeated
        raise Gone("you have left meanwhile", reason="left")
    m, state = lobby.entered(m, event, at)
    joined = Participant(
        id=event.participant,
        address=event.address,
        role=party.role,
        name=event.name or party.name,
        session=event.session,
        epoch=event.epoch,
        single_offerer=event.single_offerer,
        joined_ms=at.now_ms,
        state=state,
    )
    new = replace(m, participants=(*_remembered(m), joined))
    if state is P.WAITING:
        return new, tuple(changed(new, host, "waiting", joined) for host in hosts(new))
    return new, lobby.joined(new, joined)


def _remembered(m: Meeting) -> list[Participant]:
    gone = [p.id for p in m.participants if p.state not in AROUND]
    forgotten = set(gone[:-REMEMBERED_MOST])
    return [p for p in m.participants if p.id not in forgotten]


def _leave(m: Meeting, event: on.Leave, at: Moment) -> Decision:
    out = [
        p
        for p in m.around
        if p.address == event.address
        and event.session in (None, p.session)
        and (event.epoch is None or p.epoch <= event.epoch)
    ]
    return _out(m, out, event, at, event.reason)


def _out(m: Meeting, out: list[Participant], event: Event, at: Moment, reason: str) -> Decision:
    effects: list[Effect] = []
    for p in out:
        state = PARTICIPANT_TABLE[p.state][type(event)]
        gone = replace(p, state=state, left_ms=at.now_ms, reason=reason, tell_ms=None, gone_ms=None)
        m = m.with_participant(gone)
        effects += [changed(m, to, str(state), gone) for to in (*others(m, gone), gone)]
    return m, tuple(effects)


def _dropped(m: Meeting, event: on.SocketDropped, at: Moment) -> Decision:
    for p in m.around:
        if p.session == event.session and p.epoch <= event.epoch:
            gone = replace(p, epoch=event.epoch, state=PARTICIPANT_TABLE[p.state][type(event)])
            if p.gone_ms is None:
                gone = replace(gone, gone_ms=at.now_ms + at.bounds.offline)
            if p.state is P.JOINED:
                gone = replace(gone, tell_ms=at.now_ms + at.bounds.reconnecting)
            m = m.with_participant(gone)
    return m, ()


def _socket_resumed(m: Meeting, event: on.SocketResumed, _: Moment) -> Decision:
    return _back(m, event)


def _back(m: Meeting, event: on.Join | on.SocketResumed) -> Decision:
    """Let a session go on over a newer socket; what comes from an older one is late."""
    effects: list[Effect] = []
    for p in m.around:
        if p.session == event.session and p.epoch < event.epoch:
            state = PARTICIPANT_TABLE[p.state][type(event)]
            back = replace(p, state=state, epoch=event.epoch, tell_ms=None, gone_ms=None)
            m = m.with_participant(back)
            if p.state is P.RECONNECTING and p.tell_ms is None:  # the others had been told
                effects += [changed(m, other, "returned", back) for other in others(m, back)]
    return m, tuple(effects)


def _deadline(m: Meeting, event: on.Deadline, at: Moment) -> Decision:
    for due, reason in ((m.until_ms, "too_long"), (m.alone_ms, "alone")):
        if due is not None and due <= at.now_ms:
            return _over(m, reason, at), ()
    effects: tuple[Effect, ...] = ()
    for p in m.around:
        if p.gone_ms is not None and p.gone_ms <= at.now_ms:
            m, more = _out(m, [p], event, at, "connection_lost")
            effects += more
        elif p.tell_ms is not None and p.tell_ms <= at.now_ms:
            told = replace(p, tell_ms=None)
            m = m.with_participant(told)
            effects += tuple(changed(m, o, "reconnecting", told) for o in others(m, told))
    return m, effects


# --- inside -------------------------------------------------------------------------------


def _media(m: Meeting, event: on.Media, _: Moment) -> Decision:
    mine = _own(m, event.address, event.session)
    said = replace(mine, media=event.media or mine.media, name=event.name or mine.name)
    new = m.with_participant(said)
    return new, tuple(changed(new, other, "media", said) for other in others(new, said))


def _quality(m: Meeting, event: room.Quality, _: Moment) -> Decision:
    mine = _own(m, event.address, event.session)
    return m.with_participant(replace(mine, quality=fold(mine.quality, event.report))), ()


def _message(m: Meeting, event: on.Message, at: Moment) -> Decision:
    mine = _own(m, event.address, event.session)
    hearers = {p.address for p in m.inside if event.to in (None, p.id)}
    if not hearers:
        raise NotFound("no such participant", path="to")
    said = views.message(m, mine, event, at.now_ms)
    return m, tuple(Send(to, "meeting.message", said) for to in sorted(hearers | {mine.address}))


def _lock(m: Meeting, event: on.Lock, _: Moment) -> Decision:
    if not any(p.address == event.by for p in m.parties):
        raise NotFound("no such meeting")
    if address.role(event.by) == "guest":
        raise Forbidden("guests do not lock meetings")
    new = replace(m, locked=event.locked)
    return new, tuple(to_parties(new, "locked" if event.locked else "unlocked"))


def _end(m: Meeting, event: on.End, at: Moment) -> Decision:
    return _over(m, event.reason, at), ()


def _own(m: Meeting, who: str, session: str | None) -> Participant:
    for p in m.inside:
        if p.address == who and session in (None, p.session):
            return p
    raise NotFound("you are not in this meeting")


HANDLERS: Final[dict[type[Event], Callable[[Meeting, Any, Moment], Decision]]] = {
    room.Admit: _admit,
    room.Revoke: _revoke,
    on.Join: _join,
    on.Leave: _leave,
    on.SocketDropped: _dropped,
    on.SocketResumed: _socket_resumed,
    on.Media: _media,
    on.Message: _message,
    on.Lock: _lock,
    on.End: _end,
    on.Deadline: _deadline,
    room.Invite: lobby.invite,
    room.LetIn: lobby.let_in,
    room.Remove: _remove,
    room.HandOver: lobby.asked_to_hand_over,
    room.Path: carriage.path,
    room.Quality: _quality,
    room.CarrierLost: carriage.lost,
    room.Published: carriage.published,
    room.Record: recording.record,
    room.Consent: recording.consent,
    room.Recorder: lambda m, event, _: recording.recorder(m, event),
}
