"""What one market knows of everybody, told record by record."""

from typing import Any

from matching.population import Population
from matching.types import NEW, Mode
from signalling.core.availability import Availability, Status
from signalling.core.diary import Booking, Diary
from signalling.core.history import History
from signalling.core.track import Counts
from signalling.markets import Market
from signalling.store.records import pack
from signalling.translate import request_of
from tests.market_records import HOUR, LATE, NIGHT, NOON, NOW, PAIR, busy, present, record, state
from tests.world import TABLES, TERMS

POLISH = [{"tag": "no", "level": "C1"}, {"tag": "pl", "level": "C1"}]


def test_who_is_available_before_they_are_known() -> None:
    """Profile and presence may come in either order; both are needed."""
    market = Market("m", Population(TABLES))
    assert not market.apply("availability", "ann", present("ann"))
    assert (market.available, market.pair_counts()) == (0, [])
    assert market.apply("interpreter", "ann", record("ann"))
    assert market.available == 1
    assert market.population.presence("ann").last_active_ms == 60_000
    other = Market("m", Population(TABLES))
    assert not other.apply("interpreter", "ann", record("ann"))
    assert other.apply("availability", "ann", present("ann"))
    assert state(market) == state(other)


def test_who_has_records_and_no_profile() -> None:
    market = Market("m", Population(TABLES))
    market.apply("availability", "ann", present("ann"))
    market.apply("history", "bo", pack(History("bo"), 1))
    assert market.strangers == {"ann", "bo"}
    market.apply("interpreter", "ann", record("ann"))
    market.apply("history", "bo", None)
    assert market.strangers == set()
    market.apply("interpreter", "ann", None)
    assert market.strangers == {"ann"}
    market.apply("availability", "ann", None)
    assert market.strangers == set()


def test_who_goes() -> None:
    """Removed is gone; whoever goes offline frees their reservation."""
    market = Market("m", Population(TABLES))
    market.apply("interpreter", "ann", record("ann"))
    market.apply("availability", "ann", present("ann"))
    market.population.reserve("ann", 10**13)
    assert market.pair_counts() == []
    market.apply("availability", "ann", pack(Availability("ann"), 1))
    assert market.apply("availability", "ann", present("ann"))
    assert market.pair_counts() != []
    market.apply("interpreter", "ann", None)
    assert (market.available, len(market.population)) == (0, 0)
    assert not market.apply("availability", "ann", None)
    assert not market.apply("interpreter", "ann", None)
    assert market.availability == {}


def test_who_rings() -> None:
    market = Market("m", Population(TABLES))
    market.apply("interpreter", "ann", record("ann"))
    rings = pack(Availability("ann", Status.RINGING), 1)
    market.apply("availability", "ann", rings)
    assert market.ringing == {"ann"}
    again = Market("m", Population(TABLES))
    again.availability.put("ann", rings)
    again.resume()
    assert again.ringing == {"ann"}
    market.apply("availability", "ann", present("ann"))
    assert market.ringing == set()
    market.apply("availability", "ann", rings)
    market.apply("availability", "ann", None)
    assert market.ringing == set()


def test_a_booking_changes_the_agenda_and_not_who_is_there() -> None:
    """It may end what kept somebody from being asked, if they are there."""
    market = Market("m", Population(TABLES))
    booked = pack(Diary("ann", (Booking("a1", "1", NOW, NOW + HOUR),)), 1)
    assert not market.apply("diary", "ann", booked)
    assert market.strangers == {"ann"}
    market.apply("interpreter", "ann", record("ann"))
    assert not market.apply("diary", "ann", booked)
    assert market.apply("availability", "ann", present("ann"))
    agenda = market.population.agenda("ann")
    assert agenda is not None
    assert len(agenda.diary) == 1
    assert market.apply("diary", "ann", pack(Diary("ann"), 1))
    assert market.population.agenda("ann") is None
    assert market.available == 1


def test_the_past_is_told() -> None:
    """In whichever order it comes; who is removed and registered again is new."""
    history = pack(History("ann", {"no-so": 4}, {"h:kari": (2, NOW)}, stars=9, rated=2), 1)
    told = [
        ("interpreter", "ann", record("ann")),
        ("availability", "ann", busy("ann", 3)),
        ("history", "ann", history),
    ]
    for order in ((0, 1, 2), (2, 1, 0), (1, 2, 0)):
        market = Market("m", Population(TABLES))
        for index in order:
            market.apply(*told[index])
        track, presence = market.population.track("ann"), market.population.presence("ann")
        assert (track.sessions, track.stars, track.completed) == ({"no-so": 4}, 9, 5)
        assert (track.offers, track.online_h) == (3, 10)
        assert (presence.minutes_today, presence.streak_min) == (45, 30)

    later = present("ann", status_since_ms=NOW + 30 * HOUR, counts=Counts(NOW, 3, 10))
    market.apply("availability", "ann", later)
    assert market.population.presence("ann").minutes_today == 0
    for kind, who, _ in told:
        market.apply(kind, who, None)
    market.apply(*told[0])
    assert market.population.track("ann") == NEW
    assert market.share.rate == 0


