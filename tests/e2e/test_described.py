"""Whatever the server says is as /openrpc.json describes it, and nothing it does not describe."""

import asyncio
import copy
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import aiohttp
import jsonschema  # type: ignore[import-untyped]
import pytest
from pyrage.x25519 import Identity

from signalling.client import Client, CodecName, HttpClient
from tests.e2e.carried import media_server
from tests.e2e.described_booking import the_booking
from tests.e2e.described_meeting import check_devices, meet, with_a_guest
from tests.e2e.server import Server
from tests.e2e.test_bad_interpreters import PROFILE
from tests.e2e.town import (
    OSLO,
    WITHIN_S,
    Params,
    Town,
    offered,
    request,
    town_of,
    until,
    until_state,
    withdrawn,
)
from tests.hooks.receiver import receiving

# What a server that ends says, and what comes with hours or days (tests/service).
UNHEARD = {"session.draining", "assignment.reminder", "feedback.suspended"}


class Description:
    """The schemas of /openrpc.json, closed: a member that is not described does not pass."""

    def __init__(self, document: Params) -> None:
        components = copy.deepcopy(document["components"])
        for schema in components["schemas"].values():
            if "properties" in schema:
                schema.setdefault("additionalProperties", False)
        self.components = components
        self.results = {m["name"]: m["result"]["schema"] for m in document["methods"]}
        self.events = {e["name"]: e["params"] for e in document["x-events"]}
        self.seen: set[str] = set()
        self.wrong: list[str] = []

    def hold(self, kind: str, name: str, said: Any) -> None:
        """Note what does not fit; *kind* is result or event."""
        self.seen.add(name)
        schema = (self.results if kind == "result" else self.events).get(name)
        if schema is None:
            self.wrong.append(f"the {kind} {name} is not described")
            return
        validator = jsonschema.Draft202012Validator({**schema, "components": self.components})
        plain = json.loads(json.dumps(said))
        for error in validator.iter_errors(plain):
            self.wrong.append(f"{kind} {name} {error.json_path}: {error.message[:200]}")


