"""What carries a meeting's media: the people themselves (mesh), or a carrier of a media node.

A meeting leaves the mesh when more come than it bears, when the path between two of them fails,
or to be recorded; it does not go back, and moves on when its carrier is lost. Everything that
decides it lives in this file.
"""

from dataclasses import replace
from typing import Final

from signalling.core import room_events as on
from signalling.core import views
from signalling.core.effects import Announce, CarrierOption, Effect, Moment
from signalling.core.room import Carrier, Meeting, MeetingState, Participant, RecordingState
from signalling.core.room_notices import changed, others, to_inside
from signalling.errors import NotFound

Decision = tuple[Meeting, tuple[Effect, ...]]
MESH: Final = "mesh"


def settle(old: Meeting, m: Meeting, at: Moment) -> Decision:
    """Let the meeting be carried as it now needs; tell who is inside, and the media nodes."""
    if m.state is MeetingState.ENDED or not m.inside:
        return m, _at_nodes(old, m)
    if kind := _wanted(m, at):
        moved = _carried(m, kind, at)
        if moved is not m:
            # who comes by this very event learns it from the answer
            known = {p.id for p in old.inside}
            told = [e for p, e in zip(moved.inside, _told(moved), strict=True) if p.id in known]
            return moved, (*told, *_at_nodes(old, moved))
    return m, _at_nodes(old, m)


def _wanted(m: Meeting, at: Moment) -> str | None:
    """Return the kind of carrier that the meeting should have instead; None: as it is."""
    people = len(m.inside)
    crowded = people > at.bounds.relayed
    recorded = m.recording.state is not RecordingState.OFF
    if m.carrier is not None:
        grown = m.carrier.kind == "relay" and crowded and not recorded
        return "janus" if grown and _best(at, "janus") else None
    match m.policy.topology:
        case "mesh":
            return None
        case "relay" | "janus" as kind:
            return kind
        case _:
            if m.strained or recorded or people > m.policy.mesh_most:
                return "janus" if crowded and not recorded else "relay"
            return None


def bound_to_relay(m: Meeting, at: Moment) -> bool:
    """Whether the relay carries it, and nothing that bears more people could instead."""
    if m.carrier is None or m.carrier.kind != "relay":
        return False
    return m.recording.state is not RecordingState.OFF or _best(at, "janus") is None


def _best(at: Moment, kind: str, but: str | None = None) -> CarrierOption | None:
    """Return the least loaded carrier of a kind that takes more, elsewhere than at *but*."""
    free = [c for c in at.carriers if c.kind == kind and c.load < 1 and c.node != but]
    return min(free, key=lambda c: c.load, default=None)


def _carried(m: Meeting, kind: str, at: Moment, but: str | None = None) -> Meeting:
    """Return the meeting at a carrier of that kind, or of another; as it is if there is none."""
    recorded = m.recording.state is not RecordingState.OFF
    kinds = [kind] if recorded else sorted(("relay", "janus"), key=lambda k: k != kind)
    for one in kinds:
        if found := _best(at, one, but):
            moves = m.moves + 1
            carrier = Carrier(f"{found.node}.{moves}", one, found.node)
            return replace(m, topology=one, carrier=carrier, moves=moves)
    return m


def _told(m: Meeting) -> tuple[Effect, ...]:
    if m.carrier is not None:
        return to_inside(m, "topology")
    peers = {p.id: [views.peer(p, other) for other in others(m, p)] for p in m.inside}
    return tuple(
        effect for p in m.inside for effect in (changed(m, p, "topology", p, peers=peers[p.id]),)
    )


def _at_nodes(old: Meeting, new: Meeting) -> tuple[Effect, ...]:
    """Let the media nodes concerned look at the meeting anew."""
    nodes = {m.carrier.node for m in (old, new) if m.carrier is not None}
    if not nodes or _seen_by_node(old) == _seen_by_node(new):
        return ()
    return tuple(Announce(f"media:{n}", "changed", {"meeting": new.id}) for n in sorted(nodes))


def _seen_by_node(m: Meeting) -> object:
    return m.state, m.carrier, m.recording, [p.id for p in m.inside]


# --- what people and media nodes say of it --------------------------------------------------


def path(m: Meeting, event: on.Path, at: Moment) -> Decision:
    """Hear how somebody's media fares."""
    mine = next((p for p in m.inside if p.session == event.session), None)
    if mine is None or mine.address != event.address:
        raise NotFound("you are not in this meeting", path="meeting")
    carrier = m.carrier if m.carrier and m.carrier.id == event.peer else None
    peer = m.participant(event.peer)
    if carrier is None and (peer is None or peer.id == mine.id):
        return m, ()  # a leg of before: the meeting has moved, or they have left
    match event.state:
        case "connected":
            return _connected(m, mine, at), ()
        case "flowing" if peer is not None and peer.gone_ms is not None:
            kept = replace(peer, gone_ms=at.now_ms + at.bounds.offline)
            return m.with_participant(kept), ()
        case "failed":
            return _failed(m, at)
        case _:
            return m, ()


def _failed(m: Meeting, at: Moment) -> Decision:
    """Leave the mesh; or a carrier whose node is gone: else it is their own network."""
    if m.carrier is None:
        return (m if m.policy.topology == MESH else replace(m, strained="path_failed")), ()
    if any(c.node == m.carrier.node for c in at.carriers):
        return m, ()  # they connect to it again
    return lost(m, on.CarrierLost(m.carrier.id, "the media node is gone"), at)


def _connected(m: Meeting, mine: Participant, at: Moment) -> Meeting:
    if mine.connected_ms is not None:
        return m
    return m.with_participant(replace(mine, connected_ms=at.now_ms))


def published(m: Meeting, event: on.Published, _: Moment) -> Decision:
    """Tell the others that somebody's media is there to be subscribed to."""
    who = next((p for p in m.inside if p.id == event.participant), None)
    if who is None:
        return m, ()
    return m, tuple(changed(m, other, "published", who) for other in others(m, who))


def lost(m: Meeting, event: on.CarrierLost, at: Moment) -> Decision:
    """Go on at another carrier; without one, among themselves until there is one again."""
    carrier = m.carrier
    if carrier is None or carrier.id != event.carrier:
        return m, ()
    bare = replace(m, topology=MESH, carrier=None, strained="carrier_lost")
    moved = _carried(bare, carrier.kind, at, but=carrier.node)
    if not m.inside:
        return replace(bare, strained=m.strained), ()
    return moved, _told(moved)
