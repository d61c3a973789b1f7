"""Opening, resuming, refreshing, closing; what is missed; who is replaced."""

import asyncio

import pytest

from signalling.store.leases import Reaped
from signalling.store.store import Store
from tests.web.client import Clients, clients
from tests.web.fake import FakeService, World, world

pytestmark = pytest.mark.parametrize("binary", [False, True], ids=["json", "msgpack"])


async def test_open_tells_who_and_how(here: World, people: Clients, binary: bool) -> None:
    anna = await people.open(binary=binary)
    assert anna.opened["user"] == "anna"
    assert anna.opened["role"] == "customer"
    assert anna.opened["app"] == here.app.key
    assert anna.opened["recovered"] is False
    assert anna.opened["snapshot"] == {"offers": [], "assignments": [], "meetings": []}
    assert anna.opened["limits"]["frame_bytes"] == 65536
    assert anna.opened["heartbeat_s"] == 25
    assert anna.opened["protocol"]["version"] == "1"
    await here.service.wait_for("opened")


async def test_events_arrive_with_their_id(here: World, people: Clients, binary: bool) -> None:
    anna = await people.open(binary=binary)
    address = f"c:{here.app.key}:anna"
    event_id = await here.mail(address, "assignment.changed", {"assignment": {"id": "as-1"}})
    event = await anna.event("assignment.changed")
    assert event == {"assignment": {"id": "as-1"}, "event_id": event_id}


async def test_every_device_of_a_user_hears(here: World, people: Clients, binary: bool) -> None:
    phone = await people.open(binary=binary, device="phone")
    laptop = await people.open(binary=not binary, device="laptop")
    await here.mail(f"c:{here.app.key}:anna", "offer.made", {"offer": "of-1"})
    assert (await phone.event("offer.made"))["offer"] == "of-1"
    assert (await laptop.event("offer.made"))["offer"] == "of-1"


async def test_resume_replays_what_was_missed(here: World, people: Clients, binary: bool) -> None:
    address = f"c:{here.app.key}:anna"
    anna = await people.open(binary=binary)
    first = await here.mail(address, "offer.made", {"offer": "of-1"})
    await anna.event("offer.made")
    await anna.socket.close()
    await here.service.wait_for("dropped")
    for n in (2, 3):
        await here.mail(address, "offer.made", {"offer": f"of-{n}"})
    resume = {
        "session": anna.opened["session"],
        "resume_token": anna.opened["resume_token"],
        "last_event": first,
    }
    again = await people.open(binary=binary, resume=resume)
    assert again.opened["recovered"] is True
    assert "snapshot" not in again.opened
    assert again.opened["session"] == anna.opened["session"]
    assert again.opened["resume_token"] != anna.opened["resume_token"]
    assert [(await again.event("offer.made"))["offer"] for _ in range(2)] == ["of-2", "of-3"]
    _, _, session = await here.service.wait_for("opened")
    assert session.epoch == 2


async def test_a_used_resume_token_resumes_nothing(people: Clients, binary: bool) -> None:
    anna = await people.open(binary=binary)
    resume = {
        "session": anna.opened["session"],
        "resume_token": anna.opened["resume_token"],
    }
    second = await people.open(binary=binary, resume=resume)
    assert second.opened["session"] == anna.opened["session"]
    assert await anna.closing() == 4502
    third = await people.open(binary=binary, resume=resume)
    assert third.opened["session"] != anna.opened["session"]
    assert third.opened["recovered"] is False


async def test_nobody_resumes_another_users_session(people: Clients, binary: bool) -> None:
    anna = await people.open(binary=binary)
    resume = {
        "session": anna.opened["session"],
        "resume_token": anna.opened["resume_token"],
    }
    eve = await people.open("eve", binary=binary, resume=resume)
    assert eve.opened["session"] != anna.opened["session"]
    assert (await anna.call("session.ping"))["server_time"]


async def test_an_event_that_no_inbox_made_gives_a_snapshot(
    here: World, people: Clients, binary: bool
) -> None:
    anna = await people.open(binary=binary)
    last = await here.mail(f"c:{here.app.key}:anna", "offer.made", {"offer": "of-1"})
    await anna.event("offer.made")
    await anna.socket.close()
    resume = {
        "session": anna.opened["session"],
        "resume_token": anna.opened["resume_token"],
        "last_event": "0000.1-1",
    }
    again = await people.open(binary=binary, resume=resume)
    assert again.opened["recovered"] is False
    assert again.opened["snapshot"]["last_event"] == last


async def test_the_same_device_replaces_the_older(
    here: World, people: Clients, binary: bool
) -> None:
    old = await people.open(binary=binary, device="phone")
    await people.open(binary=binary, device="phone")
    assert await old.closing() == 4502
    advice = await old.event("session.draining")
    assert (advice["code"], advice["reconnect"]) == (4502, False)
    _, _, session, _ = await here.service.wait_for("closed")
    assert session.id == old.opened["session"]


async def test_replaced_from_another_node(
    here: World, people: Clients, store: Store, binary: bool
) -> None:
    old = await people.open(binary=binary, device="phone")
    async with (
        world(store, here.app.marketplace, FakeService(store)) as there,
        clients(there) as others,
    ):
        new = await others.open(binary=binary, device="phone")
        assert await old.closing() == 4502
        assert await new.call("session.ping")


