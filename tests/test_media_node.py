"""The media node: its carriers do what the meetings' records say, whatever was told when."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import pytest

from signalling import media_node
from signalling.core import room_events as room
from signalling.core.effects import CarrierOption
from signalling.core.room import Meeting
from signalling.errors import IllegalTransition, Unavailable
from signalling.media.carrier import Place, Want
from signalling.media_node import MediaNode, whole
from signalling.store.bus import Bus
from signalling.store.calls import Calls, Desk
from signalling.store.connect import StoreUnavailable
from signalling.store.tasks import end
from tests.fake_carrier import Fake
from tests.service.test_carriage import OFFER, negotiate, refused, relayed
from tests.service.test_meetings import ANN, KARI, changes
from tests.world import World, customer, interpreter, operator

RELAY, RELAY_2 = CarrierOption("md-1", "relay"), CarrierOption("md-2", "relay")


class Here:
    """The media node md-1 of a world, which carries a meeting of Kari and Ann."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.relay, self.janus = Fake(), Fake("janus")
        self.node = MediaNode(world.engine, "md-1")
        self.node.carriers = {"relay": self.relay, "janus": self.janus}
        self.id = ""
        self.people: list[str] = []

    async def open(self) -> "Here":
        self.id = await relayed(self.world, RELAY, RELAY_2)
        self.people = [p.id for p in (await self.record()).participants]
        return self

    @property
    def whole(self) -> str:
        return whole(self.world.marketplace, self.id)

    def place(self, n: int = 0) -> Place:
        return Place(self.whole, self.people[n])

    async def record(self) -> Any:
        return await self.world.get("meeting", self.id)

    async def step(self, n: int = 0, kind: str = "relay", **step: Any) -> dict[str, Any]:
        told = {"meeting": self.id, "participant": self.people[n], "kind": kind, **step}
        return await self.node.negotiate(self.world.marketplace, told)

    async def follow(self) -> None:
        await self.node.changed(self.world.marketplace, {"meeting": self.id})

    async def leave(self) -> None:
        await self.world.call("meeting.leave", customer(self.world), KARI, meeting=self.id)

    async def end(self) -> None:
        await self.world.call("meeting.end", operator(self.world), meeting=self.id)

    async def move(self) -> None:
        await self.world.tell("meeting", self.id, room.CarrierLost("md-1.1", "gone"))
        assert (await self.record()).carrier.node == "md-2"


@pytest.fixture
async def here(world: World) -> Here:
    return await Here(world).open()


# --- what it is asked ---------------------------------------------------------------------


async def test_an_offer(here: Here) -> None:
    """It goes to the carrier of its kind, under a name that no other marketplace has."""
    want = [{"mid": "1", "participant": "pa-1"}, {"mid": "2"}]

    answer = await here.step(offer=OFFER, want=want)

    assert answer == {"answer": {"sdp": OFFER["sdp"] + "answered"}}
    assert here.relay.asked == [("offer", here.place(), (Want("1", "pa-1"), Want("2", None)))]
    assert here.janus.asked == []


async def test_the_other_steps(here: Here) -> None:
    assert await here.step(want=[{"mid": "1", "participant": None}]) == {}
    assert await here.step(answer={"sdp": "v=0"}) == {}
    assert await here.step(kind="janus", subscribe=[here.people[1]]) == {
        "offer": {"sdp": "v=0"},
        "streams": [{"mid": "0", "participant": here.people[1], "kind": "audio"}],
    }
    assert here.relay.asked == [
        ("want", here.place(), (Want("1", None),)),
        ("answer", here.place(), "v=0"),
    ]
    assert here.janus.asked == [("subscribe", here.place(), (here.people[1],))]


async def test_a_carrier_that_is_not_here(here: Here) -> None:
    here.node.carriers = {"relay": here.relay}

    await refused(Unavailable, here.step(kind="janus", offer=OFFER))


MEANWHILE: Mapping[str, Callable[[Here], Awaitable[None]]] = {
    "they leave": Here.leave,
    "it ends": Here.end,
    "it moves": Here.move,
}


