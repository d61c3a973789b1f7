"""Every hard rule, alone: the one thing changed is the one reason given."""

from typing import Any

import pytest

from matching import Interpreter, Mode, Place, Preferences, Presence, Request, Tables
from matching.agenda import Agenda
from matching.bookings import Booking, Diary
from matching.calendar import Calendar
from matching.eligibility import Judge, Rule, Service, services
from tests.matching.builders import ASKER, BERGEN, MINUTE, NOW, OSLO, person, request, words

HERE = Presence(available=True)
ONSITE = Mode.ONSITE
ON_SITE = Presence(available=True, position=OSLO)
HOUR = 60 * MINUTE


def walk(_origin: Place, _goal: Place) -> int:
    return 90


def booked(start_ms: int, place: Place | None = None) -> Agenda:
    return Agenda(Diary(ASKER, [Booking(start_ms, start_ms + HOUR, place)]), walk)


@pytest.fixture
def judge(tables: Tables) -> Judge:
    return Judge(tables.languages, tables.qualifications, tables.travel)


CASES: list[tuple[Rule, Interpreter, Presence, Request]] = [
    (Rule.LANGUAGE, person("a", "no ar"), HERE, request()),
    (Rule.LANGUAGE, person("a", "so"), HERE, request()),
    (Rule.MODALITY, person("a", "no nsl"), HERE, request("no nsl", Mode.AUDIO)),
    (Rule.MODE, person("a", modes=frozenset({Mode.AUDIO})), HERE, request()),
    (Rule.MODE, person("a"), Presence(available=True, modes=frozenset()), request()),
    (Rule.QUALIFICATION, person("a", "no so:D"), HERE, request(min_qualification="C")),
    (Rule.QUALIFICATION, person("a", "no so"), HERE, request(public_body=True)),
    (Rule.GENDER, person("a", gender="male"), HERE, request(gender="female")),
    (Rule.GENDER, person("a"), HERE, request(gender="female")),
    (Rule.DIALECT, person("a", "no so/north"), HERE, request(dialect="south")),
    (Rule.DIALECT, person("a", "no so"), HERE, request(dialect="south")),
    (Rule.SPECIALISM, person("a"), HERE, request(specialisms=words("medical"))),
    (Rule.CLEARANCE, person("a"), HERE, request(clearances=words("police"))),
    (Rule.CONFLICT, person("a", conflicts=words("c")), HERE, request(customer="c")),
    (Rule.CONFLICT, person("a", conflicts=words("p")), HERE, request(parties=words("p"))),
    (Rule.BLOCKED, person("a"), HERE, request(preferences=Preferences(blocked=words("a")))),
    (Rule.BLOCKED, person("a", blocked_customers=words("c")), HERE, request(customer="c")),
    (Rule.NOT_PRESENT, person("a"), Presence(), request()),
    (Rule.UNTIL, person("a"), Presence(True, free_until_ms=NOW + 29 * MINUTE), request()),
    (Rule.RESERVED, person("a"), Presence(True, reserved_until_ms=NOW + 1), request()),
    (Rule.DISTANCE, person("a"), HERE, request(mode=ONSITE, location=OSLO)),
    (Rule.DISTANCE, person("a", location=BERGEN), HERE, request(mode=ONSITE, location=OSLO)),
    (
        Rule.DISTANCE,
        person("a", location=ASKER),
        HERE,
        request(mode=ONSITE, location=OSLO, max_distance_km=5),
    ),
    (
        Rule.DISTANCE,
        person("a", location=OSLO),
        Presence(True, position=BERGEN),
        request(mode=ONSITE, location=OSLO),
    ),
    (Rule.CALENDAR, person("a", calendar=Calendar("UTC", ())), HERE, request(start_ms=NOW)),
    (Rule.MODE, person("a", modes=frozenset()), HERE, request(start_ms=NOW)),
    (Rule.DISTANCE, person("a"), ON_SITE, request(mode=ONSITE, location=OSLO, start_ms=NOW)),
    (Rule.NOT_ADULT, person("a", adult=False), HERE, request()),
    (Rule.CALLER, person("a"), HERE, request(caller="a")),
    (Rule.SUSPENDED, person("a"), Presence(True, suspended_until_ms=NOW + 1), request()),
    (Rule.SUSPENDED, person("a"), Presence(suspended_until_ms=NOW + 1), request(start_ms=NOW)),
]


@pytest.mark.parametrize(("rule", "interpreter", "presence", "wish"), CASES)
def test_one_rule_gives_one_reason(
    judge: Judge, rule: Rule, interpreter: Interpreter, presence: Presence, wish: Request
) -> None:
    verdict = judge.check(interpreter, presence, wish, NOW)
    assert [reason.rule for reason in verdict.reasons] == [rule]
    assert not verdict.eligible
    assert verdict.reasons[0].text


def test_every_rule_has_a_case() -> None:
    assert {rule for rule, *_ in CASES} | {Rule.ALREADY_ASKED} == set(Rule) - {
        Rule.BOOKED,
        Rule.QUIET,
        Rule.LATER,
    }


