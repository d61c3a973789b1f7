"""The life of a meeting and its participants. Everything that affects it lives in this file.

A leave or a drop names the session's epoch, so that a late one never removes a newer join.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from signalling.core import events as on
from signalling.core import views
from signalling.core.effects import Effect, Key, Moment, Send, Tell
from signalling.core.room import IN, Meeting, MeetingState, Participant, ParticipantState
from signalling.errors import Gone, IllegalTransition, NotFound, TooLarge

REMEMBERED_MOST: Final = 50  # who left


M, P = MeetingState, ParticipantState
Event = (
    on.Open
    | on.Admit
    | on.Revoke
    | on.Join
    | on.Leave
    | on.SocketDropped
    | on.SocketResumed
    | on.Media
    | on.Message
    | on.Lock
    | on.End
    | on.Deadline
)

# Meeting state × event -> the states it may lead to. An absent cell refuses with Gone, see LATE.
TABLE: Final[dict[MeetingState, dict[type[Event], tuple[MeetingState, ...]]]] = {
    M.OPEN: {
        on.Admit: (M.OPEN,),
        on.Revoke: (M.OPEN,),
        on.Join: (M.OPEN, M.LIVE),
        on.Leave: (M.OPEN,),
        on.SocketDropped: (M.OPEN,),
        on.SocketResumed: (M.OPEN,),
        on.Media: (M.OPEN,),
        on.Message: (M.OPEN,),
        on.Lock: (M.OPEN,),
        on.End: (M.ENDED,),
        on.Deadline: (M.OPEN, M.ENDED),
    },
    M.LIVE: {
        on.Admit: (M.LIVE,),
        on.Revoke: (M.LIVE, M.ENDED),
        on.Join: (M.LIVE,),
        on.Leave: (M.LIVE, M.ENDED),
        on.SocketDropped: (M.LIVE,),
        on.SocketResumed: (M.LIVE,),
        on.Media: (M.LIVE,),
        on.Message: (M.LIVE,),
        on.Lock: (M.LIVE,),
        on.End: (M.ENDED,),
        on.Deadline: (M.LIVE, M.ENDED),
    },
    M.ENDED: {},
}
# Participant state × event -> state. An absent cell leaves the participant as they are; the
# end of the meeting takes everybody out.
PARTICIPANT_TABLE: Final[dict[ParticipantState, dict[type[Event], ParticipantState]]] = {
    P.JOINED: {
        on.Join: P.JOINED,
        on.SocketDropped: P.RECONNECTING,
        on.SocketResumed: P.JOINED,
        on.Leave: P.LEFT,
        on.Revoke: P.REMOVED,
    },
    P.RECONNECTING: {
        on.Join: P.JOINED,
        on.SocketDropped: P.RECONNECTING,
        on.SocketResumed: P.JOINED,
        on.Leave: P.LEFT,
        on.Revoke: P.REMOVED,
        on.Deadline: P.LEFT,
    },
    P.LEFT: {},
    P.REMOVED: {},
}
# What changes nothing once the meeting is over: timers, sockets, and other records.
LATE: Final = (on.Deadline, on.Revoke, on.Leave, on.SocketDropped, on.SocketResumed, on.End)


Decision = tuple[Meeting, tuple[Effect, ...]]


def decide(old: Meeting | None, event: Event, at: Moment) -> Decision:
    """Return the next meeting and what to do about it.

    Raises NotFound for who has no place in it, Gone once it is over.
    """
    if old is None:
        return _opened(event, at), ()
    if isinstance(event, on.Open):
        return old, ()  # the commit that made it was repeated
    if type(event) not in TABLE[old.state]:
        if isinstance(event, LATE):
            return old, ()
        raise Gone("the meeting is over", reason=old.reason or "ended")
    new, effects = HANDLERS[type(event)](old, event, at)
    new, more = _settle(old, new, event, at)
    if new.state not in TABLE[old.state][type(event)]:
        raise IllegalTransition(f"{old.state} does not lead to {new.state}")
    return new, (*effects, *more)


def _opened(event: Event, at: Moment) -> Meeting:
    if not isinstance(event, on.Open):
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
    inside = {p.address for p in new.inside}
    if new.state is M.LIVE and not inside:
        new = _over(new, "empty", at)
    if new.state is M.ENDED:
        by = event.by if isinstance(event, on.End) else None
        effects: list[Effect] = _to_parties(new, "ended")
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
        return new, (Tell(Key("assignment", new.assignment), present),)
    return new, ()


def _over(m: Meeting, reason: str, at: Moment) -> Meeting:
    inside = tuple(
        replace(p, state=P.LEFT, left_ms=at.now_ms, reason=reason, tell_ms=None, gone_ms=None)
        if p.state in IN
        else p
        for p in m.participants
    )
    return replace(m, state=M.ENDED, ended_ms=at.now_ms, reason=reason, participants=inside)


# --- joining and leaving ------------------------------------------------------------------


def _admit(m: Meeting, event: on.Admit, _: Moment) -> Decision:
    if any(p.address == event.party.address for p in m.parties):
        return m, ()
    return replace(m, parties=(*m.parties, event.party)), ()


def _revoke(m: Meeting, event: on.Revoke, at: Moment) -> Decision:
    new = replace(m, parties=tuple(p for p in m.parties if p.address != event.address))
    out = [p for p in new.inside if p.address == event.address]
    return _out(new, out, event, at, event.reason)


def _join(m: Meeting, event: on.Join, at: Moment) -> Decision:
    party = next((p for p in m.parties if p.address == event.address), None)
    if party is None:
        raise NotFound("no such meeting")
    if any(p.session == event.session for p in m.inside):
        return _back(m, event)
    sent = m.assignment is not None and party.role == "interpreter"
    if m.locked and not sent and all(p.address != event.address for p in m.participants):
        raise IllegalTransition("the meeting is locked: nobody else may join")
    if len(m.inside) >= at.bounds.participants:
        raise TooLarge(f"a meeting has at most {at.bounds.participants} participants")
    joined = Participant(
        id=event.participant,
        address=event.address,
        role=party.role,
        name=event.name or party.name,
        session=event.session,
        epoch=event.epoch,
        single_offerer=event.single_offerer,
        joined_ms=at.now_ms,
    )
    new = replace(m, participants=(*_remembered(m), joined))
    return new, tuple(
        _changed(new, other, "joined", joined, peers=[views.peer(other, joined)])
        for other in _others(new, joined)
    )


def _remembered(m: Meeting) -> list[Participant]:
    gone = [p.id for p in m.participants if p.state not in IN]
    forgotten = set(gone[:-REMEMBERED_MOST])
    return [p for p in m.participants if p.id not in forgotten]


def _leave(m: Meeting, event: on.Leave, at: Moment) -> Decision:
    out = [
        p
        for p in m.inside
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
        m = _with(m, gone)
        effects += [_changed(m, to, str(state), gone) for to in (*_others(m, gone), gone)]
    return m, tuple(effects)


def _dropped(m: Meeting, event: on.SocketDropped, at: Moment) -> Decision:
    for p in m.inside:
        if p.session == event.session and p.epoch <= event.epoch:
            gone = replace(p, epoch=event.epoch, state=PARTICIPANT_TABLE[p.state][type(event)])
            if p.state is P.JOINED:
                tell_ms, gone_ms = at.now_ms + at.bounds.reconnecting, at.now_ms + at.bounds.offline
                gone = replace(gone, tell_ms=tell_ms, gone_ms=gone_ms)
            m = _with(m, gone)
    return m, ()


def _socket_resumed(m: Meeting, event: on.SocketResumed, _: Moment) -> Decision:
    return _back(m, event)


def _back(m: Meeting, event: on.Join | on.SocketResumed) -> Decision:
    """Let a session go on over a newer socket; what comes from an older one is late."""
    effects: list[Effect] = []
    for p in m.inside:
        if p.session == event.session and p.epoch < event.epoch:
            state = PARTICIPANT_TABLE[p.state][type(event)]
            back = replace(p, state=state, epoch=event.epoch, tell_ms=None, gone_ms=None)
            m = _with(m, back)
            if p.state is P.RECONNECTING and p.tell_ms is None:  # the others had been told
                effects += [_changed(m, other, "returned", back) for other in _others(m, back)]
    return m, tuple(effects)


def _deadline(m: Meeting, event: on.Deadline, at: Moment) -> Decision:
    for due, reason in ((m.until_ms, "too_long"), (m.alone_ms, "alone")):
        if due is not None and due <= at.now_ms:
            return _over(m, reason, at), ()
    effects: tuple[Effect, ...] = ()
    for p in m.inside:
        if p.gone_ms is not None and p.gone_ms <= at.now_ms:
            m, more = _out(m, [p], event, at, "connection_lost")
            effects += more
        elif p.tell_ms is not None and p.tell_ms <= at.now_ms:
            told = replace(p, tell_ms=None)
            m = _with(m, told)
            effects += tuple(_changed(m, o, "reconnecting", told) for o in _others(m, told))
    return m, effects


# --- inside -------------------------------------------------------------------------------


def _media(m: Meeting, event: on.Media, _: Moment) -> Decision:
    mine = _own(m, event.address, event.session)
    said = replace(mine, media=event.media or mine.media, name=event.name or mine.name)
    new = _with(m, said)
    return new, tuple(_changed(new, other, "media", said) for other in _others(new, said))


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
    new = replace(m, locked=event.locked)
    return new, tuple(_to_parties(new, "locked" if event.locked else "unlocked"))


def _end(m: Meeting, event: on.End, at: Moment) -> Decision:
    return _over(m, event.reason, at), ()


def _own(m: Meeting, who: str, session: str | None) -> Participant:
    for p in m.inside:
        if p.address == who and session in (None, p.session):
            return p
    raise NotFound("you are not in this meeting")


def _with(m: Meeting, participant: Participant) -> Meeting:
    changed = tuple(participant if p.id == participant.id else p for p in m.participants)
    return replace(m, participants=changed)


def _others(m: Meeting, participant: Participant) -> tuple[Participant, ...]:
    return tuple(p for p in m.inside if p.id != participant.id)


def _changed(m: Meeting, to: Participant, change: str, who: Participant, **more: Any) -> Send:
    told = {"change": change, "participant": who.id, "for": to.id}
    params = {"meeting": views.meeting(m), **told, **more}
    return Send(to.address, "meeting.changed", params)


def _to_parties(m: Meeting, change: str) -> list[Effect]:
    params = {"meeting": views.meeting(m), "change": change}
    return [Send(p.address, "meeting.changed", params) for p in m.parties]


HANDLERS: Final[dict[type[Event], Callable[[Meeting, Any, Moment], Decision]]] = {
    on.Admit: _admit,
    on.Revoke: _revoke,
    on.Join: _join,
    on.Leave: _leave,
    on.SocketDropped: _dropped,
    on.SocketResumed: _socket_resumed,
    on.Media: _media,
    on.Message: _message,
    on.Lock: _lock,
    on.End: _end,
    on.Deadline: _deadline,
}