@pytest.mark.parametrize("what", MEANWHILE)
@pytest.mark.parametrize("heard", [False, True])
@pytest.mark.parametrize("step", [{"offer": OFFER}, {"subscribe": ["pa-1"]}], ids=["offer", "sub"])
async def test_what_happens_while_an_answer_is_made(
    here: Here, what: str, heard: bool, step: dict[str, Any]
) -> None:
    """Nobody keeps a leg who is not inside, or where the meeting is not, told of it or not."""
    carrier = here.relay if "offer" in step else here.janus
    carrier.free.clear()
    asking = asyncio.create_task(here.step(kind=carrier.kind, **step))
    await carrier.busy.wait()
    await MEANWHILE[what](here)
    if heard:
        await here.follow()
    carrier.free.set()

    await refused(IllegalTransition, asking)

    assert carrier.asked[-1] == ("leave", here.place())


# --- what it is told ----------------------------------------------------------------------


async def test_who_leaves_is_hung_up_on(here: Here) -> None:
    """Once, at every carrier; the others stay."""
    for n in range(2):
        await here.step(n, offer=OFFER)
    await here.leave()

    for _ in range(2):
        await here.follow()

    for carrier in (here.relay, here.janus):
        assert [a for a in carrier.asked if a[0] == "leave"] == [("leave", here.place(0))]


async def test_who_is_put_out_is_hung_up_on(here: Here) -> None:
    await here.step(1, offer=OFFER)
    await here.world.tell("meeting", here.id, room.Revoke("i:ann", "handed_over"))

    await here.follow()

    assert here.relay.asked[-1] == ("leave", here.place(1))


async def test_one_who_reconnects_keeps_their_leg(here: Here) -> None:
    await here.step(offer=OFFER)
    await here.world.service.meetings.dropped(customer(here.world), KARI, frozenset({here.id}))

    await here.follow()

    assert [a[0] for a in here.relay.asked] == ["offer"]


async def test_a_meeting_that_ends(here: Here) -> None:
    await here.step(offer=OFFER)
    await here.end()

    for _ in range(2):
        await here.follow()

    assert [a for a in here.relay.asked if a[0] == "end"] == [("end", here.whole)]


async def test_a_meeting_nobody_here_was_in(here: Here) -> None:
    await here.follow()
    await here.node.changed(here.world.marketplace, {"meeting": "me-none"})

    assert here.relay.asked == []


