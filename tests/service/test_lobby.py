"""Guests' links, the lobby, and who is put out, as the service answers them."""

import asyncio
from typing import Any

import pytest

from signalling.core.effects import CarrierOption
from signalling.errors import (
    Conflict,
    Forbidden,
    Gone,
    NotFound,
    Unavailable,
)
from signalling.service.call import Caller, Session
from tests.service.guests import ED, EVA, Room, refused
from tests.service.test_meetings import ANN, KARI, changes, join
from tests.world import World, customer, operator, staff_app

# --- links --------------------------------------------------------------------------------


async def test_a_link(room: Room) -> None:
    """Its token names a guest of this meeting alone, and outlives the time to open it."""
    link = await room.invite(name="Eva", expires_s=600)
    eva = await room.bearer(link["token"])

    assert (eva.role, eva.user, eva.name) == ("guest", link["guest"], "Eva")
    assert (eva.meeting, eva.app, eva.marketplace) == (
        room.id,
        room.app.key,
        room.world.marketplace,
    )
    assert link["path"] == f"/meet#invite={link['token']}"
    (invitation,) = (await room.record()).invitations
    now_ms = room.world.clock.now_ms()
    assert 590_000 < invitation.expires_ms - now_ms <= 600_000
    assert abs(eva.expires_ms - (await room.record()).until_ms) < 2_000
    week = await room.bearer((await room.invite(expires_s=604_800))["token"])
    assert abs(week.expires_ms - (now_ms + 604_800_000)) < 2_000
    assert invitation.by == room.kari.address


async def test_a_link_s_life(room: Room) -> None:
    """They wait, hear of nothing, are let in, join again, and leave."""
    eva = await room.guest(name="Eva")
    waiting = await room.join(eva)

    assert (waiting["state"], waiting["topology"]) == ("waiting", "mesh")
    for name in ("peers", "ice_servers"):
        assert waiting.get(name, ()) == ()
    assert [p["participant"] for p in waiting["participants"]] == [waiting["participant"]]
    assert await changes(room.world, eva.address) == []
    assert await changes(room.world, room.kari.address) == ["joined", "waiting"]
    await room.call("meeting.update", room.ann, admit=waiting["participant"])
    assert await changes(room.world, eva.address) == ["admitted"]
    inside = await room.join(eva)
    assert (inside["participant"], inside["state"]) == (waiting["participant"], "joined")
    assert len(inside["peers"]) == 2
    assert inside["ice_expires_at"]
    await room.call("meeting.leave", eva, over=EVA)
    assert (await room.join(eva))["state"] == "joined"  # let in is let in


async def test_a_nameless_guest(room: Room) -> None:
    assert (await room.guest()).name == "Guest"


async def test_a_link_asked_for_twice_is_one(room: Room) -> None:
    """Also by many at once; another key is another guest, another body a conflict."""
    first, again = await asyncio.gather(*(room.invite(idempotency_key="k1") for _ in range(2)))
    other = await room.invite(idempotency_key="k2")

    assert (first["guest"], first["expires_at"]) == (again["guest"], again["expires_at"])
    assert (await room.bearer(again["token"])).user == first["guest"]
    assert other["guest"] != first["guest"]
    assert len((await room.record()).invitations) == 2
    await refused(Conflict, room.invite(idempotency_key="k1", name="Ed"))


async def test_a_link_opens_one_session(room: Room) -> None:
    """Whoever holds it besides gets nothing: no session, no view, no word."""
    eva, other = await room.guest(), Session("s-other", 1, "n1")
    assert await room.world.service.admits(eva, other) is True  # nobody has used it yet
    await room.let_in(eva)

    admits = room.world.service.admits
    assert await admits(eva, EVA) is True
    assert (await refused(Gone, admits(eva, other))).extra == {"reason": "used"}
    for over in (other, None):
        for method in ("meeting.get", "meeting.update", "consent.grant", "consent.withdraw"):
            purpose = {"purpose": "recording"} if method.startswith("consent") else {}
            await refused(Gone, room.call(method, eva, over=over, **purpose))
    for method in ("meeting.join", "meeting.leave"):
        await refused(Gone, room.call(method, eva, over=other))
    peer = room.kari.user
    await refused(Gone, room.call("meeting.negotiate", eva, over=other, peer=peer, state="failed"))
    await refused(Gone, room.call("device.ice", eva, over=other))
    assert len((await room.call("meeting.get", eva, over=EVA))["meeting"]["participants"]) == 3


