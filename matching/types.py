"""The vocabulary: interpreters, requests, presence, and what a ranking says.

Everything is frozen. Tags, dialects, specialisms and modes are in their normal form once they
have passed `admission`; nothing behind it normalises again. What is built by the hundred in
one search (`Contribution`, `Match`) is a NamedTuple, which costs a third of a frozen dataclass.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, NamedTuple

NONE: frozenset[str] = frozenset()


class Mode(StrEnum):
    AUDIO = "audio"
    VIDEO = "video"
    ONSITE = "onsite"


ALL_MODES: frozenset[Mode] = frozenset(Mode)
REMOTE_MODES: frozenset[Mode] = frozenset({Mode.AUDIO, Mode.VIDEO})

Gender = Literal["female", "male", "other"]
Audience = Literal["everyone", "customer"]


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
    """Who someone is to the matcher; `conflicts` are ids of customers and parties."""

    id: str
    name: str = ""
    languages: tuple[LanguageSkill, ...] = ()
    specialisms: frozenset[str] = NONE
    modes: frozenset[Mode] = REMOTE_MODES
    gender: Gender | None = None
    location: Place | None = None
    max_travel_km: float | None = None
    timezone: str = "Europe/Oslo"
    price: float | None = None
    blocked_customers: frozenset[str] = NONE
    clearances: frozenset[str] = NONE
    conflicts: frozenset[str] = NONE
    adult: bool = True


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
    (one is never matched with oneself), `parties` who else takes part, for conflicts.
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


@dataclass(frozen=True, slots=True)
class Presence:
    """What is known of someone now; `position` (else the profile's) holds while present."""

    available: bool = False
    modes: frozenset[Mode] = ALL_MODES
    position: Place | None = None
    reserved_until_ms: int = 0
    last_active_ms: int | None = None
    minutes_today: int = 0


OFFLINE = Presence()


class Reason(NamedTuple):
    """One hard rule that excludes, by machine name and in words."""

    rule: str
    text: str


class Contribution(NamedTuple):
    """What one feature adds to a score: `contribution` = weight × `value`, float64.

    `audience` "customer" marks what an interpreter must not read before accepting.
    """

    feature: str
    value: float
    contribution: float
    text: str
    audience: Audience


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
    """The best `matches` in order, of `eligible` in all, by the policy of this version."""

    matches: tuple[Match, ...]
    eligible: int
    policy: str


class Relaxation(NamedTuple):
    """A single change of the request and how many people it would add."""

    change: str
    adds: int


class Shortage(NamedTuple):
    """Why a list is thin: people excluded by each rule, and what would help, best first."""

    excluded: dict[str, int]
    relaxations: tuple[Relaxation, ...]


def reasons_for(
    contributions: tuple[Contribution, ...], *, interpreter: bool
) -> tuple[Contribution, ...]:
    """Return what may be shown: an interpreter does not read who preferred or knows them."""
    if not interpreter:
        return contributions
    return tuple(each for each in contributions if each.audience == "everyone")
