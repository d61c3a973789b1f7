"""Guests over real sockets, from their link to their leaving; and what carries a meeting."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest

from signalling.core.effects import CarrierOption
from signalling.core.policy import Policy
from signalling.store.bus import Bus
from signalling.store.calls import Calls, Desk
from tests.web import fake
from tests.web.client import Client, Clients, clients
from tests.world import World, staff_app

OFFER = {"type": "offer", "sdp": "v=0\r\n"}


class Ward:
    """A node with the real service, and a meeting of Kari and Ann, who are both inside."""

    def __init__(self, world: World, here: fake.World, people: Clients) -> None:
        self.world = world
        self.here = here
        self.people = people
        self.id = ""
        self.kari: Client
        self.ann: Client
        self.names: dict[str, str] = {}

    async def open(self) -> None:
        people = [{"user": "kari", "role": "customer"}, {"user": "ann", "role": "interpreter"}]
        staff = staff_app(self.world, self.here.app.key)
        made = await self.world.call("meeting.create", staff, participants=people)
        self.id = made["meeting"]["id"]
        self.kari = await self.people.open("kari", "customer")
        self.ann = await self.people.open("ann", "interpreter", binary=True)
        for name, client in (("kari", self.kari), ("ann", self.ann)):
            self.names[name] = (await self.join(client))["participant"]

    async def join(self, client: Client) -> dict[str, Any]:
        return await client.call("meeting.join", meeting=self.id)

    async def link(self) -> str:
        return str((await self.kari.call("meeting.invite", meeting=self.id, name="Eva"))["token"])

    async def enter(self, token: str, **params: Any) -> Client:
        """Open a session with a guest's link."""
        return await self.people.open(token=token, **params)

    async def waits(self, token: str) -> tuple[Client, str]:
        """Let a guest come to the lobby; return their socket and participant."""
        eva = await self.enter(token)
        joined = await self.join(eva)
        assert joined["state"] == "waiting"
        return eva, joined["participant"]

    async def admit(self, participant: str) -> None:
        await self.kari.call("meeting.update", meeting=self.id, admit=participant)

    async def signal(self, client: Client, to: str) -> dict[str, Any]:
        return await client.ask("meeting.signal", meeting=self.id, to=to, signal=OFFER)

    async def change(self, client: Client, wanted: str) -> dict[str, Any]:
        while (event := await client.event("meeting.changed"))["change"] != wanted:
            pass
        return event


@pytest.fixture
async def ward(world: World) -> AsyncIterator[Ward]:
    async with AsyncExitStack() as stack:
        service: Any = world.service
        running = fake.world(world.store, world.marketplace, service)
        here = await stack.enter_async_context(running)
        people = await stack.enter_async_context(clients(here))
        ward = Ward(world, here, people)
        await ward.open()
        yield ward


async def test_who_waits_has_no_seat(ward: Ward) -> None:
    """They can signal to nobody, nobody to them, and they hear of nothing."""
    eva, mine = await ward.waits(await ward.link())

    assert (await ward.signal(eva, ward.names["kari"]))["error"]["code"] == 1003
    for to in (mine, "gus"):
        assert (await ward.signal(ward.kari, to))["error"]["code"] == 1003
    await ward.kari.call("meeting.update", meeting=ward.id, media={"audio": False})
    await ward.kari.call("meeting.message", meeting=ward.id, text="hello")
    assert (await ward.signal(ward.kari, ward.names["ann"]))["result"] == {"seq": 1}
    assert (await eva.call("session.ping"))["server_time"]  # whatever was sent is here by now

    assert eva.events == []


async def test_from_the_lobby_into_the_meeting(ward: Ward) -> None:
    """Let in, they join again over the same socket, and signals come and go."""
    eva, mine = await ward.waits(await ward.link())
    await ward.admit(mine)
    told = await ward.change(eva, "admitted")
    assert {p["participant"] for p in told["meeting"]["participants"]} == {
        mine,
        *ward.names.values(),
    }

    joined = await ward.join(eva)

    assert (joined["state"], joined["participant"]) == ("joined", mine)
    assert (await ward.signal(ward.kari, mine))["result"] == {"seq": 1}
    assert (await eva.event("meeting.signal"))["from"] == ward.names["kari"]
    assert (await ward.signal(eva, ward.names["ann"]))["result"] == {"seq": 1}
    assert (await ward.ann.event("meeting.signal"))["from"] == mine


async def test_a_link_opens_nothing_more_once_it_was_used(ward: Ward) -> None:
    """Neither another socket nor HTTP; the socket is told not to come back."""
    token = await ward.link()
    eva, mine = await ward.waits(token)
    await ward.admit(mine)
    await ward.join(eva)

    other = await ward.people.connect()
    answer = await other.ask("session.open", token=token)
    assert (answer["error"]["code"], answer["error"]["data"]["reason"]) == (1009, "used")
    assert await other.closing() == 4500
    url = str(ward.here.server.make_url("/v1/meeting.get"))
    headers = {"Authorization": f"Bearer {token}"}
    params = {"meeting": ward.id, "history": True}
    async with ward.people.session.post(url, json=params, headers=headers) as got:
        assert got.status == 410
    assert (await ward.signal(eva, ward.names["kari"]))["result"]["seq"] == 1


