"""Meetings, from opening to their end, as each role may."""

import asyncio
from typing import Any

import pytest

from signalling.core import events as on
from signalling.core import room_events as room
from signalling.core.effects import Key, Tell
from signalling.core.times import rfc3339
from signalling.engine import Engine
from signalling.errors import Gone, IllegalTransition, InvalidParams, NotFound
from signalling.service.call import Caller, Session
from signalling.service.carriage import Ice
from tests.world import HOSPITAL, World, customer, interpreter, operator, staff_app

ANN, KARI = Session("s-ann", 1, "n1"), Session("s-kari", 1, "n1")


async def opened(world: World, **params: Any) -> str:
    """Return a meeting of Kari and Ann, opened by their app."""
    people = [{"user": "kari", "role": "customer", "name": "Kari N."}]
    people += [{"user": "ann", "role": "interpreter"}]
    answer = await world.call("meeting.create", staff_app(world), participants=people, **params)
    return str(answer["meeting"]["id"])


async def join(world: World, caller: Caller, session: Session, id_: str, **params: Any) -> Any:
    return await world.call("meeting.join", caller, session, meeting=id_, **params)


async def live(world: World) -> str:
    id_ = await opened(world)
    await join(world, customer(world), KARI, id_)
    await join(world, interpreter(world, "ann"), ANN, id_)
    return id_


async def state(world: World, id_: str) -> str:
    answer = await world.call("meeting.get", operator(world), meeting=id_)
    return str(answer["meeting"]["state"])


async def changes(world: World, address: str) -> list[str]:
    mails = await world.mails(address)
    return [params["change"] for method, params in mails if method == "meeting.changed"]


async def test_opening_one(world: World) -> None:
    """For people of the app, of the marketplace, and guests who will come with its id."""
    people = [
        {"user": "kari", "role": "customer"},
        {"user": "ann", "role": "interpreter"},
        {"user": "olga", "role": "operator"},
        {"user": "gus", "role": "guest", "name": "Gus"},
    ]
    answer = await world.call("meeting.create", operator(world), participants=people)
    id_ = answer["meeting"]["id"]
    assert (answer["meeting"]["state"], answer["meeting"]["participants"]) == ("open", ())
    parties = (await world.get("meeting", id_)).parties
    assert [p.address for p in parties] == [
        f"c:{HOSPITAL}:kari",
        "i:ann",
        f"o:{HOSPITAL}:olga",
        f"g:{id_}:gus",
    ]
    guest = Caller(world.marketplace, HOSPITAL, "gus", "guest", meeting=id_)
    joined = await join(world, guest, Session("s-gus", 1, "n1"), id_)
    assert joined["participants"][0]["name"] == "Gus"


async def test_refused_openings(world: World) -> None:
    kari = {"user": "kari", "role": "customer"}
    for people in ([kari, kari], [{"user": "server", "role": "app"}]):
        with pytest.raises(InvalidParams) as refused:
            await world.call("meeting.create", operator(world), participants=people)
        assert refused.value.path.startswith("participants")
    await world.ask("a1")
    with pytest.raises(NotFound):
        await world.call("meeting.create", staff_app(world, "court"), assignment="a1")
    made = await world.call("meeting.create", staff_app(world), assignment="a1")
    assert made["meeting"]["assignment"] == "a1"


