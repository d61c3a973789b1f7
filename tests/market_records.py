"""Records of people as the store has them, for the tests of markets and of their snapshots."""

from typing import Any

from signalling.core.availability import Availability, Connection, Status
from signalling.core.profile import Profile
from signalling.core.track import Counts
from signalling.market import Market
from signalling.store.records import pack
from signalling.translate import admitted_profile
from tests.world import TABLES, profile

PAIR = ("no", "so")
NOW, HOUR = 1_800_000_000_000, 3_600_000
NIGHT = {"from": "22:00", "to": "07:00"}
LATE, NOON = 1_800_054_000_000, 1_800_010_800_000  # 00:00 and 12:00 in Oslo


def record(who: str, **fields: Any) -> bytes:
    return pack(Profile(who, admitted_profile(profile(who, **fields), TABLES), 1), 1)


def present(who: str, **fields: Any) -> bytes:
    sessions = (Connection("s", 1),)
    fields = {"sessions": sessions, "idle_since_ms": 60_000, **fields}
    return pack(Availability(who, Status.AVAILABLE, **fields), 1)


def busy(who: str, offers: float, hours: float = 10) -> bytes:
    """Return who is present and got so many offers in so many hours, with 45 minutes of work."""
    counts = Counts(
        *(NOW, offers, hours, 4, 1, 5, 1), ((NOW // HOUR, 45),), streak_min=30, worked_until_ms=NOW
    )
    return present(who, counts=counts, status_since_ms=NOW, idle_since_ms=NOW)


def state(market: Market) -> dict[str, Any]:
    people = sorted(market.profiles)
    return {
        "profiles": market.profiles,
        "availability": {
            who: found.feed
            for who, found in market.availability.items()
            if found.feed != Availability(who).feed
        },
        "pairs": market.pair_counts(),
        "available": market.available,
        "presence": {who: market.population.presence(who) for who in people},
        "numbers": len(market.population),
        "tracks": {who: market.population.track(who) for who in people},
        "histories": market.histories,
    }
