"""Between the protocol's plain terms and the matcher's types.

Terms and profiles are kept as JSON-like maps in the protocol's field names; what passed through
`admitted_terms` or `admitted_profile` is in the matcher's normal form.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final, get_args

from matching.admission import admit_interpreter, admit_request
from matching.agenda import trip_by
from matching.bookings import Booking, Clash, Diary
from matching.calendar import Calendar, DatedHours, TimeOff, WeeklyHours
from matching.errors import AmbiguousLanguage, MatchingError
from matching.geo import coarse
from matching.quiet import QuietHours
from matching.tables import Tables
from matching.travel import Travel
from matching.types import (
    ALL_MODES,
    Interpreter,
    LanguageSkill,
    Mode,
    Place,
    Preferences,
    Presence,
    Qualification,
    Request,
    Requirements,
)
from matching.zones import zone
from signalling.core import diary, effects
from signalling.core.availability import Availability
from signalling.errors import InvalidParams
from signalling.protocol.messages.common import Point, milliseconds
from signalling.protocol.messages.interpreter import Day

Terms = Mapping[str, Any]
PER_HOUR: Final = {"hour": 1.0, "minute": 60.0}
# Rules that only staff read by name, the last of themselves interpreters too; the others read
# NOT_OFFERED.
UNNAMED: Final = frozenset({"blocked", "conflict", "suspended"})
OWN: Final = frozenset({"suspended"})
NOT_OFFERED: Final = "not_offered"
DAYS: Final[tuple[str, ...]] = get_args(Day)
# What the protocol calls the fields of the matcher's calendar.
CALENDAR_NAMES: Final = {"weekday": "day", "start_ms": "from", "end_ms": "to"}


@contextmanager
def refusals(under: str = "") -> Iterator[None]:
    """Turn what the matcher refuses into InvalidParams that names the field.

    An ambiguous language carries `choices`: [{tag, name}] to ask back with.
    """
    try:
        yield
    except AmbiguousLanguage as error:
        choices = [choice._asdict() for choice in error.choices]
        path = _join(under, error.path)
        raise InvalidParams(error.detail, path=path, choices=choices) from None
    except MatchingError as error:
        raise InvalidParams(error.detail, path=_join(under, error.path)) from None


def request_of(terms: Terms, customer: str | None = None, app: str = "") -> Request:
    """Return an assignment's terms as the matcher takes them; *customer* is one of *app*'s."""
    required, preferred = terms.get("requirements") or {}, terms.get("preferences") or {}
    clearance = required.get("clearance")
    return Request(
        language_from=terms["languages"]["from"],
        language_to=terms["languages"]["to"],
        mode=Mode(terms["mode"]),
        duration_min=terms["duration_min"],
        requirements=Requirements(
            min_qualification=_credential(required.get("min_qualification")),
            specialisms=frozenset(required.get("specialisms") or ()),
            gender=required.get("gender"),
            dialect=required.get("dialect"),
            clearances=frozenset((clearance,) if clearance else ()),
            accept_substitutes=required.get("accept_substitutes", False),
        ),
        preferences=Preferences(
            preferred=frozenset(preferred.get("preferred") or ()),
            blocked=frozenset(preferred.get("blocked") or ()),
            dialect=terms.get("wished_dialect"),
        ),
        location=_place(terms.get("location")),
        start_ms=terms.get("start_ms"),
        public_body=terms.get("public_body", False),
        emergency=terms.get("emergency", False),
        customer=customer,
        known_as=None if customer is None else f"{app}:{customer}",
    )


def admitted_terms(terms: Terms, tables: Tables) -> dict[str, Any]:
    """Return terms with languages, credentials and dialects resolved, or raise InvalidParams."""
    with refusals():
        request = admit_request(request_of(terms), tables)
    pair = (request.language_from, request.language_to)
    if request.mode is Mode.AUDIO and any(map(tables.languages.signed, pair)):
        raise InvalidParams(
            "a sign language needs to be seen: ask for video or onsite", path="mode"
        )
    required = dict(terms.get("requirements") or {})
    required["dialect"] = request.requirements.dialect
    required["specialisms"] = sorted(request.requirements.specialisms)
    floor = request.requirements.min_qualification
    if floor is not None:
        required["min_qualification"] = {"scale": floor.scale, "category": floor.category}
    admitted = {
        **terms,
        "languages": {"from": pair[0], "to": pair[1]},
        "requirements": {k: v for k, v in required.items() if v not in (None, [])},
    }
    if request.preferences.dialect is not None:
        # A region in a tag ("pt-BR") is a wish of ours to remember, not a term of the protocol.
        admitted["wished_dialect"] = request.preferences.dialect
    return admitted


def interpreter_of(profile: Terms) -> Interpreter:
    """Return a profile as the matcher takes it. A price a session says nothing an hour."""
    price = profile.get("price")
    per_hour = PER_HOUR.get(price.get("per", "hour")) if price else None
    return Interpreter(
        id=profile["id"],
        name=profile["name"],
        languages=tuple(
            LanguageSkill(
                tag=skill["tag"],
                level=skill.get("level") or "",
                dialect=skill.get("dialect"),
                qualification=_credential(skill.get("qualification")),
            )
            for skill in profile["languages"]
        ),
        specialisms=frozenset(profile.get("specialisms") or ()),
        modes=frozenset(Mode(mode) for mode in profile.get("modes") or ()),
        gender=profile.get("gender"),
        location=_home(profile),
        max_travel_km=profile.get("max_travel_km"),
        timezone=profile.get("timezone") or "UTC",
        by_car=profile.get("travels_by") == "car",
        price=price["amount"] * per_hour if price and per_hour else None,
        blocked_customers=frozenset(profile.get("blocked_customers") or ()),
        clearances=frozenset(profile.get("clearances") or ()),
        conflicts=frozenset(profile.get("conflicts") or ()),
        adult=profile.get("adult", True),
        calendar=_calendar(profile),
        quiet=_quiet(profile),
    )


def admitted_profile(profile: Terms, tables: Tables, under: str = "") -> dict[str, Any]:
    """Return a profile with languages and credentials resolved, or raise InvalidParams.

    *under* is the path of the profile in the caller's params.
    """
    with refusals(under):
        zone(profile.get("timezone") or "UTC")
        admitted = admit_interpreter(interpreter_of(profile), tables)
    languages = []
    for given, skill in zip(profile["languages"], admitted.languages, strict=True):
        entry = {**given, "tag": skill.tag, "level": skill.level or None, "dialect": skill.dialect}
        if skill.qualification is not None:
            held = skill.qualification
            entry["qualification"] = {"scale": held.scale, "category": held.category}
            if held.evidence:
                entry["qualification"]["evidence"] = held.evidence
        languages.append({k: v for k, v in entry.items() if v is not None})
    return {
        **{k: v for k, v in profile.items() if v is not None},
        "languages": languages,
        "specialisms": sorted(admitted.specialisms),
        "clearances": sorted(admitted.clearances),
    }


def clash_by(travel: Travel) -> effects.Clash:
    """Return what says why a booking clashes with others, if it does: trips by *travel*."""

    def clash(
        bookings: tuple[diary.Booking, ...], new: diary.Booking, profile: Terms
    ) -> str | None:
        booked = Diary(_home(profile), (_booking(each) for each in bookings))
        trip = trip_by(travel, by_car=profile.get("travels_by") == "car")
        job = _booking(new)
        found = booked.room(job.start_ms, job.end_ms, job.place, trip)
        return found.text if isinstance(found, Clash) else None

    return clash


def way_by(travel: Travel) -> Callable[[Terms], Callable[[Mapping[str, float]], int | None]]:
    """Return what gives, for a profile, the minutes from home to a place; None: home is unknown."""

    def of(profile: Terms) -> Callable[[Mapping[str, float]], int | None]:
        home = _home(profile)
        trip = trip_by(travel, by_car=profile.get("travels_by") == "car")
        return lambda place: None if home is None else trip(home, Place(place["lat"], place["lon"]))

    return of


def bookings_of(kept: diary.Diary) -> tuple[Booking, ...]:
    """Return a diary's bookings as the matcher takes them."""
    return tuple(_booking(each) for each in kept.bookings)