async def test_joining(world: World) -> None:
    """Who is there, how to connect to them, and where TURN is; twice is once."""
    id_ = await opened(world)
    kari = await join(world, customer(world), KARI, id_)
    assert (kari["peers"], kari["topology"], kari["epoch"]) == ((), "mesh", 1)
    offerer = Session("s-ann", 1, "n1", capabilities=frozenset({"single-offerer"}))
    ann = await join(world, interpreter(world, "ann"), offerer, id_, name="Ann A.")
    (peer,) = ann["peers"]
    assert peer["participant"] == kari["participant"]
    assert (peer["negotiation"], peer["offers"]) == ("single", False)
    assert [p["name"] for p in ann["participants"]] == ["Kari N.", "Ann A."]
    again = await join(world, interpreter(world, "ann"), offerer, id_)
    assert again["participant"] == ann["participant"]
    assert await state(world, id_) == "live"
    assert await changes(world, customer(world).address) == ["joined"]
    with pytest.raises(InvalidParams, match="WebSocket"):
        await world.call("meeting.join", customer(world), meeting=id_)
    with pytest.raises(NotFound):
        await join(world, customer(world, "liv"), KARI, id_)


async def test_joining_what_another_process_has_changed(world: World) -> None:
    """A meeting is remembered as it was written here; who may enter now counts."""
    id_ = await opened(world)
    another = Engine(world.store, world.clock, world.engine.bounds)

    async def elsewhere(event: object) -> None:
        await another.handle(world.marketplace, Tell(Key("meeting", id_), event))

    bo, session = interpreter(world, "bo"), Session("s-bo", 1, "n1")
    await elsewhere(room.Admit(on.Party("i:bo", "interpreter", "Bo")))
    assert (await join(world, bo, session, id_))["state"] == "joined"
    await elsewhere(room.Revoke("i:ann", "replaced"))
    with pytest.raises(NotFound):
        await join(world, interpreter(world, "ann"), ANN, id_)


async def test_joining_with_media(world: World) -> None:
    """What one sends from the start is known to the others, and may be switched off again."""
    id_ = await opened(world)
    await join(world, interpreter(world, "ann"), ANN, id_)
    kari = customer(world)
    joined = await join(world, kari, KARI, id_, media={"audio": True, "video": True})
    assert joined["participants"][1]["media"] == {"video": True}
    await world.call("meeting.update", kari, KARI, meeting=id_, media={})
    got = await world.call("meeting.get", kari, meeting=id_)
    assert got["meeting"]["participants"][1]["media"] == {}  # as it is told: audio, no video
    stored = (await world.get("meeting", id_)).participants[1].media
    assert stored == {"audio": True, "video": False}


async def test_updating(world: World) -> None:
    """Media and name over any connection of theirs; a lock by a party keeps others out."""
    id_ = await live(world)
    kari = customer(world)
    updated = await world.call("meeting.update", kari, meeting=id_, name="K.", locked=True)
    assert updated["meeting"]["participants"][0]["name"] == "K."
    assert updated["meeting"]["locked"] is True
    assert await changes(world, "i:ann") == ["media", "locked"]
    assert await world.call("meeting.update", kari, meeting=id_) == updated
    with pytest.raises(NotFound):  # staff see it, but are not in it
        await world.call("meeting.update", operator(world), meeting=id_, locked=False)
    with pytest.raises(NotFound):
        await world.call("meeting.update", customer(world, "liv"), meeting=id_, locked=False)
    await world.tell("meeting", id_, room.Admit(on.Party("i:bo", "interpreter")))
    with pytest.raises(IllegalTransition, match="locked"):
        await join(world, interpreter(world, "bo"), Session("s-bo", 1, "n1"), id_)


async def test_leaving(world: World) -> None:
    """The last but one to leave leaves the other alone; a late leave of an older socket none."""
    id_ = await live(world)
    newer = Session("s-ann", 2, "n1")
    await join(world, interpreter(world, "ann"), newer, id_)
    await world.call("meeting.leave", interpreter(world, "ann"), ANN, meeting=id_)
    assert len((await world.get("meeting", id_)).inside) == 2
    assert await world.call("meeting.leave", interpreter(world, "ann"), newer, meeting=id_) == {}
    assert len((await world.get("meeting", id_)).inside) == 1
    with pytest.raises(NotFound):
        await world.call("meeting.leave", customer(world, "liv"), KARI, meeting=id_)


