"""Which events a meeting and its participants take, and where each leads."""

from typing import Final

from signalling.core import events as on
from signalling.core import room_events as room
from signalling.core.room import MeetingState, ParticipantState

M, P = MeetingState, ParticipantState
Event = (
    room.Open
    | room.Admit
    | room.Revoke
    | on.Join
    | on.Leave
    | on.SocketDropped
    | on.SocketResumed
    | on.Media
    | on.Message
    | on.Lock
    | on.End
    | on.Deadline
    | room.Invite
    | room.LetIn
    | room.Remove
    | room.HandOver
    | room.Path
    | room.Quality
    | room.CarrierLost
    | room.Published
    | room.Record
    | room.Consent
    | room.Recorder
)

# Meeting state × event -> the states it may lead to. An absent cell refuses with Gone, see LATE.
TABLE: Final[dict[MeetingState, dict[type[Event], tuple[MeetingState, ...]]]] = {
    M.OPEN: {
        room.Admit: (M.OPEN,),
        room.Revoke: (M.OPEN,),
        on.Join: (M.OPEN, M.LIVE),
        on.Leave: (M.OPEN,),
        on.SocketDropped: (M.OPEN,),
        on.SocketResumed: (M.OPEN,),
        on.Media: (M.OPEN,),
        on.Message: (M.OPEN,),
        on.Lock: (M.OPEN,),
        on.End: (M.ENDED,),
        on.Deadline: (M.OPEN, M.ENDED),
        room.Invite: (M.OPEN,),
        room.LetIn: (M.OPEN, M.LIVE),
        room.Remove: (M.OPEN,),
        room.HandOver: (M.OPEN,),
        room.Path: (M.OPEN,),
        room.Quality: (M.OPEN,),
        room.CarrierLost: (M.OPEN,),
        room.Published: (M.OPEN,),
        room.Record: (M.OPEN,),
        room.Consent: (M.OPEN,),
        room.Recorder: (M.OPEN,),
    },
    M.LIVE: {
        room.Admit: (M.LIVE,),
        room.Revoke: (M.LIVE, M.ENDED),
        on.Join: (M.LIVE,),
        on.Leave: (M.LIVE, M.ENDED),
        on.SocketDropped: (M.LIVE,),
        on.SocketResumed: (M.LIVE,),
        on.Media: (M.LIVE,),
        on.Message: (M.LIVE,),
        on.Lock: (M.LIVE,),
        on.End: (M.ENDED,),
        on.Deadline: (M.LIVE, M.ENDED),
        room.Invite: (M.LIVE,),
        room.LetIn: (M.LIVE,),
        room.Remove: (M.LIVE, M.ENDED),
        room.HandOver: (M.LIVE,),
        room.Path: (M.LIVE,),
        room.Quality: (M.LIVE,),
        room.CarrierLost: (M.LIVE,),
        room.Published: (M.LIVE,),
        room.Record: (M.LIVE,),
        room.Consent: (M.LIVE,),
        room.Recorder: (M.LIVE,),
    },
    M.ENDED: {},
}
# Participant state × event -> state. An absent cell leaves the participant as they are; the
# end of the meeting takes everybody out.
PARTICIPANT_TABLE: Final[dict[ParticipantState, dict[type[Event], ParticipantState]]] = {
    P.WAITING: {
        on.Join: P.WAITING,
        on.SocketDropped: P.WAITING,
        on.SocketResumed: P.WAITING,
        room.LetIn: P.JOINED,
        on.Leave: P.LEFT,
        room.Revoke: P.REMOVED,
        room.Remove: P.REMOVED,
        on.Deadline: P.LEFT,
    },
    P.JOINED: {
        on.Join: P.JOINED,
        on.SocketDropped: P.RECONNECTING,
        on.SocketResumed: P.JOINED,
        on.Leave: P.LEFT,
        room.Revoke: P.REMOVED,
        room.Remove: P.REMOVED,
    },
    P.RECONNECTING: {
        on.Join: P.JOINED,
        on.SocketDropped: P.RECONNECTING,
        on.SocketResumed: P.JOINED,
        on.Leave: P.LEFT,
        room.Revoke: P.REMOVED,
        room.Remove: P.REMOVED,
        on.Deadline: P.LEFT,
    },
    P.LEFT: {},
    P.REMOVED: {},
}
# What changes nothing once the meeting is over: timers, sockets, and other records.
LATE: Final = (
    on.Deadline,
    room.Revoke,
    on.Leave,
    on.SocketDropped,
    on.SocketResumed,
    on.End,
    room.Path,
    room.Quality,
    room.CarrierLost,
    room.Published,
    room.Recorder,
)