async def test_before_it_was_used_the_newest_socket_counts(ward: Ward) -> None:
    """So that nobody reads along over one that was opened earlier."""
    token = await ward.link()
    first = await ward.enter(token)

    eva, mine = await ward.waits(token)

    assert await first.closing() == 4502
    await ward.admit(mine)
    assert (await ward.join(eva))["state"] == "joined"


async def test_a_guest_resumes_their_session(ward: Ward) -> None:
    """From the lobby; let in meanwhile, they are inside once they are back."""
    token = await ward.link()
    eva, mine = await ward.waits(token)
    resume = {name: eva.opened[name] for name in ("session", "resume_token")}
    await eva.socket.close()
    await _until_lost(ward, mine)
    await ward.admit(mine)

    again = await ward.enter(token, resume=resume)

    assert (await ward.join(again))["participant"] == mine
    assert (await ward.world.get("meeting", ward.id)).participant(mine).state == "joined"


async def _until_lost(ward: Ward, participant: str) -> None:
    """Wait until the meeting knows that a socket is lost."""
    async with asyncio.timeout(10):
        while (await ward.world.get("meeting", ward.id)).participant(participant).gone_ms is None:
            pass


async def test_a_guest_who_closes_in_the_lobby_is_gone_at_once(ward: Ward) -> None:
    eva, mine = await ward.waits(await ward.link())

    await eva.call("session.close")

    gone = await ward.change(ward.kari, "left")
    assert gone["participant"] == mine


async def test_who_is_put_out_is_silenced(ward: Ward) -> None:
    """At once, over a socket that is still open; and their link opens nothing."""
    token = await ward.link()
    eva, mine = await ward.waits(token)
    await ward.admit(mine)
    await ward.join(eva)
    await ward.kari.call("meeting.remove", meeting=ward.id, participant=mine)
    await ward.change(eva, "removed")

    assert (await ward.signal(eva, ward.names["kari"]))["error"]["code"] == 1003
    for method in ("meeting.join", "meeting.get"):
        assert (await eva.ask(method, meeting=ward.id))["error"]["code"] == 1003
    await ward.kari.call("meeting.message", meeting=ward.id, text="They are gone.")
    await eva.call("session.ping")
    assert [e["method"] for e in eva.events if e["method"] == "meeting.message"] == []
    other = await ward.people.connect()
    assert (await other.ask("session.open", token=token))["error"]["code"] == 1003
    assert await other.closing() == 4500


async def test_negotiating_with_a_media_node(ward: Ward) -> None:
    """From a socket, over the channels of the store, to what carries the meeting and back."""
    world = ward.world
    world.nodes = (CarrierOption("md-1", "relay"),)
    asked: list[dict[str, Any]] = []

    async def policy_of(_: str) -> Policy:
        return Policy(topology="relay")

    async def negotiate(marketplace: str, params: dict[str, Any]) -> dict[str, Any]:
        asked.append({"marketplace": marketplace, **params})
        return {"answer": {"sdp": f"{params['offer']['sdp']}a=answered"}}

    world.service.meetings.policy_of = policy_of
    handlers = {"negotiate": negotiate}
    async with Bus(world.store) as near, Bus(world.store) as far:
        async with Desk(world.store, far, "md-1", handlers, {}) as desk:
            await desk.watch(world.marketplace)
            world.service.groups.carriage.ask = Calls(world.store, near, "web-1").ask
            carried = await ward.join(ward.kari)
            assert carried["carrier"]["kind"] == "relay"
            moved = await ward.change(ward.ann, "topology")
            step = {
                "meeting": ward.id,
                "carrier": moved["meeting"]["carrier"]["id"],
                "offer": {"sdp": "v=0\r\n"},
                "want": [{"mid": "1", "participant": ward.names["kari"]}],
            }

            answer = await ward.ann.call("meeting.negotiate", **step)

            assert answer == {"answer": {"sdp": "v=0\r\na=answered"}}
            (told,) = asked
            assert (told["marketplace"], told["meeting"]) == (world.marketplace, ward.id)
            assert told["participant"] == ward.names["ann"]
            eva, _ = await ward.waits(await ward.link())
            assert (await eva.ask("meeting.negotiate", **step))["error"]["code"] == 1003
            for bad, code in (
                ({"offer": {"sdp": "x" * 32_769}}, -32602),
                ({"offer": {"sdp": ""}}, -32602),
                ({"want": [{"mid": "a b", "participant": "p"}]}, -32602),
                ({"want": [{"mid": "1"}] * 33}, -32602),
                ({"carrier": "md-1.9"}, 1005),
            ):
                refused = await ward.kari.ask("meeting.negotiate", **step | bad)
                assert refused["error"]["code"] == code, bad
        gone = await ward.ann.ask("meeting.negotiate", **step)
        assert (gone["error"]["code"], gone["error"]["data"]["retryable"]) == (1010, True)
        assert len(asked) == 1
