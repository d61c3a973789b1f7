"""What rings at an interpreter, and their answer."""

from typing import Any

import pytest

from signalling.core import events as on
from signalling.core.effects import Bounds
from signalling.core.times import rfc3339
from signalling.errors import Gone, NotFound
from signalling.service import lists
from tests.world import World, candidate, customer, interpreter, operator, staff_app


async def offers(world: World, caller: Any, **params: Any) -> list[dict[str, Any]]:
    answer = await world.call("offer.list", caller, **params)
    return list(answer["offers"])


async def test_what_rings_now(world: World) -> None:
    """With the time that is left, on the server's clock, and what was said when it was made."""
    await world.present("ann")
    await world.ask("a1")
    a = await world.ring("a1", "ann")
    (offer,) = await offers(world, interpreter(world, "ann"))
    assert (offer["offer"], offer["state"], offer["score"]) == ("a1.ann", "made", 1.5)
    assert offer["expires_at"] == rfc3339(a.slot("1").offers[0].expires_ms)
    assert offer["server_time"] >= rfc3339(a.slot("1").offers[0].made_ms)
    assert offer["assignment"]["languages"] == {"from": "so", "to": "no"}
    assert "customer" not in offer["assignment"]


async def test_who_sees_them(world: World) -> None:
    """Oneself, and staff those of their own app."""
    await world.present("ann")
    await world.ask("a1")
    await world.ring("a1", "ann")
    assert len(await offers(world, operator(world), interpreter="ann")) == 1
    assert await offers(world, operator(world, "court"), interpreter="ann") == []
    assert await offers(world, interpreter(world, "bo")) == []
    with pytest.raises(NotFound):
        await offers(world, interpreter(world, "bo"), interpreter="ann")
    with pytest.raises(NotFound):
        await offers(world, staff_app(world))
    assert len(await world.service.offers.pending(interpreter(world, "ann"), "ann")) == 1


async def test_what_has_expired_rings_no_more(world: World) -> None:
    """Even before its deadline was fed to the record."""
    await world.present("ann")
    await world.ask("a1")
    world.engine.bounds = Bounds(offer=0)
    await world.ring("a1", "ann")
    assert await offers(world, interpreter(world, "ann")) == []
    with pytest.raises(Gone) as late:
        await world.call("offer.accept", interpreter(world, "ann"), offer="a1.ann")
    assert late.value.extra == {"reason": "expired"}


async def test_acknowledging(world: World) -> None:
    """It arrived, then a person saw it; never back."""
    await world.present("ann")
    await world.ask("a1")
    await world.ring("a1", "ann")
    ann = interpreter(world, "ann")
    for seen, state in ((False, "delivered"), (True, "seen"), (False, "seen")):
        answer = await world.call("offer.ack", ann, offer="a1.ann", seen=seen)
        assert answer == {"offer": "a1.ann", "state": state}


async def test_accepting(world: World) -> None:
    """Where to meet, until when it is held, and the terms; twice is once."""
    await world.present("ann", "bo")
    await world.ask("a1", note="Ward 7")
    await world.ring("a1", "ann", "bo")
    ann = interpreter(world, "ann")
    won = await world.call("offer.accept", ann, offer="a1.ann")
    slot = (await world.get("assignment", "a1")).slot("1")
    assert won["hold_until"] == rfc3339(slot.until_ms)
    assert (won["assignment"]["state"], won["assignment"]["note"]) == ("held", "Ward 7")
    assert (await world.get("meeting", won["meeting"])).assignment == "a1"
    assert await world.call("offer.accept", ann, offer="a1.ann") == won
    with pytest.raises(Gone) as lost:
        await world.call("offer.accept", interpreter(world, "bo"), offer="a1.bo")
    assert lost.value.extra == {"reason": "taken"}


async def test_accepting_onsite_work(world: World) -> None:
    """It is confirmed at once: there is no meeting and no hold."""
    await world.present("ann")
    await world.ask("a1", mode="onsite", location={"lat": 59.9, "lon": 10.7})
    await world.ring("a1", "ann")
    won = await world.call("offer.accept", interpreter(world, "ann"), offer="a1.ann")
    assert won["assignment"]["state"] == "confirmed"
    assert not {"meeting", "hold_until"} & won.keys()


async def test_declining(world: World) -> None:
    """Free, needs no reason, and may be repeated."""
    await world.present("ann")
    await world.ask("a1")
    await world.ring("a1", "ann")
    ann = interpreter(world, "ann")
    for _ in range(2):
        answer = await world.call("offer.decline", ann, offer="a1.ann", reason="lunch")
        assert answer == {"offer": "a1.ann", "state": "declined"}
    assert (await world.get("assignment", "a1")).slot("1").offers[0].reason == "lunch"
    assert await offers(world, ann) == []


async def test_what_is_not_theirs(world: World) -> None:
    """Somebody else's, another assignment's, made up: there is no such offer."""
    await world.present("ann")
    await world.ask("a1")
    await world.ring("a1", "ann")
    bo = interpreter(world, "bo")
    for method in ("ack", "accept", "decline"):
        for offer in ("a1.ann", "a1.x", "a2.ann", "nonsense"):
            with pytest.raises(NotFound):
                await world.call(f"offer.{method}", bo, offer=offer)
    assert (await world.get("assignment", "a1")).slot("1").offers[0].state == "made"


async def test_an_offer_of_a_later_wave(world: World) -> None:
    """The offer that is answered is the one that is named."""
    await world.present("ann", "bo")
    await world.ask("a1")
    await world.ring("a1", "ann")
    await world.tell("assignment", "a1", on.Decline("a1.ann", "ann"))
    second = on.Wave("1", (candidate("a1", "bo"),), 1, "d2")
    await world.tell("assignment", "a1", second)
    answer = await world.call("offer.accept", interpreter(world, "bo"), offer="a1.bo")
    assert answer["assignment"]["slots"][0]["interpreter"]["id"] == "bo"
    seen = await world.call("assignment.get", customer(world), assignment="a1")
    assert seen["assignment"]["slots"][0]["asked"] == 2


async def test_letters_hide_nothing_that_rings(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many bookings somebody is asked for: the newest are shown, in their order."""
    await world.present("ann")
    start_ms = world.clock.now_ms() + 86_400_000
    for n in range(3):
        await world.ask(f"b{n}", start_ms=start_ms, starts_at=rfc3339(start_ms))
        await world.ring(f"b{n}", "ann")
    await world.ask("c1")
    await world.ring("c1", "ann")
    monkeypatch.setattr(lists, "WHOLE", 2)
    shown = await offers(world, interpreter(world, "ann"))
    assert [each["offer"] for each in shown] == ["b2.ann", "c1.ann"]
