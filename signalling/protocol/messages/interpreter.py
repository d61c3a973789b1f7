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
    Name,
    Params,
    Point,
    Qualification,
    Result,
    Shared,
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
