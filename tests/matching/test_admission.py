"""What may come in, in what form, and which field is named when it may not."""

import math
from dataclasses import replace
from typing import Any

import pytest

from matching import (
    AmbiguousLanguage,
    Interpreter,
    InvalidField,
    MatchingError,
    Mode,
    Place,
    Preferences,
    Qualification,
    Request,
    Tables,
    UnknownLanguage,
    admit_interpreter,
    admit_request,
)
from matching.calendar import Calendar, TimeOff, WeeklyHours
from matching.types import LanguageSkill
from tests.matching.builders import OSLO, person, request, words


def test_an_interpreter_comes_out_in_normal_form(tables: Tables) -> None:
    given = person(
        "a",
        "nb Kurmanji/Bahdini:b",
        specialisms=words("Mental  Health", "mental health"),
        clearances=words("Police"),
        modes=frozenset({"audio"}),
        price=0.0,
        calendar=Calendar("UTC", off=(TimeOff(5, 9), TimeOff(0, 5))),
    )
    admitted = admit_interpreter(given, tables)
    assert [skill.tag for skill in admitted.languages] == ["no", "kmr"]
    assert admitted.languages[1] == LanguageSkill("kmr", "", "badini", Qualification("NO", "B"))
    assert admitted.specialisms == {"mental_health"}
    assert admitted.clearances == {"police"}
    assert admitted.modes == {Mode.AUDIO}
    assert admitted.calendar == Calendar("UTC", off=(TimeOff(0, 9),))
    assert admit_interpreter(admitted, tables) == admitted


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"id": ""}, "id"),
        ({"id": "x" * 129}, "id"),
        ({"languages": ()}, "languages"),
        ({"languages": tuple(LanguageSkill("no") for _ in range(41))}, "languages"),
        ({"languages": (LanguageSkill("no"), LanguageSkill("xx"))}, "languages.1.tag"),
        ({"languages": (LanguageSkill("ku"),)}, "languages.0.tag"),
        ({"languages": (LanguageSkill("no", "fluent"),)}, "languages.0.level"),
        (
            {"languages": (LanguageSkill("so", qualification=Qualification("CEFR", "C1")),)},
            "languages.0.qualification",
        ),
        ({"location": Place(math.nan, 10)}, "location.lat"),
        ({"location": Place(60, math.inf)}, "location.lon"),
        ({"location": Place(90.1, 10)}, "location.lat"),
        ({"max_travel_km": -1.0}, "max_travel_km"),
        ({"max_travel_km": math.inf}, "max_travel_km"),
        ({"price": 1e9}, "price"),
        ({"price": math.nan}, "price"),
        ({"max_travel_km": 10**400}, "max_travel_km"),
        ({"languages": tuple(LanguageSkill("no") for _ in range(200))}, "languages"),
        ({"gender": "woman"}, "gender"),
        ({"modes": frozenset({"telepathy"})}, "modes"),
        ({"specialisms": frozenset(map(str, range(65)))}, "specialisms"),
        ({"clearances": words(" ")}, "clearances"),
        ({"blocked_customers": frozenset(map(str, range(1001)))}, "blocked_customers"),
        ({"conflicts": words("")}, "conflicts"),
        ({"calendar": Calendar("Atlantis")}, "calendar.timezone"),
        (
            {"calendar": Calendar("UTC", (WeeklyHours(7, "08:00", "9:00"),))},
            "calendar.weekly.0.weekday",
        ),
        ({"calendar": Calendar("UTC", off=(TimeOff(5, 5),))}, "calendar.off.0.end_ms"),
    ],
)
def test_a_bad_profile_names_its_field(tables: Tables, change: dict[str, Any], path: str) -> None:
    with pytest.raises(MatchingError) as refused:
        admit_interpreter(replace(person("a"), **change), tables)
    assert refused.value.path == path
    assert refused.value.detail


