"""Janus servers that are killed, frozen, full or strangers; the real ones."""

import asyncio
import os
import signal
from collections.abc import Iterator

import pytest

from signalling.errors import Unavailable
from signalling.media.carrier import Place
from signalling.media.janus.carrier import Janus
from signalling.media.janus.leg import Desk
from signalling.media.janus.server import Server
from signalling.media.janus.videoroom import new_id
from signalling.settings import Janus as Settings
from tests.logs import hearing_logs
from tests.media.children import ADMIN_KEY, JanusChild, janus_running
from tests.media.janus.people import HASTY, WITHIN_S, Heard, carrying, people


@pytest.fixture
def mortal() -> Iterator[JanusChild]:
    with janus_running() as janus:
        yield janus


def desk_of(server: Server) -> Desk:
    assert server.desk is not None
    return server.desk


def meetings(server: Server) -> set[str]:
    return set(server.rooms)


async def test_a_killed_one_is_left_and_taken_back_when_it_lives(
    janus: JanusChild, mortal: JanusChild
) -> None:
    heard = Heard()
    async with (
        carrying(heard, mortal.url, janus.url, times=HASTY) as carrier,
        people(carrier, janus.address, ("ola", "kari"), meeting="m") as (ola, kari),
        people(carrier, janus.address, ("per",), meeting="n") as (per,),
    ):
        first, second = carrier.servers
        await ola.publish()
        await kari.publish()
        await per.publish()
        assert meetings(first) == {"m"}
        assert meetings(second) == {"n"}
        await heard.until(lambda: len(heard.published) == 3)
        mortal.kill()
        await heard.until(lambda: heard.lost == ["m"])
        assert heard.gone == []
        await ola.publish_again()
        await kari.publish_again()
        assert meetings(second) == {"m", "n"}
        await heard.until(lambda: len(heard.published) == 5)
        await ola.subscribe(kari)
        await ola.perceives(kari)
        with hearing_logs() as logs:
            mortal.start()
            async with asyncio.timeout(WITHIN_S):
                await logs.hear("janus can be used")
        async with people(carrier, janus.address, ("eva",), meeting="o") as (eva,):
            await eva.publish()
        assert meetings(first) == {"o"}
        assert heard.lost == ["m"]


async def test_a_frozen_one_is_dead(mortal: JanusChild) -> None:
    heard = Heard()
    async with (
        carrying(heard, mortal.url, times=HASTY) as carrier,
        people(carrier, mortal.address, ("ola", "kari")) as (ola, kari),
    ):
        await ola.publish()
        os.kill(mortal.pid, signal.SIGSTOP)
        try:
            async with asyncio.timeout(WITHIN_S):
                with pytest.raises(Unavailable):
                    await kari.publish()
                await heard.until(lambda: heard.lost == ["m"])
            assert carrier.load == 1
            with pytest.raises(Unavailable):
                await kari.publish_again()
        finally:
            with hearing_logs() as logs:
                os.kill(mortal.pid, signal.SIGCONT)
                async with asyncio.timeout(WITHIN_S):
                    await logs.hear("janus can be used")
        await kari.publish_again()


async def test_meetings_go_to_the_least_loaded(janus: JanusChild, mortal: JanusChild) -> None:
    async with (
        carrying(Heard(), janus.url, mortal.url) as carrier,
        people(carrier, janus.address, ("a", "b", "c"), meeting="big") as big,
        people(carrier, janus.address, ("d",), meeting="small") as (small,),
        people(carrier, janus.address, ("e",), meeting="next") as (following,),
    ):
        for person in (*big, small, following):
            await person.publish()
        assert [meetings(server) for server in carrier.servers] == [{"big"}, {"small", "next"}]


async def test_a_full_one_takes_no_new_meeting(janus: JanusChild) -> None:
    async with (
        carrying(Heard(), janus.url, participants=2) as carrier,
        people(carrier, janus.address, ("a", "b", "c")) as (a, b, c),
        people(carrier, janus.address, ("d",), meeting="other") as (d,),
    ):
        await a.publish()
        await b.publish()
        assert carrier.load == 1
        with pytest.raises(Unavailable):
            await d.publish()
        await c.publish()