async def test_media_of_a_meeting_that_moved_lingers(
    here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until people are connected elsewhere; whoever leaves meanwhile is hung up on at once."""
    for n in range(2):
        await here.step(n, offer=OFFER)
    await here.move()

    await here.follow()
    assert {a[0] for a in here.relay.asked} == {"offer"}
    await here.leave()
    await here.follow()
    assert here.relay.asked[-1] == ("leave", here.place(0))
    monkeypatch.setattr(media_node, "LINGER_S", 0.0)
    await here.node.sweep()

    assert here.relay.asked[-1] == ("end", here.whole)
    await refused(IllegalTransition, here.step(1, offer=OFFER))


async def test_a_meeting_that_comes_back(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its time to linger begins anew when it moves again."""
    await here.step(offer=OFFER)
    await here.move()
    await here.follow()
    await here.world.tell("meeting", here.id, room.CarrierLost("md-2.2", "gone"))
    assert (await here.record()).carrier.id == "md-1.3"
    await here.follow()
    monkeypatch.setattr(media_node, "LINGER_S", 0.0)

    await here.follow()

    assert {a[0] for a in here.relay.asked} == {"offer"}


async def test_followers_hear_of_each_change_one_after_the_other(here: Here) -> None:
    running, most, heard = 0, 0, 0

    async def follower(marketplace: str, m: Meeting) -> None:
        nonlocal running, most, heard
        assert (marketplace, m.id) == (here.world.marketplace, here.id)
        running += 1
        most, heard = max(most, running), heard + 1
        await asyncio.sleep(0)
        running -= 1

    here.node.followers.append(follower)
    await asyncio.gather(*(here.follow() for _ in range(10)))
    await here.end()
    await asyncio.gather(*(here.follow() for _ in range(10)))

    assert (most, heard) == (1, 20)


async def test_what_was_said_while_nobody_heard_is_found_out(
    here: Here, caplog: pytest.LogCaptureFixture
) -> None:
    """And one meeting that fails does not keep another from being looked at."""
    other = Here(here.world)
    other.node = here.node
    await other.open()
    for meeting in (here, other):
        await meeting.step(offer=OFFER)

    async def fails(_: str, m: Meeting) -> None:
        if m.id == here.id:
            raise RuntimeError("oops")

    here.node.followers.append(fails)
    await other.leave()

    await here.node.sweep()

    assert here.relay.asked[-1] == ("leave", other.place(0))
    assert here.id in caplog.text


async def test_it_sweeps_by_itself(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media_node, "SWEEP_S", 0.0)
    await here.step(offer=OFFER)
    sweeping = asyncio.create_task(here.node.sweep_for_ever())
    await here.leave()

    await here.relay.until("leave", here.place(0))

    await end([sweeping])


# --- what its carriers say ----------------------------------------------------------------


async def test_a_carrier_that_died_behind_it(here: Here) -> None:
    """Its meetings move, those of the node's other carrier and of other nodes stay."""
    elsewhere = Here(here.world)
    here.world.nodes = (RELAY_2,)
    elsewhere.id = await relayed(here.world, RELAY_2)
    here.world.nodes = (RELAY, RELAY_2)
    names = ("w-none/me-none", elsewhere.whole, here.whole)

    await here.node.lost("janus", names, "no answer")
    assert (await here.record()).carrier.id == "md-1.1"
    await here.node.lost("relay", names, "no answer")

    assert (await here.record()).carrier.id == "md-2.2"
    assert (await elsewhere.record()).carrier.id == "md-2.1"


async def test_a_store_that_is_away_for_one_of_them(
    here: Here, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    read, tries = here.world.engine.read, iter([StoreUnavailable("away"), None])

    async def flaky(*args: Any) -> Any:
        if error := next(tries):
            raise error
        return await read(*args)

    monkeypatch.setattr(here.world.engine, "read", flaky)
    await here.node.lost("relay", ("w-none/me-none", here.whole), "no answer")
    monkeypatch.undo()

    assert "could not be moved" in caplog.text
    assert (await here.record()).carrier.node == "md-2"


async def test_what_can_be_subscribed_to_is_told(here: Here) -> None:
    await here.node.published(here.place(0))

    assert (await changes(here.world, "i:ann"))[-1] == "published"


async def test_what_a_meeting_refuses_is_logged(
    here: Here, caplog: pytest.LogCaptureFixture
) -> None:
    here.node.spawn(here.node.tell("w-none", "me-none", room.Published("pa-1")))
    await asyncio.wait_for(asyncio.gather(*here.node._told), 5)

    assert "could not be told" in caplog.text


async def test_what_it_was_doing_ends_with_it(here: Here) -> None:
    here.node.spawn(asyncio.Event().wait())  # type: ignore[arg-type]
    (task,) = here.node._told

    await here.node.close()

    assert task.cancelled()


# --- over the bus -------------------------------------------------------------------------


async def test_a_service_and_a_media_node(here: Here) -> None:
    """A client's step reaches the node, and what a meeting decides does."""
    world = here.world
    async with Bus(world.store) as near, Bus(world.store) as far:
        handlers = {"negotiate": here.node.negotiate}
        notices = {"changed": here.node.changed}
        async with Desk(world.store, far, "md-1", handlers, notices) as desk:
            await desk.watch(world.marketplace)
            world.service.groups.carriage.ask = Calls(world.store, near, "web-1").ask

            got = await negotiate(world, here.id, carrier="md-1.1", offer=OFFER)
            assert got["answer"]["sdp"] == OFFER["sdp"] + "answered"
            ann = {"by": interpreter(world, "ann"), "over": ANN}
            await negotiate(world, here.id, carrier="md-1.1", offer=OFFER, **ann)
            await here.leave()
            await here.relay.until("leave", here.place(0))
            await here.end()
            await here.relay.until("end", here.whole)