def test_a_kind_of_a_newer_node_is_nothing() -> None:
    market = Market("m", Population(TABLES))
    market.apply("interpreter", "ann", record("ann"))
    market.apply("availability", "ann", present("ann"))
    before = state(market)
    assert market.apply("mood", "ann", b"\x80")
    assert state(market) == before


def test_until_when_somebody_is_free() -> None:
    market = Market("m", Population(TABLES))
    market.apply("interpreter", "ann", record("ann"))
    market.apply("availability", "ann", present("ann", until_ms=NOW))
    assert market.population.presence("ann").free_until_ms == NOW
    market.apply("availability", "ann", present("ann"))
    assert market.population.presence("ann").free_until_ms is None


def test_exposure_aims_at_what_is_everybodys() -> None:
    """At once when it is known, then at most once a minute, and only if it moved by 5 %."""
    market = Market("m", Population(TABLES))
    for who, offers in (("ann", 2), ("bo", 4)):
        market.apply("interpreter", who, record(who))
        market.apply("availability", who, busy(who, offers))
    market.aim(7)
    assert market.target == 0.3
    exposed = [market.population.personal.codes(n)["exposure"] for n in (0, 1)]
    assert exposed[0] > exposed[1]
    market.apply("availability", "bo", busy("bo", 8))
    market.aim(66)
    assert market.target == 0.3
    market.aim(67)
    assert market.target == 0.5
    market.apply("availability", "bo", busy("bo", 8.4))
    market.aim(1000)
    assert market.target == 0.5


def woken(market: Market, now_ms: int, **terms: Any) -> set[str]:
    """Return who of those known may be woken for a request."""
    request = request_of(TERMS | terms)
    return set(market.profiles) - market.quiet(request, now_ms)


def test_whom_nobody_wakes() -> None:
    """For a booking whoever is asleep, for work now whose app is closed; in an emergency nobody."""
    market = Market("m", Population(TABLES))
    assert market.quiet(request_of(TERMS), LATE) == set()
    for who, fields in {"ann": {}, "bo": {"quiet": NIGHT}, "cy": {"quiet": NIGHT}}.items():
        market.apply("interpreter", who, record(who, **fields))
    market.apply("interpreter", "di", record("di", languages=POLISH, quiet=NIGHT))
    later = {"start_ms": LATE + 100 * HOUR}
    assert woken(market, LATE, **later) == {"ann", "di"}
    assert woken(market, NOON, **later) == {"ann", "bo", "cy", "di"}
    assert woken(market, LATE, **later, emergency=True) == {"ann", "bo", "cy", "di"}

    assert woken(market, LATE) == {"ann", "bo", "cy", "di"}
    closed = {"sessions": (), "push": True, "until_ms": LATE + HOUR}
    for who in ("ann", "bo"):
        market.apply("availability", who, present(who, **closed))
    market.apply("availability", "cy", present("cy", push=True, until_ms=LATE + HOUR))
    assert market.available == 3
    assert woken(market, LATE) == {"ann", "cy", "di"}
    assert woken(market, NOON) == woken(market, LATE, emergency=True) == set(market.profiles)
    market.apply("availability", "bo", present("bo", push=True, until_ms=LATE + HOUR))
    assert woken(market, LATE) == set(market.profiles)


def test_counts_and_cards() -> None:
    """Counts go by pair and mode; a card has the languages of the pair and no place."""
    market = Market("m", Population(TABLES))
    for who, modes in (("ann", ["video"]), ("bo", ["video", "audio"])):
        market.apply("interpreter", who, record(who, modes=modes, specialisms=["medical"]))
        market.apply("availability", who, present(who))
    assert market.pair_counts() == [
        {
            "languages": {"from": "no", "to": "so"},
            "available": 2,
            "modes": {"audio": 1, "video": 2},
        }
    ]
    assert market.population.summary()[PAIR][Mode.VIDEO] == 2
    counts, turns = market.pair_counts(), market.turns()
    assert turns == market.turns()
    market.apply("availability", "bo", None)
    market.apply("availability", "bo", present("bo"))
    assert (market.pair_counts(), market.turns()[PAIR] > turns[PAIR]) == (counts, True)
    card = market.card("ann", ("so", "en"))
    assert [skill["tag"] for skill in card.pop("languages")] == ["so"]
    assert card == {"name": "Ann", "specialisms": ["medical"]}
