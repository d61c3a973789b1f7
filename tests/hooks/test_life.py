"""From a method call to the receiver: every event there is, in order, with the data of the page."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from signalling.core.hooks import TYPES
from signalling.core.times import rfc3339
from signalling.dispatcher import Dispatcher
from signalling.service.call import Caller
from signalling.store.apps import Apps
from tests.booking import HOUR_MS, MINUTE_MS, hence, join, letters, take
from tests.dispatching import dispatching, looked
from tests.hooks.receiver import Receiver, delivering, webhook
from tests.world import World, customer, interpreter, operator, request

PAGE = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text(encoding="utf-8")
FIELDS = {
    "assignment.backstop": {"assignment"},
    "assignment.reminder": {"assignment", "in_min"},
    "assignment.late": {"assignment", "interpreter"},
    "offer.made": {
        *("interpreter", "offer", "assignment", "score", "reasons", "expires_at", "server_time"),
    },
    "offer.withdrawn": {"interpreter", "offer", "assignment", "reason", "text"},
    "feedback.rated": {"assignment", "interpreter", "of", "stars", "text"},
    "feedback.reported": {"report"},
    "feedback.answered": {"report"},
    "interpreter.suspended": {"interpreter", "suspended_until", "no_shows", "appeal"},
    "webhook.test": {"webhook"},
}


class Hospital(NamedTuple):
    """An app that runs the interpreters: Kari asks for bookings there, Olga is its staff."""

    world: World
    dispatcher: Dispatcher
    kari: Caller
    olga: Caller

    async def ask(self, hours: float, **terms: Any) -> tuple[str, int]:
        """Ask for a booking so many hours ahead; return it and its start, ms."""
        start_ms = hence(self.world, hours)
        asked = request(starts_at=rfc3339(start_ms), **terms)
        made = await self.world.call("assignment.create", self.kari, **asked)
        return str(made["assignment"]["id"]), start_ms

    async def met(self, hours: float, who: str) -> str:
        """Return a booking that somebody took, and is at with Kari."""
        id_, start_ms = await self.ask(hours)
        await take(self.world, self.dispatcher, id_, who)
        await self.world.pass_to(start_ms)
        await join(self.world, id_, f"i:{who}", self.kari.address)
        return id_


@pytest.fixture
async def hospital(world: World, receiver: Receiver) -> AsyncIterator[Hospital]:
    """Give an app whose webhook leads to the receiver; a no-show pauses, and it has an agency."""
    app = await Apps(world.store).create("Hospital", world.marketplace)
    await Apps(world.store).set_rules(app.key, {"no_shows_most": 1, "backstop": True})
    await webhook(world, receiver.url, app=app.key)
    for who in ("ann", "bo"):
        await world.register(who)
    async with dispatching(world) as dispatcher:
        yield Hospital(world, dispatcher, customer(world, app=app.key), operator(world, app.key))


async def missed(hospital: Hospital) -> str:
    """Let Ann say that she could, be chosen, and not come; nobody else can."""
    world = hospital.world
    terms = {"interest_s": 3600, "confirm": "customer", "preferences": {"blocked": ["bo"]}}
    id_, start_ms = await hospital.ask(48, **terms)
    await world.call("assignment.interest", interpreter(world, "ann"), assignment=id_)
    await world.pass_min(61)
    await world.call("assignment.confirm", hospital.kari, assignment=id_, interpreter="ann")
    await world.pass_to(start_ms)
    await join(world, id_, hospital.kari.address)
    await world.pass_to(start_ms + HOUR_MS)
    await looked(world, hospital.dispatcher)
    return id_


async def worked(hospital: Hospital) -> str:
    """Let Ann do what Bo was offered, too; both sides speak of it, and staff answer."""
    world, kari = hospital.world, hospital.kari
    id_ = await hospital.met(24, "ann")
    await world.call("assignment.update", kari, assignment=id_, note="Ward 7")
    meeting = (await world.get("assignment", id_)).meeting
    await world.call("meeting.end", kari, meeting=meeting)
    await world.call("feedback.rate", kari, assignment=id_, stars=5, text="Clear")
    said = {"assignment": id_, "kind": "technical", "text": "An echo"}
    report = (await world.call("feedback.report", kari, **said))["report"]["id"]
    answer = {"report": report, "text": "A poor headset", "outcome": "upheld"}
    await world.call("feedback.answer", hospital.olga, **answer)
    await world.pass_min(3)
    return id_


async def off(hospital: Hospital) -> str:
    """Let Kari call off what was offered to both."""
    id_, _ = await hospital.ask(24)
    await looked(hospital.world, hospital.dispatcher)
    assert (await letters(hospital.world, id_)).keys() == {"ann", "bo"}
    await hospital.world.call("assignment.cancel", hospital.kari, assignment=id_, reason="well")
    return id_


async def alone(hospital: Hospital) -> str:
    """Let Bo wait for Kari, who never comes."""
    id_, start_ms = await hospital.ask(24, preferences={"blocked": ["ann"]})
    await take(hospital.world, hospital.dispatcher, id_, "bo")
    await hospital.world.pass_to(start_ms)
    await join(hospital.world, id_, "i:bo")
    await hospital.world.pass_to(start_ms + 20 * MINUTE_MS)
    return id_


ASKED = ("assignment.created", "offer.made", "offer.made", "assignment.offering")
LIVES: list[tuple[Callable[[Hospital], Awaitable[str]], tuple[str, ...]]] = [
    (
        worked,
        (
            *(*ASKED, "offer.withdrawn", "assignment.confirmed", "assignment.reminder"),
            *("assignment.held", "assignment.started", "assignment.changed", "assignment.wrap_up"),
            *("feedback.rated", "feedback.reported", "feedback.answered", "assignment.completed"),
        ),
    ),
    (off, (*ASKED, "offer.withdrawn", "offer.withdrawn", "assignment.cancelled")),
    (
        alone,
        (
            *("assignment.created", "offer.made", "assignment.offering", "assignment.confirmed"),
            *("assignment.reminder", "assignment.held", "assignment.no_show"),
        ),
    ),
    (
        missed,
        (
            *("assignment.created", "assignment.gathering", "assignment.choosing"),
            *(
                "assignment.confirmed",
                "assignment.reminder",
                "assignment.reminder",
                "assignment.held",
                "assignment.late",
            ),
            *("assignment.reopened", "assignment.backstop", "assignment.unfilled"),
        ),
    ),
]


async def test_the_whole_life_arrives(hospital: Hospital, receiver: Receiver) -> None:
    """In order for each assignment; the pause that follows a no-show by itself."""
    world = hospital.world
    want = {await live(hospital): list(steps) for live, steps in LIVES}
    await world.call("webhook.test", hospital.olga, webhook="wh-1")
    want |= {"ann": ["interpreter.suspended"], "wh-1": ["webhook.test"]}
    count = sum(map(len, want.values()))
    async with delivering(world) as one:
        found = await one.until("delivered", count)
    got: dict[str, list[str]] = {}
    about = {delivery.id: delivery.about for delivery in found}
    for id_, event in zip(receiver.ids, receiver.events(), strict=True):
        got.setdefault(about[id_], []).append(event["type"])
        fields = FIELDS.get(event["type"], {"assignment"})
        assert event["data"].keys() == fields, event["type"]
    assert got == want
    assert {type_ for steps in got.values() for type_ in steps} == TYPES.keys()


def test_the_page_names_the_fields() -> None:
    _, _, section = PAGE.partition("## What `data` says")
    rows = re.findall(r"^- ((?:`[a-z_.*]+`,? ?)+): (.+)$", section, re.MULTILINE)
    said = {type_: text for types, text in rows for type_ in re.findall(r"`([^`]+)`", types)}
    assert said.keys() == {"assignment.*", *FIELDS}
    for type_, fields in FIELDS.items():
        assert fields <= set(re.findall(r"`([^`]+)`", said[type_])), type_
