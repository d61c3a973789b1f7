"""Who hears what on a node: watches, gaps, the same event once."""

import asyncio
from math import inf

import msgspec
import pytest

from signalling.store.commit import Batch, Post
from signalling.store.store import Store
from signalling.web import hub
from signalling.web.hub import Hub
from signalling.web.metrics import Metrics
from tests.web.client import Clients
from tests.web.fake import World


async def test_watching_and_not_watching(here: World, people: Clients) -> None:
    anna = await people.open(binary=True)
    assert await anna.call("presence.watch", interpreters=["bert"], summary=True)
    changed = {"presence": {"interpreter": "bert", "status": "available", "since": "x"}}
    await here.post(here.keys.presence("bert"), "presence.changed", changed)
    assert await anna.event("presence.changed") == changed
    await here.post(here.keys.summary, "presence.summary", {"pairs": [], "available": 3})
    assert (await anna.event("presence.summary"))["available"] == 3
    left = await anna.call("presence.unwatch", interpreters=["bert"], summary=False)
    assert left == {"watching": 0}
    await here.post(here.keys.presence("bert"), "presence.changed", changed)
    await here.post(here.keys.summary, "presence.summary", {"pairs": [], "available": 4})
    assert (await anna.event("presence.summary"))["available"] == 4
    assert anna.events == []
    assert await anna.call("presence.unwatch") == {"watching": 0}
    assert here.keys.summary not in here.node.hub.topics


async def test_who_may_not_watch_hears_nothing(here: World, people: Clients) -> None:
    anna = await people.open()
    refused = await anna.ask("presence.watch", interpreters=["stranger"])
    assert refused["error"]["code"] == 1003
    assert here.keys.presence("stranger") not in here.node.hub.topics
    assert (await anna.ask("presence.watch"))["error"]["code"] == -32602


async def test_the_same_event_arrives_once(here: World, people: Clients) -> None:
    anna = await people.open()
    address = f"c:{here.app.key}:anna"
    event_id = await here.mail(address, "offer.made", {"offer": "of-1"})
    body = msgspec.msgpack.encode({"method": "offer.made", "params": {"offer": "of-1"}})
    again = Post(here.keys.inbox(address), f"{event_id} ".encode() + body)
    await here.store.commit(here.app.marketplace, Batch(posts=(again,)))
    await here.mail(address, "offer.made", {"offer": "of-2"})
    heard = [(await anna.event("offer.made"))["offer"] for _ in range(2)]
    assert heard == ["of-1", "of-2"]


async def test_after_a_gap_the_inbox_is_read(here: World, people: Clients) -> None:
    anna = await people.open()
    address = f"c:{here.app.key}:anna"
    await here.mail(address, "offer.made", {"offer": "of-1"})
    await anna.event("offer.made")
    topic = here.node.hub.topics[here.keys.inbox(address)]
    await here.node.hub.bus.unsubscribe(topic.channel, topic.hear)
    await here.mail(address, "offer.made", {"offer": "of-2"})
    here.node.hub.on_gap(frozenset({topic.channel, "unheard"}))
    assert (await anna.event("offer.made"))["offer"] == "of-2"


async def test_a_gap_that_cannot_be_filled_closes(here: World, people: Clients) -> None:
    anna = await people.open()
    address = f"c:{here.app.key}:anna"
    topic = here.node.hub.topics[here.keys.inbox(address)]
    await here.node.hub.bus.unsubscribe(topic.channel, topic.hear)
    await here.mail(address, "offer.made", {"offer": "of-1"})
    here.node.hub.on_gap(frozenset({topic.channel}))
    assert await anna.closing() == 4004


async def test_the_last_to_leave_ends_the_subscription(here: World, people: Clients) -> None:
    anna, again = await people.open(), await people.open()
    channel = here.keys.inbox(f"c:{here.app.key}:anna")
    assert len(here.node.hub.at(channel)) == 2
    await anna.call("session.close")
    await here.service.wait_for("closed")
    assert len(here.node.hub.at(channel)) == 1
    await again.socket.close()
    await here.service.wait_for("dropped")
    assert here.node.hub.topics == {}


async def test_nothing_is_waited_for_where_the_store_is_gone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(hub, "PATIENCE_S", inf)
    store = Store("unix:///nowhere")
    store.gone = True
    ending = Hub(store, Metrics())
    ending.spawn(asyncio.Event().wait())
    await ending.aclose()
    assert not ending.tasks
