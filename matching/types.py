"""The vocabulary: interpreters, requests, presence, and what a ranking says.

Everything is frozen. Tags, dialects, specialisms and modes are in their normal form once they
have passed `admission`; nothing behind it normalises again. What is built by the hundred in
one search (`Contribution`, `Match`) is a NamedTuple, which costs a third of a frozen dataclass.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, NamedTuple

from matching.calendar import Calendar
from matching.quiet import QuietHours

NONE: frozenset[str] = frozenset()


class Mode(StrEnum):
    AUDIO = "audio"
    VIDEO = "video"
    ONSITE = "onsite"


ALL_MODES: frozenset[Mode] = frozenset(Mode)
REMOTE_MODES: frozenset[Mode] = frozenset({Mode.AUDIO, Mode.VIDEO})

Gender = Literal["female", "male", "other"]
Audience = Literal["everyone", "customer", "operator"]


@dataclass(frozen=True, slots=True)
class Place:
    """A position in degrees, WGS 84."""

    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class Qualification:
    """A credential: a category of a scale, held on one language (config/qualifications.toml)."""

    scale: str
    category: str
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class LanguageSkill:
    """A language someone interprets; *level* is a language level and never decides anything."""

    tag: str
    level: str = ""
    dialect: str | None = None
    qualification: Qualification | None = None


@dataclass(frozen=True, slots=True)
class Interpreter:
    """Who someone is to the matcher; `conflicts` are ids of customers and parties.

    `calendar` says when they may be booked, None for at any time; `quiet` when no offer may wake
    them.
    """

    id: str
    name: str = ""
    languages: tuple[LanguageSkill, ...] = ()
    specialisms: frozenset[str] = NONE
    modes: frozenset[Mode] = REMOTE_MODES
    gender: Gender | None = None
    location: Place | None = None
    max_travel_km: float | None = None
    timezone: str = "Europe/Oslo"
    by_car: bool = False
    price: float | None = None
    blocked_customers: frozenset[str] = NONE
    clearances: frozenset[str] = NONE
    conflicts: frozenset[str] = NONE
    adult: bool = True
    calendar: Calendar | None = None
    quiet: QuietHours | None = None


@dataclass(frozen=True, slots=True)
class Requirements:
    """What an interpreter must have; the floor is the tier of `min_qualification`."""

    min_qualification: Qualification | None = None
    specialisms: frozenset[str] = NONE
    gender: Gender | None = None
    dialect: str | None = None
    clearances: frozenset[str] = NONE
    accept_substitutes: bool = False


@dataclass(frozen=True, slots=True)
class Preferences:
    """What is wished for; `blocked` excludes, and wins over `preferred`."""

    preferred: frozenset[str] = NONE
    blocked: frozenset[str] = NONE
    dialect: str | None = None
    specialisms: frozenset[str] = NONE


@dataclass(frozen=True, slots=True)
class Request:
    """An assignment as the matcher sees it; ids of people are opaque strings.

    `customer` is who pays and may be blocked, `caller` the interpreter's id of whoever asks
    (one is never matched with oneself), `parties` who else takes part, for conflicts. `known_as` is
    the customer in `Track.customers`, where ids of several apps meet; None for `customer` itself.
    `start_ms` (since 1970) makes it a booking, which does not ask who is present; None begins now.
    """

    language_from: str
    language_to: str
    mode: Mode = Mode.VIDEO
    duration_min: int = 30
    requirements: Requirements = field(default_factory=Requirements)
    preferences: Preferences = field(default_factory=Preferences)
    location: Place | None = None
    max_distance_km: float | None = None
    price_cap: float | None = None
    public_body: bool = False
    emergency: bool = False
    customer: str | None = None
    caller: str | None = None
    parties: frozenset[str] = NONE
    start_ms: int | None = None
    known_as: str | None = None

    @property
    def site(self) -> Place | None:
        """Where the work is done, None for remote work."""
        return self.location if self.mode is Mode.ONSITE else None


@dataclass(frozen=True, slots=True)
class Presence:
    """What is known of someone now; `position` (else the profile's) holds while present.

    `free_until_ms` is their own end of day, None for none in sight; bookings are told apart from it
    (`bookings.Diary`). `streak_min` counts back-to-back minutes. Until `suspended_until_ms` they
    get no new offers, for bookings either.
    """

    available: bool = False
    modes: frozenset[Mode] = ALL_MODES
    position: Place | None = None
    reserved_until_ms: int = 0
    last_active_ms: int | None = None
    minutes_today: int = 0
    streak_min: int = 0
    free_until_ms: int | None = None
    suspended_until_ms: int = 0


@dataclass(frozen=True, slots=True)
class Track:
    """What someone's past says, counted by the caller and decayed where it should be.

    `sessions` by pair ("no-so", sorted); `completed` and `failed` of what they accepted, excused
    absence left out; `stars` in all of `rated` ratings; `offers` within `online_h`; of those that
    reached them, how many they `answered`, yes or no, and how many ran out `silent`; recent
    `connects` and `connect_failures` of meetings; `customers`: good sessions and when the last was.
    """

    sessions: Mapping[str, float] = field(default_factory=dict)
    completed: float = 0.0
    failed: float = 0.0
    stars: float = 0.0
    rated: float = 0.0
    offers: float = 0.0
    online_h: float = 0.0
    answered: float = 0.0
    silent: float = 0.0
    connects: float = 0.0
    connect_failures: float = 0.0
    customers: Mapping[str, tuple[float, int]] = field(default_factory=dict)


NEW = Track()


class Reason(NamedTuple):
    """One hard rule that excludes, by machine name and in words."""

    rule: str
    text: str


class Contribution(NamedTuple):
    """What one feature adds to a score, float64: its weight × `value`.

    `p_accept` and `p_complete` show a probability and count by its log-odds. `audience` says who
    may read it: "customer" leaves out interpreters before they accept, "operator" customers too.
    """

    feature: str
    value: float
    contribution: float
    told: str
    audience: Audience

    @property
    def text(self) -> str:
        """The amount and the ground, for people."""
        return f"{self.contribution:+.2f} {self.told}"


class Match(NamedTuple):
    """One ranked interpreter; `score` is the sum of the contributions, in their order.

    `p_accept` is for waves and operators only. `travel_min` and `distance_band` are None unless
    the request is on site. `substitute` names the language served instead of the one asked for.
    """

    interpreter: str
    score: float
    contributions: tuple[Contribution, ...]
    p_accept: float
    tier: str | None
    distance_band: str | None
    travel_min: int | None
    substitute: str | None


class Ranking(NamedTuple):
    """The best `matches` in order, of `eligible` in all, by this version of policy and model.

    A booking is not compared with everybody: of it, `eligible` counts those who were.
    """

    matches: tuple[Match, ...]
    eligible: int
    policy: str
    model: str


class Relaxation(NamedTuple):
    """A single change of the request and how many people it would add."""

    change: str
    adds: int


class Shortage(NamedTuple):
    """Why a list is thin: people excluded by each rule, and what would help, best first."""

    excluded: dict[str, int]
    relaxations: tuple[Relaxation, ...]


MAY_READ: Mapping[Audience, frozenset[Audience]] = {
    "everyone": frozenset({"everyone"}),
    "customer": frozenset({"everyone", "customer"}),
    "operator": frozenset({"everyone", "customer", "operator"}),
}


def reasons_for(
    contributions: tuple[Contribution, ...], reader: Audience
) -> tuple[Contribution, ...]:
    """Return what *reader* may be shown; interpreters before they accept are "everyone".

    They do not read who preferred or knows them, and customers read no probability.
    """
    allowed = MAY_READ[reader]
    return tuple(each for each in contributions if each.audience in allowed)