def kept_position(point: Point | None, *, exact: bool) -> dict[str, float] | None:
    """Return what is kept of a position: the middle of its square kilometre, unless consented."""
    if point is None:
        return None
    place = Place(point.lat, point.lon)
    return asdict(place if exact else coarse(place))


def presence_of(record: Availability) -> Presence:
    """Return an availability as the matcher takes it."""
    return Presence(
        available=record.matchable,
        modes=ALL_MODES if record.modes is None else frozenset(map(Mode, record.modes)),
        position=_place(record.position),
        last_active_ms=record.idle_since_ms or None,
    )


def told_exclusions(excluded: Mapping[str, int]) -> dict[str, int]:
    """Return how many each rule excludes, as customers may read it: not who blocked whom."""
    told = {rule: count for rule, count in excluded.items() if rule not in UNNAMED}
    if hidden := max((excluded[rule] for rule in UNNAMED & excluded.keys()), default=0):
        told[NOT_OFFERED] = hidden
    return told


def _credential(value: Any) -> Qualification | None:
    if value is None:
        return None
    if isinstance(value, str):
        return Qualification("norway", value)
    return Qualification(value["scale"], value["category"], value.get("evidence") or "")


def _booking(kept: diary.Booking) -> Booking:
    return Booking(kept.start_ms, kept.end_ms, _place(kept.place))


def _home(profile: Terms) -> Place | None:
    """Return the place that matching works on; an impossible one goes on, to be refused."""
    place = _place(profile.get("location"))
    possible = place is not None and abs(place.lat) <= 90 and abs(place.lon) <= 180
    return coarse(place) if place and possible and not profile.get("exact_location") else place


def _calendar(profile: Terms) -> Calendar | None:
    given = profile.get("calendar")
    if given is None:
        return None
    weekly = given.get("weekly")
    return Calendar(
        timezone=profile.get("timezone") or "UTC",
        weekly=None
        if weekly is None
        else tuple(WeeklyHours(DAYS.index(e["day"]), e["start"], e["end"]) for e in weekly),
        dated=tuple(
            DatedHours(e["date"], e["open"], e.get("start", "00:00"), e.get("end", "24:00"))
            for e in given.get("dated") or ()
        ),
        off=tuple(TimeOff(_ms(e["from"]), _ms(e["to"])) for e in given.get("off") or ()),
    )


def _quiet(profile: Terms) -> QuietHours | None:
    given = profile.get("quiet")
    return None if given is None else QuietHours(given["from"], given["to"])


def _ms(moment: str) -> int:
    return milliseconds(datetime.fromisoformat(moment))


def _place(value: Mapping[str, float] | None) -> Place | None:
    return None if value is None else Place(value["lat"], value["lon"])


def _join(under: str, path: str) -> str:
    """Return a path as the protocol writes it."""
    above, _, name = path.rpartition(".")
    if above.startswith("calendar."):
        path = f"{above}.{CALENDAR_NAMES.get(name, name)}"
    return ".".join(part for part in (under, path) if part)
