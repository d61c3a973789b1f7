"""Bookings as iCalendar: what is in it, what is not, and how another program reads it."""

import os
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import icalendar
import pytest
from msgspec.structs import replace

from matching.wallclock import moment_of
from signalling.core.slot import Assignment
from signalling.service.schedule import entries, written
from tests.core.samples import NOW, TERMS, assignment

DAY_MS = 86_400_000
NAMES = {"ti": "Tigrinya", "no": "Norwegian"}


def booked(
    starts_at: str = "2026-03-02T09:00", state: str = "confirmed", id_: str = "a1", **terms: Any
) -> Assignment:
    """Return a scheduled assignment of ann's, its start as a clock in Oslo shows it."""
    start_ms = moment_of(starts_at, "Europe/Oslo")
    own = {"start_ms": start_ms, "timezone": "Europe/Oslo"}
    return assignment(state, id=id_, terms=TERMS | own | terms)


def feed(*found: Assignment, who: str = "ann", now_ms: int = NOW, version: int = 3) -> bytes:
    shown = [each for a in found for each in entries(a, version, who, now_ms, lambda _: 25)]
    return written(shown, NAMES.__getitem__)


def events(body: bytes) -> list[icalendar.Event]:
    calendar = icalendar.Calendar.from_ical(body)
    assert isinstance(calendar, icalendar.Calendar)
    return list(calendar.events)


def test_a_booking_in_full() -> None:
    lines = feed(booked(mode="onsite")).decode().splitlines()
    assert set(lines) == {
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Dragoman//Bookings//EN",
        "X-WR-CALNAME:Interpreting",
        "REFRESH-INTERVAL;VALUE=DURATION:PT15M",
        "X-PUBLISHED-TTL:PT15M",
        "BEGIN:VEVENT",
        "SUMMARY:Interpreting Tigrinya–Norwegian\\, on site",
        "UID:a1.1@dragoman",
        "DTSTART:20260302T080000Z",
        "DTEND:20260302T083000Z",
        "STATUS:CONFIRMED",
        "TRANSP:OPAQUE",
        "DESCRIPTION:Travel: 25 min",
        "X-APPLE-TRAVEL-DURATION;VALUE=DURATION:PT25M",
        "DTSTAMP:20231114T221320Z",
        "LAST-MODIFIED:20231114T221320Z",
        "SEQUENCE:3",
        "GEO:59.91;10.75",
        "LOCATION:59.91000\\, 10.75000",
        "END:VEVENT",
        "END:VCALENDAR",
    }


def test_nothing_names_the_customer() -> None:
    """Nor is anything told of a note, or of the place of what is not on site."""
    for mode in ("audio", "video", "onsite"):
        body = feed(booked(mode=mode)).decode()
        for secret in ("kari", "Nordmann", "Ward", "hospital", "bo"):
            assert secret not in body.replace("Bookings", "")
        assert ("59.91" in body) == (mode == "onsite")


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("searching", None), ("gathering", None), ("offering", None), ("unfilled", None),
        ("confirmed", "CONFIRMED"), ("held", "CONFIRMED"), ("connecting", "CONFIRMED"),
        ("in_progress", "CONFIRMED"), ("wrap_up", "CONFIRMED"), ("completed", "CONFIRMED"),
        ("no_show", "CONFIRMED"),
    ],
)  # fmt: skip
def test_what_is_a_booking(state: str, status: str | None) -> None:
    found = [str(event["STATUS"]) for event in events(feed(booked(state=state)))]
    assert found == ([] if status is None else [status])
    assert events(feed(booked(state=state), who="bo")) == []


def cancelled(a: Assignment, at_ms: int) -> Assignment:
    (slot,) = assignment("cancelled").slots
    return replace(a, slots=(replace(slot, interpreter="ann", ended_ms=at_ms),))


def test_what_is_called_off_is_told_for_thirty_days() -> None:
    """By its name too, and nobody is busy then. With whoever had not taken it, it never was."""
    a = booked()
    off = cancelled(a, NOW + DAY_MS)
    (event,) = events(feed(off, now_ms=NOW + 31 * DAY_MS))
    assert (event["STATUS"], event["TRANSP"]) == ("CANCELLED", "TRANSPARENT")
    assert str(event["SUMMARY"]).startswith("Cancelled: Interpreting Tigrinya")
    assert event["UID"] == events(feed(a))[0]["UID"]
    assert event.last_modified - events(feed(a))[0].last_modified == timedelta(days=1)
    assert events(feed(off, now_ms=NOW + 31 * DAY_MS + 1)) == []
    assert events(feed(booked(state="cancelled"))) == []


def test_what_is_over_is_told_for_thirty_days() -> None:
    a = booked(state="completed")
    end_ms = moment_of("2026-03-02T09:30", "Europe/Oslo")
    assert len(events(feed(a, now_ms=end_ms + 30 * DAY_MS))) == 1
    assert events(feed(a, now_ms=end_ms + 30 * DAY_MS + 1)) == []


