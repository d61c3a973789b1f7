"""A scenario: every number of a simulated market, read from config/scenarios/NAME.toml.

The files say where each number comes from. They were frozen before any policy ran on them.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from matching.errors import InvalidTables
from matching.tables import config_dir

QUARTERS_AN_HOUR = 4


@dataclass(frozen=True, slots=True)
class Lognormal:
    """A positive amount by its median and the deviation of its logarithm, kept within bounds."""

    median: float
    sigma: float
    least: float
    most: float


@dataclass(frozen=True, slots=True)
class Beta:
    """A chance that varies: Beta(mean × concentration, (1 − mean) × concentration)."""

    mean: float
    concentration: float


@dataclass(frozen=True, slots=True)
class Clock:
    """The server's times, seconds (config/limits.toml)."""

    offer_s: float
    request_s: float
    hold_s: float
    wrap_up_s: float


@dataclass(frozen=True, slots=True)
class Network:
    delivery_s: float
    join_s: float


@dataclass(frozen=True, slots=True)
class Arrivals:
    """`quarters` are shares of a day's requests from `opens_h` on, `weekdays` Monday to Friday."""

    per_day: float
    opens_h: int
    quarters: tuple[float, ...]
    weekdays: tuple[float, ...]

    @property
    def closes_h(self) -> float:
        return self.opens_h + len(self.quarters) / QUARTERS_AN_HOUR


@dataclass(frozen=True, slots=True)
class Sector:
    """A field of work: how often it is asked for, and the tier that is asked for first."""

    name: str
    share: float
    required: float
    wished: float
    tier: str


@dataclass(frozen=True, slots=True)
class Requests:
    onsite: float
    video: float
    public: float
    dispensation: float
    emergency: float
    female: float
    minutes_remote: Lognormal
    minutes_onsite: Lognormal
    customers: int
    customer_zipf: float


@dataclass(frozen=True, slots=True)
class People:
    register: int
    outside: int
    tiers: Mapping[str, float]
    second: float
    female: float
    audio: float
    video: float
    onsite: float
    capital: float
    travel_km: Lognormal
    full_time: float
    sessions: Mapping[str, float]
    fields: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Spells:
    """Who is online when; `full_time` and `part_time` are tables of the file as they stand."""

    full_time: Mapping[str, float]
    break_h: float
    part_time: Mapping[str, float]
    evening: float
    evening_h: float
    evening_sigma_h: float
    least_h: float


@dataclass(frozen=True, slots=True)
class Answers:
    """What people do with an offer: chances, and what moves them in log-odds."""

    base: Beta
    experience: float
    video: float
    onsite: float
    travel: float
    strange: float
    poorly_paid: float
    hour_worked: float
    back_to_back: float
    after_17: float
    long_hour: float
    silent: Beta
    ghost: float
    delay: Mapping[str, float]
    fails: Beta


@dataclass(frozen=True, slots=True)
class Language:
    tag: str
    demand: float
    register: float


@dataclass(frozen=True, slots=True)
class Scenario:
    """One market; each of `seeds` draws another world from it."""

    name: str
    title: str
    seeds: tuple[int, ...]
    start: date
    days: int
    clock: Clock
    network: Network
    arrivals: Arrivals
    requests: Requests
    sectors: tuple[Sector, ...]
    people: People
    spells: Spells
    answers: Answers
    languages: tuple[Language, ...]
    kin: Mapping[str, str]


def load_scenario(name: str, directory: Path | None = None) -> Scenario:
    """Read scenario *name* of *directory* (default config/scenarios). Raises `InvalidTables`."""
    directory = directory or config_dir() / "scenarios"
    try:
        scenario = _scenario(name, _read(directory, name))
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidTables(f"scenarios/{name}.toml: {error}") from error
    for what, total in (
        ("arrivals.quarters", sum(scenario.arrivals.quarters)),
        ("sectors.share", sum(each.share for each in scenario.sectors)),
        ("languages.demand", sum(each.demand for each in scenario.languages)),
        ("people.tiers", sum(scenario.people.tiers.values())),
    ):
        if abs(total - 1.0) > 1e-3:
            raise InvalidTables(f"scenarios/{name}.toml: {what} sum to {total}, not to 1")
    return scenario


def _read(directory: Path, name: str) -> dict[str, Any]:
    """Return the tables of a file over those of its `base`, key by key."""
    path = directory / f"{name}.toml"
    if not path.is_file():
        raise InvalidTables(f"no scenario {path}")
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    if (base := data.pop("base", None)) is None:
        return data
    below = _read(directory, base)
    for key, value in data.items():
        below[key] = below[key] | value if isinstance(value, dict) and key in below else value
    return below


def _scenario(name: str, data: dict[str, Any]) -> Scenario:
    requests, people, answers = data["requests"], data["people"], data["answers"]
    arrivals: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in data["arrivals"].items()
    }
    return Scenario(
        name=name,
        title=data["title"],
        seeds=tuple(data["seeds"]),
        start=date.fromisoformat(data["start"]),
        days=data["days"],
        clock=Clock(**data["clock"]),
        network=Network(**data["network"]),
        arrivals=Arrivals(**arrivals),
        requests=Requests(**_with(requests, Lognormal, "minutes_remote", "minutes_onsite")),
        sectors=tuple(Sector(**each) for each in data["sectors"]),
        people=People(**_with(people, Lognormal, "travel_km")),
        spells=Spells(**data["spells"]),
        answers=Answers(**_with(answers, Beta, "base", "silent", "fails")),
        languages=tuple(Language(**each) for each in data["languages"]["table"]),
        kin=data["languages"]["kin"],
    )


def _with(table: dict[str, Any], kind: type[Any], *names: str) -> dict[str, Any]:
    """Return a table whose entries *names* are made into *kind*."""
    return table | {name: kind(**table[name]) for name in names}
