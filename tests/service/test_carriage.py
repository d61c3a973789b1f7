"""Negotiating with what carries a meeting, checking devices, and TURN; the media node is a fake."""

from typing import Any

import msgspec
import pytest

from signalling.core.effects import CarrierOption
from signalling.core.policy import Policy
from signalling.core.room_events import CarrierLost
from signalling.errors import (
    DragomanError,
    IllegalTransition,
    InvalidParams,
    NotFound,
    Unavailable,
)
from signalling.service.call import Caller, Session
from signalling.store.apps import Apps
from tests.service.test_meetings import ANN, KARI, changes, join, live, opened
from tests.world import World, customer, interpreter, operator, staff_app

RELAY, RELAY_2 = CarrierOption("md-1", "relay"), CarrierOption("md-2", "relay")
JANUS = CarrierOption("md-j", "janus")
OFFER = {"sdp": "v=0\r\n"}
ANSWER = {"answer": {"sdp": "v=0\r\ns=-\r\n"}}


async def relayed(world: World, *nodes: CarrierOption) -> str:
    """Return a meeting of Kari and Ann that a media node carries, at their app's wish."""
    world.nodes = nodes or (RELAY,)

    async def policy_of(_: str) -> Policy:
        return Policy(topology="relay")

    world.service.meetings.policy_of = policy_of
    return await live(world)


async def usual(_: str) -> Policy:
    return Policy()


async def negotiate(world: World, id_: str, /, **params: Any) -> Any:
    """Negotiate as Kari, or *by* somebody else; *over* another session."""
    who, over = params.pop("by", customer(world)), params.pop("over", KARI)
    return await world.call("meeting.negotiate", who, over, meeting=id_, **params)


async def refused(error: type[DragomanError], work: Any) -> DragomanError:
    with pytest.raises(error) as caught:
        await work
    return caught.value


# --- towards the carrier ------------------------------------------------------------------


async def test_a_join_says_what_carries_the_meeting(world: World) -> None:
    id_ = await opened(world)
    world.nodes = (RELAY,)
    app = await Apps(world.store).create("Hospital", world.marketplace)
    await Apps(world.store).set_policy(app.key, {"topology": "relay", "ice": "relay"})
    made = await world.call(
        "meeting.create",
        staff_app(world, app.key),
        participants=[{"user": "kari", "role": "customer"}],
    )

    mesh = await join(world, customer(world), KARI, id_)
    carried = await join(world, customer(world, app=app.key), KARI, made["meeting"]["id"])

    assert (mesh["topology"], mesh.get("carrier"), mesh.get("ice_policy")) == ("mesh", None, None)
    assert (carried["topology"], carried["ice_policy"]) == ("relay", "relay")
    assert carried["carrier"] == {"id": "md-1.1", "kind": "relay"}


STEPS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"offer": OFFER}, ANSWER),
    ({"offer": OFFER, "want": [{"mid": "1", "participant": "pa-1"}]}, ANSWER),
    ({"want": [{"mid": "1", "participant": None}]}, {}),
    (
        {"subscribe": ["pa-1"]},
        {"offer": OFFER, "streams": [{"mid": "0", "participant": "pa-1", "kind": "audio"}]},
    ),
    ({"answer": OFFER}, {}),
]


@pytest.mark.parametrize(("step", "answer"), STEPS, ids=str)
async def test_a_step(world: World, step: dict[str, Any], answer: dict[str, Any]) -> None:
    """It goes to the node that carries the meeting, with who they are; its answer comes back."""
    id_ = await relayed(world)
    kari = (await world.get("meeting", id_)).participants[0].id
    world.answer = answer

    got = plain(await negotiate(world, id_, carrier="md-1.1", **step))

    assert got == answer
    ((node, method, told),) = world.asked
    assert (node, method) == ("md-1", "negotiate")
    assert (told["meeting"], told["participant"], told["kind"]) == (id_, kari, "relay")
    said = plain({name: told[name] for name in ("offer", "want", "subscribe", "answer")})
    assert {name: value for name, value in said.items() if value is not None} == step


def plain(value: Any) -> Any:
    """Return a value as it travels."""
    return msgspec.json.decode(msgspec.json.encode(value))


