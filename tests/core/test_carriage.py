"""What carries a meeting: by its app's policy, who is in it, what is alive, and what fails."""

from typing import Any

import pytest
from msgspec.structs import replace

from signalling.core import events as on
from signalling.core import room_events as room
from signalling.core.effects import Announce, Bounds, CarrierOption, Effect, Moment, Send
from signalling.core.meeting import decide
from signalling.core.policy import Policy
from signalling.core.room import Carrier, Meeting, Participant, ParticipantState
from signalling.core.room_table import Event
from signalling.errors import NotFound, TooLarge
from tests.core.grid import rows
from tests.core.samples import CUSTOMER, NOW
from tests.core.test_meeting import BO, GUEST, INTERPRETER, KARI, OPEN, changes

RELAY, RELAY_2 = CarrierOption("md-1", "relay"), CarrierOption("md-2", "relay")
JANUS = CarrierOption("md-j", "janus")
ALIVE = {
    "nothing": (),
    "relay": (RELAY,),
    "janus": (JANUS,),
    "both": (RELAY, JANUS),
    "busy": (replace(RELAY, load=1.0), replace(JANUS, load=1.0)),
}
POLICIES = {name: Policy(topology=name) for name in ("mesh", "relay", "janus")}
POLICIES |= {"auto": Policy(), "pairs": Policy(mesh_most=2)}
PARTIES = (KARI, INTERPRETER, BO, GUEST)
EMPTY = replace(OPEN, assignment=None, parties=PARTIES, participants=())
Told = tuple[Effect, ...]


def at(alive: str = "both", ms: int = 0, **bounds: int) -> Moment:
    return Moment(NOW + ms, Bounds(**bounds), ALIVE[alive])


def join(n: int, policy: Policy) -> on.Join:
    """Return a join of the n-th person; devices of the same four take turns."""
    who = PARTIES[n % len(PARTIES)].address
    return on.Join(who, f"p{n}", f"s{n}", 1, policy=policy)


def of(people: int, policy: str = "auto", alive: str = "both") -> Meeting:
    m = EMPTY
    for n in range(people):
        m, _ = decide(m, join(n, POLICIES[policy]), at(alive, n))
    return m


def after(m: Meeting, *events: Event, alive: str = "both") -> Meeting:
    for event in events:
        m, _ = decide(m, event, at(alive))
    return m


def moved(effects: Told) -> dict[str, Any]:
    """Return what each device is told of how the meeting is carried now."""
    return {
        e.params["for"]: e.params
        for e in effects
        if isinstance(e, Send) and e.params.get("change") == "topology"
    }


def announced(effects: Told) -> list[str]:
    assert all(
        (e.method, e.params) == ("changed", {"meeting": "m1"})
        for e in effects
        if isinstance(e, Announce)
    )
    return [e.topic for e in effects if isinstance(e, Announce)]


# Two, three, four, five and six people, one after the other; `no` is one who may not come.
CARRIED = rows("""
                 2     3     4     5     6
mesh/both        mesh  mesh  mesh  mesh  mesh
relay/nothing    mesh  mesh  mesh  mesh  mesh
relay/relay      relay relay relay relay no
relay/both       relay relay relay relay janus
relay/janus      janus janus janus janus janus
janus/both       janus janus janus janus janus
janus/relay      relay relay relay relay no
janus/nothing    mesh  mesh  mesh  mesh  mesh
auto/nothing     mesh  mesh  mesh  mesh  mesh
auto/busy        mesh  mesh  mesh  mesh  mesh
auto/relay       mesh  mesh  relay relay no
auto/janus       mesh  mesh  janus janus janus
auto/both        mesh  mesh  relay relay janus
pairs/both       mesh  relay relay relay janus
""")


@pytest.mark.parametrize(("people", "case", "want"), CARRIED)
def test_row(people: str, case: str, want: str) -> None:
    """Each policy, with so many people and that alive."""
    policy, _, alive = case.partition("/")
    if want == "no":
        with pytest.raises(TooLarge, match="relays"):
            of(int(people), policy, alive)
        return

    m = of(int(people), policy, alive)

    assert m.topology == want
    assert (m.carrier.kind if m.carrier else "mesh") == want


def test_every_policy_is_tried() -> None:
    assert {case.partition("/")[0] for _, case, _ in CARRIED} == set(POLICIES)


