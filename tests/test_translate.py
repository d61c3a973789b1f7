"""Terms and profiles between the protocol's fields and the matcher's types."""

from typing import Any

import pytest

from matching.calendar import Calendar, DatedHours, TimeOff, WeeklyHours
from matching.geo import coarse
from matching.quiet import QuietHours
from matching.types import ALL_MODES, Mode, Place, Qualification
from signalling.core.availability import Availability, Connection, Status
from signalling.errors import InvalidParams
from signalling.protocol.messages.common import Point
from signalling.translate import (
    admitted_profile,
    admitted_terms,
    interpreter_of,
    kept_position,
    presence_of,
    refusals,
    request_of,
    told_exclusions,
)
from tests.matching.builders import words
from tests.world import TABLES, TERMS, profile

FULL: dict[str, Any] = TERMS | {
    "mode": "onsite",
    "requirements": {
        "min_qualification": "C",
        "specialisms": ["Mental Health"],
        "gender": "female",
        "clearance": "Police",
        "accept_substitutes": True,
    },
    "preferences": {"preferred": ["ann"], "blocked": ["eve"]},
    "location": {"lat": 59.9, "lon": 10.7},
    "public_body": True,
    "emergency": True,
}


def test_a_request_has_every_term() -> None:
    request = request_of(FULL, "kari")
    required, wished = request.requirements, request.preferences
    assert (request.language_from, request.language_to) == ("so", "no")
    assert (request.mode, request.duration_min, request.customer) == (Mode.ONSITE, 30, "kari")
    assert required.min_qualification == Qualification("norway", "C")
    assert (required.specialisms, required.gender) == (words("Mental Health"), "female")
    assert (required.clearances, required.accept_substitutes) == (words("Police"), True)
    assert (wished.preferred, wished.blocked) == (words("ann"), words("eve"))
    assert request.location == Place(59.9, 10.7)
    assert (request.public_body, request.emergency) == (True, True)
    assert request.start_ms is None
    assert request_of(FULL | {"start_ms": 5}).start_ms == 5


def test_a_request_of_the_least() -> None:
    """What may be left out, or is None, asks for nothing."""
    least = {k: TERMS[k] for k in ("languages", "mode", "duration_min")}
    request = request_of(least | {"requirements": None, "preferences": None})
    assert request.requirements.clearances == request.preferences.blocked == frozenset()
    assert (request.location, request.customer, request.public_body) == (None, None, False)


def test_admitted_terms_are_in_normal_form() -> None:
    """Names become tags, categories name their scale, words are folded; again changes nothing."""
    named = FULL | {"languages": {"from": "Somali", "to": "nb"}, "note": "Ward 7"}
    terms = admitted_terms(named, TABLES)
    assert terms["languages"] == {"from": "so", "to": "no"}
    assert terms["requirements"]["min_qualification"] == {"scale": "NO", "category": "C"}
    assert terms["requirements"]["specialisms"] == ["mental_health"]
    assert (terms["note"], terms["preferences"]) == ("Ward 7", FULL["preferences"])
    assert admitted_terms(terms, TABLES) == terms
    assert admitted_terms(TERMS, TABLES)["requirements"] == {}


def test_a_dialect_refines() -> None:
    """A region in a tag is a wish that is kept beside the customer's own terms."""
    brazil = admitted_terms(TERMS | {"languages": {"from": "pt-BR", "to": "no"}}, TABLES)
    assert (brazil["languages"]["from"], brazil["preferences"]) == ("pt", {})
    assert request_of(brazil).preferences.dialect == "br"
    assert admitted_terms(brazil, TABLES) == brazil

    asked = TERMS | {
        "languages": {"from": "ar", "to": "no"},
        "requirements": {"dialect": "Egyptian Arabic"},
    }
    egypt = admitted_terms(asked, TABLES)
    assert (egypt["languages"]["from"], egypt["requirements"]) == ("arz", {})


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"languages": {"from": "xx-nonsense", "to": "no"}}, "languages.from"),
        ({"languages": {"from": "no", "to": "nb"}}, "languages.to"),
        ({"requirements": {"min_qualification": "Q"}}, "requirements.min_qualification"),
        ({"requirements": {"specialisms": [" "]}}, "requirements.specialisms"),
        ({"location": {"lat": 91.0, "lon": 0.0}}, "location.lat"),
        ({"location": {"lat": float("nan"), "lon": 0.0}}, "location.lat"),
        ({"mode": "audio", "languages": {"from": "nsl", "to": "no"}}, "mode"),
    ],
)
def test_refused_terms_name_the_field(change: dict[str, Any], path: str) -> None:
    with pytest.raises(InvalidParams) as refused:
        admitted_terms(TERMS | change, TABLES)
    assert refused.value.path == path
    assert refused.value.detail