class Watched:
    """Holds every answer and event of a client against the description."""

    def __init__(self, client: Client, description: Description) -> None:
        self.client = client
        self.description = description
        client.on_event(self.saw)
        description.hold("result", "session.open", client.opened)

    def saw(self, event: Any) -> bool:
        self.description.hold("event", event.method, dict(event.params))
        return False

    async def call(self, method: str, /, **params: Any) -> Params:
        result = await self.client.call(method, **params)
        self.description.hold("result", method, result)
        return result


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Run a server that carries and records."""
    environ = {
        "DRAGOMAN_RECORDING__RECIPIENTS": str(Identity.generate().to_public()),
        "DRAGOMAN_RECORDING__DIRECTORY": str(tmp_path_factory.mktemp("kept")),
        "DRAGOMAN_RECORDING__FREE_MB": "0",
        "DRAGOMAN_WEBHOOKS__ALLOW_HTTP": "true",
        "DRAGOMAN_WEBHOOKS__ALLOW_PRIVATE": "true",
    }
    with media_server(environ, expiring_s=3600) as server:
        yield server


@pytest.fixture
async def here(server: Server) -> AsyncIterator[Town]:
    async with town_of(server.url, server.store_url) as town:
        yield town


@pytest.fixture
async def description(server: Server) -> Description:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{server.url}/openrpc.json") as response,
    ):
        return Description(await response.json())


async def staff_work(town: Town, description: Description) -> None:
    """Call what staff call, over HTTP."""
    async with HttpClient(town.url, town.token("op", "operator")) as http:

        async def call(method: str, **params: Any) -> Params:
            result = await http.call(method, **params)
            description.hold("result", method, result)
            return result

        price = {"amount": 500, "currency": "NOK"}
        whole = PROFILE | {"price": price, "clearances": ["police"], "specialisms": ["legal"]}
        whole |= {"modes": ["video", "onsite"], "max_travel_km": 50}
        await call("interpreter.put", interpreter=whole | {"gender": "female"})
        await call("interpreter.get", interpreter="i")
        await call("interpreter.import", interpreters=[whole, whole | {"id": "extra"}])
        await call("interpreter.remove", interpreter="extra")
        people = [{"user": "op", "role": "operator"}, {"user": "g", "role": "guest"}]
        made = await call("meeting.create", participants=people)
        await call("meeting.end", meeting=made["meeting"]["id"])
        await call("presence.set", interpreter="i", status="offline")
        await the_webhook(call)


async def the_webhook(call: Callable[..., Awaitable[Params]]) -> None:
    async with receiving() as receiver:
        made = await call("webhook.put", url=receiver.url, types=["webhook.*"])
        webhook = {"webhook": made["webhook"]["id"]}
        await call("webhook.list")
        await call("webhook.test", **webhook)
        await receiver.until(1)
        assert [event["type"] for event in receiver.events(made["secret"])] == ["webhook.test"]
        listed = await call("webhook.deliveries", **webhook)
        await call("webhook.redeliver", **webhook, delivery=listed["deliveries"][0]["id"])
        await receiver.until(2)
        await call("webhook.remove", **webhook)


async def the_main_job(town: Town, description: Description, codec: CodecName) -> None:
    """Play everything that sends an event, with one codec."""
    everything: Any = {"codec": codec}
    staff = Watched(await town.connect("op", "operator", **everything), description)
    other = Watched(await town.connect("j", "interpreter", **everything), description)
    bea = Watched(await town.connect("i", "interpreter", name="Bea", **everything), description)
    ann = Watched(await town.customer("ann", name="Ann", **everything), description)
    await staff.call("presence.watch", interpreters=["i"], summary=True)
    await bea.call("presence.set", status="available", modes=["video", "onsite"], position=OSLO)
    await other.call("presence.set", status="available")
    await until(staff.client, "presence.changed", lambda p: p["presence"]["status"] == "available")
    await until(staff.client, "presence.summary", lambda p: p["available"] == 2)
    await ann.call("presence.summary", language="so")
    terms = request(
        requirements={"min_qualification": "C"},
        preferences={"blocked": ["enemy"]},
        strategy="broadcast",
        note="n",
    )
    await ann.call("match.search", **terms)
    asked = (await ann.call("assignment.create", **terms))["assignment"]
    offer, lost = await asyncio.gather(offered(bea.client), offered(other.client))
    await bea.call("offer.list")
    await staff.call("offer.list", interpreter="i")
    await bea.call("offer.ack", offer=offer["offer"], seen=True)
    await bea.call("offer.accept", offer=offer["offer"])
    assert await withdrawn(other.client, lost["offer"]) == "taken"
    held = await until_state(ann.client, "held")
    for caller in (ann, staff):
        await caller.call("match.explain", assignment=asked["id"], interpreter="i")
    await other.call("match.explain", assignment=asked["id"])
    await other.call("match.parameters")
    await the_contest(town, other, description, asked["id"])
    await ann.call("assignment.update", assignment=asked["id"], note="other")
    snapshot = await town.connect("ann", "customer", **everything)
    Watched(snapshot, description)
    await the_meeting(ann, bea, held["meeting"])
    await until_state(ann.client, "wrap_up")
    await bea.call("assignment.complete", assignment=asked["id"])
    await ann.call("feedback.rate", assignment=asked["id"], stars=4, text="exact")
    again = (await ann.call("assignment.create", **terms))["assignment"]
    offer = await offered(other.client)
    await other.call("offer.decline", offer=offer["offer"], reason="lunch")
    await ann.call("assignment.cancel", assignment=again["id"], reason="found somebody")
    for caller in (ann, bea, staff):
        await caller.call("assignment.get", assignment=asked["id"])
        await caller.call("assignment.list")
    nobody = request(languages={"from": "no", "to": "pl"})
    await ann.call("assignment.create", **nobody)
    await until_state(ann.client, "unfilled")
    await the_booking(ann, bea, staff)
    await bea.call("presence.log")
    await staff.call("presence.unwatch")
    await the_guest(town, ann, description, codec)
    await the_session(town, bea, description)


async def the_contest(town: Town, other: Watched, description: Description, asked: str) -> None:
    app = Watched(await town.connect("server", "app"), description)
    await other.call("match.contest", assignment=asked, text="I was nearer")
    contest = (await app.client.next_event("match.contested", WITHIN_S)).params["contest"]
    await app.call("match.contests")
    await app.call("match.answer", contest=contest["id"], text="not nearer", outcome="upheld")
    await other.client.next_event("match.contest_answered", WITHIN_S)
    await other.call("match.contests")


async def the_meeting(ann: Watched, bea: Watched, id_: str) -> None:
    meeting = {"meeting": id_}
    joined = await ann.call("meeting.join", **meeting, media={"audio": True, "video": True})
    await bea.call("meeting.join", **meeting)
    await bea.call("device.ice")
    await bea.call("meeting.signal", **meeting, to=joined["participant"], signal={"candidate": ""})
    await ann.client.next_event("meeting.signal", WITHIN_S)
    await ann.call("meeting.message", **meeting, text="hello")
    await bea.client.next_event("meeting.message", WITHIN_S)
    await bea.call("meeting.update", **meeting, media={"audio": False}, locked=True)
    await until(ann.client, "meeting.changed", lambda p: p["change"] == "locked")
    await ann.call("meeting.get", **meeting)
    await ann.call("meeting.leave", **meeting)
    await until(bea.client, "meeting.changed", lambda p: p["change"] == "left")
    await bea.call("meeting.end", **meeting)


async def the_guest(town: Town, ann: Watched, description: Description, codec: CodecName) -> None:
    meeting = await meet(town, ann)
    link = await ann.call("meeting.invite", **meeting, name="Eva")
    async with await Client.connect(town.url, link["token"], codec=codec) as client:
        eva = Watched(client, description)
        await with_a_guest(ann, eva, meeting)
    await check_devices(ann)


async def the_session(town: Town, bea: Watched, description: Description) -> None:
    await bea.client.next_event("session.expiring", WITHIN_S)
    await bea.call("session.ping")
    await bea.call("session.refresh", token=town.token("i", "interpreter", ttl_s=9000))
    await bea.client.drop()
    assert await bea.client.reconnect()
    description.hold("result", "session.open", bea.client.opened)
    await bea.call("rpc.discover")
    await bea.call("session.close")


@pytest.mark.parametrize("codec", ["json", "msgpack"])
async def test_everything_said_is_described(
    here: Town, description: Description, codec: CodecName
) -> None:
    await staff_work(here, description)
    await here.register("j")
    await the_main_job(here, description, codec)
    assert description.wrong == []
    assert description.results.keys() <= description.seen
    # Draining is the server's end: test_lifecycle sees it, tests/web holds it against its type.
    assert description.events.keys() - description.seen == UNHEARD


def test_the_check_bites() -> None:
    pair = {"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}}}
    document: Params = {
        "components": {"schemas": {"Pair": pair}},
        "methods": [{"name": "m", "result": {"schema": {"$ref": "#/components/schemas/Pair"}}}],
        "x-events": [],
    }
    for said, count in (({"a": "x"}, 0), ({"a": 1}, 1), ({}, 1), ({"a": "x", "b": 1}, 1)):
        description = Description(document)
        description.hold("result", "m", said)
        assert len(description.wrong) == count
