"""A meeting is carried, and moves: mesh to relay, relay to another, back to the mesh."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from signalling.client import LegFailed
from signalling.client.carried import RelayLeg
from signalling.errors import Unavailable
from signalling.media.carrier import Place, Want
from signalling.media.relay.relay import Relay
from tests.client.carrying import BOUNDS, CarriedRoom
from tests.client.people import Person, all_hear_and_see, hears_and_sees, people


@asynccontextmanager
async def met(room: CarriedRoom, count: int) -> AsyncIterator[list[Person]]:
    """Give people who hear and see each other by a carrier."""
    room.begin()
    async with people(room, count) as everybody:
        for person in everybody:
            await person.peer.join()
        await all_hear_and_see(everybody)
        yield everybody


async def test_three_meet_at_a_relay() -> None:
    room = CarriedRoom()
    async with met(room, 3) as everybody:
        carrier = room.carrier or ""
        await room.until(lambda: len(room.states) == 3)
        assert room.states == [(p.peer.participant, carrier, "connected") for p in everybody]
    assert all(track.readyState == "ended" for p in everybody for track in p.tracks)


async def test_from_a_mesh_to_a_relay_with_overlap() -> None:
    room = CarriedRoom()
    async with people(room, 3) as everybody:
        for person in everybody:
            await person.peer.join()
        await all_hear_and_see(everybody)
        old = [leg for person in everybody for leg in person.peer.legs.values()]
        assert len(old) == 6
        room.move()
        await room.until(lambda: all(person.peer.carried for person in everybody))
        for person in everybody:
            assert person.peer.legs == {}
            person.forget()
        assert not any(leg.attempt.over for leg in old)  # they go on until the relay does
        await all_hear_and_see(everybody)
        await room.until(lambda: all(leg.attempt.over for leg in old))


async def test_from_one_relay_to_another() -> None:
    room = CarriedRoom()
    async with met(room, 2) as everybody:
        before = [person.peer.carried for person in everybody]
        room.move()
        await room.until(lambda: all(p.peer.carried not in before for p in everybody))
        for person in everybody:
            person.forget()
        await all_hear_and_see(everybody)
        await room.until(lambda: all(leg is not None and leg.attempt.over for leg in before))


async def test_back_to_the_mesh() -> None:
    room = CarriedRoom()
    async with met(room, 2) as everybody:
        carried = [person.peer.carried for person in everybody]
        room.move_to_mesh()
        await room.until(lambda: all(len(person.peer.legs) == 1 for person in everybody))
        for person in everybody:
            person.forget()
        await all_hear_and_see(everybody)
        await room.until(lambda: all(leg is not None and leg.attempt.over for leg in carried))


async def test_who_comes_later_gets_a_slot_and_who_leaves_gives_theirs_up() -> None:
    room = CarriedRoom()
    room.begin()
    async with people(room, 3) as (ola, kari, liv):
        await ola.peer.join()
        await kari.peer.join()
        await hears_and_sees(ola, kari)
        leg = ola.peer.carried
        await liv.peer.join()
        await hears_and_sees(ola, liv)
        assert ola.peer.carried is leg
        await kari.peer.leave()
        gone = [{"mid": mid, "participant": None} for mid in ("2", "3")]
        await room.until(lambda: gone in room.wants)
        await hears_and_sees(liv, ola)


async def test_more_people_than_slots_get_another_connection() -> None:
    room = CarriedRoom()
    room.begin()
    async with people(room, 3) as (ola, kari, liv):
        await ola.peer.join()
        assert isinstance(ola.peer.carried, RelayLeg)
        ola.peer.carried.slots = 1  # as if two more had come than it has room for
        await kari.peer.join()
        await liv.peer.join()
        await hears_and_sees(ola, liv)
        await hears_and_sees(ola, kari)
        assert ola.peer.carried.slots > 1


async def test_a_carrier_that_does_not_answer_is_reported_and_another_one_taken() -> None:
    room = CarriedRoom()
    room.begin()
    room.deaf = True
    async with people(room, 1, connect_s=2) as (ola,):
        await ola.peer.join()
        carried = ola.peer.carried
        assert carried is not None
        with pytest.raises(LegFailed, match="not connected"):
            await carried.connected
        room.deaf = False
        room.begin()  # the answer to "failed" names it
        await room.until(lambda: ("p1", "ca-1", "failed") in room.states)
        await room.until(lambda: ("p1", "ca-2", "connected") in room.states)


class Hiccup(Relay):
    """Takes nobody at first."""

    refusals = 2

    async def offer(self, place: Place, sdp: str, wants: tuple[Want, ...]) -> str:
        if self.refusals:
            self.refusals -= 1
            raise Unavailable("not now")
        return await super().offer(place, sdp, wants)


async def test_a_carrier_that_refuses_is_asked_again() -> None:
    room = CarriedRoom(lambda: Hiccup(BOUNDS))
    room.begin()
    async with people(room, 2) as (one, other):
        await one.peer.join()
        await room.until(lambda: len(room.states) == 2)
        await other.peer.join()
        await room.until(lambda: ("p1", "ca-1", "connected") in room.states)
        await hears_and_sees(one, other)
        await hears_and_sees(other, one)
    assert room.states[:2] == [("p1", "ca-1", "failed")] * 2


async def test_failure_is_said_and_the_answer_followed() -> None:
    room = CarriedRoom()
    async with met(room, 2) as everybody:
        dead = room.carrier or ""
        room.begin()
        room.announce = lambda *_, **__: None  # type: ignore[method-assign]
        await room.carriers[dead].end("m1")  # the process is gone: every connection closes
        for person in everybody:
            await room.until(lambda p=person: (p.peer.participant, dead, "failed") in room.states)  # type: ignore[misc]
            person.forget()
        await all_hear_and_see(everybody)


async def test_media_and_socket_lost_together_come_back_together() -> None:
    room = CarriedRoom()
    async with met(room, 2) as everybody:
        room.down = True
        dead = room.carrier or ""
        await room.carriers[dead].end("m1")
        for person in everybody:
            await room.until(lambda p=person: (p.peer.participant, "failed") in room.unheard)  # type: ignore[misc]
            person.forget()
        room.begin()
        room.down = False
        await all_hear_and_see(everybody)


async def test_who_is_announced_as_reconnecting_is_vouched_for() -> None:
    room = CarriedRoom()
    room.begin()
    async with people(room, 2) as everybody:
        for person in everybody:
            await person.peer.join()
        ola, kari = everybody
        await hears_and_sees(ola, kari)
        room.present[kari.peer.participant] = "reconnecting"
        room.announce(ola.seat, meeting=room.view(), change="reconnecting")
        await room.until(lambda: (ola.peer.participant, "p2", "flowing") in room.states)


async def test_who_waits_in_the_lobby_joins_when_admitted() -> None:
    room = CarriedRoom()
    room.begin()
    async with people(room, 1) as (ola,):
        ola.peer.joined = {"state": "waiting"}
        ola.peer.participant = "p1"
        room.seats["p1"] = ola.seat
        room.announce(ola.seat, meeting=room.view(), change="locked")
        room.announce(ola.seat, meeting=room.view(), change="admitted", participant="p1")
        await room.until(lambda: "meeting.join" in ola.seat.calls)
        await room.until(lambda: ola.peer.carried is not None)


async def test_closing_at_any_moment_leaves_nothing() -> None:
    for turns in range(0, 60, 6):
        room = CarriedRoom()
        room.begin()
        async with people(room, 1) as (ola,):
            await ola.peer.join()
            for _ in range(turns):
                await asyncio.sleep(0)
        assert all(track.readyState == "ended" for track in ola.tracks)
