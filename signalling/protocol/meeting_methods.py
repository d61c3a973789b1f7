"""Methods of meetings and devices, and the description of everything."""

from signalling import errors as e
from signalling.protocol.method import EVERYBODY, MEMBERS, NOT_FOUND, PARTICIPANTS, STAFF, method

MEETING = (
    method(
        "meeting.create",
        STAFF,
        "Open a meeting for named people.",
        e.NotFound,
        e.Conflict,
        creates=True,
    ),
    method("meeting.get", EVERYBODY, "Show a meeting.", *NOT_FOUND),
    method(
        "meeting.join",
        PARTICIPANTS,
        "Enter a meeting and learn how to connect.",
        e.NotFound,
        e.Gone,
        e.IllegalTransition,
        socket_only=True,
    ),
    method("meeting.leave", PARTICIPANTS, "Leave a meeting.", *NOT_FOUND, socket_only=True),
    method("meeting.end", MEMBERS, "End a meeting for everybody.", *NOT_FOUND),
    method(
        "meeting.signal",
        PARTICIPANTS,
        "Pass an offer, answer or candidate to one participant; may be a notification.",
        e.NotFound,
        e.IllegalTransition,
        e.Gone,
        socket_only=True,
    ),
    method(
        "meeting.update",
        EVERYBODY,
        "Change what you send or are called; lock or unlock the meeting.",
        e.NotFound,
        e.IllegalTransition,
    ),
    method(
        "meeting.message",
        PARTICIPANTS,
        "Write to the others in the meeting.",
        e.NotFound,
        e.Conflict,
        e.IllegalTransition,
        socket_only=True,
        creates=True,
    ),
    method(
        "meeting.negotiate",
        PARTICIPANTS,
        "Connect to what carries the meeting, or say how the media with somebody fares.",
        e.NotFound,
        e.IllegalTransition,
        e.Gone,
        socket_only=True,
    ),
    method(
        "meeting.invite",
        MEMBERS,
        "Make a link for a guest, who waits in the lobby until let in.",
        e.NotFound,
        e.Conflict,
        e.Gone,
        creates=True,
    ),
    method(
        "meeting.remove",
        MEMBERS,
        "Put somebody out who may not come back, or take a link back.",
        e.NotFound,
        e.IllegalTransition,
        e.Gone,
    ),
    method(
        "meeting.transfer",
        MEMBERS,
        "Hand a running meeting to another interpreter, who comes before the other goes.",
        e.NotFound,
        e.Conflict,
        e.IllegalTransition,
        e.Gone,
        creates=True,
    ),
    method(
        "meeting.record",
        MEMBERS,
        "Ask everybody to be recorded, or stop the recording.",
        e.NotFound,
        e.IllegalTransition,
        e.Gone,
    ),
)

CONSENT = (
    method(
        "consent.grant",
        PARTICIPANTS,
        "Agree to being recorded in a meeting.",
        e.NotFound,
        e.Gone,
    ),
    method(
        "consent.withdraw", PARTICIPANTS, "Agree no more: it stops at once.", e.NotFound, e.Gone
    ),
    method("consent.list", PARTICIPANTS, "List what you agreed to.", *NOT_FOUND),
)

OTHER = (
    method(
        "device.check",
        PARTICIPANTS,
        "Try microphone, camera and network against the server, and hear how they are.",
        e.NotFound,
    ),
    method("device.ice", PARTICIPANTS, "Get STUN and TURN servers with credentials that expire."),
    method("rpc.discover", EVERYBODY, "Describe every method, as OpenRPC.", before_open=True),
)
