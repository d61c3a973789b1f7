"""What several groups of messages share: base types, ids, times, places.

Params refuse unknown fields and name the path; results and events leave out what is absent
(`None`), and a reader ignores fields it does not know. Field descriptions end up in
`/openrpc.json`, `/openapi.json` and the human pages.
"""

from datetime import UTC, datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

ID_PATTERN = r"^[A-Za-z0-9_.@+-]{1,64}(?![\s\S])"  # `$` would let a trailing newline in
NAME_PATTERN = r"^[^\x00-\x1f\x7f]{2,64}(?![\s\S])"
WORD_PATTERN = r"^[a-z0-9_.-]{1,64}(?![\s\S])"
ZONE_PATTERN = r"^[A-Za-z0-9_+/-]{1,64}(?![\s\S])"


def doc(text: str) -> Meta:
    """Describe a field: one sentence, with its unit."""
    return Meta(description=text)


class Params(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of what a caller sends: an unknown field is an error."""


class Shared(Params, frozen=True, kw_only=True, omit_defaults=True):
    """Base of what is sent and shown in the same form."""


class Result(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Base of what the server sends: absent members are left out."""


class Event(Result, frozen=True, kw_only=True, omit_defaults=True):
    """Base of the server's notifications; only stored events have an `event_id`."""

    event_id: Annotated[str | None, doc("Inbox id of a stored event; resume after it.")] = None


Id = Annotated[str, Meta(pattern=ID_PATTERN, description="An id.")]
Key = Annotated[
    str, Meta(min_length=1, max_length=128, description="Makes a repeated creation harmless.")
]
Name = Annotated[str, Meta(min_length=1, max_length=200)]
Note = Annotated[str, Meta(max_length=2000)]
Reason = Annotated[str, Meta(max_length=200)]
Word = Annotated[str, Meta(pattern=WORD_PATTERN)]
Tag = Annotated[
    str,
    Meta(pattern=NAME_PATTERN, description="BCP 47 tag, or a language's name; answers have tags."),
]
Dialect = Annotated[str, Meta(pattern=NAME_PATTERN, description="Dialect group, by name.")]
Scale = Annotated[
    str, Meta(pattern=r"^[A-Za-z0-9_.-]{1,64}(?![\s\S])", description="E.g. NO, NAATI, CCHI.")
]
Zone = Annotated[str, Meta(pattern=ZONE_PATTERN, description="IANA time zone.")]
Moment = Annotated[datetime, Meta(tz=True, description="RFC 3339 with an offset.")]
Start = Annotated[
    str,
    Meta(
        pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,6})?)?"
        r"(Z|[+-][0-9]{2}:[0-9]{2})?(?![\s\S])",
        description="RFC 3339; without an offset it is what the clock shows in `timezone`.",
    ),
]
Stamp = Annotated[
    str, Meta(description="RFC 3339 in UTC with milliseconds, e.g. 2026-01-31T12:00:00.000Z.")
]
Cursor = Annotated[str, Meta(min_length=1, max_length=256, description="`next` of the last page.")]
Version = Annotated[int, Meta(ge=1, description="Version of the record, counted from 1.")]
Minutes = Annotated[int, Meta(ge=1, le=1440, description="Minutes.")]
PageSize = Annotated[int, Meta(ge=1, le=200, description="Entries a page at most.")]

Mode = Literal["audio", "video", "onsite"]
Modes = Annotated[tuple[Mode, ...], Meta(max_length=3)]
Gender = Literal["female", "male", "other"]
RoleName = Literal["customer", "interpreter", "operator", "app", "guest"]


class Point(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A place on earth, WGS 84."""

    lat: Annotated[float, Meta(ge=-90, le=90, description="Latitude, degrees.")]
    lon: Annotated[float, Meta(ge=-180, le=180, description="Longitude, degrees.")]


class LanguagePair(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The two languages of an assignment; both directions are interpreted."""

    from_: Annotated[Tag, doc("Language of the customer's side.")] = msgspec.field(name="from")
    to: Annotated[Tag, doc("Language of the other side.")]


class Qualification(Shared, frozen=True):
    """A credential on a named scale (config/), held for one language."""

    scale: Scale
    category: Annotated[Name, doc("Category on that scale, e.g. B.")]
    evidence: Annotated[Name | None, doc("Where it can be checked: a register id or a URL.")] = None


Category = Annotated[
    str, Meta(min_length=1, max_length=8, description="Category on Norway's scale: A to E.")
]


class Contribution(msgspec.Struct, frozen=True, kw_only=True):
    """One exact additive part of a score."""

    feature: Annotated[str, doc("Name of the feature.")]
    contribution: Annotated[float, doc("What it adds to the score; parts sum to the score.")]
    text: Annotated[str, doc("The same for people.")]


class Relaxation(msgspec.Struct, frozen=True, kw_only=True):
    """One change of the request that would make more interpreters eligible."""

    change: Annotated[str, doc("What to change, e.g. min_qualification: C.")]
    adds: Annotated[int, doc("How many interpreters become eligible.")]


def stamp(ms: int) -> str:
    """Write milliseconds since 1970 as RFC 3339 in UTC with milliseconds."""
    seconds, rest = divmod(ms, 1000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest:03d}Z"


def milliseconds(moment: datetime) -> int:
    """Return an aware time as milliseconds since 1970, rounded down."""
    return int(moment.timestamp()) * 1000 + moment.microsecond // 1000
