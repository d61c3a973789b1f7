"""Hard rules: who may not be offered a request, each by a machine name and a reason in words.

`check` judges one interpreter slowly and plainly, and returns every reason. It is what
explanations use and what the index (`plan`, `population`) is tested against.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

import numpy as np

from matching import geo
from matching.agenda import Agenda, Window, window_of
from matching.bookings import Clash
from matching.features import DialectFit
from matching.languages import Languages, Pair, pair_key
from matching.qualifications import Qualifications
from matching.travel import Means, Travel
from matching.types import NONE, Interpreter, Mode, Place, Presence, Reason, Request
from matching.zones import MINUTE_MS, minute_of


class Rule(StrEnum):
    LANGUAGE = "language"
    MODALITY = "modality"
    MODE = "mode"
    QUALIFICATION = "qualification"
    GENDER = "gender"
    DIALECT = "dialect"
    SPECIALISM = "specialism"
    CLEARANCE = "clearance"
    CONFLICT = "conflict"
    BLOCKED = "blocked"
    NOT_PRESENT = "not_present"
    UNTIL = "until"
    CALENDAR = "calendar"
    BOOKED = "booked"
    RESERVED = "reserved"
    DISTANCE = "distance"
    NOT_ADULT = "not_adult"
    CALLER = "caller"
    ALREADY_ASKED = "already_asked"
    QUIET = "quiet_hours"
    SUSPENDED = "suspended"
    LATER = "others_first"


def end_minute(request: Request, now_ms: int) -> int:
    """Return the minute, rounded up, in which work that begins now is over."""
    return minute_of(now_ms) + request.duration_min


def free_until_ms(
    presence: Presence, request: Request, now_ms: int, agenda: Agenda | None
) -> int | None:
    """Return when someone present must be done with work that begins now, None for no hurry.

    The earlier of their own end of day and setting out for their next booking.
    """
    until_ms = presence.free_until_ms
    if agenda is None:
        return until_ms
    return agenda.diary.free_until_ms(now_ms, until_ms, request.site, agenda.trip)


class Service(NamedTuple):
    """A language pair that would serve a request; `substitute` is (served tag, asked tag)."""

    pair: Pair
    substitute: tuple[str, str] | None = None


class Verdict(NamedTuple):
    """What became of one interpreter: eligible through `service`, or the reasons why not."""

    service: Service | None
    reasons: tuple[Reason, ...]

    @property
    def eligible(self) -> bool:
        return not self.reasons


def services(request: Request, languages: Languages) -> tuple[Service, ...]:
    """Return the pairs that serve a request: its own, then substitutes if they are accepted.

    At most one of the two languages is ever substituted.
    """
    one, other = request.language_from, request.language_to
    own = Service(pair_key(one, other))
    if not request.requirements.accept_substitutes:
        return (own,)
    return own, *(
        Service(pair_key(served, kept), (served, asked))
        for asked, kept in ((one, other), (other, one))
        for served in languages.substitutes(asked)
        if served != kept
    )


def dialect_fit(
    interpreter: Interpreter, pair: Pair, dialect: str, languages: Languages
) -> DialectFit:
    """Return how an interpreter's dialects fit the one asked for, exact before curated."""
    tag = languages.dialect_language(pair, dialect)
    wanted = languages.dialect(tag, dialect) or dialect
    held = {skill.dialect for skill in interpreter.languages if skill.tag == tag and skill.dialect}
    if wanted in held:
        return DialectFit.EXACT
    if held & languages.near(tag, wanted):
        return DialectFit.NEAR
    return DialectFit.OTHER if held else DialectFit.UNSTATED


def way_min(
    travel: Travel, interpreter: Interpreter, presence: Presence, request: Request
) -> int | None:
    """Return the minutes to work on site, at whole km; None elsewhere and from nowhere."""
    here = presence.position if request.start_ms is None else None
    place = here or interpreter.location
    if request.mode is not Mode.ONSITE or place is None or request.location is None:
        return None
    between = geo.chord2(geo.vector(place), geo.vector(request.location))
    km = int(geo.whole_km(np.array([between], np.float32))[0])
    means = Means.CAR if interpreter.by_car else Means.TRANSIT
    minutes = travel.table(travel.density(request.location), means)
    return int(minutes[min(km, travel.farthest_km)])


