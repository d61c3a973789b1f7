"""A meeting whose carrier is lost goes on: at another, or among its people until there is one."""

import pytest
from msgspec.structs import replace

from signalling.core import events as on
from signalling.core import room_events as room
from signalling.core.effects import Bounds, CarrierOption, Moment
from signalling.core.meeting import decide
from signalling.core.room import Carrier
from tests.core.grid import rows
from tests.core.samples import CUSTOMER, NOW
from tests.core.test_carriage import (
    JANUS,
    POLICIES,
    RELAY,
    RELAY_2,
    after,
    announced,
    at,
    moved,
    of,
    path,
)

GONE = room.CarrierLost("md-1.1", "gone")
# A meeting that md-1 relayed, and what is alive besides.
LOST = rows("""
               nothing relay2 janus both2 same
three          mesh    relay  janus relay mesh
five           mesh    relay  janus relay mesh
recorded       mesh    relay  mesh  relay mesh
""")
BESIDES = {
    "nothing": (),
    "relay2": (RELAY_2,),
    "janus": (JANUS,),
    "both2": (JANUS, RELAY_2),
    "same": (RELAY,),  # the list of media nodes is a second old
}


@pytest.mark.parametrize(("alive", "case", "want"), LOST)
def test_a_carrier_that_is_lost(alive: str, case: str, want: str) -> None:
    """Another takes over, of the same kind if there is one; else they go on among themselves."""
    people = {"three": 3, "five": 5, "recorded": 2}[case]
    old = of(people, "relay", "relay")
    if case == "recorded":
        old = after(old, room.Record(CUSTOMER, on=True, id="r1"), alive="relay")

    new, effects = decide(old, GONE, Moment(NOW, Bounds(), BESIDES[alive]))

    assert new.topology == want
    assert new.carrier is None or new.carrier.id == f"{new.carrier.node}.2"
    told = moved(effects)
    assert list(told) == [f"p{n}" for n in range(people)]
    for id_, params in told.items():
        peers = {p["participant"] for p in params.get("peers", ())}
        assert peers == (set(told) - {id_} if want == "mesh" else set())


def test_both_nodes_hear_of_a_move() -> None:
    _, effects = decide(of(2, "relay"), GONE, Moment(NOW, Bounds(), (RELAY_2,)))

    assert announced(effects) == ["media:md-1", "media:md-2"]


def test_a_janus_that_died_leaves_its_node_s_relay() -> None:
    """Too large a meeting goes to another Janus there, or on among its people meanwhile."""
    small, large = of(3, "janus", "janus"), of(6, "janus", "janus")
    node = (CarrierOption("md-j", "janus"), CarrierOption("md-j", "relay"))
    lost = room.CarrierLost("md-j.1", "no answer")

    moved_, _ = decide(small, lost, Moment(NOW, Bounds(), node))
    again, _ = decide(large, lost, Moment(NOW, Bounds(), node))
    busy = (replace(node[0], load=1.0), node[1])
    left, _ = decide(large, lost, Moment(NOW, Bounds(), busy))

    assert again.carrier == Carrier("md-j.2", "janus", "md-j")
    assert moved_.carrier == Carrier("md-j.2", "relay", "md-j")
    assert (left.topology, left.strained) == ("mesh", "carrier_lost")
    back, effects = decide(left, path("connected"), at("janus"))
    assert (back.topology, len(moved(effects))) == ("janus", 6)


def test_it_looks_for_a_carrier_again_by_itself() -> None:
    """For as long as it needs one and somebody is inside."""
    m, _ = decide(of(2, "relay", "relay"), GONE, at("nothing", 100))
    assert (m.topology, m.wake_at_ms) == ("mesh", NOW + 5_100)

    later, effects = decide(m, on.Deadline(), at("nothing", 5_100))
    found, moves = decide(later, on.Deadline(), at("relay", 10_100))

    assert (effects, later.wake_at_ms) == ((), NOW + 10_100)
    assert (found.topology, list(moved(moves)), found.seek_ms) == ("relay", ["p0", "p1"], None)
    assert of(3).seek_ms is None  # a mesh that needs none
    empty = after(of(1, "relay", "nothing"), on.Leave(CUSTOMER, "s0"), alive="nothing")
    assert (empty.seek_ms, empty.wake_at_ms) == (None, empty.until_ms)


@pytest.mark.parametrize("event", [GONE, room.CarrierLost("md-2.1", "gone")], ids=repr)
def test_a_carrier_of_before_is_nobody_s_loss(event: room.CarrierLost) -> None:
    m = of(2) if event is GONE else of(2, "relay")

    assert decide(m, event, at()) == (m, ())


def test_lost_while_nobody_was_inside() -> None:
    """The meeting is no longer that node's, and has nothing to go on with until people come."""
    m = after(of(1, "relay"), on.Leave(CUSTOMER, "s0"))
    assert m.carrier is not None

    bare, effects = decide(m, GONE, Moment(NOW, Bounds(), (RELAY_2,)))

    assert (bare.carrier, bare.topology, bare.strained) == (None, "mesh", None)
    assert (moved(effects), announced(effects)) == ({}, ["media:md-1"])
    assert "carried:md-1" not in bare.indexes


def test_an_app_that_wants_mesh_alone_goes_on_so() -> None:
    m = after(of(2, "relay"), on.Join(CUSTOMER, "p9", "s0", 1, policy=POLICIES["mesh"]))

    assert after(m, GONE).topology == "mesh"