async def test_two_who_come_with_one_link_at_once(room: Room) -> None:
    """One waits, the other is told that it was used."""
    eva = await room.guest()

    answers = await asyncio.gather(room.join(eva, EVA), room.join(eva, ED), return_exceptions=True)

    assert sorted(type(answer).__name__ for answer in answers) == ["Gone", "dict"]
    assert len((await room.record()).waiting) == 1


async def test_a_link_that_expired(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    eva, ed = await room.guest(expires_s=60), await room.guest(expires_s=60)
    await room.let_in(eva)
    now_ms = room.world.clock.now_ms()
    monkeypatch.setattr(room.world.clock, "now_ms", lambda: now_ms + 60_000)

    assert (await refused(Gone, room.join(ed, ED))).extra == {"reason": "expired"}
    await refused(Gone, room.world.service.admits(ed, ED))
    assert await room.world.service.admits(eva, EVA) is True  # who came in time stays


async def test_whose_sessions_are_looked_at(room: Room) -> None:
    """Of those alone who hold a link; whom the app named may come with several devices."""
    world, service = room.world, room.world.service
    people = [{"user": "gus", "role": "guest"}]
    made = await world.call("meeting.create", room.staff, participants=people)
    gus = Caller(world.marketplace, room.app.key, "gus", "guest", meeting=made["meeting"]["id"])
    nowhere = Caller(world.marketplace, room.app.key, "gus", "guest", meeting="me-none")
    stranger = Caller(world.marketplace, room.app.key, "eve", "guest", meeting=room.id)

    for caller in (gus, nowhere, room.kari, room.ann):
        assert await service.admits(caller, EVA) is False
    await refused(NotFound, service.admits(stranger, EVA))
    eva = await room.guest()
    await room.call("meeting.end", room.staff)
    assert await service.admits(eva, EVA) is False  # there is nothing to read along


async def test_who_may_not_invite(room: Room) -> None:
    eva = await room.guest()
    await refused(Forbidden, room.call("meeting.invite", eva, over=EVA))
    for caller in (customer(room.world, "liv", room.app.key), operator(room.world, "court")):
        await refused(NotFound, room.call("meeting.invite", caller))
    await room.call("meeting.end", room.staff)
    await refused(Gone, room.invite())


async def test_an_app_that_is_gone_signs_nothing(world: World) -> None:
    """The meeting's own app signs, whoever asks."""
    made = await world.call("meeting.create", staff_app(world))

    await refused(
        Unavailable,
        world.call("meeting.invite", staff_app(world), meeting=made["meeting"]["id"]),
    )


# --- in the lobby -------------------------------------------------------------------------


async def test_a_guest_whose_socket_is_lost_in_the_lobby(room: Room) -> None:
    """They have no seat, so only their token says where they waited."""
    eva, service = await room.guest(), room.world.service
    waiting = await room.join(eva)

    async def mine() -> Any:
        return (await room.record()).participant(waiting["participant"])

    await service.dropped(eva, EVA, frozenset())
    assert (await mine()).gone_ms is not None
    later = Session("s-eva", 2, "n2")
    await service.opened(eva, later)
    assert ((await mine()).state, (await mine()).gone_ms, (await mine()).epoch) == (
        "waiting",
        None,
        2,
    )
    await service.closed(eva, later, frozenset())
    assert ((await mine()).state, (await mine()).reason) == ("left", "session_closed")


async def test_a_guest_of_no_meeting_drops(room: Room) -> None:
    nowhere = Caller(room.world.marketplace, room.app.key, "gus", "guest", meeting="me-none")
    before = await room.record()

    await room.world.service.dropped(nowhere, EVA, frozenset())
    await room.world.service.closed(nowhere, EVA, frozenset())

    assert await room.record() == before
    assert await room.world.get("meeting", "me-none") is None


async def test_what_a_guest_in_the_lobby_is_shown(room: Room) -> None:
    eva = await room.guest()
    mine = (await room.join(eva))["participant"]
    await room.call("meeting.update", room.kari, over=KARI, locked=True)

    for params in ({"history": False}, {"history": True}):
        shown = await room.call("meeting.get", eva, over=EVA, **params)
        assert [p["participant"] for p in shown["meeting"]["participants"]] == [mine]
        assert {"history", "attendance"} & set(shown) == set()
    snapshot = await room.world.service.snapshot(eva)
    assert [[p.participant for p in m.participants] for m in snapshot.meetings] == [[mine]]
    for _, told in await room.world.mails(eva.address):
        assert [p["participant"] for p in told["meeting"]["participants"]] == [mine]
    await refused(NotFound, room.call("device.ice", eva, over=EVA))
    offer = {"carrier": "md-1.1", "offer": {"sdp": "v=0"}}
    await refused(NotFound, room.call("meeting.negotiate", eva, over=EVA, **offer))
    said = {"text": "hello"}
    await refused(NotFound, room.call("meeting.message", eva, over=EVA, **said))


async def test_letting_in_names_who(room: Room) -> None:
    eva = await room.guest()
    waiting = await room.join(eva)

    nobody = room.call("meeting.update", room.kari, admit="pa-none")
    assert (await refused(NotFound, nobody)).path == "admit"
    admit = {"admit": waiting["participant"]}
    await refused(Forbidden, room.call("meeting.update", eva, over=EVA, **admit))
    shown = await room.call("meeting.update", room.staff, **admit)
    assert shown["meeting"]["participants"][-1]["state"] == "joined"


async def test_guests_do_not_lock(room: Room) -> None:
    eva = await room.guest()
    await room.let_in(eva)

    await refused(Forbidden, room.call("meeting.update", eva, over=EVA, locked=True))


# --- putting out --------------------------------------------------------------------------


async def test_putting_a_guest_out(room: Room) -> None:
    """They hear why, and neither their link nor their session is good for anything more."""
    eva = await room.guest()
    mine = (await room.let_in(eva))["participant"]

    shown = await room.call("meeting.remove", room.ann, participant=mine, reason="noise")

    assert (shown["meeting"]["participants"][-1]["state"]) == "removed"
    mails = [p for _, p in await room.world.mails(eva.address) if p["change"] == "removed"]
    assert [p["participant"] for p in mails[0]["meeting"]["participants"]] == [mine]
    await refused(NotFound, room.world.service.admits(eva, EVA))
    await refused(NotFound, room.join(eva))
    await refused(NotFound, room.call("meeting.get", eva, over=EVA))
    again = room.call("meeting.remove", room.ann, participant=mine)
    assert (await refused(NotFound, again)).path == "participant"


async def test_taking_a_link_back(room: Room) -> None:
    link = await room.invite()
    eva = await room.bearer(link["token"])

    await room.call("meeting.remove", room.kari, participant=link["guest"])

    await refused(NotFound, room.world.service.admits(eva, EVA))
    await refused(NotFound, room.join(eva))
    assert (await room.record()).invitations == ()


async def test_who_puts_whom_out(room: Room) -> None:
    eva = await room.guest()
    await room.let_in(eva)
    kari, ann, mine = (p.id for p in (await room.record()).participants)

    await refused(Forbidden, room.call("meeting.remove", eva, over=EVA, participant=kari))
    await refused(
        NotFound, room.call("meeting.remove", operator(room.world, "court"), participant=mine)
    )
    denied = await refused(Forbidden, room.call("meeting.remove", room.kari, participant=ann))
    assert denied.path == "participant"
    await room.call("meeting.remove", room.staff, participant=ann)
    await refused(NotFound, room.join(room.ann, ANN))


async def test_a_fourth_who_is_let_in_moves_the_meeting(room: Room) -> None:
    room.world.nodes = (CarrierOption("md-1", "relay"),)
    await room.let_in(await room.guest())
    assert (await room.record()).topology == "mesh"
    ed = await room.guest()
    waiting = await join(room.world, ed, ED, room.id)
    await room.call("meeting.update", room.kari, admit=waiting["participant"])

    inside = await join(room.world, ed, ED, room.id)

    assert (inside["topology"], inside["carrier"]["kind"]) == ("relay", "relay")
    assert inside.get("peers", ()) == ()
    assert (await changes(room.world, room.kari.address))[-1] == "topology"