class Judge:
    """The tables that the rules read, and the rules."""

    def __init__(
        self, languages: Languages, qualifications: Qualifications, travel: Travel
    ) -> None:
        self._languages = languages
        self._qualifications = qualifications
        self._travel = travel

    def check(
        self,
        interpreter: Interpreter,
        presence: Presence,
        request: Request,
        now_ms: int,
        already_asked: frozenset[str] = NONE,
        agenda: Agenda | None = None,
    ) -> Verdict:
        """Judge one interpreter by every rule; *agenda* holds their bookings.

        The first pair through which they are eligible counts. If there is none, the reasons are
        those of the first pair they have both languages of.
        """
        about_person = tuple(self._person(interpreter, request, already_asked))
        if presence.suspended_until_ms > now_ms:
            about_person += (Reason(Rule.SUSPENDED, "gets no new offers for a while"),)
        window = window_of(request)
        if window is None:
            about_now = tuple(self._now(interpreter, presence, request, now_ms, agenda))
        else:
            about_now = tuple(self._then(interpreter, request, window, agenda))
        spoken = {skill.tag for skill in interpreter.languages}
        refused: Verdict | None = None
        for service in services(request, self._languages):
            if not spoken.issuperset(service.pair):
                continue
            about_pair = tuple(self._pair(interpreter, request, service))
            reasons = about_pair + about_person + about_now
            if not reasons:
                return Verdict(service, ())
            refused = refused or Verdict(service, reasons)
        if refused is None:
            name = self._languages.name
            text = f"does not have both {name(request.language_from)}"
            missing = Reason(Rule.LANGUAGE, f"{text} and {name(request.language_to)}")
            return Verdict(None, (missing, *about_person, *about_now))
        return refused

    def _pair(
        self, interpreter: Interpreter, request: Request, service: Service
    ) -> Iterator[Reason]:
        languages, scales = self._languages, self._qualifications
        if request.mode is Mode.AUDIO and any(map(languages.signed, service.pair)):
            yield Reason(Rule.MODALITY, "a sign language cannot be interpreted over audio")
        floor = scales.floor(request)
        tier = scales.pair_tier(interpreter.languages, *service.pair)
        if tier < floor:
            held = scales.letter(tier) or "no qualification"
            needed = scales.letter(floor)
            yield Reason(Rule.QUALIFICATION, f"{held} in this pair, {needed} needed")
        dialect = request.requirements.dialect
        if dialect is not None:
            fit = dialect_fit(interpreter, service.pair, dialect, languages)
            if fit < DialectFit.NEAR:
                yield Reason(Rule.DIALECT, f"does not state the dialect {dialect}")

    def _person(
        self, interpreter: Interpreter, request: Request, already_asked: frozenset[str]
    ) -> Iterator[Reason]:
        required = request.requirements
        if required.gender is not None and interpreter.gender != required.gender:
            yield Reason(Rule.GENDER, f"{required.gender} required")
        if missing := required.specialisms - interpreter.specialisms:
            yield Reason(Rule.SPECIALISM, f"lacks {', '.join(sorted(missing))}")
        if missing := required.clearances - interpreter.clearances:
            yield Reason(Rule.CLEARANCE, f"lacks {', '.join(sorted(missing))}")
        involved = request.parties | ({request.customer} - {None})
        if interpreter.conflicts & involved:
            yield Reason(Rule.CONFLICT, "declared a conflict of interest")
        by_customer = interpreter.id in request.preferences.blocked
        if by_customer or request.customer in interpreter.blocked_customers:
            yield Reason(Rule.BLOCKED, "blocked, by the customer or by the interpreter")
        if not interpreter.adult:
            yield Reason(Rule.NOT_ADULT, "not an adult")
        if interpreter.id == request.caller:
            yield Reason(Rule.CALLER, "is the one who asks")
        if interpreter.id in already_asked:
            yield Reason(Rule.ALREADY_ASKED, "has been asked already")

    def _now(
        self,
        interpreter: Interpreter,
        presence: Presence,
        request: Request,
        now_ms: int,
        agenda: Agenda | None,
    ) -> Iterator[Reason]:
        if not presence.available:
            yield Reason(Rule.NOT_PRESENT, "not present")
        if presence.reserved_until_ms > now_ms:
            yield Reason(Rule.RESERVED, "another offer is being made")
        modes = interpreter.modes & presence.modes if presence.available else interpreter.modes
        if request.mode not in modes:
            yield Reason(Rule.MODE, f"does not take {request.mode} now")
        until = free_until_ms(presence, request, now_ms, agenda) if presence.available else None
        way = way_min(self._travel, interpreter, presence, request) or 0
        if until is not None and until // MINUTE_MS - way < end_minute(request, now_ms):
            yield Reason(Rule.UNTIL, "booked, or off, before the work would be over")
        if request.mode is Mode.ONSITE:
            place = presence.position if presence.available else None
            yield from self._distance(interpreter, place or interpreter.location, request)

    def _then(
        self, interpreter: Interpreter, request: Request, window: Window, agenda: Agenda | None
    ) -> Iterator[Reason]:
        """Judge for a booking: nobody needs to be present, or where they are now."""
        if request.mode not in interpreter.modes:
            yield Reason(Rule.MODE, f"does not take {request.mode}")
        calendar = interpreter.calendar
        if calendar is not None and not calendar.open_during(window.start_ms, window.end_ms):
            yield Reason(Rule.CALENDAR, "does not take work at that time")
        room = None if agenda is None else agenda.diary.room(*window, agenda.trip)
        if isinstance(room, Clash):
            yield Reason(Rule.BOOKED, room.text)
        if request.mode is Mode.ONSITE:
            yield from self._distance(interpreter, interpreter.location, request)

    def _distance(
        self, interpreter: Interpreter, place: Place | None, request: Request
    ) -> Iterator[Reason]:
        if place is None or request.location is None:
            yield Reason(Rule.DISTANCE, "the distance is not known")
            return
        between = geo.chord2(geo.vector(place), geo.vector(request.location))
        if between > reach2_of(interpreter):
            yield Reason(Rule.DISTANCE, "farther than the interpreter travels")
        elif request.max_distance_km is not None and between > geo.reach2(request.max_distance_km):
            yield Reason(Rule.DISTANCE, f"farther than {request.max_distance_km:g} km")


def reach2_of(interpreter: Interpreter) -> float:
    """Return how far someone travels, as a squared chord."""
    km = interpreter.max_travel_km
    return geo.reach2(geo.DEFAULT_REACH_KM if km is None else km)
