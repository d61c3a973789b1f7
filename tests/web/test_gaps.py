"""What a node does after its subscriptions were lost for a while."""

import tempfile
from collections.abc import AsyncIterator

import pytest

from signalling.store import bus
from signalling.store.connect import StoreUnavailable
from signalling.store.signals import Signals
from signalling.store.store import Store
from signalling.web import seats
from tests.store.cut import Cut
from tests.web.client import Client, Clients, clients
from tests.web.fake import World, world

GAP_S = 0.3


@pytest.fixture
async def cut(valkey: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Cut]:
    """Give a wire to the store; who subscribes over it comes back after a while only."""
    monkeypatch.setattr(bus, "BACKOFF_S", (GAP_S,))
    with tempfile.TemporaryDirectory(prefix="dr") as runtime:
        async with Cut(valkey.removeprefix("unix://"), f"{runtime}/s") as wire:
            yield wire


@pytest.fixture
async def there(cut: Cut, marketplace: str) -> AsyncIterator[World]:
    """Run a node whose wire may be cut."""
    async with Store(cut.url) as store, world(store, marketplace) as running:
        yield running


async def deafen(cut: Cut, store: Store, channel: str) -> None:
    """Cut the wire, and return once nobody hears *channel*."""
    await cut.sever()
    for _ in range(1000):
        if not (await store.command("PUBSUB", "SHARDNUMSUB", channel))[1]:
            return  # each answer is a turn of the server, in which it may see the cut
    pytest.fail("the server has not noticed")


async def join(people: Clients, user: str) -> Client:
    client = await people.open(user)
    await client.call("meeting.join", meeting="me-1")
    return client


def candidate(n: int) -> dict[str, object]:
    return {"candidate": f"candidate:{n}"}


async def test_signals_of_the_meantime_come_in_order(there: World, cut: Cut, store: Store) -> None:
    async with (
        world(store, there.app.marketplace, there.service) as here,
        clients(here) as people,
        clients(there) as others,
    ):
        anna, bert = await join(people, "anna"), await join(others, "bert")
        await deafen(cut, store, there.keys.to("me-1", "pa-bert"))
        for n in range(5):
            to_bert = {"meeting": "me-1", "to": "pa-bert", "signal": candidate(n)}
            await anna.call("meeting.signal", **to_bert)
        heard = [await bert.event("meeting.signal") for _ in range(5)]
        assert [event["seq"] for event in heard] == [1, 2, 3, 4, 5]
        await anna.call("meeting.signal", meeting="me-1", to="pa-bert", signal=candidate(5))
        assert (await bert.event("meeting.signal"))["signal"] == candidate(5)


async def test_seats_whose_store_stays_away_are_closed(
    here: World, people: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> list[bytes]:
        raise StoreUnavailable("the store does not answer")

    monkeypatch.setattr(seats, "TAKE_AGAIN_S", (0.0, 0.0))
    anna = await join(people, "anna")
    monkeypatch.setattr(Signals, "take", away)
    here.node.hub.on_gap(frozenset({here.keys.to("me-1", "pa-anna")}))
    assert await anna.closing() == 4004


async def test_signals_lost_on_the_way_mean_renegotiating(here: World, people: Clients) -> None:
    """They were published to a connection that died before they were read."""
    anna, bert = await join(people, "anna"), await join(people, "bert")
    event = {"meeting": "me-1", "from": "pa-bert", "epoch": 1, "signal": candidate(0)}
    for seq in (4, 5, 7):
        await here.post(here.keys.to("me-1", "pa-anna"), "meeting.signal", event | {"seq": seq})
    for one in (anna, bert):
        assert (await one.event("meeting.changed"))["renegotiate"] is True
    heard = [await anna.event("meeting.signal") for _ in range(3)]
    assert [event["seq"] for event in heard] == [4, 5, 7]


async def test_presence_is_told_anew(there: World, cut: Cut, store: Store) -> None:
    async with clients(there) as people:
        anna = await people.open()
        await anna.call("presence.watch", interpreters=["bert", "former"], summary=True)
        there.service.is_over = True
        await deafen(cut, store, there.keys.summary)
        changed = (await anna.event("presence.changed"))["presence"]
        assert (changed["interpreter"], changed["status"]) == ("bert", "available")
        assert (await anna.event("presence.summary"))["available"] == 7
        assert await anna.call("presence.unwatch", summary=False) == {"watching": 0}
        assert anna.events == []
        assert there.node.hub.topics.keys() >= {there.keys.summary}
        assert there.keys.presence("former") not in there.node.hub.topics


async def test_presence_that_cannot_be_told_closes(here: World, people: Clients) -> None:
    anna = await people.open()
    await anna.call("presence.watch", interpreters=[], summary=True)
    here.service.is_away = True
    here.node.hub.on_gap(frozenset({here.keys.summary}))
    assert await anna.closing() == 4004
    here.service.is_away = False  # or the end would wait for it
