"""What a decision comes to in the store: the record with its lists, its timer, and what is told."""

import asyncio

import msgpack

from signalling.core import events as on
from signalling.core.effects import Key, Tell
from signalling.core.profile import RemoveProfile
from signalling.core.webhook import CreateWebhook, Spec, TestWebhook
from signalling.store.bus import Bus
from signalling.store.commit import Batch, Write
from signalling.store.outbox import Outbox
from tests.world import HOSPITAL, World

KARI = f"c:{HOSPITAL}:kari"


async def test_fields_of_a_newer_node_stay(world: World) -> None:
    """A rewrite by a node that does not know a field keeps it."""
    await world.ask("a1")
    name = world.keys.record("assignment", "a1")
    newer = {**await world.body("assignment", "a1"), "invented": {"later": 1}}
    write = Write(name, 1, msgpack.packb(newer), 1)
    assert await world.store.commit(world.marketplace, Batch(writes=(write,)))

    await world.tell("assignment", "a1", on.Update(KARI, {"note": "Ward 7"}))

    body = await world.body("assignment", "a1")
    assert (body["invented"], body["terms"]["note"]) == ({"later": 1}, "Ward 7")


async def test_the_feed_has_what_the_population_needs(world: World) -> None:
    """A session more changes nobody's place in the index; a status or a profile does."""
    await world.register("ann")
    await world.tell("availability", "ann", on.Connect("s1", 1))
    await world.ask("a1")
    assert await world.feed() == [("interpreter", "ann")]
    await world.tell("availability", "ann", on.SetStatus("available"))
    await world.tell("availability", "ann", on.Connect("s2", 1))
    assert await world.feed() == [("interpreter", "ann"), ("availability", "ann")]
    await world.tell("availability", "ann", on.Drop("s2", 1))
    await world.tell("availability", "ann", on.Drop("s1", 1))  # now nobody would hear a ring
    await world.tell("interpreter", "ann", RemoveProfile())
    assert await world.feed() == [
        ("interpreter", "ann"),
        ("availability", "ann"),
        ("availability", "ann"),
        ("interpreter", "ann"),
        ("availability", "ann"),
    ]
    assert await world.get("interpreter", "ann") is None


async def test_lists_follow_the_record(world: World) -> None:
    lists = (f"assignments:a:{HOSPITAL}", f"assignments:{KARI}", "searching")
    offers, own = "offers:i:ann", "assignments:i:ann"
    await world.online("ann")
    await world.ask("a1")
    assert [await world.index(name) for name in (*lists, offers, own)] == [["a1"]] * 3 + [[], []]
    await world.ring("a1", "ann")
    assert [await world.index(name) for name in ("searching", offers, own)] == [[], ["a1"], []]
    await world.accept("a1", "ann")
    assert [await world.index(name) for name in ("searching", offers, own)] == [[], [], ["a1"]]
    await world.tell("assignment", "a1", on.Cancel(KARI))
    assert [await world.index(name) for name in lists] == [["a1"], ["a1"], []]


async def test_timers_follow_the_record(world: World) -> None:
    """The timer is what the record waits for, and goes when it waits for nothing."""
    await world.online("ann")
    a = await world.ask("a1")
    name = world.keys.record("assignment", "a1")

    async def wake() -> float | None:
        score = await world.store.command("ZSCORE", world.keys.timers, name)
        return None if score is None else float(score)

    assert await wake() == a.deadline_ms
    ringing = await world.ring("a1", "ann")
    assert await wake() == ringing.slot("1").ringing[0].expires_ms < a.deadline_ms
    await world.tell("assignment", "a1", on.Cancel(KARI))
    assert await wake() is None


async def test_an_announcement_is_heard_and_logged(world: World) -> None:
    """A change of status is published for watchers, and kept in the log."""
    heard: asyncio.Queue[bytes] = asyncio.Queue()
    async with Bus(world.store) as bus:
        await bus.subscribe(world.keys.presence("ann"), lambda _, body: heard.put_nowait(body))
        await world.online("ann")
        event = msgpack.unpackb(await asyncio.wait_for(heard.get(), 5))
    assert event["method"] == "presence.changed"
    assert event["params"]["presence"]["status"] == "available"
    logged = await world.store.command("XRANGE", world.keys.log("presence:ann"), "-", "+")
    assert [msgpack.unpackb(fields[b"e"])["status"] for _, fields in logged] == ["available"]


async def test_what_webhooks_are_to_tell_is_in_the_outbox_with_the_commit(world: World) -> None:
    """And whoever delivers is told, once for the whole commit."""
    heard = asyncio.Queue[bytes]()
    async with Bus(world.store) as bus:
        await bus.subscribe(world.keys.hooks, lambda _, body: heard.put_nowait(body))
        spec = Spec("https://example.org")
        await world.tell("webhook", "wh1", CreateWebhook("wh1", HOSPITAL, spec, "whsec_"))
        key = Key("webhook", "wh1")
        trial = Tell(key, TestWebhook())
        outcome = await world.engine.handle(world.marketplace, trial, trial)
        assert await heard.get() == b""

    first, second = await Outbox(world.store, world.marketplace).oldest(10)
    assert first.id < second.id
    assert (first.type, first.about, first.app) == ("webhook.test", "wh1", HOSPITAL)
    assert (first.data, first.at_ms) == ({"webhook": "wh1"}, outcome.now_ms)
    assert heard.empty()


async def test_what_no_webhook_is_there_for_is_not_kept(world: World) -> None:
    """Another app's webhook hears nothing of ours, but of the interpreters that all share."""
    heard = asyncio.Queue[bytes]()
    async with Bus(world.store) as bus:
        await bus.subscribe(world.keys.hooks, lambda _, body: heard.put_nowait(body))
        await world.ask("a1")
        spec = Spec("https://example.org")
        await world.tell("webhook", "wh1", CreateWebhook("wh1", "court", spec, "whsec_"))
        await world.ask("a2")
        await world.tell("assignment", "a2", on.Cancel(KARI))
        until_ms = world.clock.now_ms() + 3_600_000
        await world.tell(
            "availability", "ann", on.SetStatus("available", until_ms=until_ms, push=True)
        )
        await world.ask("a3")
        await world.ring("a3", "ann")
        assert await heard.get() == b""

    found = await Outbox(world.store, world.marketplace).oldest(10)
    assert [(entry.type, entry.about, entry.app) for entry in found] == [("offer.made", "a3", None)]
    assert heard.empty()
