"""What carries a meeting's media: the people themselves (mesh), or a carrier of a media node.

A meeting leaves the mesh when more come than it bears, when the path between two of them fails,
or to be recorded; it does not go back, and moves on when its carrier is lost. Everything that
decides it lives in this file.
"""

from typing import Final

from msgspec.structs import replace

from signalling.core import room_events as on
from signalling.core import views
from signalling.core.effects import Announce, CarrierOption, Effect, Moment, Send
from signalling.core.room import Carrier, Meeting, MeetingState, Participant, RecordingState
from signalling.core.room_notices import changed, others
from signalling.core.timeline import happening
from signalling.errors import NotFound, TooLarge

Decision = tuple[Meeting, tuple[Effect, ...]]
MESH: Final = "mesh"
SEEK_MS: Final = 5_000


def settle(old: Meeting, m: Meeting, at: Moment) -> Decision:
    """Let the meeting be carried as it now needs, and tell who is inside."""
    if m.state is MeetingState.ENDED or not m.inside:
        return _seeking(m, None), ()
    lost_now = old.carrier if m.carrier is None else None
    kind = _wanted(m, at)
    if kind and lost_now:
        kind = lost_now.kind
    moved = _carried(m, kind, at, lost_now) if kind else m
    seeks = kind is not None and moved.carrier is None
    due = m.seek_ms is None or m.seek_ms <= at.now_ms
    again_ms = at.now_ms + SEEK_MS if due else m.seek_ms
    moved = _seeking(moved, again_ms if seeks else None)
    if moved.carrier == old.carrier:
        return moved, ()
    # who comes by this very event learns it from the answer
    return moved, _told(moved, {p.id for p in old.inside})


def _seeking(m: Meeting, at_ms: int | None) -> Meeting:
    """Return the meeting that looks for a carrier again at that time."""
    return m if m.seek_ms == at_ms else replace(m, seek_ms=at_ms)


def _wanted(m: Meeting, at: Moment) -> str | None:
    """Return the kind of carrier that the meeting should have instead; None: as it is."""
    people = len(m.inside)
    if m.carrier is not None:
        grown = m.carrier.kind == "relay" and people > at.bounds.relayed
        return "janus" if grown and "janus" in _fit(m, at) else None
    match m.policy.topology:
        case "mesh":
            return None
        case "relay" | "janus" as kind:
            return kind
        case _:
            needed = m.strained or _is_recorded(m) or people > m.policy.mesh_most
            return "relay" if needed else None


def _is_recorded(m: Meeting) -> bool:
    return m.recording.state is not RecordingState.OFF


def _fit(m: Meeting, at: Moment) -> tuple[str, ...]:
    """Return the kinds that can carry the meeting: the relay alone records, and has a bound."""
    fits = {"relay": len(m.inside) <= at.bounds.relayed, "janus": not _is_recorded(m)}
    return tuple(kind for kind, fit in fits.items() if fit)


def best(at: Moment, kind: str, but: Carrier | None = None) -> CarrierOption | None:
    """Return the least loaded carrier of a kind that takes more, other than *but*."""
    gone = (but.node, but.kind) if but else None
    free = [c for c in at.carriers if c.kind == kind and c.load < 1 and (c.node, c.kind) != gone]
    return min(free, key=lambda c: c.load, default=None)


def _carried(m: Meeting, kind: str, at: Moment, but: Carrier | None) -> Meeting:
    """Return the meeting at a carrier of that kind, or of another; as it is if there is none."""
    fit = sorted(_fit(m, at), key=lambda k: k != kind)
    tries = [(one, but) for one in fit]
    if "janus" in fit:  # behind the same node there may be another
        tries.append(("janus", None))
    for one, without in tries:
        if found := best(at, one, without):
            moves = m.moves + 1
            carrier = Carrier(f"{found.node}.{moves}", one, found.node)
            return replace(m, topology=one, carrier=carrier, moves=moves)
    return m


def check_room(m: Meeting, at: Moment) -> None:
    """Refuse who would be one too many inside, in all or for the relay."""
    most, people = at.bounds.participants, len(m.inside)
    if people >= most:
        raise TooLarge(f"a meeting has at most {most} participants")
    relayed = _is_recorded(m) or (m.carrier is not None and m.carrier.kind == "relay")
    may_grow = not _is_recorded(m) and best(at, "janus")
    if relayed and not may_grow and people >= at.bounds.relayed:
        raise TooLarge(f"a meeting that the server relays has at most {at.bounds.relayed} people")


def _told(m: Meeting, known: set[str]) -> tuple[Effect, ...]:
    return tuple(
        Send(
            p.address,
            "meeting.changed",
            {"meeting": views.meeting(m, p.address), "change": "topology", "for": p.id}
            | ({} if m.carrier else {"peers": [views.peer(p, o) for o in others(m, p)]}),
        )
        for p in m.inside
        if p.id in known
    )


def at_nodes(old: Meeting, new: Meeting) -> tuple[Effect, ...]:
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
    peer = next((p for p in others(m, mine) if p.id == event.peer), None)
    if carrier is None and peer is None:
        return m, ()  # a leg of before: the meeting has moved, or they have left
    match event.state:
        case "connected":
            return _connected(m, mine, event, at), ()
        case "flowing" if peer is not None and peer.gone_ms is not None:
            kept = replace(peer, gone_ms=at.now_ms + at.bounds.offline)
            return m.with_participant(kept), ()
        case "failed":
            return _failed(m, mine, event, at)
        case _:
            return m, ()


def _failed(m: Meeting, mine: Participant, event: on.Path, at: Moment) -> Decision:
    """Leave the mesh; or a carrier whose node is gone: else it is their own network."""
    if m.carrier is None:
        if m.policy.topology == MESH or m.strained:
            return m, ()
        noted = happening(mine, "path_failed", at.now_ms, event.reason)
        return replace(m, strained="path_failed", history=(*m.history, noted)), ()
    if any(c.node == m.carrier.node for c in at.carriers):
        return m, ()  # they connect to it again
    return lost(m, on.CarrierLost(m.carrier.id, "the media node is gone"), at)


def _connected(m: Meeting, mine: Participant, event: on.Path, at: Moment) -> Meeting:
    if mine.connected_ms is not None:
        return m
    connected = replace(mine, connected_ms=at.now_ms, took_ms=event.took_ms)
    return m.with_participant(connected)


def published(m: Meeting, event: on.Published, _: Moment) -> Decision:
    """Tell the others that somebody's media is there to be subscribed to."""
    who = next((p for p in m.inside if p.id == event.participant), None)
    if who is None:
        return m, ()
    return m, tuple(changed(m, other, "published", who) for other in others(m, who))


def lost(m: Meeting, event: on.CarrierLost, _: Moment) -> Decision:
    """Go on at another carrier (`settle`); without one, among themselves until there is one."""
    carrier = m.carrier
    if carrier is None or carrier.id != event.carrier:
        return m, ()
    bare = replace(m, topology=MESH, carrier=None, strained="carrier_lost")
    return (bare if m.inside else replace(bare, strained=m.strained)), ()
