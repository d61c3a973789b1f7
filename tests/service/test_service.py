"""All handlers together, what sockets tell, and the snapshot for who missed too much."""

import pytest

from signalling.core import events as on
from signalling.errors import InternalError
from signalling.protocol.registry import METHODS
from signalling.service.call import Session
from signalling.service.service import Service
from tests.world import World, customer, interpreter, operator

SESSION = Session("s1", 1, "n1")
NOT_HERE = {"rpc.discover", "presence.unwatch", "meeting.signal"}


def test_every_method_has_a_handler(world: World) -> None:
    """But for what sockets do by themselves."""
    sockets = {name for name in METHODS if name.startswith("session.")} | NOT_HERE
    assert set(world.service.handlers) == set(METHODS) - sockets


def test_a_method_has_one_handler(world: World) -> None:
    s = world.service
    s.offers.handlers = {**s.offers.handlers, "meeting.get": s.meetings.get}
    with pytest.raises(InternalError, match="two handlers"):
        Service(s.groups)


async def test_an_interpreters_sockets(world: World) -> None:
    """Opened they may be available, dropped they keep their place a while, closed they do not."""
    ann = interpreter(world, "ann")
    await world.service.opened(ann, SESSION)
    await world.tell("availability", "ann", on.SetStatus("available"))
    assert (await world.get("availability", "ann")).matchable
    await world.service.dropped(ann, SESSION, frozenset())
    dropped = await world.get("availability", "ann")
    assert (dropped.status, dropped.matchable) == ("available", False)
    await world.service.opened(ann, Session("s1", 2, "n2"))
    assert (await world.get("availability", "ann")).matchable
    await world.service.closed(ann, Session("s1", 2, "n2"), frozenset())
    assert (await world.get("availability", "ann")).status == "offline"


async def test_a_customers_socket_in_a_meeting(world: World) -> None:
    """A customer has no availability; their meetings wait for them and see them go."""
    kari = customer(world)
    people = [{"user": "kari", "role": "customer"}]
    made = await world.call("meeting.create", operator(world), participants=people)
    id_ = made["meeting"]["id"]
    await world.service.opened(kari, SESSION)
    await world.call("meeting.join", kari, SESSION, meeting=id_)

    async def state() -> str:
        return str((await world.get("meeting", id_)).participants[0].state)

    await world.service.dropped(kari, SESSION, frozenset({id_}))
    assert await state() == "reconnecting"
    await world.service.opened(kari, Session("s1", 2, "n2"))
    assert await state() == "joined"
    await world.service.closed(kari, Session("s1", 2, "n2"), frozenset({id_}))
    assert await state() == "left"
    assert await world.index("availability") == []


async def test_the_snapshot(world: World) -> None:
    """Offers and presence are an interpreter's; assignments and meetings everybody's own."""
    await world.present("ann", "bo")
    await world.ask("a1")
    await world.ring("a1", "ann")
    await world.ask("a2")
    await world.ring("a2", "bo")
    await world.accept("a2", "bo")
    ann = await world.service.snapshot(interpreter(world, "ann"))
    assert [offer.offer for offer in ann.offers] == ["a1.ann"]
    assert ann.presence is not None
    assert (ann.presence.status, ann.assignments, ann.meetings) == ("ringing", (), ())
    bo = await world.service.snapshot(interpreter(world, "bo"))
    assert ([a.id for a in bo.assignments], [m.id for m in bo.meetings]) == (["a2"], ["m-a2"])
    kari = await world.service.snapshot(customer(world))
    assert {a.id for a in kari.assignments} == {"a1", "a2"}
    assert (kari.offers, kari.presence, len(kari.meetings)) == ((), None, 1)
