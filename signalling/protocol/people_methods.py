"""Methods of sessions, of who is there, and of whom the matching works on."""

from signalling import errors as e
from signalling.protocol.method import (
    ASKERS,
    EVERYBODY,
    MEMBERS,
    NOT_FOUND,
    STAFF,
    A,
    C,
    I,
    O,
    method,
)

SESSION = (
    method(
        "session.open",
        EVERYBODY,
        "Open or resume a session: the first message on a socket.",
        e.InvalidRequest,
        e.NotFound,
        e.Gone,
        socket_only=True,
        before_open=True,
    ),
    method(
        "session.refresh", EVERYBODY, "Go on with a newer token of the same user.", socket_only=True
    ),
    method(
        "session.ping",
        EVERYBODY,
        "Show life, for clients that cannot see WebSocket pings.",
        socket_only=True,
    ),
    method(
        "session.close",
        EVERYBODY,
        "End the session now, without a resume window.",
        socket_only=True,
    ),
)

PRESENCE = (
    method(
        "presence.set",
        frozenset({I, O, A}),
        "Say whether you take work now; apps and operators set others away or offline.",
        e.NotFound,
        e.IllegalTransition,
    ),
    method(
        "presence.watch",
        MEMBERS,
        "Follow the availability of people you meet, or of the marketplace in sum.",
        *NOT_FOUND,
        socket_only=True,
    ),
    method("presence.unwatch", MEMBERS, "Stop following.", socket_only=True),
    method(
        "presence.summary", MEMBERS, "Count the available interpreters by language pair and mode."
    ),
    method(
        "presence.log", frozenset({I, O}), "Show when an interpreter was available.", *NOT_FOUND
    ),
)

INTERPRETER = (
    method("interpreter.put", frozenset({I, O, A}), "Create or replace a profile.", e.Conflict),
    method(
        "interpreter.get", MEMBERS, "Show a profile, as far as the caller may see it.", *NOT_FOUND
    ),
    method(
        "interpreter.remove", STAFF, "Remove an interpreter who has no work.", e.IllegalTransition
    ),
    method(
        "interpreter.calendar",
        frozenset({I, O, A}),
        "Show, renew or end the secret address of an interpreter's bookings as iCalendar.",
        *NOT_FOUND,
    ),
    method(
        "interpreter.import", STAFF, "Create or replace many profiles; over HTTP also as NDJSON."
    ),
)

MATCH = (
    method(
        "match.search", ASKERS, "Rank interpreters for a request without asking any.", e.NotEligible
    ),
    method(
        "match.estimate",
        ASKERS,
        "Say how long the wait will be, how sure that is, and what would work better.",
    ),
    method(
        "match.explain",
        MEMBERS,
        "Say why an interpreter was or was not asked, from the recorded decision.",
        *NOT_FOUND,
    ),
    method(
        "match.parameters",
        EVERYBODY,
        "Say what counts in the ranking and how much, which rules hold, and what never counts.",
    ),
    method(
        "match.contest",
        frozenset({C, I}),
        "Ask a human to look again at what was decided of oneself, or for oneself.",
        e.NotFound,
        e.Conflict,
        creates=True,
    ),
    method(
        "match.contests",
        MEMBERS,
        "List one's own contests; apps and operators: those of their app that wait for an answer.",
    ),
    method(
        "match.answer",
        STAFF,
        "Answer a contest after looking at the decision again.",
        e.NotFound,
        e.IllegalTransition,
    ),
)