def test_an_ambiguous_language_is_asked_back() -> None:
    with pytest.raises(InvalidParams) as refused:
        admitted_terms(TERMS | {"languages": {"from": "Kurdish", "to": "no"}}, TABLES)
    assert refused.value.path == "languages.from"
    choices = refused.value.extra["choices"]
    assert [choice["tag"] for choice in choices] == ["kmr", "ckb", "sdh"]
    assert all(choice["name"] for choice in choices)


def test_refusals_stand_under_a_path() -> None:
    with pytest.raises(InvalidParams) as refused, refusals("language"):
        TABLES.languages.resolve("xx-nonsense")
    assert refused.value.path == "language"
    with pytest.raises(InvalidParams) as refused, refusals("language"):
        TABLES.languages.resolve("Kurdish")
    assert (refused.value.path, len(refused.value.extra["choices"])) == ("language", 3)


@pytest.mark.parametrize(
    ("price", "an_hour"),
    [
        (None, None),
        ({"amount": 600.0, "currency": "NOK"}, 600.0),
        ({"amount": 10.0, "currency": "NOK", "per": "minute"}, 600.0),
        ({"amount": 900.0, "currency": "NOK", "per": "session"}, None),
        ({"amount": 0.0, "currency": "NOK", "per": "hour"}, 0.0),
    ],
)
def test_prices(price: dict[str, Any] | None, an_hour: float | None) -> None:
    assert interpreter_of(profile("ann", price=price)).price == an_hour


def test_an_admitted_profile() -> None:
    """Languages and credentials are resolved; what is absent is left out; nothing else changes."""
    given = profile(
        "ann",
        languages=[
            {"tag": "nb", "level": "native"},
            {
                "tag": "Sorani",
                "level": "C1",
                "qualification": {"scale": "norway", "category": "b", "evidence": "TR-1"},
            },
            {"tag": "ti", "level": "B2", "qualification": "D", "dialect": None},
        ],
        specialisms=["Mental Health", "legal"],
        clearances=["police"],
        gender=None,
        max_travel_km=40.0,
        adult=False,
    )
    kept = admitted_profile(given, TABLES)
    assert kept["languages"] == [
        {"tag": "no", "level": "native"},
        {
            "tag": "ckb",
            "level": "C1",
            "qualification": {"scale": "NO", "category": "B", "evidence": "TR-1"},
        },
        {"tag": "ti", "level": "B2", "qualification": {"scale": "NO", "category": "D"}},
    ]
    assert kept["specialisms"] == ["legal", "mental_health"]
    assert "gender" not in kept
    assert admitted_profile(kept, TABLES) == kept
    person = interpreter_of(kept)
    assert (person.adult, person.max_travel_km, person.timezone) == (False, 40.0, "Europe/Oslo")
    assert person.languages[1].qualification == Qualification("NO", "B", "TR-1")


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"languages": [{"tag": "ku", "level": "C1"}]}, "interpreter.languages.0.tag"),
        (
            {"languages": [{"tag": "so", "level": "C1", "qualification": "Q"}]},
            "interpreter.languages.0.qualification",
        ),
        ({"location": {"lat": 0.0, "lon": 181.0}}, "interpreter.location.lon"),
        ({"max_travel_km": float("nan")}, "interpreter.max_travel_km"),
    ],
)
def test_a_refused_profile_names_the_field(change: dict[str, Any], path: str) -> None:
    with pytest.raises(InvalidParams) as refused:
        admitted_profile(profile("ann", **change), TABLES, "interpreter")
    assert refused.value.path == path


HOURS: dict[str, Any] = {
    "weekly": [{"day": "friday", "start": "08:00", "end": "24:00"}],
    "dated": [
        {"date": "2026-12-24", "open": False},
        {"date": "2026-12-26", "open": True, "start": "10:00", "end": "12:00"},
    ],
    "off": [{"from": "2026-07-01T00:00:00+02:00", "to": "2026-07-01T00:00:00Z"}],
}


