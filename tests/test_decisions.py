"""The decision log as it is written out, and decisions made again."""

import json
from collections import Counter
from typing import Any

import msgpack
import pytest

from matching.train.lines import Offer, Rating, Work, read
from matching.train.log import read_log
from signalling import decisions as module
from signalling.core import events as on
from signalling.core.profile import MatchDecision
from signalling.decisions import lines, replayed
from signalling.errors import Conflict, InvalidParams, NotFound
from signalling.store.commit import Batch, Write
from signalling.store.models import ModelFiles
from signalling.store.records import pack
from tests import learnt
from tests.dispatching import dispatching, settled
from tests.world import OSLO, TABLES, World, customer, interpreter

OFFER = {
    *("kind", "offer", "decision", "assignment", "interpreter", "wave", "made_ms", "expires_ms"),
    *("delivered_ms", "seen_ms", "answered_ms", "state", "reason"),
}
DECISION = {
    *("kind", "id", "at_ms", "assignment", "slot", "wave", "strategy", "policy", "model", "seed"),
    *("explored", "context", "floor", "wanted", "request", "eligible", "excluded", "online"),
    *("features", "candidates"),
}


@pytest.fixture
async def dispatched(world: World) -> World:
    """Give a market where somebody declined, somebody accepted, and the work was done."""
    await world.present("ann", "bo", "cy")
    await world.ask("a1", strategy="one_at_a_time")
    async with dispatching(world) as dispatcher:
        await settled(dispatcher)
        offer = (await world.get("assignment", "a1")).slot("1").offers[-1]
        await world.tell("assignment", "a1", on.Decline(offer.id, offer.interpreter))
        await dispatcher.sweep(world.marketplace)
        await settled(dispatcher)
    return world


async def exported(world: World, *span: int) -> list[dict[str, Any]]:
    found = [line async for line in lines(world.store, world.marketplace, *span)]
    told = [json.loads(line.text) for line in found]
    assert [line.kind for line in found] == [each["kind"] for each in told]
    assert all(line.text.startswith(b'{"kind":') for line in found)
    return told


async def decided(world: World) -> list[str]:
    a = await world.get("assignment", "a1")
    return list(a.decisions)


async def change(world: World, decision: str, **fields: Any) -> None:
    """Change a decision's record behind everybody's back."""
    key = world.keys.record("decision", decision)
    body = {**(await world.get("decision", decision)).body, **fields}
    write = Write(
        key,
        await world.version("decision", decision),
        pack(MatchDecision(body), MatchDecision.schema),
    )
    assert await world.store.commit(world.marketplace, Batch(writes=(write,)))


async def test_lines_of_the_contract(dispatched: World) -> None:
    """In the order of the log, each as training reads it; decisions joined with their records."""
    told = await exported(dispatched)
    kinds = [each["kind"] for each in told]
    assert kinds.index("decision") < kinds.index("offer")
    by_kind = {each["kind"]: each for each in told}
    assert by_kind["offer"].keys() == OFFER
    assert by_kind["decision"].keys() >= DECISION
    assert not {"terms", "ranking"} & by_kind["decision"].keys()
    first, second = (each for each in told if each["kind"] == "decision")
    assert [first["id"], second["id"]] == await decided(dispatched)
    assert first["wave"] == 1
    assert [each["interpreter"] for each in first["candidates"] if each["rung"]] == [
        by_kind["offer"]["interpreter"]
    ]
    assert len(first["candidates"]) == 3
    assert len(list(read(told))) == len(told)


async def test_who_asked_and_where_is_not_exported(world: World) -> None:
    """Not in any field: what the record needs to explain itself, learning has no use for."""
    await world.present("ann")
    wishes = {"preferred": ["ann"], "blocked": ["blocked-bo"]}
    await world.ask("a1", mode="onsite", location=OSLO, preferences=wishes, note="third floor")
    async with dispatching(world) as dispatcher:
        await settled(dispatcher)
    (record,) = [await world.get("decision", each) for each in await decided(world)]
    (line,) = [each for each in await exported(world) if each["kind"] == "decision"]
    for secret in ("kari", "blocked-bo", str(OSLO["lat"]), "third floor"):
        assert secret in str(record.body)
        assert secret not in str(line)
    assert line["request"]["mode"] == "onsite"


async def test_no_field_that_names_anybody_is_exported(dispatched: World) -> None:
    """Of a request as a record may have it, from here or from a newer node."""
    named = ("customer", "known_as", "parties", "location", "preferences")
    first, _ = await decided(dispatched)
    await change(dispatched, first, request=dict.fromkeys(named, "kari") | {"mode": "video"})
    line = next(each for each in await exported(dispatched) if each.get("id") == first)
    assert line["request"] == {"mode": "video"}


async def test_every_kind_of_line_is_read_by_training(dispatched: World) -> None:
    """From the ask to the stars: what the server logs, learning understands, field by field."""
    world = dispatched
    (offer,) = (await world.get("assignment", "a1")).slot("1").ringing
    kari, who = customer(world), interpreter(world, offer.interpreter)
    await world.tell("assignment", "a1", on.Accept(offer.id, offer.interpreter, "m-a1"))
    await world.tell("assignment", "a1", on.Present("m-a1", (kari.address, who.address)))
    for caller in (who, kari):
        await world.call("assignment.complete", caller, assignment="a1")
    await world.call("feedback.rate", kari, assignment="a1", stars=4)
    found = [line for _, line in read(await exported(world))]
    counts = Counter(type(line).__name__ for line in found)
    # Each ring ended a spell of being available.
    assert counts == {"Decision": 2, "Offer": 2, "Online": 2, "Work": 1, "Rating": 1}
    by_kind: dict[type[Any], Any] = {type(line): line for line in found}
    assert by_kind[Offer].state == "accepted"
    assert by_kind[Work].offer == by_kind[Offer].offer == offer.id
    assert (by_kind[Work].state, by_kind[Rating].stars) == ("completed", 4)
    log = read_log(await exported(world))
    assert (len(log.offers), log.holes) == (2, {})
    assert log.offers.completed.tolist() == [-1, 1]


