"""The gate: what passes it is in normal form, bounded and possible; what does not names its field.

Raises `InvalidField`, `UnknownLanguage` or `AmbiguousLanguage`, each with the field's path as the
protocol writes it (`languages.0.tag`, `requirements.min_qualification`).
"""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from matching.calendar import LATEST_MS, admit_calendar
from matching.errors import InvalidField, MatchingError
from matching.languages import Spoken
from matching.quiet import admit_quiet
from matching.tables import Tables
from matching.types import (
    Interpreter,
    LanguageSkill,
    Mode,
    Place,
    Preferences,
    Request,
    Requirements,
)

MOST_LANGUAGES = 40  # 780 pairs: each has its row in the index
MOST_TERMS = 64
MOST_PEOPLE = 1000
LONGEST_TEXT = 128
LONGEST_JOB_MIN = 7 * 24 * 60
HIGHEST_PRICE = 1e6  # of any currency an hour; its hundredths fit the index's 32 bits


@contextmanager
def _at(path: str) -> Iterator[None]:
    try:
        yield
    except MatchingError as error:
        error.path = error.path or path
        raise


def _text(value: str, path: str) -> str:
    if not value.strip() or len(value) > LONGEST_TEXT:
        raise InvalidField(f"between 1 and {LONGEST_TEXT} characters", path=path)
    return value


def _ids(values: frozenset[str], path: str) -> frozenset[str]:
    if len(values) > MOST_PEOPLE:
        raise InvalidField(f"at most {MOST_PEOPLE}", path=path)
    return frozenset(_text(each, path) for each in values)


def _terms(values: Iterable[str], path: str) -> frozenset[str]:
    """Return words in one spelling: "Mental Health" is mental_health."""
    terms = frozenset("_".join(_text(each, path).casefold().split()) for each in values)
    if len(terms) > MOST_TERMS:
        raise InvalidField(f"at most {MOST_TERMS}", path=path)
    return terms


def admit_place(place: Place | None, path: str) -> Place | None:
    """Return *place* if it is somewhere on Earth, or None for none."""
    if place is None:
        return None
    for value, limit, name in ((place.lat, 90, "lat"), (place.lon, 180, "lon")):
        if not -limit <= value <= limit:  # false for NaN as well
            raise InvalidField(f"between -{limit} and {limit}", path=f"{path}.{name}")
    return place


def _amount(value: float | None, path: str, highest: float = sys.float_info.max) -> float | None:
    if value is not None and not 0 <= value <= highest:  # false for NaN as well
        raise InvalidField("a finite number, zero or above, and not absurd", path=path)
    return value


def _gender(value: str | None, path: str) -> None:
    if value not in {None, "female", "male", "other"}:
        raise InvalidField("female, male or other", path=path)


def _skill(skill: LanguageSkill, path: str, tables: Tables) -> LanguageSkill:
    with _at(f"{path}.tag"):
        spoken = tables.languages.resolve(skill.tag, skill.dialect)
    with _at(f"{path}.level"):
        level = tables.qualifications.level(skill.level)
    qualification = skill.qualification
    if qualification is not None:
        with _at(f"{path}.qualification"):
            qualification = tables.qualifications.parse(qualification)
    return LanguageSkill(spoken.tag, level, spoken.dialect, qualification)


def admit_interpreter(interpreter: Interpreter, tables: Tables) -> Interpreter:
    """Return *interpreter* in normal form: refined languages, known scales, folded words."""
    if not 1 <= len(interpreter.languages) <= MOST_LANGUAGES:
        raise InvalidField(f"between 1 and {MOST_LANGUAGES} languages", path="languages")
    _gender(interpreter.gender, "gender")
    return replace(
        interpreter,
        id=_text(interpreter.id, "id"),
        languages=tuple(
            _skill(skill, f"languages.{index}", tables)
            for index, skill in enumerate(interpreter.languages)
        ),
        specialisms=_terms(interpreter.specialisms, "specialisms"),
        clearances=_terms(interpreter.clearances, "clearances"),
        modes=frozenset(_mode(mode, "modes") for mode in interpreter.modes),
        location=admit_place(interpreter.location, "location"),
        max_travel_km=_amount(interpreter.max_travel_km, "max_travel_km"),
        price=_amount(interpreter.price, "price", HIGHEST_PRICE),
        blocked_customers=_ids(interpreter.blocked_customers, "blocked_customers"),
        conflicts=_ids(interpreter.conflicts, "conflicts"),
        calendar=interpreter.calendar and admit_calendar(interpreter.calendar),
        quiet=interpreter.quiet and admit_quiet(interpreter.quiet),
    )


