"""What is not yours is not there, and nobody learns who somebody is before they may."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest

from signalling.client import Client, HttpClient, RemoteError
from tests.e2e.server import Server
from tests.e2e.town import (
    WITHIN_S,
    Params,
    Town,
    offered,
    request,
    town_of,
    until_state,
)

HOME = {"lat": 59.9234567, "lon": 10.7654321}
PLACE = {"lat": 59.9345678, "lon": 10.7876543}


@dataclass
class Scene:
    """A hospital's customer is held by an interpreter; a loser knows the ids too."""

    town: Town
    ids: dict[str, str]
    winner: Client
    loser: Client
    customer: Client


@pytest.fixture
async def scene(calm: Server) -> AsyncIterator[Scene]:
    async with town_of(calm.url, calm.store_url) as town:
        winner, loser = [await town.interpreter(name) for name in ("winner", "loser")]
        customer = await town.customer("anna")
        asked = await town.ask(customer, strategy="broadcast")
        offers = await asyncio.gather(offered(winner), offered(loser))
        won = await winner.call("offer.accept", offer=offers[0]["offer"])
        ids = {
            "assignment": asked["id"],
            "meeting": won["meeting"],
            "offer": offers[0]["offer"],
            "interpreter": "winner",
        }
        yield Scene(town, ids, winner, loser, customer)


CALLS: dict[str, tuple[str, ...]] = {
    "assignment.get": ("assignment",),
    "assignment.update": ("assignment",),
    "assignment.cancel": ("assignment",),
    "assignment.complete": ("assignment",),
    "match.explain": ("assignment", "interpreter"),
    "match.contest": ("assignment",),
    "feedback.rate": ("assignment",),
    "meeting.get": ("meeting",),
    "meeting.end": ("meeting",),
    "meeting.update": ("meeting",),
    "meeting.join": ("meeting",),
    "meeting.leave": ("meeting",),
    "meeting.message": ("meeting",),
    "meeting.signal": ("meeting",),
    "offer.ack": ("offer",),
    "offer.accept": ("offer",),
    "offer.decline": ("offer",),
}
MORE: dict[str, Params] = {
    "assignment.update": {"note": "mine now"},
    "match.contest": {"text": "why not me"},
    "feedback.rate": {"stars": 1},
    "meeting.message": {"text": "hello?"},
    "meeting.signal": {"to": "winner", "signal": {"candidate": "x"}},
    "meeting.update": {"locked": True},
}
FACES: dict[str, tuple[str, ...]] = {
    "customer": tuple(m for m in CALLS if not m.startswith("offer.")),
    "operator": tuple(
        m for m in CALLS if not m.startswith(("offer.", "feedback.")) and m != "match.contest"
    ),
    "app": (
        "assignment.get",
        "assignment.cancel",
        "match.explain",
        "feedback.rate",
        "meeting.get",
        "meeting.end",
    ),
    "interpreter": tuple(m for m in CALLS if m not in {"assignment.update", "feedback.rate"}),
}


async def not_found(caller: Client | HttpClient, method: str, params: Params) -> None:
    with pytest.raises(RemoteError) as refused:
        await caller.call(method, **params)
    assert (refused.value.code, refused.value.name) == (1003, "not_found"), (method, refused.value)


async def strangers(scene: Scene) -> dict[str, list[Client]]:
    """Return, by role, everybody whom the scene is nothing to."""
    court = await scene.town.another_app()
    elsewhere = await scene.town.another_marketplace()
    found: dict[str, list[Client]] = {
        role: [await t.connect("anna", role) for t in (court, elsewhere)]
        for role in ("customer", "operator", "app")
    }
    found["customer"].append(await scene.town.customer("bert"))
    found["interpreter"] = [await elsewhere.interpreter("winner")]
    return found


async def test_strangers_find_nothing(scene: Scene) -> None:
    people = await strangers(scene)
    for role, methods in FACES.items():
        for caller in people[role]:
            for method in methods:
                params = {name: scene.ids[name] for name in CALLS[method]}
                if role == "interpreter":
                    params.pop("interpreter", None)
                await not_found(caller, method, params | MORE.get(method, {}))
    after = await scene.town.assignment(scene.ids["assignment"])
    assert after["state"] == "held"
    assert "note" not in after