async def test_pages_are_joined(dispatched: World, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = await exported(dispatched)
    monkeypatch.setattr(module, "PAGE", 1)
    assert await exported(dispatched) == whole


async def test_a_span(dispatched: World) -> None:
    entries = await dispatched.store.command("XRANGE", dispatched.keys.log("decisions"), "-", "+")
    times = [int(id_.partition(b"-")[0]) for id_, _ in entries]
    assert await exported(dispatched, 0, times[0]) == []
    assert len(await exported(dispatched, times[-1])) == times.count(times[-1])


async def test_an_expired_decision_is_a_hole(dispatched: World) -> None:
    """And the rest is as it was."""
    first, _ = await decided(dispatched)
    whole = await exported(dispatched)
    await dispatched.store.command("DEL", dispatched.keys.record("decision", first))
    told = await exported(dispatched)
    place = next(n for n, each in enumerate(whole) if each.get("id") == first)
    assert told[place] == {"kind": "hole", "decision": first}
    assert told[:place] + told[place + 1 :] == whole[:place] + whole[place + 1 :]


async def test_a_log_of_nothing(world: World) -> None:
    assert await exported(world) == []


async def test_replayed_to_the_last_bit(dispatched: World) -> None:
    """With each candidate's place, codes and reasons, which sum to its score."""
    for decision in await decided(dispatched):
        again = await replayed(dispatched.store, TABLES, dispatched.marketplace, decision)
        assert again.same
        recorded = again.body["candidates"]
        assert [row.interpreter for row in again.rows] == [c["interpreter"] for c in recorded]
        for row, candidate in zip(again.rows, recorded, strict=True):
            assert (row.order, row.score) == row.recorded
            assert row.recorded == (candidate["order"], candidate["score"])
            assert row.score == sum(c.contribution for c in row.contributions)
            assert list(row.codes.values()) == candidate["codes"]
            assert row.rung == candidate["rung"]


async def test_replayed_with_the_model_that_decided(world: World) -> None:
    """The store's, or the one that is given; no other."""
    files, model = ModelFiles(world.store, world.marketplace), learnt.model()
    await files.put(model.version, learnt.file())
    await files.promote(model.version)
    await world.present("ann", "bo")
    await world.ask("a1")
    async with dispatching(world) as dispatcher:
        await settled(dispatcher)
    (decision,) = await decided(world)
    for given in (None, learnt.file()):
        again = await replayed(world.store, TABLES, world.marketplace, decision, given)
        assert again.same
        assert again.body["model"] == model.version
        assert "p_accept" in {c.feature for c in again.rows[0].contributions}
    with pytest.raises(Conflict, match=rf"{model.version}, not {learnt.model(2.0).version}"):
        await replayed(world.store, TABLES, world.marketplace, decision, learnt.file(2.0))
    with pytest.raises(InvalidParams, match="refused"):
        await replayed(world.store, TABLES, world.marketplace, decision, learnt.tampered())
    await world.store.command("DEL", world.keys.model(model.version))
    with pytest.raises(NotFound, match=model.version):
        await replayed(world.store, TABLES, world.marketplace, decision)


async def test_not_the_same(dispatched: World) -> None:
    """A record that was changed shows in the row that differs."""
    decision, _ = await decided(dispatched)
    candidates = (await dispatched.get("decision", decision)).body["candidates"]
    changed = [{**candidates[0], "score": candidates[0]["score"] + 1e-12}, *candidates[1:]]
    await change(dispatched, decision, candidates=changed)
    again = await replayed(dispatched.store, TABLES, dispatched.marketplace, decision)
    assert not again.same
    differ = [row.interpreter for row in again.rows if (row.order, row.score) != row.recorded]
    assert differ == [candidates[0]["interpreter"]]


async def test_another_policy_and_another_schema(dispatched: World) -> None:
    """Both versions are named: nothing that could be compared would come of it."""
    first, second = await decided(dispatched)
    await change(dispatched, first, policy="hand-000000000000")
    with pytest.raises(Conflict, match=f"hand-000000000000.*{TABLES.policy.version}"):
        await replayed(dispatched.store, TABLES, dispatched.marketplace, first)
    await change(dispatched, second, schema=99)
    with pytest.raises(InvalidParams, match="99"):
        await replayed(dispatched.store, TABLES, dispatched.marketplace, second)
    with pytest.raises(NotFound, match="no decision nothing"):
        await replayed(dispatched.store, TABLES, dispatched.marketplace, "nothing")


async def test_a_line_of_a_newer_node_is_passed_on(world: World) -> None:
    entry = msgpack.packb({"kind": "mood", "of": "ann"})
    await world.store.command("XADD", world.keys.log("decisions"), "*", "e", entry)
    assert await exported(world) == [{"kind": "mood", "of": "ann"}]
