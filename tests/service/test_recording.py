"""Recording and everybody's consent to it, as the service answers them."""

from typing import Any

import pytest

from signalling.core.effects import CarrierOption
from signalling.errors import (
    Forbidden,
    Gone,
    IllegalTransition,
    NotFound,
    Unavailable,
)
from signalling.service.call import Caller
from tests.service.test_meetings import ANN, KARI, changes, join, live, opened
from tests.world import World, customer, interpreter, operator, staff_app

RELAY = CarrierOption("md-1", "relay")
RECORDING = {"purpose": "recording"}


async def recordable(world: World) -> str:
    """Return a meeting of Kari and Ann, on a server that can record."""
    world.nodes = (RELAY,)
    world.service.groups.recording.possible = True
    return await live(world)


async def record(world: World, id_: str, caller: Caller, action: str = "start") -> Any:
    answer = await world.call("meeting.record", caller, meeting=id_, action=action)
    return answer["meeting"].get("recording", {})


async def state(world: World, id_: str) -> str:
    return str((await world.get("meeting", id_)).recording.state)


async def test_a_recording(world: World) -> None:
    """Asked for, agreed to by all, taken back by one, stopped; each hears of each."""
    id_ = await recordable(world)
    kari, ann = customer(world), interpreter(world, "ann")
    asked = await record(world, id_, kari)
    mine = (await world.get("meeting", id_)).participants[0].id
    assert (asked["state"], asked["consents"]) == ("asked", (mine,))
    assert await record(world, id_, ann) == asked  # twice is once

    given = await world.call("consent.grant", ann, ANN, meeting=id_, **RECORDING)
    assert (given["consent"]["meeting"], given["consent"]["purpose"]) == (id_, "recording")
    assert await state(world, id_) == "on"
    again = await world.call("consent.grant", ann, ANN, meeting=id_, **RECORDING)
    assert again == given
    assert await world.call("consent.withdraw", ann, ANN, meeting=id_, **RECORDING) == {}
    assert await state(world, id_) == "paused"
    assert (await record(world, id_, ann, "stop")).get("state", "off") == "off"

    heard = [c for c in await changes(world, kari.address) if c.startswith("recording")]
    assert heard == [
        "recording_asked",
        "recording_started",
        "recording_paused",
        "recording_stopped",
    ]
    got = await world.call("meeting.get", kari, meeting=id_, history=True)
    assert heard == [h["what"] for h in got["history"] if h["what"].startswith("recording")]


async def test_a_join_says_that_it_is_recorded(world: World) -> None:
    """So that whoever comes can be asked; the recording waits for them."""
    id_ = await opened(world)
    world.nodes = (RELAY,)
    world.service.groups.recording.possible = True
    await join(world, customer(world), KARI, id_)
    await record(world, id_, customer(world))
    assert await state(world, id_) == "on"

    joined = await join(world, interpreter(world, "ann"), ANN, id_)

    kari = joined["participants"][0]["participant"]
    assert joined["recording"] == {"state": "paused", "consents": (kari,)}


async def test_a_server_that_cannot_record(world: World) -> None:
    id_ = await live(world)
    world.nodes = (RELAY,)

    with pytest.raises(Forbidden, match="recipients"):
        await record(world, id_, customer(world))
    assert (await record(world, id_, customer(world), "stop")).get("state", "off") == "off"


async def test_nowhere_to_record(world: World) -> None:
    id_ = await recordable(world)
    world.nodes = ()

    with pytest.raises(Unavailable):
        await record(world, id_, customer(world))
    await world.call("meeting.leave", customer(world), KARI, meeting=id_)
    await world.call("meeting.leave", interpreter(world, "ann"), ANN, meeting=id_)
    with pytest.raises(Gone):
        await record(world, id_, staff_app(world))
    with pytest.raises(IllegalTransition):
        await record(world, await opened(world), staff_app(world))


async def test_who_may_not(world: World) -> None:
    id_ = await recordable(world)
    people = [{"user": "gus", "role": "guest"}]
    made = await world.call("meeting.create", staff_app(world), participants=people)
    gus = Caller(world.marketplace, made["meeting"]["id"], "gus", "guest")
    stranger, court = customer(world, "liv"), staff_app(world, "court")
    await record(world, id_, customer(world))

    for caller in (stranger, court, gus):
        for method, params in (
            ("meeting.record", {"action": "stop"}),
            ("consent.grant", RECORDING),
            ("consent.withdraw", RECORDING),
            ("consent.list", {}),
        ):
            with pytest.raises(NotFound) as refused:
                await world.call(method, caller, meeting=id_, **params)
            assert refused.value.path == "meeting"
    with pytest.raises(NotFound):  # staff see it, but are not in it
        await world.call("consent.grant", operator(world), meeting=id_, **RECORDING)
    assert await state(world, id_) == "asked"


async def test_what_one_agreed_to(world: World) -> None:
    """In one meeting or in all of one's own; nothing once it was stopped."""
    first, other = await recordable(world), await opened(world)
    kari = customer(world)
    await join(world, kari, KARI, other)
    for id_ in (first, other):
        await record(world, id_, kari)

    async def listed(**params: Any) -> set[str]:
        answer = await world.call("consent.list", kari, **params)
        return {c["meeting"] for c in answer["consents"]}

    assert await listed() == {first, other}
    assert await listed(meeting=first) == {first}
    await world.call("consent.withdraw", kari, KARI, meeting=first, **RECORDING)
    assert await listed() == {other}
    await record(world, other, kari, "stop")
    assert await listed() == await listed(meeting=other) == set()


async def test_agreeing_to_nothing(world: World) -> None:
    id_ = await recordable(world)

    with pytest.raises(Gone) as gone:
        await world.call("consent.grant", customer(world), meeting=id_, **RECORDING)
    assert gone.value.extra == {"reason": "stopped"}
    assert await world.call("consent.withdraw", customer(world), meeting=id_, **RECORDING) == {}