async def test_ending(world: World) -> None:
    """For everybody, with a reason, once; then there is nothing to join."""
    id_ = await live(world)
    ended = await world.call("meeting.end", customer(world), meeting=id_, reason="done")
    again = await world.call("meeting.end", operator(world), meeting=id_)
    assert ended["meeting"]["reason"] == again["meeting"]["reason"] == "done"
    with pytest.raises(Gone):
        await join(world, customer(world), KARI, id_)
    with pytest.raises(NotFound):
        await world.call("meeting.end", staff_app(world, "court"), meeting=id_)
    other = await world.call("meeting.end", operator(world), meeting=await opened(world))
    assert other["meeting"]["reason"] == "ended"


async def test_messages(world: World) -> None:
    """To all, or to one; a repeat with its key is said once and answered alike."""
    id_ = await live(world)
    kari = customer(world)
    ann = (await world.get("meeting", id_)).participants[1].id
    said = {"meeting": id_, "text": "Hello", "idempotency_key": "k1"}
    answers = await asyncio.gather(
        *(world.call("meeting.message", kari, KARI, **said) for _ in range(5))
    )
    assert all(answer == answers[0] for answer in answers)
    assert answers[0]["sent_at"] <= rfc3339(world.clock.now_ms())
    await world.call("meeting.message", kari, KARI, meeting=id_, text="You", to=ann)
    heard = [p for method, p in await world.mails("i:ann") if method == "meeting.message"]
    assert [(m["text"], m.get("to")) for m in heard] == [("Hello", None), ("You", ann)]
    assert heard[0]["message"] == answers[0]["message"]
    with pytest.raises(NotFound):
        await world.call("meeting.message", customer(world, "liv"), KARI, meeting=id_, text="x")
    with pytest.raises(NotFound) as nobody:
        await world.call("meeting.message", kari, KARI, meeting=id_, text="x", to="pa-none")
    assert nobody.value.path == "to"


async def test_a_socket_that_drops_and_returns(world: World) -> None:
    """Their participant waits for them, and is back with the next socket of the session."""
    id_ = await live(world)
    meetings, kari = world.service.meetings, customer(world)
    await meetings.dropped(kari, KARI, frozenset({id_}))
    assert (await world.get("meeting", id_)).participants[0].state == "reconnecting"
    await meetings.resumed(kari, Session("s-kari", 2, "n2"))
    assert (await world.get("meeting", id_)).participants[0].state == "joined"
    assert [str(m.id) for m in await meetings.current(kari)] == [id_]
    await meetings.closed(kari, Session("s-kari", 2, "n2"), frozenset({id_}))
    gone = (await world.get("meeting", id_)).participants[0]
    assert (gone.state, gone.reason) == ("left", "session_closed")
    await world.call("meeting.end", operator(world), meeting=id_)
    assert await meetings.current(kari) == ()


async def test_ice_servers(world: World) -> None:
    """TURN is named with credentials of the caller's, and when they end."""
    asked: list[tuple[str, float]] = []

    def servers(user: str, now_s: float, meeting: str | None) -> tuple[list[dict[str, Any]], float]:
        assert meeting is None
        asked.append((user, now_s))
        turn = {"urls": ["turn:t"], "username": user, "credential": "c"}
        return [{"urls": ["stun:s"]}, turn], now_s + 60

    world.service.groups.carriage.ice = Ice(servers, world.clock.now_ms)
    answer = await world.call("device.ice", customer(world))
    ((user, now_s),) = asked
    assert (user, answer["expires_at"]) == ("kari", rfc3339(int((now_s + 60) * 1000)))
    assert [server["urls"] for server in answer["ice_servers"]] == [("stun:s",), ("turn:t",)]


async def test_what_is_not_there(world: World) -> None:
    for method in ("get", "end", "update"):
        with pytest.raises(NotFound):
            await world.call(f"meeting.{method}", operator(world), meeting="none")