def _mode(value: str, path: str) -> Mode:
    try:
        return Mode(value)
    except ValueError as error:
        raise InvalidField("audio, video or onsite", path=path) from error


def _requirements(required: Requirements, dialect: str | None, tables: Tables) -> Requirements:
    floor = required.min_qualification
    if floor is not None:
        with _at("requirements.min_qualification"):
            floor = tables.qualifications.parse(floor)
    _gender(required.gender, "requirements.gender")
    return replace(
        required,
        min_qualification=floor,
        specialisms=_terms(required.specialisms, "requirements.specialisms"),
        clearances=_terms(required.clearances, "requirements.clearances"),
        dialect=dialect,
    )


def _preferences(preferences: Preferences, regions: Iterable[str | None]) -> Preferences:
    """Take a region in a tag ("pt-BR") for a wish, unless a dialect is wished for by name."""
    if preferences.dialect is not None:
        _text(preferences.dialect, "preferences.dialect")
    wished = preferences.dialect or next(filter(None, regions), None)
    return Preferences(
        preferred=_ids(preferences.preferred, "preferences.preferred"),
        blocked=_ids(preferences.blocked, "preferences.blocked"),
        dialect=" ".join(wished.casefold().split()) if wished else None,
        specialisms=_terms(preferences.specialisms, "preferences.specialisms"),
    )


def admit_request(request: Request, tables: Tables) -> Request:
    """Return *request* in normal form; an ambiguous language is asked back by its error.

    Whether a start is over depends on the clock: see `bookings.admit_start`.

    A required dialect that names a member of a macrolanguage ("ar", "Egyptian Arabic") refines
    the language and is then no requirement of its own.
    """
    dialect = request.requirements.dialect
    if dialect is not None:
        _text(dialect, "requirements.dialect")
    spoken: list[Spoken] = []
    for text, path in ((request.language_from, "from"), (request.language_to, "to")):
        with _at(f"languages.{path}"):
            spoken.append(_resolve_with_hint(text, dialect, tables))
    source, target = spoken
    if source.tag == target.tag:
        raise InvalidField("two different languages are needed", path="languages.to")
    hinted = source.hinted or target.hinted
    mode = _mode(request.mode, "mode")
    location = admit_place(request.location, "location")
    if mode is Mode.ONSITE and location is None:
        raise InvalidField("an assignment on site needs a location", path="location")
    if not 1 <= request.duration_min <= LONGEST_JOB_MIN:
        raise InvalidField(f"between 1 and {LONGEST_JOB_MIN} minutes", path="duration_min")
    if request.start_ms is not None and not 0 <= request.start_ms < LATEST_MS:
        raise InvalidField("a time between 1970 and 2100", path="starts_at")
    refined = source.dialect if source.hinted else target.dialect if target.hinted else None
    folded = " ".join(dialect.casefold().split()) if dialect is not None else None
    return replace(
        request,
        language_from=source.tag,
        language_to=target.tag,
        mode=mode,
        requirements=_requirements(request.requirements, refined if hinted else folded, tables),
        preferences=_preferences(
            request.preferences, () if hinted else (source.dialect, target.dialect)
        ),
        location=location,
        max_distance_km=_amount(request.max_distance_km, "max_distance_km"),
        price_cap=_amount(request.price_cap, "price_cap", HIGHEST_PRICE),
        parties=_ids(request.parties, "parties"),
    )


def _resolve_with_hint(text: str, dialect: str | None, tables: Tables) -> Spoken:
    """Let the dialect refine the language that needs it, and only that one."""
    with_hint = tables.languages.resolve(text, dialect)
    return with_hint if with_hint.hinted else tables.languages.resolve(text)