async def test_a_loser_finds_no_more_of_it(scene: Scene) -> None:
    for method in FACES["interpreter"]:
        if method.startswith("match."):
            continue  # that it was not them is theirs to know of, and to contest
        params = {name: scene.ids[name] for name in CALLS[method]}
        await not_found(scene.loser, method, params | MORE.get(method, {}))
    why = await scene.loser.call("match.explain", assignment=scene.ids["assignment"])
    assert why["offered"]
    assert 0 < why["p_accept"] < 1  # their own
    assert "anna" not in json.dumps(why)


async def test_strangers_see_no_interpreters_of_another_marketplace(scene: Scene) -> None:
    elsewhere = await scene.town.another_marketplace()
    customer = await elsewhere.customer("anna")
    operator = await elsewhere.connect("op", "operator")
    for caller in (customer, operator):
        await not_found(caller, "interpreter.get", {"interpreter": "winner"})
    await not_found(customer, "presence.watch", {"interpreters": ["winner"]})
    await not_found(operator, "presence.set", {"interpreter": "winner", "status": "away"})
    assert (await operator.call("presence.log", interpreter="winner"))["entries"] == []
    assert (await customer.call("match.search", **request()))["matches"] == []
    assert (await customer.call("presence.summary"))["available"] == 0
    assert (await operator.call("assignment.list"))["assignments"] == []
    removed = await operator.call("interpreter.remove", interpreter="winner")
    assert removed == {"removed": False}
    assert (await scene.town.assignment(scene.ids["assignment"]))["state"] == "held"


async def test_another_app_sees_none_of_the_others_assignments(scene: Scene) -> None:
    court = await scene.town.another_app()
    operator = await court.connect("op", "operator")
    assert (await operator.call("assignment.list"))["assignments"] == []
    assert (await operator.call("assignment.list", customer="anna"))["assignments"] == []
    ringing = await scene.town.ask(scene.customer)
    await offered(scene.loser)
    assert (await operator.call("offer.list", interpreter="loser"))["offers"] == []
    own = await scene.town.connect("op", "operator")
    (seen,) = (await own.call("offer.list", interpreter="loser"))["offers"]
    assert seen["assignment"]["id"] == ringing["id"]
    same_id = await court.customer("anna")
    assert same_id.opened["snapshot"]["assignments"] == []
    assert (await same_id.call("assignment.list"))["assignments"] == []


async def test_another_apps_session_is_not_resumed(scene: Scene) -> None:
    court = await scene.town.another_app()
    theirs = scene.customer.resume
    opened = await court.connect("anna", "customer", resume=theirs)
    assert not opened.opened["recovered"]
    assert opened.opened["session"] != theirs.session
    assert opened.opened["snapshot"]["assignments"] == []