def test_a_calendar_is_in_the_time_zone_of_the_profile() -> None:
    kept = admitted_profile(profile("ann", calendar=HOURS), TABLES)
    assert kept["calendar"] == HOURS
    assert interpreter_of(kept).calendar == Calendar(
        "Europe/Oslo",
        (WeeklyHours(4, "08:00", "24:00"),),
        (
            DatedHours("2026-12-24", open=False),
            DatedHours("2026-12-26", open=True, start="10:00", end="12:00"),
        ),
        (TimeOff(1_782_856_800_000, 1_782_864_000_000),),
    )
    never = interpreter_of(profile("ann", calendar={"weekly": []})).calendar
    assert never == Calendar("Europe/Oslo", ())
    assert interpreter_of(profile("ann", calendar={})).calendar == Calendar("Europe/Oslo")
    assert interpreter_of(profile("ann")).calendar is None


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"timezone": "Mars/Olympus"}, "interpreter.timezone"),
        (
            {"calendar": {"weekly": [{"day": "monday", "start": "08:00", "end": "08:00"}]}},
            "interpreter.calendar.weekly.0.end",
        ),
        (
            {"calendar": {"weekly": [{"day": "sunday", "start": "23:00", "end": "07:00"},
                                     {"day": "monday", "start": "06:00", "end": "09:00"}]}},
            "interpreter.calendar.weekly.1",
        ),
        ({"calendar": {"dated": [{"date": "2026-02-30", "open": True}]}},
         "interpreter.calendar.dated.0.date"),
        ({"calendar": {"off": [{"from": "1969-01-01T00:00:00Z", "to": "2026-01-01T00:00:00Z"}]}},
         "interpreter.calendar.off.0.from"),
        ({"calendar": {"off": [{"from": "2026-01-02T00:00:00Z", "to": "2026-01-01T00:00:00Z"}]}},
         "interpreter.calendar.off.0.to"),
    ],
)  # fmt: skip
def test_a_refused_calendar_names_the_field(change: dict[str, Any], path: str) -> None:
    with pytest.raises(InvalidParams) as refused:
        admitted_profile(profile("ann", **change), TABLES, "interpreter")
    assert refused.value.path == path


def test_matching_works_on_square_kilometres_unless_consented() -> None:
    home = Place(59.913, 10.739)
    assert interpreter_of(profile("ann")).location == coarse(home) != home
    assert interpreter_of(profile("ann", exact_location=True)).location == home
    assert interpreter_of(profile("ann", location=None)).location is None
    point = Point(lat=59.913, lon=10.739)
    assert kept_position(point, exact=True) == {"lat": 59.913, "lon": 10.739}
    kept = kept_position(point, exact=False)
    assert kept is not None
    assert Place(**kept) == coarse(home)
    assert kept_position(None, exact=True) is None


def test_quiet_hours() -> None:
    night = {"from": "22:00", "to": "07:00"}
    kept = admitted_profile(profile("ann", quiet=night), TABLES)
    assert kept["quiet"] == night
    assert interpreter_of(kept).quiet == QuietHours("22:00", "07:00")
    assert interpreter_of(profile("ann")).quiet is None
    with pytest.raises(InvalidParams) as refused:
        admitted_profile(profile("ann", quiet=night | {"to": "22:00"}), TABLES, "interpreter")
    assert refused.value.path == "interpreter.quiet.to"


def test_means_of_travel() -> None:
    assert not interpreter_of(profile("ann")).by_car
    assert not interpreter_of(profile("ann", travels_by="transit")).by_car
    assert interpreter_of(profile("ann", travels_by="car")).by_car


def test_presence() -> None:
    """Available is who would hear a ring; no modes of their own are all modes."""
    heard = Availability("ann", Status.AVAILABLE, sessions=(Connection("s", 1),))
    assert presence_of(heard).available
    assert presence_of(heard).modes == ALL_MODES
    assert presence_of(heard).last_active_ms is None
    assert presence_of(Availability("ann", Status.AVAILABLE, until_ms=9, push=True)).available
    away = Availability("ann", modes=("audio",), position={"lat": 1.0, "lon": 2.0}, idle_since_ms=5)
    assert not presence_of(away).available
    assert presence_of(away).modes == {Mode.AUDIO}
    assert presence_of(away).position == Place(1.0, 2.0)
    assert presence_of(away).last_active_ms == 5


def test_what_customers_read_of_exclusions() -> None:
    """Who blocked whom is not told by name; the rest is."""
    assert told_exclusions({"language": 3}) == {"language": 3}
    told = told_exclusions({"language": 3, "blocked": 2, "conflict": 1})
    assert told == {"language": 3, "not_offered": 2}
    assert told_exclusions({"suspended": 1}) == {"not_offered": 1}


def test_a_customer_is_known_by_their_app() -> None:
    terms = {"languages": {"from": "no", "to": "so"}, "mode": "video", "duration_min": 30}
    request = request_of(terms, "kari", "hospital")
    assert (request.customer, request.known_as) == ("kari", "hospital:kari")
    assert request_of(terms).known_as is None