def test_who_was_asked_is_not_asked_again(judge: Judge) -> None:
    verdict = judge.check(person("a"), HERE, request(), NOW, words("a"))
    assert [reason.rule for reason in verdict.reasons] == [Rule.ALREADY_ASKED]


def test_a_booking_clashes_by_time_and_by_travel(judge: Judge) -> None:
    someone, wish = person("a"), request(start_ms=NOW, duration_min=60)
    for agenda, texts in (
        (None, []),
        (booked(NOW + HOUR), []),
        (booked(NOW + 59 * MINUTE), ["is booked at that time"]),
        (booked(NOW + HOUR, OSLO), ["cannot travel from one job to the other: 90 min short"]),
    ):
        reasons = judge.check(someone, Presence(), wish, NOW, agenda=agenda).reasons
        assert [reason.text for reason in reasons] == texts
        assert all(reason.rule is Rule.BOOKED for reason in reasons)


def test_for_work_now_the_next_booking_must_be_in_reach(judge: Judge) -> None:
    someone = person("a", location=ASKER)
    remote, onsite = request(), request(mode=ONSITE, location=OSLO)
    at_home, at_site = booked(NOW + HOUR), booked(NOW + HOUR, OSLO)
    for wish, agenda, fits in (
        (remote, at_home, True),
        (remote, at_site, False),  # half an hour's work, then 90 minutes to Oslo
        (onsite, at_site, False),  # an hour's way, then half an hour's work
        (onsite, booked(NOW + 2 * HOUR, OSLO), True),
        (onsite, booked(NOW + 2 * HOUR), False),  # and an hour back
        (onsite, booked(NOW + 3 * HOUR), True),
        (remote, booked(NOW - MINUTE), False),  # under way
    ):
        verdict = judge.check(someone, HERE, wish, NOW, agenda=agenda)
        assert verdict.eligible is fits
        assert fits or [reason.rule for reason in verdict.reasons] == [Rule.UNTIL]
    leaves = Presence(True, free_until_ms=NOW + 29 * MINUTE)
    assert not judge.check(someone, leaves, remote, NOW, agenda=at_home).eligible


FITS: list[tuple[Interpreter, dict[str, Any]]] = [
    (person("a"), {}),
    (person("a", "so no"), {}),
    (person("a", "no so:E"), {"public_body": True}),
    (person("a", "no so"), {"public_body": True, "emergency": True}),
    (person("a", "no so/south"), {"dialect": "south"}),
    (person("a", location=ASKER), {"mode": ONSITE, "location": OSLO}),
    (person("a", location=ASKER), {"mode": ONSITE, "location": OSLO, "max_distance_km": 25}),
    (person("a", location=BERGEN, max_travel_km=400.0), {"mode": ONSITE, "location": OSLO}),
    (person("a", blocked_customers=words("d")), {"customer": "c"}),
    (person("a", gender="female", specialisms=words("x")), {"gender": "female"}),
    (person("a", calendar=Calendar("UTC", ())), {}),  # whoever says they are available is believed
    (person("a", calendar=Calendar("UTC")), {"start_ms": NOW}),
]


@pytest.mark.parametrize(("interpreter", "wish"), FITS)
def test_who_fits_is_eligible(judge: Judge, interpreter: Interpreter, wish: dict[str, Any]) -> None:
    assert judge.check(interpreter, HERE, request(**wish), NOW).reasons == ()


def test_several_rules_give_several_reasons(judge: Judge) -> None:
    wish = request(gender="female", specialisms=words("medical", "court"), min_qualification="B")
    verdict = judge.check(person("a", "no so"), Presence(), wish, NOW)
    assert {reason.rule: reason.text for reason in verdict.reasons} == {
        Rule.QUALIFICATION: "no qualification in this pair, B needed",
        Rule.GENDER: "female required",
        Rule.SPECIALISM: "lacks court, medical",
        Rule.NOT_PRESENT: "not present",
    }


def test_a_near_dialect_serves(judge: Judge) -> None:
    wish = request("no sq", dialect="gheg")
    assert judge.check(person("a", "no sq/tosk"), HERE, wish, NOW).eligible


def test_the_own_language_counts_before_a_substitute(judge: Judge) -> None:
    wish = request("no sr", accept_substitutes=True, min_qualification="C")
    both = judge.check(person("a", "no sr:B hr:A"), HERE, wish, NOW)
    assert both.service == Service(("no", "sr"))
    through = judge.check(person("a", "no sr hr:A"), HERE, wish, NOW)
    assert through.service == Service(("hr", "no"), ("hr", "sr"))
    neither = judge.check(person("a", "no sr hr:D"), HERE, wish, NOW)
    assert neither.reasons[0].text == "no qualification in this pair, C needed"


def test_one_language_at_most_is_substituted_and_never_by_the_other(tables: Tables) -> None:
    wish = request("sr hr", accept_substitutes=True)
    pairs = [service.pair for service in services(wish, tables.languages)]
    assert pairs == [
        ("hr", "sr"), ("bs", "hr"), ("cnr", "hr"), ("bs", "sr"), ("cnr", "sr"),
    ]  # fmt: skip
