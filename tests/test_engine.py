"""One commit over several records: all that follows from an event, or nothing."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import msgpack
import pytest

from signalling import engine as module
from signalling.core import events as on
from signalling.core.effects import Effect, Key, Moment, Tell
from signalling.core.webhook import CreateWebhook, RemoveWebhook, Spec
from signalling.engine import ROUNDS, STEPS, Engine, Kind
from signalling.errors import (
    Conflict,
    DragomanError,
    Gone,
    InternalError,
    NotFound,
    Unavailable,
)
from signalling.store.commit import Batch, Write
from signalling.store.outbox import Outbox
from signalling.store.store import Store
from tests.world import HOSPITAL, World, candidate

KARI = f"c:{HOSPITAL}:kari"


async def versions(world: World, *names: tuple[str, str]) -> list[int]:
    return [await world.version(kind, id_) for kind, id_ in names]


async def test_everything_that_follows_is_one_commit(world: World) -> None:
    """An accept is one write of the assignment, the winner, the loser and the meeting."""
    await world.online("ann", "bo")
    await world.ask("a1")
    await world.ring("a1", "ann", "bo")
    names = (("assignment", "a1"), ("availability", "ann"), ("availability", "bo"))
    before = await versions(world, *names)

    a = await world.accept("a1", "ann")

    assert a.state == "held"
    assert await versions(world, *names) == [v + 1 for v in before]
    assert await world.version("meeting", a.meeting) == 1
    ann, bo = await world.get("availability", "ann"), await world.get("availability", "bo")
    assert (ann.status, bo.status) == ("held", "available")
    assert [m for m, _ in await world.mails("i:bo")] == ["offer.made", "offer.withdrawn"]
    assert [p["assignment"]["state"] for _, p in await world.mails(KARI)][-1] == "held"


async def test_what_a_newer_node_wrote_stays_through_many_commits(world: World) -> None:
    """Also where the record is remembered from the commit before."""
    await world.online("ann")
    of_tomorrow = {**await world.body("availability", "ann"), "of_tomorrow": 1}
    key = world.keys.record("availability", "ann")
    write = Write(key, await world.version("availability", "ann"), msgpack.packb(of_tomorrow))
    assert await world.store.commit(world.marketplace, Batch((write,)))
    for status in ("busy", "away", "available"):
        await world.tell("availability", "ann", on.SetStatus(status))
    body = await world.body("availability", "ann")
    assert (body["status"], body["of_tomorrow"]) == ("available", 1)


async def test_a_refusal_changes_nothing(world: World) -> None:
    """What the winner's availability refuses undoes the assignment's part too."""
    await world.online("ann")
    await world.ask("a1")
    await world.ring("a1", "ann")
    await world.tell("availability", "ann", on.Unring("a1.ann", "lost"))
    await world.ask("a2")
    await world.ring("a2", "ann")
    names = (("assignment", "a1"), ("availability", "ann"), ("meeting", "m-a1"))
    before = await versions(world, *names), await world.mails("i:ann"), await world.mails(KARI)

    with pytest.raises(DragomanError, match="another offer"):
        await world.accept("a1", "ann")

    after = await versions(world, *names), await world.mails("i:ann"), await world.mails(KARI)
    assert after == before
    assert await world.get("meeting", "m-a1") is None
    assert (await world.get("assignment", "a1")).state == "offering"


async def test_a_refusal_of_the_first_event(world: World) -> None:
    """Nobody told it, so nobody can take the refusal: it is the caller's."""
    with pytest.raises(NotFound):
        await world.tell("assignment", "none", on.Deadline())
    assert await world.version("assignment", "none") == 0