def test_work_taken_at_once_is_told_as_it_was() -> None:
    (held,) = events(feed(assignment("held")))
    assert held.end - held.start == timedelta(minutes=30)
    done = assignment("completed")
    (slot,) = done.slots
    done = replace(done, slots=(replace(slot, started_ms=NOW + 5_000, ended_ms=NOW + 605_000),))
    (event,) = events(feed(done))
    assert event.end - event.start == timedelta(minutes=10)
    assert event.start == datetime.fromtimestamp(NOW // 1000 + 5, UTC)


def test_each_place_is_an_event_of_its_own() -> None:
    """Two of one assignment: each interpreter sees theirs."""
    a = booked()
    two = replace(a, slots=(a.slots[0], replace(a.slots[0], id="2", interpreter="bo")))
    assert [str(e["UID"]) for e in events(feed(two))] == ["a1.1@dragoman"]
    assert [str(e["UID"]) for e in events(feed(two, who="bo"))] == ["a1.2@dragoman"]


def test_the_same_bookings_are_the_same_bytes() -> None:
    """In order of their start, whatever order they are found in and whenever one asks."""
    one, two = booked(), booked("2026-03-01T09:00", id_="a2")
    assert feed(one, two) == feed(two, one, now_ms=NOW + DAY_MS)
    assert [str(event["UID"])[:2] for event in events(feed(one, two))] == ["a2", "a1"]
    assert events(feed()) == []


class Khal:
    """Debian's khal with one calendar, in a home and a time zone of its own."""

    def __init__(self, home: Path, timezone: str) -> None:
        self.home = home
        self.config = home / "config"
        self.config.write_text(f"""
[calendars]
[[work]]
path = {home}/work
[sqlite]
path = {home}/khal.db
[locale]
local_timezone = {timezone}
default_timezone = {timezone}
timeformat = %H:%M
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%d %H:%M
longdatetimeformat = %Y-%m-%d %H:%M
""")
        (home / "work").mkdir()

    def run(self, *words: str) -> str:
        env = {"HOME": str(self.home), "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
        command = ["khal", "-c", str(self.config), *words]
        done = subprocess.run(
            command, env=env, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def read(self, body: bytes) -> None:
        file = self.home / "feed.ics"
        file.write_bytes(body)
        self.run("import", "--batch", "-a", "work", str(file))

    def list(self, since: str, days: int) -> Iterator[str]:
        shape = "{start-long}|{end-long}|{title}|{status}|{location}"
        options = ("--format", shape, "--day-format", "", "--notstarted")
        yield from filter(None, self.run("list", *options, since, f"{days}d").splitlines())


def test_khal_reads_it_across_both_changes_of_the_clock(tmp_path: Path) -> None:
    """Weekly at nine in the morning, a night shift in each change, and one that is called off."""
    khal = Khal(tmp_path, "Europe/Oslo")
    weekly = [
        booked(f"{day}T09:00", id_=f"w{n}")
        for n, day in enumerate(["2026-03-22", "2026-03-29", "2026-10-18", "2026-10-25"])
    ]
    nights = [
        booked(f"{day}T01:30", id_=f"n{day}", duration_min=120)
        for day in ("2026-03-29", "2026-10-25")
    ]
    off = cancelled(booked("2026-03-30T09:00", id_="off"), moment_of("2026-03-01T00:00Z", None))
    khal.read(feed(*weekly, *nights, off, booked("2026-06-01T12:00", id_="site", mode="onsite")))
    video = "Interpreting Tigrinya–Norwegian, by video"
    site = "Interpreting Tigrinya–Norwegian, on site|CONFIRMED |59.91000, 10.75000"
    assert list(khal.list("2026-03-01", 300)) == [
        f"2026-03-22 09:00|2026-03-22 09:30|{video}|CONFIRMED |",
        f"2026-03-29 01:30|2026-03-29 04:30|{video}|CONFIRMED |",
        f"2026-03-29 09:00|2026-03-29 09:30|{video}|CONFIRMED |",
        f"2026-03-30 09:00|2026-03-30 09:30|Cancelled: {video}|CANCELLED |",
        f"2026-06-01 12:00|2026-06-01 12:30|{site}",
        f"2026-10-18 09:00|2026-10-18 09:30|{video}|CONFIRMED |",
        f"2026-10-25 01:30|2026-10-25 02:30|{video}|CONFIRMED |",
        f"2026-10-25 09:00|2026-10-25 09:30|{video}|CONFIRMED |",
    ]


def test_khal_takes_a_change_for_a_change(tmp_path: Path) -> None:
    """The same booking moved is one event, in whichever zone it is read."""
    khal = Khal(tmp_path, "Asia/Kathmandu")
    khal.read(feed(booked("2026-03-22T09:00")))
    khal.read(feed(booked("2026-03-29T09:00"), version=4))
    shown = [line[:33] for line in khal.list("2026-03-01", 60)]
    assert shown == ["2026-03-29 12:45|2026-03-29 13:15"]
