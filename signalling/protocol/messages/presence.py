"""presence.*: who is available, now."""

from typing import Annotated, Literal

from msgspec import Meta

from signalling.protocol.messages.common import (
    Cursor,
    Event,
    Id,
    LanguagePair,
    Mode,
    Modes,
    Moment,
    PageSize,
    Params,
    Point,
    Result,
    Stamp,
    Tag,
    doc,
)

Settable = Literal["available", "busy", "away", "offline"]
Status = Literal["offline", "away", "available", "ringing", "held", "in_meeting", "wrap_up", "busy"]
Watched = Annotated[
    tuple[Id, ...], Meta(max_length=200, description="Ids of interpreters, 200 at most.")
]


class Presence(Result, frozen=True):
    """One interpreter's availability."""

    interpreter: Annotated[Id, doc("Whose availability.")]
    status: Status
    since: Annotated[Stamp, doc("When this status began.")]
    modes: Annotated[Modes | None, doc("Modes they take now.")] = None
    until: Annotated[Stamp | None, doc("When this status ends by itself.")] = None
    push: Annotated[bool, doc("Whether offers reach them while their app is closed.")] = False


class PresenceSetParams(Params, frozen=True):
    status: Annotated[Settable, doc("Ringing, held, in_meeting and wrap_up are the server's.")]
    modes: Annotated[Modes | None, doc("Take only these; absent: as in the profile.")] = None
    position: Annotated[Point | None, doc("Where the interpreter is now.")] = None
    exact_location: Annotated[
        bool, doc("Consent to keep the exact position; else its square kilometre is kept.")
    ] = False
    until: Annotated[Moment | None, doc("Be away from then on.")] = None
    push: Annotated[
        bool,
        doc("Stay available until then though the app is closed: offers come by push (webhook)."),
    ] = False
    interpreter: Annotated[
        Id | None, doc("Whom to set away or offline (apps, operators); absent: oneself.")
    ] = None


class PresenceSetResult(Result, frozen=True):
    presence: Presence


class PresenceWatchParams(Params, frozen=True):
    interpreters: Annotated[Watched, doc("Send presence.changed for these.")] = ()
    summary: Annotated[bool, doc("Send presence.summary, at most once a second.")] = False


class PairCount(Result, frozen=True):
    """How many interpreters are available for one language pair."""

    languages: LanguagePair
    available: Annotated[int, doc("Interpreters available in any mode.")]
    modes: Annotated[dict[Mode, int], doc("Interpreters available by mode.")]


class PresenceWatchResult(Result, frozen=True):
    presence: Annotated[tuple[Presence, ...], doc("As it is now.")]
    summary: Annotated[tuple[PairCount, ...] | None, doc("As it is now, when asked for.")] = None


class PresenceUnwatchParams(Params, frozen=True):
    interpreters: Annotated[Watched | None, doc("Stop these; absent: all.")] = None
    summary: Annotated[bool, doc("Stop presence.summary too.")] = True


class PresenceUnwatchResult(Result, frozen=True):
    watching: Annotated[int, doc("How many interpreters are still watched.")]


class PresenceSummaryParams(Params, frozen=True):
    language: Annotated[Tag | None, doc("Only pairs with this language.")] = None
    mode: Annotated[Mode | None, doc("Only this mode.")] = None


class PresenceSummaryResult(Result, frozen=True):
    pairs: tuple[PairCount, ...]
    available: Annotated[int, doc("Interpreters available at all.")]
    server_time: Annotated[Stamp, doc("The server's clock.")]


class PresenceLogParams(Params, frozen=True):
    interpreter: Annotated[Id | None, doc("Whose log (operators); absent: one's own.")] = None
    since: Annotated[Moment | None, doc("Entries from then on.")] = None
    until: Annotated[Moment | None, doc("Entries before then.")] = None
    limit: PageSize = 50
    cursor: Cursor | None = None


class PresenceLogEntry(Result, frozen=True):
    """One change of availability."""

    at: Annotated[Stamp, doc("When.")]
    status: Status
    cause: Annotated[str | None, doc("What changed it.")] = None


class PresenceLogResult(Result, frozen=True):
    entries: Annotated[tuple[PresenceLogEntry, ...], doc("Newest first.")]
    next: Annotated[str | None, doc("Cursor of the next page; absent: the last.")] = None


class PresenceChangedEvent(Event, frozen=True):
    presence: Presence


class PresenceSummaryEvent(Event, frozen=True):
    pairs: Annotated[tuple[PairCount, ...], doc("The pairs that changed.")]
    available: Annotated[int, doc("Interpreters available at all.")]