async def test_a_refused_ring_falls_to_the_spare(world: World) -> None:
    """Bo left unnoticed: Ann rings instead, in the same commit."""
    await world.online("ann")
    await world.ask("a1")
    before = await world.version("assignment", "a1")

    a = await world.ring("a1", "bo", spares=("ann",))

    assert await world.version("assignment", "a1") == before + 1
    assert [o.interpreter for o in a.slot("1").ringing] == ["ann"]
    assert (await world.get("availability", "ann")).engagement.offer == "a1.ann"
    assert await world.version("availability", "bo") == 0


async def test_racing_engines_ring_nobody_twice(world: World, valkey: str) -> None:
    """200 waves of two engines over six people: each rings once, and both records say so."""
    people = tuple("abcdef")
    await world.online(*people)
    ids = [f"a{n}" for n in range(200)]
    await asyncio.gather(*(world.ask(id_) for id_ in ids))
    async with Store(valkey) as other:
        engines = (world.engine, Engine(other, world.clock, world.engine.bounds))

        async def wave(number: int, id_: str) -> None:
            order = people[number % 6 :] + people[: number % 6]
            event = on.Wave("1", tuple(candidate(id_, who) for who in order), 1, "d")
            tell = Tell(Key("assignment", id_), event)
            await engines[number % 2].handle(world.marketplace, tell)

        done = await asyncio.gather(
            *(wave(n, id_) for n, id_ in enumerate(ids)), return_exceptions=True
        )
    # Who is always slower than the others is told to come again; nothing of theirs is written.
    assert {type(e) for e in done if e is not None} <= {Unavailable}
    rings = [o for id_ in ids for o in (await world.get("assignment", id_)).slot("1").ringing]
    engaged = {who: (await world.get("availability", who)).engagement for who in people}
    assert sorted(o.interpreter for o in rings) == list(people)
    assert {o.interpreter: o.id for o in rings} == {w: e.offer for w, e in engaged.items()}


async def test_a_stale_version_is_a_conflict(world: World) -> None:
    await world.ask("a1")
    key = Key("assignment", "a1")
    seen = await world.engine.look(world.marketplace, key)
    note = Tell(key, on.Update(KARI, {"note": "Ward 7"}))
    expect = {key: seen.versions[key]}
    done = await world.engine.handle(world.marketplace, note, expect=expect)
    assert done.versions[key] == seen.versions[key] + 1

    with pytest.raises(Conflict, match="version 1") as refused:
        await world.engine.handle(world.marketplace, note, expect=expect)
    assert refused.value.path == "version"


async def test_what_is_remembered_is_checked(world: World, valkey: str) -> None:
    """What others wrote since is seen, whether the event would write, change nothing or refuse."""
    key = Key("assignment", "a1")
    await world.ask("a1")
    async with Store(valkey) as store:
        other = Engine(store, world.clock, world.engine.bounds)
        await other.handle(world.marketplace, Tell(key, on.Update(KARI, {"note": "Ward 7"})))
        done = await world.tell("assignment", "a1", on.Update(KARI, {"priority": 2}))
        assert (done.terms["note"], done.terms["priority"]) == ("Ward 7", 2)

        await other.handle(world.marketplace, Tell(key, on.Update(KARI, {"note": "Ward 8"})))
        outcome = await world.engine.handle(world.marketplace, Tell(key, on.Deadline()))
        assert outcome.records[key].terms["note"] == "Ward 8"

        await other.handle(world.marketplace, Tell(key, on.Cancel(KARI, "moved")))
        with pytest.raises(DragomanError):
            await world.tell("assignment", "a1", on.Update(KARI, {"priority": 3}))


async def test_a_webhook_of_another_process_hears_what_happens_next(
    world: World, valkey: str
) -> None:
    """A process that remembers that there is none looks again, as soon as there is one."""
    box = Outbox(world.store, world.marketplace)
    await world.ask("a1")
    assert await box.oldest(10) == []
    async with Store(valkey) as store:
        other = Engine(store, world.clock, world.engine.bounds)
        key, spec = Key("webhook", "wh1"), Spec("https://example.org")
        make = Tell(key, CreateWebhook("wh1", HOSPITAL, spec, "whsec_"))
        await other.handle(world.marketplace, make)
        await world.ask("a2")
        await other.handle(world.marketplace, Tell(key, RemoveWebhook()))
        await world.ask("a3")
    assert [(e.type, e.about) for e in await box.oldest(10)] == [("assignment.created", "a2")]


