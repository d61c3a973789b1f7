"""What no booking can be, by HTTP and by socket: the code, the field, and nothing has changed."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from signalling.client import Client, HttpClient, RemoteError
from tests.e2e.town import OSLO, WITHIN_S, Params, Town, offered, request, until_state

INVALID = (-32602, "invalid_params")
IN_OSLO = {"timezone": "Europe/Oslo"}
WEEKLY: Params = {"every": "week", "count": 3}
Caller = Client | HttpClient


def hence(**span: float) -> str:
    return (datetime.now(UTC) + timedelta(**span)).isoformat(timespec="seconds")


def clock_change(month: int) -> str:
    """Return half past two of the night in which clocks are set in Oslo, next year."""
    year = datetime.now(UTC).year + 1
    last = max(d for d in range(25, 32) if datetime(year, month, d, tzinfo=UTC).weekday() == 6)
    return f"{year}-{month:02}-{last:02}T02:30"


def series(**repeats: Any) -> Params:
    start = hence(days=7)[:16]
    return {"starts_at": start, **IN_OSLO, "repeats": {"every": "week"} | repeats}


CREATIONS: dict[str, tuple[Params, str]] = {
    "in the past": ({"starts_at": hence(hours=-1)}, "starts_at"),
    "three years ahead": ({"starts_at": hence(days=1096)}, "starts_at"),
    "no time": ({"starts_at": "next Tuesday"}, "starts_at"),
    "no zone": ({"starts_at": hence(days=7)[:16]}, "starts_at"),
    "no such zone": ({"starts_at": hence(days=7), "timezone": "Europe/Atlantis"}, "timezone"),
    "skipped in spring": ({"starts_at": clock_change(3), **IN_OSLO}, "starts_at"),
    "twice in autumn": ({"starts_at": clock_change(10), **IN_OSLO}, "starts_at"),
    "no minutes": ({"starts_at": hence(days=7), "duration_min": 0}, "duration_min"),
    "ninety days": ({"starts_at": hence(days=7), "duration_min": 129_600}, "duration_min"),
    "series without end": (series(), "repeats.count"),
    "series with two ends": (series(count=3, until="2027-12-24"), "repeats.until"),
    "series of 10,000": (series(count=10_000), "repeats.count"),
    "series of none": (series(count=0), "repeats.count"),
    "series into the past": (series(until="2020-01-01"), "repeats.until"),
    "series until no date": (series(until="Christmas"), "repeats.until"),
    "series each 0 weeks": (series(count=3, interval=0), "repeats.interval"),
    "series of no day": (series(count=3, days=["someday"]), "repeats.days.0"),
    "series that skips another day": (series(count=3, skip=["2020-01-01"]), "repeats.skip.0"),
    "series for now": ({"repeats": WEEKLY, **IN_OSLO}, "starts_at"),
    "series at no clock's time": ({"starts_at": hence(days=7), "repeats": WEEKLY}, "timezone"),
    "window for now": ({"interest_s": 3600}, "interest_s"),
    "window of a year": ({"starts_at": hence(days=7), "interest_s": 31_536_000}, "interest_s"),
    "chosen by dice": ({"starts_at": hence(days=7), "confirm": "dice"}, "confirm"),
    "offer of 4 s": ({"offering": {"offer_s": 4}}, "offering.offer_s"),
    "offer of two days": ({"offering": {"offer_s": 172_800}}, "offering.offer_s"),
    "no chance": ({"offering": {"target": 0}}, "offering.target"),
    "certainty": ({"offering": {"target": 1}}, "offering.target"),
    "waves of nobody": ({"offering": {"largest": 0}}, "offering.largest"),
    "waves of everybody": ({"offering": {"largest": 51}}, "offering.largest"),
    "unknown parameter": ({"offering": {"speed": 9}}, "offering.speed"),
    "nobody needed": ({"interpreters_needed": 0}, "interpreters_needed"),
    "nine needed": ({"interpreters_needed": 9}, "interpreters_needed"),
    "nowhere": ({"mode": "onsite", "starts_at": hence(days=7)}, "location"),
    "paid to work": ({"pay": {"amount": -1, "currency": "NOK"}}, "pay.amount"),
}


async def refusal(caller: Caller, method: str, **params: Any) -> RemoteError:
    with pytest.raises(RemoteError) as refused:
        await caller.call(method, **params)
    assert refused.value.data.get("detail"), refused.value.data
    return refused.value


@pytest.fixture(params=["http", "socket"])
async def kari(town: Town, request: pytest.FixtureRequest) -> AsyncIterator[Caller]:
    if request.param == "http":
        yield await town.http("cust", "customer")
    else:
        yield await town.customer(codec="msgpack")


@pytest.mark.parametrize("what", CREATIONS)
async def test_what_cannot_be_booked(kari: Caller, what: str) -> None:
    terms, path = CREATIONS[what]
    refused = await refusal(kari, "assignment.create", **request(**terms))
    assert (refused.code, refused.name, refused.path) == (*INVALID, path)
    assert (await kari.call("assignment.list"))["assignments"] == []


async def booked(town: Town, kari: Caller, **terms: Any) -> tuple[Params, HttpClient]:
    """Return a booking that somebody has taken, and them."""
    person = await town.interpreter("ann", online=False)
    made = await town.ask(kari, starts_at=hence(days=7), **terms)
    letter = await offered(person)
    await person.call("offer.accept", offer=letter["offer"])
    ann = await town.http("ann", "interpreter")
    return (await kari.call("assignment.get", assignment=made["id"]))["assignment"], ann


CHANGES: dict[str, tuple[Params, str]] = {
    "into the past": ({"starts_at": hence(hours=-1)}, "starts_at"),
    "to now": ({"starts_at": hence(seconds=5)}, "starts_at"),
    "to no time": ({"starts_at": clock_change(3), **IN_OSLO}, "starts_at"),
    "to no zone": ({"timezone": "Europe/Atlantis"}, "timezone"),
    "to no minutes": ({"duration_min": 0}, "duration_min"),
    "to no priority": ({"priority": 10}, "priority"),
    "to nothing": ({}, ""),
}


@pytest.mark.parametrize("what", CHANGES)
async def test_what_cannot_be_changed(town: Town, kari: Caller, what: str) -> None:
    changes, path = CHANGES[what]
    made, _ = await booked(town, kari)
    refused = await refusal(kari, "assignment.update", assignment=made["id"], **changes)
    assert (refused.code, refused.name, refused.path or "") == (*INVALID, path)
    assert (await kari.call("assignment.get", assignment=made["id"]))["assignment"] == made


@pytest.mark.parametrize(
    ("method", "params", "code", "path"),
    [
        ("check_in", {}, 1005, None),
        ("complete", {}, 1005, None),
        ("complete", {"started_at": hence(days=7), "ended_at": hence()}, -32602, "ended_at"),
        ("complete", {"started_at": hence(days=7), "ended_at": hence(days=7)}, -32602, "ended_at"),
        ("complete", {"started_at": hence(days=-3), "ended_at": hence()}, -32602, "started_at"),
        ("cancel", {"following": True}, -32602, "following"),
        ("cancel", {"reason": "x" * 201}, -32602, "reason"),
        ("interest", {}, 1009, None),
    ],
)
async def test_what_cannot_be_done_to_a_booking(
    town: Town, kari: Caller, method: str, params: Params, code: int, path: str | None
) -> None:
    """A week before it begins, by who has taken it."""
    made, ann = await booked(town, kari, mode="onsite", location=OSLO)
    refused = await refusal(ann, f"assignment.{method}", assignment=made["id"], **params)
    assert (refused.code, refused.path) == (code, path)
    assert (await kari.call("assignment.get", assignment=made["id"]))["assignment"] == made


async def test_what_others_cannot_do_to_it(town: Town, kari: Caller) -> None:
    """Whoever has nothing to do with it is told that there is no such assignment."""
    made, _ = await booked(town, kari)
    await town.register("bo")
    bo, liv = await town.http("bo", "interpreter"), await town.http("liv", "customer")
    court = await (await town.another_app()).http("op", "operator")
    attempts: list[tuple[Caller, str, Params]] = [
        (bo, "check_in", {}),
        (bo, "complete", {}),
        (bo, "cancel", {}),
        (bo, "get", {"history": True}),
        (liv, "confirm", {"interpreter": "ann"}),
        (liv, "update", {"note": "x"}),
        (liv, "cancel", {}),
        (court, "get", {"history": True}),
        (court, "confirm", {"interpreter": "ann"}),
        (court, "cancel", {}),
    ]
    for caller, method, params in attempts:
        refused = await refusal(caller, f"assignment.{method}", assignment=made["id"], **params)
        assert (refused.code, refused.path) == (1003, "assignment"), method
    assert (await kari.call("assignment.get", assignment=made["id"]))["assignment"] == made


async def test_choosing_what_cannot_be_chosen(town: Town, kari: Caller) -> None:
    """Not who has not said that they could, and nobody after a cancellation."""
    person = await town.interpreter("ann", online=False)
    made = await town.ask(kari, starts_at=hence(days=7), interest_s=3600, confirm="customer")
    await person.next_event("assignment.recommended", WITHIN_S)
    made = (await kari.call("assignment.get", assignment=made["id"]))["assignment"]
    choice = {"assignment": made["id"], "interpreter": "ann"}
    refused = await refusal(kari, "assignment.confirm", **choice)
    assert refused.code == 1008
    assert (await kari.call("assignment.get", assignment=made["id"]))["assignment"] == made
    await kari.call("assignment.cancel", assignment=made["id"])
    over = (await kari.call("assignment.get", assignment=made["id"]))["assignment"]
    assert (await refusal(kari, "assignment.confirm", **choice)).code == 1005
    refused = await refusal(person, "assignment.interest", assignment=made["id"])
    assert (refused.code, refused.data["reason"]) == (1009, "decided")
    assert (await kari.call("assignment.get", assignment=made["id"]))["assignment"] == over


async def test_saying_so_when_the_window_is_over(town: Town) -> None:
    person = await town.interpreter("ann", online=False)
    customer = await town.customer()
    made = await town.ask(customer, starts_at=hence(days=7), interest_s=1)
    letter = await offered(person)  # nobody had said so in time
    await until_state(customer, "offering", made["id"])
    refused = await refusal(person, "assignment.interest", assignment=made["id"])
    assert (refused.code, refused.data["reason"]) == (1009, "decided")
    bo = await town.interpreter("bo", online=False)
    stolen = await refusal(bo, "offer.accept", offer=letter["offer"])
    assert stolen.code == 1003
