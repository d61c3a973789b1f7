"""One interpreter takes over from another, as the service answers them."""

from typing import Any

from signalling.core import events as on
from signalling.core.room_events import Admit
from signalling.errors import (
    DragomanError,
    Forbidden,
    IllegalTransition,
    InvalidParams,
    NotFound,
)
from signalling.service.call import Caller, Session
from tests.service.guests import EVA, Room, refused
from tests.service.test_meetings import ANN, changes
from tests.world import interpreter, operator

BO = Session("s-bo", 1, "n1")


async def test_handing_over(room: Room) -> None:
    """The successor is told, comes, and once connected the other is out; asked twice is once."""
    await room.world.register("bo")
    bo = interpreter(room.world, "bo")
    asked = {"to": "bo", "idempotency_key": "t1"}

    for _ in range(2):
        shown = await room.call("meeting.transfer", room.ann, **asked)
        assert [p["state"] for p in shown["meeting"]["participants"]] == ["joined", "joined"]
    assert await changes(room.world, bo.address) == ["transfer"]
    assert (await changes(room.world, room.kari.address))[-1] == "transfer"
    kari = (await room.record()).participants[0].id
    await room.join(bo, BO)
    assert len((await room.record()).inside) == 3
    await room.call("meeting.negotiate", bo, over=BO, peer=kari, state="connected")

    states = {p.address: str(p.state) for p in (await room.record()).participants}
    assert (states[room.ann.address], states[bo.address]) == ("removed", "joined")
    assert (await changes(room.world, room.ann.address))[-1] == "removed"
    await refused(NotFound, room.join(room.ann, ANN))


async def test_handing_over_to_somebody_who_is_connected_already(room: Room) -> None:
    """It takes effect at once, and whoever asked for it is answered all the same."""
    await room.world.register("bo")
    bo = interpreter(room.world, "bo")
    await room.world.tell("meeting", room.id, Admit(on.Party(bo.address, "interpreter")))
    await room.join(bo, BO)
    kari = (await room.record()).participants[0].id
    await room.call("meeting.negotiate", bo, over=BO, peer=kari, state="connected")

    shown = await room.call("meeting.transfer", room.ann, to="bo")

    states = {p["user"]: p["state"] for p in shown["meeting"]["participants"]}
    assert states == {"kari": "joined", "ann": "removed", "bo": "joined"}


async def test_whom_a_customer_hands_over_to(room: Room) -> None:
    """Another instead of the first: who was to come and did not is no more asked for."""
    for who in ("bo", "cy"):
        await room.world.register(who)

    await room.call("meeting.transfer", room.kari, to="bo")
    await room.call("meeting.transfer", room.kari, to="cy")

    record = await room.record()
    assert [(h.leaving, h.coming) for h in record.handovers] == [("i:ann", "i:cy")]
    await refused(NotFound, room.join(interpreter(room.world, "bo"), BO))


async def test_refused_hand_overs(room: Room) -> None:
    await room.world.register("bo")
    await room.world.register("ann")
    eva = await room.guest()
    await room.let_in(eva)

    cases: list[tuple[Caller, dict[str, Any], type[DragomanError], str]] = [
        (room.kari, {}, InvalidParams, "to"),
        (room.kari, {"to": "nobody"}, NotFound, "to"),
        (room.ann, {"to": "ann"}, IllegalTransition, ""),
        (operator(room.world, "court"), {"to": "bo"}, NotFound, "meeting"),
    ]
    for caller, params, error, path in cases:
        found = await refused(error, room.call("meeting.transfer", caller, **params))
        assert found.path == path
    await refused(Forbidden, room.call("meeting.transfer", eva, over=EVA, to="bo"))
    people = [{"user": "kari", "role": "customer"}]
    made = await room.world.call("meeting.create", room.staff, participants=people)
    alone = room.world.call("meeting.transfer", room.staff, meeting=made["meeting"]["id"], to="bo")
    assert (await refused(InvalidParams, alone)).path == "meeting"