def test_an_interpreter_too_is_asked_which_kurdish(tables: Tables) -> None:
    with pytest.raises(AmbiguousLanguage) as asked:
        admit_interpreter(Interpreter("a", languages=(LanguageSkill("ku"),)), tables)
    assert "kmr" in {choice.tag for choice in asked.value.choices}


def test_a_request_comes_out_in_normal_form(tables: Tables) -> None:
    given = request("nn polsk", specialisms=words("Mental Health"), min_qualification="c")
    admitted = admit_request(given, tables)
    assert (admitted.language_from, admitted.language_to) == ("no", "pl")
    assert admitted.requirements.specialisms == {"mental_health"}
    assert admitted.requirements.min_qualification == Qualification("NO", "C")
    assert admit_request(admitted, tables) == admitted


@pytest.mark.parametrize(
    ("languages", "dialect", "tag", "required", "wished"),
    [
        ("no ar", "Egyptian Arabic", "arz", None, None),
        ("ku no", "bahdini", "kmr", "badini", None),
        ("no sq", "Gheg ", "sq", "gheg", None),
        ("no pt-BR", None, "pt", None, "br"),
        ("no als", None, "sq", None, "tosk"),
        ("nb-NO so", None, "so", None, None),
    ],
)
def test_dialects_refine_are_required_or_are_wished_for(
    tables: Tables, languages: str, dialect: str, tag: str, required: str, wished: str
) -> None:
    admitted = admit_request(request(languages, dialect=dialect), tables)
    assert tag in {admitted.language_from, admitted.language_to}
    assert admitted.requirements.dialect == required
    assert admitted.preferences.dialect == wished


def test_a_dialect_wished_for_by_name_beats_the_region(tables: Tables) -> None:
    wish = Preferences(dialect="European")
    admitted = admit_request(request("no pt-BR", preferences=wish), tables)
    assert admitted.preferences.dialect == "european"


@pytest.mark.parametrize(
    ("given", "path"),
    [
        (request("no xx"), "languages.to"),
        (request("Kurdish no"), "languages.from"),
        (request("no nb"), "languages.to"),
        (request(mode=Mode.ONSITE), "location"),
        (request(mode=Mode.ONSITE, location=Place(0, 181)), "location.lon"),
        (replace(request(), mode="fax"), "mode"),  # type: ignore[arg-type]
        (request(duration_min=0), "duration_min"),
        (request(duration_min=8 * 24 * 60), "duration_min"),
        (request(min_qualification="C1"), "requirements.min_qualification"),
        (request(gender="woman"), "requirements.gender"),
        (request(specialisms=frozenset(map(str, range(10_000)))), "requirements.specialisms"),
        (request(clearances=frozenset(map(str, range(10_000)))), "requirements.clearances"),
        (request(clearances=words("x" * 200)), "requirements.clearances"),
        (request(dialect="  "), "requirements.dialect"),
        (request(max_distance_km=math.nan), "max_distance_km"),
        (request(price_cap=-1.0), "price_cap"),
        (request(parties=words("")), "parties"),
        (request(preferences=Preferences(preferred=words(" "))), "preferences.preferred"),
        (
            request(preferences=Preferences(blocked=frozenset(map(str, range(2000))))),
            "preferences.blocked",
        ),
        (request(preferences=Preferences(specialisms=words(""))), "preferences.specialisms"),
        (request(start_ms=-1), "starts_at"),
        (request(start_ms=10**15), "starts_at"),
        (request(preferences=Preferences(dialect="x" * 200)), "preferences.dialect"),
    ],
)
def test_a_bad_request_names_its_field(tables: Tables, given: Request, path: str) -> None:
    with pytest.raises((InvalidField, UnknownLanguage, AmbiguousLanguage)) as refused:
        admit_request(given, tables)
    assert refused.value.path == path


def test_audio_and_a_sign_language_is_admitted_and_explained_later(tables: Tables) -> None:
    assert admit_request(request("no nsl", Mode.AUDIO, location=OSLO), tables).mode is Mode.AUDIO