async def test_people_of_other_processes_count(janus: JanusChild) -> None:
    async with (
        carrying(Heard(), janus.url) as theirs,
        people(theirs, janus.address, ("a", "b")) as group,
    ):
        for person in group:
            await person.publish()
        async with carrying(Heard(), janus.url) as ours:
            assert ours.load == pytest.approx(2 / 100)
            assert ours.servers[0].rooms == {}


async def test_rooms_that_a_dead_process_left_are_removed_and_no_others(
    janus: JanusChild,
) -> None:
    async with carrying(Heard(), janus.url, times=HASTY) as carrier:
        desk = desk_of(carrier.servers[0])
        left_behind, foreign = new_id(), new_id()
        await desk.videoroom.create(left_behind)
        await desk.link.say(
            desk.videoroom._control,
            {"request": "create", "room": foreign, "secret": "theirs", "admin_key": ADMIN_KEY},
            dict,
        )
        async with people(carrier, janus.address, ("ola", "kari")) as (ola, kari):
            await ola.publish()
            await ola.subscribe(kari)
            ours = carrier.servers[0].rooms["m"].number
            async with asyncio.timeout(WITHIN_S):
                await removed(desk, left_behind)
            rooms = await numbers(desk)
            assert left_behind not in rooms
            assert {foreign, ours} <= rooms
        body = {"request": "destroy", "room": foreign, "secret": "theirs"}
        await desk.link.say(desk.videoroom._control, body, dict)


async def removed(desk: Desk, wanted: int) -> None:
    """Wait until a room has been destroyed over a desk."""
    destroy, gone = desk.videoroom.destroy, asyncio.Event()

    async def noted(room: int) -> None:
        await destroy(room)
        if room == wanted:
            gone.set()

    desk.videoroom.destroy = noted  # type: ignore[method-assign]
    await gone.wait()


async def numbers(desk: Desk) -> set[int]:
    return {room.room for room in await desk.videoroom.rooms()}


async def test_a_room_that_somebody_removed_is_lost_to_its_meeting_alone(
    janus: JanusChild,
) -> None:
    heard = Heard()
    async with (
        carrying(heard, janus.url) as carrier,
        people(carrier, janus.address, ("ola", "kari"), meeting="m") as (ola, kari),
        people(carrier, janus.address, ("per",), meeting="n") as (per,),
    ):
        await ola.publish()
        await per.publish()
        server = carrier.servers[0]
        await desk_of(server).videoroom.destroy(server.rooms["m"].number)
        with pytest.raises(Unavailable):
            await kari.publish()
        assert heard.lost == ["m"]
        await kari.publish_again()
        assert meetings(server) == {"m", "n"}


@pytest.mark.parametrize(
    ("secret", "key"), [("wrong-secret", ADMIN_KEY), ("", ""), (None, "wrong-key")]
)
async def test_one_that_refuses_us_cannot_be_used_and_the_log_keeps_secrets(
    janus: JanusChild, secret: str | None, key: str
) -> None:
    secret = janus.api_secret if secret is None else secret
    settings = Settings(urls=(janus.url,), api_secret=secret, admin_key=key)
    heard = Heard()
    with hearing_logs() as logs:
        async with Janus(
            settings,
            published=heard.on_published,
            gone=heard.on_gone,
            lost=heard.on_lost,
            times=HASTY,
        ) as carrier:
            async with asyncio.timeout(WITHIN_S):
                await logs.hear("janus cannot be used")
            assert carrier.load == 1
            with pytest.raises(Unavailable) as refused:
                await carrier.offer(Place("m", "ola"), "v=0\r\n", ())
    assert logs.entries[0]["why"] == "it refuses our api_secret or admin_key"
    for word in filter(None, (secret, key)):
        assert word not in str(logs.entries)
        assert word not in str(refused.value.data())


async def test_no_server_is_no_carrier_and_whoever_chose_it_has_to_choose_anew() -> None:
    heard = Heard()
    async with carrying(heard) as carrier:
        assert carrier.load == 1
        with pytest.raises(Unavailable):
            await carrier.offer(Place("m", "ola"), "v=0\r\n", ())
    assert heard.lost == ["m"]