def test_the_fourth_moves_everybody_to_the_relay() -> None:
    """Who was inside is told; who comes learns it from the answer; the node hears of it."""
    old = of(3)

    new, effects = decide(old, join(3, Policy()), at())

    assert new.carrier == Carrier("md-1.1", "relay", "md-1")
    told = moved(effects)
    assert list(told) == ["p0", "p1", "p2"]
    assert {(t["meeting"]["topology"], t["meeting"]["carrier"]["id"]) for t in told.values()} == {
        ("relay", "md-1.1")
    }
    assert all("peers" not in t for t in told.values())
    assert "node" not in told["p0"]["meeting"]["carrier"]
    assert announced(effects) == ["media:md-1"]
    assert new.indexes["carried:md-1"] == old.created_ms


def test_who_joins_a_carried_meeting_has_no_peers() -> None:
    _, effects = decide(of(4), join(4, Policy()), at())

    joins = [e.params for e in effects if isinstance(e, Send) and e.params["change"] == "joined"]
    assert len(joins) == 4
    assert all("peers" not in params for params in joins)


def test_it_never_goes_back() -> None:
    """People leave, the policy changes: it stays where it is carried."""
    m = of(6)
    m = after(m, *(on.Leave(PARTIES[n % 4].address, f"s{n}") for n in range(2, 6)))
    assert (len(m.inside), m.topology) == (2, "janus")
    m = after(m, on.Join(CUSTOMER, "p9", "s0", 1, policy=POLICIES["mesh"]))

    assert (m.topology, m.policy) == ("janus", POLICIES["mesh"])


def test_a_policy_that_changed_counts_from_the_next_join() -> None:
    """Also of one who joins again over the same socket."""
    old = of(2)

    new, effects = decide(old, on.Join(CUSTOMER, "p9", "s0", 1, policy=POLICIES["relay"]), at())

    assert (new.topology, list(moved(effects))) == ("relay", ["p0", "p1"])


def test_the_least_loaded_is_taken() -> None:
    loads = (replace(RELAY, load=0.6), replace(RELAY_2, load=0.5), replace(JANUS, load=0.0))
    moment = Moment(NOW, Bounds(), loads)

    m, _ = decide(of(3), join(3, Policy()), moment)

    assert m.carrier == Carrier("md-2.1", "relay", "md-2")


# --- a path fails -------------------------------------------------------------------------


def path(state: str, peer: str = "p1", who: int = 0) -> room.Path:
    return room.Path(PARTIES[who].address, f"s{who}", peer, state)


FAILED = rows("""
               nothing relay janus both  busy
mesh           mesh    mesh  mesh  mesh  mesh
auto           mesh    relay janus relay mesh
""")


@pytest.mark.parametrize(("alive", "policy", "want"), FAILED)
def test_a_path_between_two_that_fails(alive: str, policy: str, want: str) -> None:
    old = of(2, policy, alive)

    new, effects = decide(old, path("failed"), at(alive))

    assert new.topology == want
    assert list(moved(effects)) == ([] if want == "mesh" else ["p0", "p1"])


def test_a_path_that_failed_while_nothing_was_alive_is_remembered() -> None:
    """The next that happens, a client's report even, moves the meeting."""
    strained = after(of(2, alive="nothing"), path("failed"), alive="nothing")

    again = decide(strained, path("failed"), at("nothing"))
    m = after(strained, path("connected"))

    assert again == (strained, ())
    assert (strained.strained, m.topology) == ("path_failed", "relay")


def test_what_people_say_of_their_media_is_noted() -> None:
    """How long it took, and why it failed: each once."""
    took = replace(path("connected"), took_ms=180)
    failed = replace(path("failed", who=1, peer="p0"), reason="no answer")

    m = after(of(2, alive="nothing"), took, took, failed, failed, alive="nothing")

    said = [(h.what, h.participant, h.detail) for h in m.history[-2:]]
    assert said == [("connected", "p0", "180 ms"), ("path_failed", "p1", "no answer")]


def test_a_leg_to_a_carrier_that_lives_is_tried_again() -> None:
    m = of(4)

    assert decide(m, path("failed", "md-1.1"), at()) == (m, ())
    assert decide(m, path("failed", "md-0.0"), at()) == (m, ())  # a carrier of before


