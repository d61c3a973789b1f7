"""Running work that is handed over: who is asked to take it, and by whose wish."""

import pytest

from signalling.core import events as on
from signalling.service.call import Session
from tests.dispatching import KARI, dispatching, settled
from tests.world import World, customer, interpreter

SESSIONS = {who: Session(f"s-{who}", 1, "n1") for who in ("kari", "ann", "bo", "cy")}


async def running(world: World) -> str:
    """Let Ann work for Kari in a meeting, Bo and Cy free; return the meeting."""
    await world.present("ann", "bo", "cy")
    await world.ask("a1")
    await world.ring("a1", "ann")
    await world.accept("a1", "ann")
    meeting = str((await world.get("assignment", "a1")).meeting)
    await world.call("meeting.join", customer(world), SESSIONS["kari"], meeting=meeting)
    await world.call("meeting.join", interpreter(world, "ann"), SESSIONS["ann"], meeting=meeting)
    return meeting


@pytest.mark.parametrize("to", [None, "bo"])
async def test_the_one_named_or_else_anybody_is_asked(world: World, to: str | None) -> None:
    meeting = await running(world)
    async with dispatching(world) as dispatcher:
        answer = await world.call(
            "meeting.transfer", interpreter(world, "ann"), SESSIONS["ann"], meeting=meeting, to=to
        )
        await settled(dispatcher)
    assert answer["meeting"]["state"] == "live"
    slot = (await world.get("assignment", "a1")).slot("2")
    assert {o.interpreter for o in slot.ringing} == ({"bo"} if to else {"bo", "cy"})

    (rung, *_) = slot.ringing
    who = rung.interpreter
    await world.tell("assignment", "a1", on.Accept(rung.id, who, "m-unused"))
    joined = await world.call(
        "meeting.join", interpreter(world, who), SESSIONS[who], meeting=meeting
    )
    peer = joined["peers"][0]["participant"]
    await world.call(
        "meeting.negotiate",
        interpreter(world, who),
        SESSIONS[who],
        meeting=meeting,
        peer=peer,
        state="connected",
    )

    m = await world.get("meeting", meeting)
    assert {p.address for p in m.inside} == {KARI, f"i:{who}"}
    a = await world.get("assignment", "a1")
    assert {s.interpreter: str(s.state) for s in a.slots} == {"ann": "wrap_up", who: "in_progress"}
    assert str((await world.get("availability", who)).status) == "in_meeting"


async def test_a_named_one_who_never_could_changes_nothing(world: World) -> None:
    meeting = await running(world)
    await world.register("dee", "ti")
    async with dispatching(world) as dispatcher:
        await world.call("meeting.transfer", customer(world), meeting=meeting, to="dee")
        await settled(dispatcher)

    a = await world.get("assignment", "a1")
    assert [(s.interpreter, str(s.state)) for s in a.slots] == [("ann", "in_progress")]
    assert a.outcome == {"reason": "not_handed_over"}
