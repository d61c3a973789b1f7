"""interpreter.*: the profiles that matching works on."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from signalling.protocol.messages.common import (
    Category,
    Dialect,
    Gender,
    Id,
    Modes,
    Moment,
    Name,
    Params,
    Point,
    Qualification,
    Result,
    Shared,
    Stamp,
    Tag,
    Version,
    Word,
    Zone,
    doc,
)

Level = Literal["A1", "A2", "B1", "B2", "C1", "C2", "native"]
Kilometres = Annotated[
    float, Meta(ge=0, le=20_000, description="Farthest onsite work, kilometres.")
]
Customers = Annotated[tuple[Id, ...], Meta(max_length=200)]


class LanguageSkill(Shared, frozen=True):
    """One language of an interpreter, with the credential held for it."""

    tag: Tag
    level: Annotated[Level, doc("How well they speak it, CEFR; never a credential.")]
    dialect: Dialect | None = None
    qualification: Annotated[
        Qualification | Category | None, doc("Credential; a bare category is on Norway's scale.")
    ] = None


class Price(Shared, frozen=True):
    """What an interpreter costs."""

    amount: Annotated[float, Meta(ge=0, le=1e6, description="In units of the currency.")]
    currency: Annotated[str, Meta(pattern=r"^[A-Z]{3}(?![\s\S])", description="ISO 4217.")]
    per: Annotated[Literal["minute", "hour", "session"], doc("What the amount pays.")] = "hour"


Day = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
Clock = Annotated[
    str,
    Meta(
        pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9](?![\s\S])",
        description="Wall-clock time in the interpreter's zone, e.g. 08:30.",
    ),
]
ClockEnd = Annotated[
    str,
    Meta(
        pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)(?![\s\S])",
        description="The same; 24:00 is midnight, and an end before the start is on the next day.",
    ),
]
Date = Annotated[
    str, Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(?![\s\S])", description="E.g. 2026-12-24.")
]


class WeeklyHours(Shared, frozen=True):
    """Hours of every week in which they take scheduled work."""

    day: Annotated[Day, doc("The day on which they start.")]
    start: Clock
    end: ClockEnd


class DatedHours(Shared, frozen=True):
    """Hours of one date: open beside the week, or closed in spite of it."""

    date: Date
    open: Annotated[bool, doc("Whether they take work then.")]
    start: Clock = "00:00"
    end: ClockEnd = "24:00"


class TimeOff(Shared, frozen=True):
    """A stretch of time off; it wins over all hours that are open."""

    from_: Annotated[Moment, doc("When it begins, RFC 3339 with an offset.")] = msgspec.field(
        name="from"
    )
    to: Annotated[Moment, doc("When it is over, RFC 3339 with an offset.")]


Weekly = Annotated[
    tuple[WeeklyHours, ...],
    Meta(max_length=50, description="Absent: at any time but the exceptions; []: never but then."),
]


class Calendar(Shared, frozen=True):
    """When an interpreter takes scheduled work, in their own time zone."""

    weekly: Weekly | None = None
    dated: Annotated[
        tuple[DatedHours, ...], Meta(max_length=500, description="Exceptions, by date.")
    ] = ()
    off: Annotated[tuple[TimeOff, ...], Meta(max_length=500, description="Times off.")] = ()


class QuietHours(Shared, frozen=True):
    """When no offer may wake an interpreter, every day in their own time zone."""

    from_: Annotated[Clock, doc("When they begin, e.g. 22:00.")] = msgspec.field(name="from")
    to: Annotated[Clock, doc("When they are over, e.g. 07:00 of the next day.")]


TravelsBy = Literal["car", "transit"]


class InterpreterProfile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What describes an interpreter."""

    id: Annotated[Id, doc("Id within the marketplace; the `sub` of their tokens.")]
    name: Name
    languages: Annotated[tuple[LanguageSkill, ...], Meta(min_length=1, max_length=32)]
    modes: Annotated[Modes, doc("Modes they work in.")]
    timezone: Zone
    specialisms: Annotated[
        tuple[Word, ...], Meta(max_length=32, description="Fields of work, e.g. medical, legal.")
    ] = ()
    gender: Gender | None = None
    location: Annotated[Point | None, doc("Where they start from.")] = None
    max_travel_km: Kilometres | None = None
    price: Price | None = None
    clearances: Annotated[
        tuple[Word, ...], Meta(max_length=16, description="Security clearances.")
    ] = ()
    adult: Annotated[bool, doc("Whether they are of age.")] = True
    blocked_customers: Annotated[Customers, doc("Customers they do not work for.")] = ()
    conflicts: Annotated[Customers, doc("Customers with whom a conflict is declared.")] = ()
    calendar: Annotated[
        Calendar | None, doc("When they take scheduled work; absent: at any time.")
    ] = None
    quiet: Annotated[
        QuietHours | None,
        doc("Hours without offers of bookings, and without push; emergencies excepted."),
    ] = None
    travels_by: Annotated[TravelsBy, doc("How they get to work on site.")] = "transit"
    exact_location: Annotated[
        bool, doc("They consent that matching uses their exact place, not its square kilometre.")
    ] = False