def test_a_leg_to_a_carrier_that_is_gone() -> None:
    """It is noticed by whoever fails first, whatever the media nodes' list says later."""
    new, effects = decide(of(4, alive="relay"), path("failed", "md-1.1"), at("janus"))

    assert new.carrier == Carrier("md-j.2", "janus", "md-j")
    assert len(moved(effects)) == 4


def test_what_media_counts_for() -> None:
    """The first moment alone; with somebody inside or the carrier, not with whoever is not."""
    waiting = replace(of(3).participants[2], state=ParticipantState.WAITING)
    m = of(2)
    m = replace(m, participants=(*m.participants, waiting))
    for peer in ("p0", "p2", "p9"):
        assert decide(m, path("connected", peer), at()) == (m, ())

    first, _ = decide(m, path("connected"), at(ms=10))
    later, _ = decide(first, path("connected"), at(ms=20))
    carried, _ = decide(of(4), path("connected", "md-1.1"), at(ms=30))

    assert later.inside[0].connected_ms == NOW + 10
    assert later.inside[1].connected_ms is None
    assert carried.inside[0].connected_ms == NOW + 30


def test_media_that_flows_keeps_somebody_in() -> None:
    gone = after(of(2), on.SocketDropped("s1", 1))
    assert gone.inside[1].gone_ms == NOW + 20_000

    kept, effects = decide(gone, path("flowing"), at(ms=19_000))
    still, _ = decide(kept, on.Deadline(), at(ms=38_999))
    over, _ = decide(kept, on.Deadline(), at(ms=39_000))

    assert effects == ()
    assert [str(m.participants[1].state) for m in (still, over)] == ["reconnecting", "left"]
    here = of(2)
    assert decide(here, path("flowing"), at()) == (here, ())  # nobody misses them


def test_nobody_speaks_for_another() -> None:
    m = of(2)
    for event in (
        room.Path(BO.address, "s0", "p1", "failed"),
        room.Path(CUSTOMER, "s9", "p1", "failed"),
    ):
        with pytest.raises(NotFound):
            decide(m, event, at())


# --- what media nodes hear ----------------------------------------------------------------

CARRIED_4 = of(4)
HEARD: dict[str, tuple[Event, bool]] = {
    "somebody leaves": (on.Leave(CUSTOMER, "s0"), True),
    "somebody joins": (join(4, Policy()), True),
    "it ends": (on.End(CUSTOMER), True),
    "a recording": (room.Record(CUSTOMER, on=True, id="r1"), True),
    "a lost socket": (on.SocketDropped("s0", 1), False),
    "a word": (on.Message(CUSTOMER, "s0", "x1", "hello"), False),
    "a lock": (on.Lock(CUSTOMER, locked=True), False),
}


@pytest.mark.parametrize("case", HEARD)
def test_what_a_media_node_hears(case: str) -> None:
    event, heard = HEARD[case]

    _, effects = decide(CARRIED_4, event, at())

    assert announced(effects) == (["media:md-1"] if heard else [])


def test_a_mesh_concerns_no_media_node() -> None:
    _, effects = decide(of(3), on.Leave(CUSTOMER, "s0"), at())

    assert announced(effects) == []


def test_what_can_be_subscribed_to_is_told_to_the_others() -> None:
    m = of(4)

    new, effects = decide(m, room.Published("p1"), at())

    assert new == m
    assert [who for who, change in changes(effects) if change == "published"] == [
        p.address for p in m.inside if p.id != "p1"
    ]
    assert decide(m, room.Published("p9"), at()) == (m, ())


# --- room ---------------------------------------------------------------------------------


def crowd(count: int) -> tuple[Participant, ...]:
    one = of(1).participants[0]
    return tuple(replace(one, id=f"q{n}", session=f"q{n}") for n in range(count))


def test_how_many_may_meet() -> None:
    """In all; and at a relay from which no Janus takes over."""
    full = replace(of(2), participants=crowd(16))
    with pytest.raises(TooLarge, match="16"):
        decide(full, join(3, Policy()), at())
    relayed = of(5)
    assert after(relayed, join(5, Policy())).topology == "janus"
    for alive in ("relay", "busy"):
        with pytest.raises(TooLarge, match="relays"):
            decide(relayed, join(5, Policy()), at(alive))


def test_a_recorded_meeting_stays_at_its_relay() -> None:
    m = after(of(5), room.Record(CUSTOMER, on=True, id="r1"))

    with pytest.raises(TooLarge, match="relays"):
        decide(m, join(5, Policy()), at())