NO_STEPS: list[tuple[dict[str, Any], str]] = [
    ({}, "offer"),
    ({"carrier": "md-1.1"}, "offer"),
    ({"offer": OFFER}, "carrier"),
    ({"carrier": "md-1.1", "offer": OFFER, "answer": OFFER}, "offer"),
    ({"carrier": "md-1.1", "want": [], "subscribe": []}, "offer"),
    ({"carrier": "md-1.1", "offer": OFFER, "state": "failed", "peer": "x"}, "offer"),
    ({"state": "failed"}, "peer"),
]


@pytest.mark.parametrize(("params", "path"), NO_STEPS, ids=str)
async def test_what_is_no_step(world: World, params: dict[str, Any], path: str) -> None:
    id_ = await relayed(world)

    assert (await refused(InvalidParams, negotiate(world, id_, **params))).path == path
    assert world.asked == []


async def test_who_may_not_negotiate(world: World) -> None:
    """Who is not inside over this very session; and with a carrier that is not the meeting's."""
    id_ = await relayed(world)
    step = {"carrier": "md-1.1", "offer": OFFER}

    other = negotiate(world, id_, over=Session("s-other", 1, "n1"), **step)
    assert (await refused(NotFound, other)).path == "meeting"
    await refused(NotFound, negotiate(world, id_, by=customer(world, "liv"), **step))
    await refused(NotFound, negotiate(world, id_, by=operator(world), **step))
    await refused(NotFound, negotiate(world, "me-none", **step))
    stale = negotiate(world, id_, **step | {"carrier": "md-1.0"})
    assert (await refused(IllegalTransition, stale)).path == "carrier"
    await refused(
        InvalidParams, world.call("meeting.negotiate", customer(world), meeting=id_, **step)
    )
    world.service.meetings.policy_of = usual
    mesh = await live(world)
    assert (await refused(IllegalTransition, negotiate(world, mesh, **step))).path == "carrier"
    assert world.asked == []


async def test_a_node_that_refuses_or_is_gone(world: World) -> None:
    """What it says is what the client hears."""
    id_ = await relayed(world)
    for error in (InvalidParams("no SDP", path="offer.sdp"), Unavailable("gone")):
        world.answer = error
        said = await refused(type(error), negotiate(world, id_, carrier="md-1.1", offer=OFFER))
        assert (said.detail, said.path) == (error.detail, error.path)


# --- how legs fare ------------------------------------------------------------------------


async def test_a_leg_that_connects_counts_for_the_bill(world: World) -> None:
    id_ = await relayed(world)

    said = {"peer": "md-1.1", "state": "connected", "took_ms": 81.5}
    answer = await negotiate(world, id_, **said)

    assert answer == {
        "topology": "relay",
        "carrier": {"id": "md-1.1", "kind": "relay"},
    }
    got = await world.call("meeting.get", operator(world), meeting=id_, history=True)
    kari, ann = got["attendance"]
    assert (kari["connected_at"] is None, "connected_at" in ann) == (False, False)
    assert [h["what"] for h in got["history"]] == [
        "joined",
        "topology",
        "joined",
        "live",
        "connected",
    ]


async def test_a_path_that_fails_moves_the_meeting(world: World) -> None:
    """The answer says where to, and the others are told."""
    id_ = await live(world)
    ann = (await world.get("meeting", id_)).participants[1].id
    world.nodes = (RELAY,)

    answer = await negotiate(world, id_, peer=ann, state="failed", reason="ice")

    assert answer["carrier"] == {"id": "md-1.1", "kind": "relay"}
    assert (await changes(world, "i:ann"))[-1] == "topology"
    again = await negotiate(world, id_, peer=ann, state="failed")
    assert again["carrier"]["id"] == "md-1.1"


async def test_a_node_that_dies_is_left(world: World) -> None:
    """By whoever tells of it first; a step towards it is then refused, and the list follows."""
    id_ = await relayed(world, RELAY, RELAY_2)
    assert await world.index("carried:md-1") == [id_]
    world.nodes = (RELAY_2,)

    moved = await negotiate(world, id_, peer="md-1.1", state="failed")

    assert moved["carrier"]["id"] == "md-2.2"
    assert (await world.index("carried:md-1"), await world.index("carried:md-2")) == ([], [id_])
    late = negotiate(world, id_, carrier="md-1.1", offer=OFFER)
    assert (await refused(IllegalTransition, late)).path == "carrier"
    await world.tell("meeting", id_, CarrierLost("md-1.1", "gone"))
    assert (await world.get("meeting", id_)).carrier.id == "md-2.2"
    await world.call("meeting.end", operator(world), meeting=id_)
    assert await world.index("carried:md-2") == []


