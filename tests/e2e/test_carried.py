"""Meetings that a real media process carries: people hear each other, also after it was killed."""

import asyncio
import os
import signal
from typing import Any

from tests.e2e.carried import Person, media_server, ward_of
from tests.e2e.server import Server


async def change(person: Person, wanted: str) -> dict[str, Any]:
    """Wait until somebody hears of a change of the meeting."""
    async with asyncio.timeout(30):
        while True:
            params = (await person.client.next_event("meeting.changed")).params
            if params["change"] == wanted:
                return dict(params)


async def all_hear_each_other(*people: Person, within_s: float = 40) -> None:
    for person in people:
        person.listen_anew()
    await asyncio.gather(
        *(a.hears(b, within_s=within_s) for a in people for b in people if a is not b)
    )


def kill_media(server: Server) -> int:
    """End the media process as a power cut does."""
    (pid,) = server.media_pids
    os.kill(pid, signal.SIGKILL)
    return pid


async def test_two_people_and_the_bill() -> None:
    """Carried from the start; who was connected for how long is known afterwards."""
    with media_server() as server:
        async with ward_of(server, topology="relay") as ward:
            await ward.open("kari", "ann")
            kari, ann = await ward.enter("kari"), await ward.enter("ann")
            assert kari.peer.joined["topology"] == "relay"
            await all_hear_each_other(kari, ann)
            await kari.client.call("meeting.end", meeting=ward.meeting, reason="done")
            shown = await ward.shown(history=True)

    assert [a["user"] for a in shown["attendance"]] == ["kari", "ann"]
    assert all(a["connected_s"] > 0 for a in shown["attendance"])
    assert [h["what"] for h in shown["history"]][-1] == "ended"


async def test_the_fourth_moves_a_mesh_to_the_relay() -> None:
    """Nobody presses anything; everybody hears everybody, before and after."""
    with media_server() as server:
        async with ward_of(server) as ward:
            await ward.open("kari", "ann", "olga", "gus")
            three = [await ward.enter(name) for name in ("kari", "ann", "olga")]
            await all_hear_each_other(*three)
            assert (await ward.shown())["meeting"]["topology"] == "mesh"

            gus = await ward.enter("gus")

            moved = await change(three[0], "topology")
            assert moved["meeting"]["topology"] == "relay"
            await all_hear_each_other(*three, gus)


async def test_a_media_process_that_is_killed() -> None:
    """Its meeting goes on among its people, then at the next process; nobody does anything."""
    with media_server() as server:
        async with ward_of(server, topology="relay") as ward:
            await ward.open("kari", "ann")
            kari, ann = await ward.enter("kari"), await ward.enter("ann")
            await all_hear_each_other(kari, ann)
            before = (await ward.shown())["meeting"]["carrier"]["id"]

            pid = kill_media(server)

            async with asyncio.timeout(60):
                while (await change(ann, "topology"))["meeting"].get("topology") != "relay":
                    pass
            assert (await ward.shown())["meeting"]["carrier"]["id"] != before
            assert pid not in server.media_pids
            await all_hear_each_other(kari, ann)
            history = (await ward.shown(history=True))["history"]
    moves = [h["detail"] for h in history if h["what"] == "topology"]
    assert moves in (["relay", "mesh", "relay"], ["relay", "relay"])
