"""Meetings that a real media process carries: people hear each other, also after it was killed."""

import asyncio
import os
import signal
from typing import Any

import pytest

from tests.e2e.carried import Person, media_server, ward_of
from tests.world import profile


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


@pytest.mark.parametrize("processes", [1, 2])
async def test_a_media_process_that_is_killed(processes: int) -> None:
    """Its meeting goes on at another, or among its people until there is one: by itself."""
    with media_server({"DRAGOMAN_MEDIA__PROCESSES": str(processes)}) as server:
        async with ward_of(server, topology="relay") as ward:
            server.errors.hear(*server.media_pids, "media nodes that live", within_s=60)
            await ward.open("kari", "ann")
            kari, ann = await ward.enter("kari"), await ward.enter("ann")
            await all_hear_each_other(kari, ann)
            before = (await ward.shown())["meeting"]["carrier"]["id"]
            pid = server.media_pids[before.partition(".")[0]]

            os.kill(pid, signal.SIGKILL)

            async with asyncio.timeout(60):
                while (await change(ann, "topology"))["meeting"].get("topology") != "relay":
                    pass
            assert (await ward.shown())["meeting"]["carrier"]["id"] != before
            assert pid not in server.media_pids.values()
            await all_hear_each_other(kari, ann)
            history = (await ward.shown(history=True))["history"]
    moves = [h["detail"] for h in history if h["what"] == "topology"]
    assert moves == (["relay", "mesh", "relay"] if processes == 1 else ["relay", "relay"])


async def test_one_interpreter_after_the_other() -> None:
    """The new one is heard before the old one is out."""
    with media_server() as server:
        async with ward_of(server, topology="relay") as ward:
            await (await ward.http()).call("interpreter.put", interpreter=profile("bo"))
            await ward.open("kari", "ann")
            kari, ann = await ward.enter("kari"), await ward.enter("ann")
            await all_hear_each_other(kari, ann)

            await ann.client.call("meeting.transfer", meeting=ward.meeting, to="bo")
            await change(kari, "transfer")
            bo = await ward.enter("bo")

            assert (await change(kari, "removed"))["participant"] == ann.peer.participant
            await all_hear_each_other(kari, bo)
            shown = await ward.shown(history=True)
    people = {a["user"]: a for a in shown["attendance"]}
    assert people["ann"]["reason"] == "handed_over"
    assert people["bo"]["connected_at"] <= people["ann"]["left_at"]


async def test_a_guest_with_a_link() -> None:
    """They hear nobody and nobody hears them until they are let in."""
    with media_server() as server:
        async with ward_of(server, topology="relay") as ward:
            await ward.open("kari", "ann")
            kari, ann = await ward.enter("kari"), await ward.enter("ann")
            link = await kari.client.call("meeting.invite", meeting=ward.meeting, name="Eva")
            eva = await ward.enter("eva", token=link["token"])
            assert eva.peer.joined["state"] == "waiting"
            await all_hear_each_other(kari, ann)
            assert (eva.heard, eva.peer.carried) == ({}, None)

            waiting = eva.peer.participant
            await kari.client.call("meeting.update", meeting=ward.meeting, admit=waiting)

            await all_hear_each_other(kari, ann, eva)