async def test_strangers_learn_nothing_of_a_carrier(world: World) -> None:
    """Not of a meeting that is over either, whose late reports are let pass."""
    id_ = await relayed(world)
    said = {"peer": "md-1.1", "state": "failed"}
    await refused(NotFound, negotiate(world, id_, by=customer(world, "liv"), **said))
    await world.call("meeting.end", operator(world), meeting=id_)

    await refused(NotFound, negotiate(world, id_, by=customer(world, "liv"), **said))
    assert (await negotiate(world, id_, **said))["topology"] == "relay"


# --- device checks ------------------------------------------------------------------------

VERDICT = {"verdict": "good", "words": ["All is well."], "microphone_dbov": -20.0, "loss": 0.0}


async def test_a_device_check(world: World) -> None:
    """At the least loaded relay; then its verdict, which is the user's alone."""
    world.nodes = (CarrierOption("md-1", "relay", 0.5), CarrierOption("md-2", "relay", 0.1), JANUS)
    kari = customer(world)
    world.answer = OFFER
    begun = await world.call("device.check", kari, offer=OFFER)
    check = begun["check"]
    assert (begun["answer"], check.startswith("md-2.")) == (OFFER, True)
    world.answer = VERDICT
    ended = await world.call("device.check", kari, check=check, seen={"rtt_ms": 9})

    assert (ended["check"], ended["verdict"], ended["words"]) == (check, "good", ("All is well.",))
    (begin, end) = world.asked
    assert begin == ("md-2", "check", {"check": check, "user": kari.address, **OFFER})
    assert (end[:2], end[2]["user"], end[2]["seen"]["rtt_ms"]) == (
        ("md-2", "checked"),
        kari.address,
        9,
    )


@pytest.mark.parametrize(
    ("params", "path"), [({}, "offer"), ({"offer": OFFER, "check": "md-1.x"}, "offer")]
)
async def test_what_is_no_device_check(world: World, params: dict[str, Any], path: str) -> None:
    failed = await refused(InvalidParams, world.call("device.check", customer(world), **params))

    assert failed.path == path


@pytest.mark.parametrize("nodes", [(), (JANUS,), (CarrierOption("md-1", "relay", 1.0),)])
async def test_nowhere_to_check(world: World, nodes: tuple[CarrierOption, ...]) -> None:
    world.nodes = nodes

    await refused(Unavailable, world.call("device.check", customer(world), offer=OFFER))
    ended = world.call("device.check", customer(world), check="md-9.ck-1")
    assert (await refused(NotFound, ended)).path == "check"
    assert world.asked == []


@pytest.mark.parametrize(("verdict", "may"), [("good", True), ("fair", True), ("bad", False)])
async def test_an_interpreter_s_check_counts(world: World, verdict: str, *, may: bool) -> None:
    """Where the app asks for one, they go online only with one that was passed."""
    app = await Apps(world.store).create("Hospital", world.marketplace)
    await Apps(world.store).set_policy(app.key, {"device_check": True})
    ann = Caller(world.marketplace, app.key, "ann", "interpreter", rights=app.rights)
    await world.register("ann")
    await world.service.opened(ann, ANN)
    world.nodes, world.answer = (RELAY,), VERDICT | {"verdict": verdict}

    await refused(DragomanError, world.call("presence.set", ann, ANN, status="available"))
    await world.call("device.check", ann, check="md-1.ck-1", seen={})

    if may:
        shown = await world.call("presence.set", ann, ANN, status="available")
        assert shown["presence"]["status"] == "available"
    else:
        await refused(DragomanError, world.call("presence.set", ann, ANN, status="available"))
    counts = (await world.get("availability", "ann")).counts
    assert (counts.connects, counts.connect_failures) == ((1, 0) if may else (0, 1))


# --- TURN ---------------------------------------------------------------------------------


async def test_turn_for_a_meeting(world: World) -> None:
    """For who is inside it."""
    id_ = await live(world)
    kari, ann = customer(world), interpreter(world, "ann")

    assert "expires_at" in await world.call("device.ice", kari, KARI, meeting=id_)
    await world.call("meeting.leave", ann, ANN, meeting=id_)
    for caller in (ann, operator(world), customer(world, "liv")):
        gone = await refused(NotFound, world.call("device.ice", caller, meeting=id_))
        assert gone.path == "meeting"