async def test_resume_on_another_node(
    here: World, people: Clients, store: Store, binary: bool
) -> None:
    anna = await people.open(binary=binary)
    first = await here.mail(f"c:{here.app.key}:anna", "offer.made", {"offer": "of-1"})
    await anna.event("offer.made")
    resume = {
        "session": anna.opened["session"],
        "resume_token": anna.opened["resume_token"],
        "last_event": first,
    }
    async with world(store, here.app.marketplace) as there, clients(there) as others:
        again = await others.open(binary=binary, resume=resume)
        assert again.opened["recovered"] is True
        assert again.opened["session"] == anna.opened["session"]
        assert await anna.closing() == 4502


async def test_close_ends_the_session(here: World, people: Clients, binary: bool) -> None:
    anna = await people.open(binary=binary)
    await anna.call("session.close")
    assert await anna.closing() == 1000
    _, caller, session, meetings = await here.service.wait_for("closed")
    assert (caller.user, session.id, meetings) == ("anna", anna.opened["session"], frozenset())
    resume = {
        "session": anna.opened["session"],
        "resume_token": anna.opened["resume_token"],
    }
    again = await people.open(binary=binary, resume=resume)
    assert again.opened["session"] != anna.opened["session"]


async def test_refresh_goes_on_with_a_newer_token(
    here: World, people: Clients, binary: bool
) -> None:
    anna = await people.open(binary=binary, token=here.token(ttl_s=100))
    before = anna.opened["expires_at"]
    after = (await anna.call("session.refresh", token=here.token(ttl_s=5000)))["expires_at"]
    assert after > before
    refused = await anna.ask("session.refresh", token=here.token("eve"))
    assert refused["error"]["code"] == 1012
    refused = await anna.ask("session.refresh", token="rubbish")
    assert refused["error"]["code"] == 1001


async def test_a_second_open_is_refused(here: World, people: Clients, binary: bool) -> None:
    anna = await people.open(binary=binary)
    again = await anna.ask("session.open", token=here.token())
    assert again["error"]["code"] == -32600
    assert await anna.call("session.ping")


async def test_too_many_sockets_of_one_user(store: Store, marketplace: str, binary: bool) -> None:
    async with world(store, marketplace, connections_per_user=2) as here, clients(here) as people:
        for _ in range(2):
            await people.open(binary=binary)
        third = await people.connect(binary=binary)
        refused = await third.ask("session.open", token=here.token())
        assert refused["error"]["code"] == 1006
        assert await third.closing() == 4505
        assert here.node.census.users.total() == 2


async def test_a_dead_nodes_sessions_can_be_buried(
    here: World, people: Clients, store: Store, binary: bool
) -> None:
    anna = await people.open(binary=binary)
    await anna.call("meeting.join", meeting="me-1")
    listed = await store.command("HGETALL", here.keys.node_sessions(here.node.id))
    sessions = {id_.decode(): body for id_, body in listed.items()}
    assert list(sessions) == [anna.opened["session"]]
    await here.node.sessions.bury(Reaped(here.app.marketplace, here.node.id, sessions))
    _, caller, session, meetings = await here.service.wait_for("dropped")
    assert (caller.user, caller.app, session.epoch) == ("anna", here.app.key, 1)
    assert meetings == frozenset({"me-1"})


async def test_a_drop_is_told_once_the_store_is_back(
    here: World, people: Clients, binary: bool
) -> None:
    """Untold, an interpreter would stay available for as long as the node lives."""
    anna = await people.open(binary=binary)
    here.service.is_away = True
    await anna.socket.close()
    await here.service.wait_for("in vain")
    here.service.is_away = False
    _, caller, _, _ = await here.service.wait_for("dropped")
    assert caller.user == "anna"


async def test_stopping_the_server_sends_everybody_away(
    store: Store, marketplace: str, binary: bool
) -> None:
    async with world(store, marketplace) as here, clients(here) as people:
        anna = await people.open(binary=binary)
        stopping = asyncio.create_task(here.server.close())
        advice = await anna.event("session.draining")
        assert (advice["code"], advice["reconnect"], advice["jitter_ms"]) == (4001, True, 5000)
        assert await anna.closing() == 4001
        await stopping
        await here.service.wait_for("dropped")


async def test_a_token_that_opens_no_more(here: World, people: Clients, binary: bool) -> None:
    """The socket is told so, and not to come back; nothing of a session is left."""
    one = await people.connect(binary=binary)

    answer = await one.ask("session.open", token=here.token("used", "guest", meeting="me-1"))

    assert answer["error"]["code"] == 1009
    assert await one.closing() == 4500
    await here.service.wait_for("dropped")
    assert all(told[0] != "opened" for told in here.service.told)


async def test_who_may_have_one_session_alone(
    here: World, people: Clients, store: Store, binary: bool
) -> None:
    """A newer one takes its place, here and on another node, whatever device it names."""
    async with (
        world(store, here.app.marketplace, here.service) as there,
        clients(there) as others,
    ):
        first = await people.open("lone", binary=binary, device="phone")
        second = await people.open("lone", binary=binary, device="laptop")
        assert await first.closing() == 4502
        third = await others.open("lone", binary=binary)
        assert await second.closing() == 4502
        assert (await third.call("session.ping"))["server_time"]