async def test_what_was_checked_is_not_read_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An accept reads the profile, which it does not change: the next one need not."""
    read: list[str] = []
    load = world.store.load

    async def noting(names: Sequence[str]) -> list[tuple[int, bytes | None]]:
        read.extend(names)
        return await load(names)

    await world.present("ann")
    for id_ in ("a1", "a2"):
        await world.ask(id_)
        await world.ring(id_, "ann")
        monkeypatch.setattr(world.store, "load", noting)
        await world.accept(id_, "ann")
        monkeypatch.setattr(world.store, "load", load)
        await world.tell("assignment", id_, on.Cancel(KARI))
    profile = world.keys.record("interpreter", "ann")
    assert profile not in read


async def test_what_is_fresh_is_not_read_but_checked(world: World) -> None:
    """An id that exists after all is read once the commit has refused to overwrite it."""
    a = await world.ask("a1")
    key = Key("assignment", "a1")
    again = Tell(key, on.Create("a1", HOSPITAL, "kari", a.terms))
    outcome = await world.engine.handle(world.marketplace, again, fresh=(key,))

    assert outcome.versions == {key: 1}


async def test_what_changes_nothing_writes_nothing(world: World) -> None:
    """A deadline that is not due yet leaves version, timer and inbox alone."""
    a = await world.ask("a1")
    mails = await world.mails(KARI)
    key = Key("assignment", "a1")
    outcome = await world.engine.handle(world.marketplace, Tell(key, on.Deadline()))
    assert outcome.records == {key: a}
    assert outcome.versions == {key: 1}
    assert await world.version("assignment", "a1") == 1
    assert await world.mails(KARI) == mails


@dataclass(frozen=True, slots=True)
class Pong:
    schema: ClassVar[int] = 1
    id: str


async def test_what_never_ends_is_ended(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """No life cycle of ours tells for ever; one that did would be stopped."""
    rounds: list[object] = []

    def tell_on(old: Pong, event: object, _: Moment) -> tuple[Pong, tuple[Effect, ...]]:
        rounds.append(event)
        return old, (Tell(Key("pong", old.id), event),)

    monkeypatch.setattr(module, "KINDS", {"pong": Kind(Pong, tell_on, Pong)})
    with pytest.raises(InternalError, match="come to an end"):
        await world.tell("pong", "x", on.Deadline())
    assert len(rounds) == ROUNDS


async def test_many_decisions_leave_room_for_others(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A series is one commit of hundreds; whoever asks meanwhile does not wait for all of them."""
    seen: list[str] = []

    def note(old: Pong, _: object, __: Moment) -> tuple[Pong, tuple[Effect, ...]]:
        seen.append("decision")
        return old, ()

    async def others() -> None:
        while True:
            seen.append("other")
            await asyncio.sleep(0)

    monkeypatch.setattr(module, "KINDS", {"pong": Kind(Pong, note, Pong)})
    other = asyncio.create_task(others())
    tells = (Tell(Key("pong", str(n)), on.Deadline()) for n in range(3 * STEPS))
    await world.engine.handle(world.marketplace, *tells)
    other.cancel()
    runs = "".join("d" if each == "decision" else " " for each in seen).split()
    assert max(map(len, runs)) <= STEPS


async def test_an_answer_that_comes_too_late(world: World) -> None:
    await world.online("ann", "bo")
    await world.ask("a1")
    await world.ring("a1", "ann", "bo")
    await world.accept("a1", "ann")
    with pytest.raises(Gone) as late:
        await world.accept("a1", "bo")
    assert late.value.extra == {"reason": "taken"}
