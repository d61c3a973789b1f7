"""What is asked for: shared by assignment.create, match.search and match.estimate."""

from typing import Annotated, Literal

from msgspec import Meta

from signalling.protocol.messages.common import (
    Category,
    Dialect,
    Gender,
    Id,
    LanguagePair,
    Minutes,
    Mode,
    Note,
    Params,
    Point,
    Qualification,
    Shared,
    Start,
    Word,
    Zone,
    doc,
)
from signalling.protocol.messages.interpreter import Date, Day

Interpreters = Annotated[tuple[Id, ...], Meta(max_length=50)]
OfferSeconds = Annotated[
    int, Meta(ge=5, le=86_400, description="How long an offer stands, seconds.")
]
Chance = Annotated[
    float, Meta(ge=0.01, le=0.99, description="Chance of an acceptance that a wave is to reach.")
]
People = Annotated[int, Meta(ge=1, le=50, description="Most people a wave.")]
InterestSeconds = Annotated[
    int,
    Meta(
        ge=0,
        le=30 * 86_400,
        description="How long interpreters may say that they could, seconds; 0: offers at once.",
    ),
]
Count = Annotated[
    int, Meta(ge=1, description="How many, the first and those to skip included; or `until`.")
]
Priority = Annotated[int, Meta(ge=0, le=9, description="0 to 9, higher first; 5 is routine.")]


class Requirements(Shared, frozen=True):
    """Hard rules: who does not meet them is never asked."""

    min_qualification: Annotated[
        Qualification | Category | None, doc("Lowest credential in both languages.")
    ] = None
    specialisms: Annotated[
        tuple[Word, ...], Meta(max_length=8, description="Fields of work, all of them.")
    ] = ()
    gender: Gender | None = None
    dialect: Dialect | None = None
    clearance: Annotated[Word | None, doc("Security clearance.")] = None
    accept_substitutes: Annotated[
        bool, doc("Take a curated spoken substitute of the language; offers name it.")
    ] = False


class Preferences(Shared, frozen=True):
    """The customer's own wishes about people."""

    preferred: Annotated[Interpreters, doc("Interpreters to favour.")] = ()
    blocked: Annotated[Interpreters, doc("Interpreters never to ask.")] = ()


class Offering(Shared, frozen=True):
    """How interpreters are asked: parameters of the one wave policy."""

    offer_s: OfferSeconds | None = None
    target: Chance | None = None
    largest: People | None = None
    preferred_first: Annotated[
        bool, doc("Ask those in preferences.preferred before anybody else.")
    ] = False


class Repeats(Shared, frozen=True):
    """A series: every so many days, weeks or months, at the same time on the clock of its zone.

    It ends by a count or by a date: one of the two.
    """

    every: Annotated[Literal["day", "week", "month"], doc("What is counted.")]
    interval: Annotated[int, Meta(ge=1, le=12, description="Each so many of them.")] = 1
    days: Annotated[
        tuple[Day, ...],
        Meta(max_length=7, description="Weekdays, the start's among them; weekly series only."),
    ] = ()
    count: Count | None = None
    until: Annotated[Date | None, doc("Last date; or `count`.")] = None
    skip: Annotated[
        tuple[Date, ...],
        Meta(max_length=60, description="Dates of the series on which there is none."),
    ] = ()


class AssignmentTerms(Params, frozen=True):
    """What is asked for: shared by assignment.create and match.search."""

    languages: LanguagePair
    mode: Mode
    duration_min: Minutes
    customer: Annotated[Id | None, doc("For whom, when an app or operator asks.")] = None
    starts_at: Annotated[Start | None, doc("When it starts; absent: now.")] = None
    timezone: Zone | None = None
    requirements: Requirements = Requirements()
    preferences: Preferences = Preferences()
    location: Annotated[Point | None, doc("Where; onsite needs it.")] = None
    public_body: Annotated[bool, doc("A public body asks: the lowest category is E.")] = False
    emergency: Annotated[bool, doc("Life or health is at stake; recorded as such.")] = False
    priority: Priority = 5
    strategy: Annotated[
        Literal["waves", "one_at_a_time", "broadcast"] | None,
        doc("How interpreters are asked; absent: the app's, else in waves."),
    ] = None
    interpreters_needed: Annotated[int, Meta(ge=1, le=8, description="How many.")] = 1
    note: Annotated[Note | None, doc("For the interpreter who accepts; no names, please.")] = None