class Tap:
    """A socket of an interpreter that keeps every byte."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.heard = b""
        self.ids = 0

    async def call(self, method: str, **params: Any) -> Params:
        self.ids += 1
        message = {"jsonrpc": "2.0", "id": self.ids, "method": method, "params": params}
        await self.socket.send_json(message)
        return await self.read(lambda m: m.get("id") == self.ids)

    async def read(self, wanted: Any) -> Params:
        while True:
            text = await self.socket.receive_str(timeout=WITHIN_S)
            self.heard += text.encode()
            message: Params = json.loads(text)
            if wanted(message):
                return message


async def test_nothing_names_the_customer_before_an_interpreter_accepts(town: Town) -> None:
    secrets_ = {
        "customer": "anna-5271",
        "name": "Anna Hemmelig Karlsen",
        "note": "ward 7, bed 3, hiv clinic",
        "lat": "59.9345678",
        "lon": "10.7876543",
        "app": town.app.key,
        "blocked": "enemy-31",
        "preferred": "tapped",
    }
    await town.register("tapped", location=HOME)
    customer = await town.customer(secrets_["customer"], name=secrets_["name"])
    url = town.url.replace("http", "ws") + "/v1/ws"
    async with aiohttp.ClientSession() as session, session.ws_connect(url) as socket:
        tap = Tap(socket)
        token = town.token("tapped", "interpreter")
        await tap.call("session.open", token=token)
        opening, tap.heard = tap.heard, b""
        assert town.app.key.encode() in opening  # it is the app of their own token
        await tap.call("presence.set", status="available")
        asked = await town.ask(
            customer,
            mode="onsite",
            location=PLACE,
            note=secrets_["note"],
            priority=7,
            preferences={"preferred": ["tapped"], "blocked": ["enemy-31"]},
        )
        offer = (await tap.read(lambda m: m.get("method") == "offer.made"))["params"]
        await tap.call("offer.ack", offer=offer["offer"])
        listed = (await tap.call("offer.list"))["result"]["offers"]
        assert [o["offer"] for o in listed] == [offer["offer"]]
        await tap.call("match.explain", assignment=asked["id"])
        await tap.call("assignment.list")
        refused = await tap.call("assignment.get", assignment=asked["id"])
        assert refused["error"]["code"] == 1003
        await tap.socket.close()
    again = await town.connect("tapped", "interpreter", codec="json")
    snapshot = json.dumps(again.opened["snapshot"])
    assert offer["offer"] in snapshot
    for what, secret in secrets_.items():
        heard = tap.heard.replace(b'"interpreter":"tapped"', b"").decode() + (
            "" if what in ("app", "preferred") else snapshot
        )
        assert secret not in heard, (what, heard[heard.index(secret) - 80 :][:160])
    for name in ("preferred", "preference", "continuity"):
        assert name not in tap.heard.decode() + snapshot
    won = await again.call("offer.accept", offer=offer["offer"])
    assert won["assignment"]["note"] == secrets_["note"]
    assert won["assignment"]["location"] == PLACE


async def test_no_customer_learns_where_an_interpreter_is_or_whether_they_would_come(
    town: Town,
) -> None:
    price = {"amount": 731.25, "currency": "NOK", "per": "hour"}
    private = {"location": HOME, "price": price, "clearances": ["secret-clearance"]}
    private["blocked_customers"] = ["somebody-they-avoid"]
    interpreter = await town.interpreter("i", profile=private)
    await interpreter.call("presence.set", status="available", position={"lat": 59.91, "lon": 10.7})
    customer = await town.customer("anna")
    terms = request(mode="onsite", location=PLACE)
    said: list[Any] = [await customer.call("match.search", **terms)]
    assert said[0]["matches"][0]["distance_band"]
    said.append(await customer.call("interpreter.get", interpreter="i"))
    asked = await town.ask(customer, **terms)
    said.append(asked)
    offer = await offered(interpreter)
    said.append(await customer.call("match.explain", assignment=asked["id"], interpreter="i"))
    await interpreter.call("offer.accept", offer=offer["offer"])
    said.append(await until_state(customer, "confirmed"))
    said.append(await customer.call("presence.watch", interpreters=["i"], summary=True))
    said.append(await customer.call("assignment.list"))
    said.append((await town.customer("anna")).opened["snapshot"])
    heard = json.dumps(said)
    for hidden in ("59.923", "10.765", "59.91", "731.25", "secret-clearance", "they-avoid"):
        assert hidden not in heard
    for name in ("p_accept", "propensity", "max_travel_km", "blocked_customers"):
        assert name not in heard


async def test_blocks_are_not_named(town: Town) -> None:
    blocking = await town.interpreter("i", profile={"blocked_customers": ["anna"]})
    customer = await town.customer("anna")
    asked = await town.ask(customer)
    over = await until_state(customer, "unfilled")
    search = await customer.call("match.search", **request())
    why = [
        await caller.call("match.explain", assignment=asked["id"], interpreter="i")
        for caller in (customer, await town.connect("op", "operator"))
    ]
    assert "block" not in json.dumps([over["outcome"], search, why[0]])
    assert "block" in json.dumps(why[1])
    assert (await blocking.call("offer.list"))["offers"] == []