class Interpreter(Result, frozen=True):
    """An interpreter as the caller may see them; customers never see the place."""

    id: Id
    name: str
    languages: tuple[LanguageSkill, ...]
    specialisms: tuple[str, ...] = ()
    modes: Modes = ()
    gender: Gender | None = None
    location: Point | None = None
    max_travel_km: Kilometres | None = None
    timezone: str | None = None
    price: Price | None = None
    clearances: tuple[str, ...] = ()
    adult: bool = True
    blocked_customers: tuple[Id, ...] = ()
    conflicts: tuple[Id, ...] = ()
    calendar: Calendar | None = None
    quiet: QuietHours | None = None
    travels_by: TravelsBy | None = None
    exact_location: bool = False
    version: Version | None = None


class InterpreterPutParams(Params, frozen=True):
    interpreter: Annotated[
        InterpreterProfile,
        doc("The whole profile; interpreters cannot change their qualifications or clearances."),
    ]
    version: Annotated[Version | None, doc("Refuse unless the record has this version.")] = None


class InterpreterPutResult(Result, frozen=True):
    interpreter: Interpreter
    created: Annotated[bool, doc("Whether they are new.")]


class InterpreterGetParams(Params, frozen=True):
    interpreter: Annotated[Id | None, doc("Whom; absent: oneself.")] = None


class InterpreterGetResult(Result, frozen=True):
    interpreter: Interpreter


class InterpreterRemoveParams(Params, frozen=True):
    interpreter: Annotated[Id, doc("Whom to remove.")]


class InterpreterRemoveResult(Result, frozen=True):
    removed: Annotated[bool, doc("False: there was no such interpreter.")]


class InterpreterCalendarParams(Params, frozen=True):
    interpreter: Annotated[Id | None, doc("Whose; absent: one's own.")] = None
    action: Annotated[
        Literal["show", "renew", "revoke"],
        doc("renew makes a new address and ends the one before; only interpreters do, for theirs."),
    ] = "show"


class InterpreterCalendarResult(Result, frozen=True):
    created_at: Annotated[Stamp | None, doc("Since when there is a feed; absent: none.")] = None
    path: Annotated[
        str | None, doc("Where on this server it is, for calendar programs; told once: a secret.")
    ] = None


class InterpreterImportParams(Params, frozen=True):
    interpreters: Annotated[
        tuple[InterpreterProfile, ...],
        Meta(min_length=1, max_length=10_000, description="Over HTTP also NDJSON, one a line."),
    ]


class ImportFailure(Result, frozen=True):
    """One profile that was refused."""

    line: Annotated[int, doc("Which profile, counted from 1.")]
    detail: Annotated[str, doc("Why.")]
    path: Annotated[str | None, doc("The field.")] = None
    id: Annotated[str | None, doc("The interpreter, if it could be read.")] = None


class InterpreterImportResult(Result, frozen=True):
    imported: Annotated[int, doc("Profiles kept.")]
    failed: Annotated[int, doc("Profiles refused.")]
    failures: Annotated[tuple[ImportFailure, ...], doc("The first hundred of them.")]
