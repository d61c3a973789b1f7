"""Every method: its types, who may call it, where, and what may go wrong.

The socket, HTTP and the descriptions all work from this table and the one in `events`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from signalling import errors as e
from signalling.protocol.events import EVENTS, Notification
from signalling.protocol.messages import message_type
from signalling.protocol.messages.common import Params

__all__ = ["COMMON_ERRORS", "EVENTS", "METHODS", "Method", "Notification", "Role"]


class Role(StrEnum):
    """What a token makes its bearer."""

    CUSTOMER = "customer"
    INTERPRETER = "interpreter"
    OPERATOR = "operator"
    APP = "app"
    GUEST = "guest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """One operation.

    *socket_only*: it makes no sense over HTTP. *before_open*: it may be called before
    `session.open`. *creates*: it takes an `idempotency_key`. *errors* are its own, beside
    `COMMON_ERRORS`.
    """

    name: str
    params: type[Params]
    result: type[Any]
    roles: frozenset[Role]
    summary: str
    errors: tuple[type[e.DragomanError], ...] = ()
    socket_only: bool = False
    before_open: bool = False
    creates: bool = False


COMMON_ERRORS: tuple[type[e.DragomanError], ...] = (
    e.InvalidParams,
    e.Unauthenticated,
    e.Forbidden,
    e.RateLimited,
    e.TooLarge,
    e.Unavailable,
    e.InternalError,
)

C, I, O, A, G = Role  # noqa: E741 - one letter a column
EVERYBODY = frozenset(Role)
MEMBERS = frozenset({C, I, O, A})
STAFF = frozenset({O, A})
ASKERS = frozenset({C, O, A})
PARTICIPANTS = frozenset({C, I, O, G})
ONE = frozenset({I})

NOT_FOUND = (e.NotFound,)
CHANGE = (e.NotFound, e.Conflict, e.IllegalTransition)
ANSWER = (e.NotFound, e.Gone)


def _method(
    name: str,
    roles: frozenset[Role],
    summary: str,
    *errors: type[e.DragomanError],
    **flags: bool,
) -> Method:
    return Method(
        name=name,
        params=message_type(name, "Params"),
        result=message_type(name, "Result"),
        roles=roles,
        summary=summary,
        errors=errors,
        **flags,
    )


_SESSION = (
    _method(
        "session.open",
        EVERYBODY,
        "Open or resume a session: the first message on a socket.",
        e.InvalidRequest,
        e.NotFound,
        e.Gone,
        socket_only=True,
        before_open=True,
    ),
    _method(
        "session.refresh", EVERYBODY, "Go on with a newer token of the same user.", socket_only=True
    ),
    _method(
        "session.ping",
        EVERYBODY,
        "Show life, for clients that cannot see WebSocket pings.",
        socket_only=True,
    ),
    _method(
        "session.close",
        EVERYBODY,
        "End the session now, without a resume window.",
        socket_only=True,
    ),
)

_PRESENCE = (
    _method(
        "presence.set",
        frozenset({I, O, A}),
        "Say whether you take work now; apps and operators set others away or offline.",
        e.NotFound,
        e.IllegalTransition,
    ),
    _method(
        "presence.watch",
        MEMBERS,
        "Follow the availability of people you meet, or of the marketplace in sum.",
        *NOT_FOUND,
        socket_only=True,
    ),
    _method("presence.unwatch", MEMBERS, "Stop following.", socket_only=True),
    _method(
        "presence.summary", MEMBERS, "Count the available interpreters by language pair and mode."
    ),
    _method(
        "presence.log", frozenset({I, O}), "Show when an interpreter was available.", *NOT_FOUND
    ),
)

_INTERPRETER = (
    _method("interpreter.put", frozenset({I, O, A}), "Create or replace a profile.", e.Conflict),
    _method(
        "interpreter.get", MEMBERS, "Show a profile, as far as the caller may see it.", *NOT_FOUND
    ),
    _method(
        "interpreter.remove", STAFF, "Remove an interpreter who has no work.", e.IllegalTransition
    ),
    _method(
        "interpreter.calendar",
        frozenset({I, O, A}),
        "Show, renew or end the secret address of an interpreter's bookings as iCalendar.",
        *NOT_FOUND,
    ),
    _method(
        "interpreter.import", STAFF, "Create or replace many profiles; over HTTP also as NDJSON."
    ),
)

_MATCH = (
    _method(
        "match.search", ASKERS, "Rank interpreters for a request without asking any.", e.NotEligible
    ),
    _method(
        "match.estimate",
        ASKERS,
        "Say how long the wait will be, how sure that is, and what would work better.",
    ),
    _method(
        "match.explain",
        MEMBERS,
        "Say why an interpreter was or was not asked, from the recorded decision.",
        *NOT_FOUND,
    ),
    _method(
        "match.parameters",
        EVERYBODY,
        "Say what counts in the ranking and how much, which rules hold, and what never counts.",
    ),
    _method(
        "match.contest",
        frozenset({C, I}),
        "Ask a human to look again at what was decided of oneself, or for oneself.",
        e.NotFound,
        e.Conflict,
        creates=True,
    ),
    _method(
        "match.contests",
        MEMBERS,
        "List one's own contests; apps and operators: those of their app that wait for an answer.",
    ),
    _method(
        "match.answer",
        STAFF,
        "Answer a contest after looking at the decision again.",
        e.NotFound,
        e.IllegalTransition,
    ),
)

_ASSIGNMENT = (
    _method(
        "assignment.create",
        ASKERS,
        "Ask for an interpreter.",
        e.Conflict,
        e.NotEligible,
        creates=True,
    ),
    _method("assignment.get", MEMBERS, "Show an assignment.", *NOT_FOUND),
    _method(
        "assignment.list",
        MEMBERS,
        "List one's own assignments; apps and operators: all of their app's.",
    ),
    _method(
        "assignment.update",
        ASKERS,
        "Change what is asked for; changed terms are offered anew.",
        *CHANGE,
        e.NotEligible,
    ),
    _method(
        "assignment.cancel",
        MEMBERS,
        "Call it off; an interpreter gives back what they accepted.",
        *CHANGE,
    ),
    _method("assignment.complete", MEMBERS, "Say that the work is done.", *CHANGE),
    _method(
        "assignment.recommend",
        frozenset({I, O}),
        "List the open assignments that fit an interpreter, best first, with the reasons.",
        *NOT_FOUND,
    ),
    _method(
        "assignment.interest",
        ONE,
        "Say that you could take an assignment, before it is decided.",
        e.NotFound,
        e.Gone,
        e.NotEligible,
        e.IllegalTransition,
    ),
    _method(
        "assignment.confirm",
        ASKERS,
        "Choose among those who said that they could.",
        *CHANGE,
        e.NotEligible,
    ),
    _method(
        "assignment.check_in",
        ONE,
        "Say that you are on site; the work begins.",
        e.NotFound,
        e.IllegalTransition,
        e.NotEligible,
    ),
)

_OFFER = (
    _method("offer.list", frozenset({I, O}), "List offers that await an answer.", *NOT_FOUND),
    _method("offer.ack", ONE, "Say that an offer arrived, and whether a person saw it.", *ANSWER),
    _method(
        "offer.accept",
        ONE,
        "Take the assignment; accepting twice is accepting once.",
        *ANSWER,
        e.IllegalTransition,
    ),
    _method("offer.decline", ONE, "Say no; it costs nothing and needs no reason.", *ANSWER),
)

_MEETING = (
    _method(
        "meeting.create",
        STAFF,
        "Open a meeting for named people.",
        e.NotFound,
        e.Conflict,
        creates=True,
    ),
    _method("meeting.get", EVERYBODY, "Show a meeting.", *NOT_FOUND),
    _method(
        "meeting.join",
        PARTICIPANTS,
        "Enter a meeting and learn how to connect.",
        e.NotFound,
        e.Gone,
        e.IllegalTransition,
        socket_only=True,
    ),
    _method("meeting.leave", PARTICIPANTS, "Leave a meeting.", *NOT_FOUND, socket_only=True),
    _method("meeting.end", MEMBERS, "End a meeting for everybody.", *NOT_FOUND),
    _method(
        "meeting.signal",
        PARTICIPANTS,
        "Pass an offer, answer or candidate to one participant; may be a notification.",
        e.NotFound,
        e.IllegalTransition,
        e.Gone,
        socket_only=True,
    ),
    _method(
        "meeting.update",
        EVERYBODY,
        "Change what you send or are called; lock or unlock the meeting.",
        e.NotFound,
        e.IllegalTransition,
    ),
    _method(
        "meeting.message",
        PARTICIPANTS,
        "Write to the others in the meeting.",
        e.NotFound,
        e.Conflict,
        e.IllegalTransition,
        socket_only=True,
        creates=True,
    ),
    _method(
        "meeting.negotiate",
        PARTICIPANTS,
        "Connect to what carries the meeting, or say how the media with somebody fares.",
        e.NotFound,
        e.IllegalTransition,
        e.Gone,
        socket_only=True,
    ),
    _method(
        "meeting.invite",
        MEMBERS,
        "Make a link for a guest, who waits in the lobby until let in.",
        e.NotFound,
        e.Conflict,
        e.Gone,
        creates=True,
    ),
    _method(
        "meeting.remove",
        MEMBERS,
        "Put somebody out who may not come back, or take a link back.",
        e.NotFound,
        e.IllegalTransition,
        e.Gone,
    ),
    _method(
        "meeting.transfer",
        MEMBERS,
        "Hand a running meeting to another interpreter, who comes before the other goes.",
        e.NotFound,
        e.Conflict,
        e.IllegalTransition,
        e.Gone,
        creates=True,
    ),
    _method(
        "meeting.record",
        MEMBERS,
        "Ask everybody to be recorded, or stop the recording.",
        e.NotFound,
        e.IllegalTransition,
        e.Gone,
    ),
)

_CONSENT = (
    _method(
        "consent.grant",
        PARTICIPANTS,
        "Agree to being recorded in a meeting.",
        e.NotFound,
        e.Gone,
    ),
    _method(
        "consent.withdraw", PARTICIPANTS, "Agree no more: it stops at once.", e.NotFound, e.Gone
    ),
    _method("consent.list", PARTICIPANTS, "List what you agreed to.", *NOT_FOUND),
)

_FEEDBACK = (
    _method(
        "feedback.rate",
        frozenset({C, I, A}),
        "Rate the other side once the work is done; rating again replaces.",
        *CHANGE,
        creates=True,
    ),
    _method(
        "feedback.report",
        frozenset({C, I, A}),
        "Report an assignment to the staff: who never came, wrong times, or an appeal.",
        *CHANGE,
        creates=True,
    ),
    _method(
        "feedback.reports",
        MEMBERS,
        "List one's own reports; apps and operators: those of their app that wait for an answer.",
    ),
    _method(
        "feedback.answer",
        STAFF,
        "Answer a report: let it stand, put it right, or excuse a no-show.",
        e.NotFound,
        e.IllegalTransition,
    ),
    _method(
        "feedback.standing",
        frozenset({I, O}),
        "Show the no-shows that count, and what follows from them.",
        *NOT_FOUND,
    ),
)

_WEBHOOK = (
    _method(
        "webhook.put",
        STAFF,
        "Have events of your app posted to a URL, or change which; shows a new secret once.",
        e.NotFound,
        e.Conflict,
        creates=True,
    ),
    _method("webhook.list", STAFF, "List the webhooks of your app."),
    _method("webhook.remove", STAFF, "Have nothing posted there any more.", *NOT_FOUND),
    _method(
        "webhook.test",
        STAFF,
        "Have an event posted there that means nothing.",
        e.NotFound,
        e.IllegalTransition,
    ),
    _method(
        "webhook.deliveries",
        STAFF,
        "List what was posted, what waits and what was given up, newest first.",
        *NOT_FOUND,
    ),
    _method(
        "webhook.redeliver",
        STAFF,
        "Post a delivery once more, or all that were given up since a time.",
        e.NotFound,
        e.Conflict,
    ),
)

_OTHER = (
    _method(
        "device.check",
        PARTICIPANTS,
        "Try microphone, camera and network against the server, and hear how they are.",
        e.NotFound,
    ),
    _method("device.ice", PARTICIPANTS, "Get STUN and TURN servers with credentials that expire."),
    _method("rpc.discover", EVERYBODY, "Describe every method, as OpenRPC.", before_open=True),
)

METHODS: Mapping[str, Method] = MappingProxyType(
    {
        method.name: method
        for group in (
            _SESSION,
            _PRESENCE,
            _INTERPRETER,
            _MATCH,
            _ASSIGNMENT,
            _OFFER,
            _MEETING,
            _CONSENT,
            _FEEDBACK,
            _WEBHOOK,
            _OTHER,
        )
        for method in group
    }
)
