"""A meeting that is recorded: with everybody's consent, encrypted, and what its key gets back."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest
from pyrage.x25519 import Identity

from signalling.client import RemoteError
from tests.e2e.carried import Person, Ward, files_in, media_server, ward_of
from tests.e2e.server import Server


async def change(person: Person, wanted: str) -> None:
    """Wait until somebody hears of a change of the meeting."""
    async with asyncio.timeout(10):
        while (await person.client.next_event("meeting.changed")).params["change"] != wanted:
            pass


async def consent(ward: Ward, person: Person) -> None:
    await person.client.call("consent.grant", purpose="recording", meeting=ward.meeting)


def hear_files(server: Server, part: int, *of: Person) -> None:
    """Wait until what these people say is written: everybody is told of that a little before."""
    for person in of:
        words = "a file of a recording has begun", f"part={part}", person.peer.participant
        server.errors.hear(*words, within_s=20)


def recordings(directory: Path, *words: str) -> str:
    """Run `dragoman recordings`."""
    command = [sys.executable, "-m", "signalling", "recordings", *words]
    done = subprocess.run(
        [*command, "--directory", str(directory)], capture_output=True, text=True, check=True
    )
    return done.stdout


async def test_only_with_everybodys_consent(tmp_path: Path) -> None:
    """Asked, on once all agree, paused by who comes, stopped; each part has each voice alone."""
    identity = Identity.generate()
    (tmp_path / "key").write_text(str(identity))
    kept = tmp_path / "kept"
    environ = {
        "DRAGOMAN_RECORDING__RECIPIENTS": str(identity.to_public()),
        "DRAGOMAN_RECORDING__DIRECTORY": str(kept),
        "DRAGOMAN_RECORDING__FREE_MB": "0",
    }
    with media_server(environ) as server:
        async with ward_of(server) as ward:
            await ward.open("kari", "ann", "olga")
            kari, ann = await ward.enter("kari"), await ward.enter("ann")
            await kari.hears(ann)
            await kari.client.call("meeting.record", meeting=ward.meeting, action="start")
            await change(ann, "topology")  # it has to be carried
            await change(ann, "recording_asked")
            await consent(ward, ann)
            await change(kari, "recording_started")
            await asyncio.to_thread(hear_files, server, 1, kari, ann)

            olga = await ward.enter("olga")
            await change(kari, "recording_paused")
            assert olga.peer.joined["recording"]["state"] == "paused"
            await consent(ward, olga)
            await change(kari, "recording_started")
            await asyncio.to_thread(hear_files, server, 2, kari, ann, olga)
            await kari.hears(olga)
            await kari.client.call("meeting.record", meeting=ward.meeting, action="stop")
            await change(olga, "recording_stopped")
            happened = [h["what"] for h in (await ward.shown(history=True))["history"]]
    assert [what for what in happened if what.startswith("recording")] == [
        "recording_asked",
        "recording_started",
        "recording_paused",
        "recording_started",
        "recording_stopped",
    ]

    listed = [json.loads(line) for line in recordings(kept, "list", "--json").splitlines()]
    assert {one["participant"] for one in listed} == {p.peer.participant for p in (kari, ann, olga)}
    assert {one["part"] for one in listed if one["participant"] == olga.peer.participant} == {2}
    sealed = files_in(kept, "*.age")
    assert len(sealed) == len(listed) == 5
    assert all(path.read_bytes().startswith(b"age-encryption.org/v1") for path in sealed)
    out = tmp_path / "out"
    out.mkdir()
    recording = listed[0]["recording"]
    recordings(kept, "export", recording, "--identity", str(tmp_path / "key"), "--to", str(out))
    assert len(files_in(out, "*.ogg")) == 5
    recordings(kept, "erase", recording, "--yes")
    assert files_in(kept, "*.age") == []


async def test_a_server_without_a_key_records_nothing() -> None:
    with media_server() as server:
        async with ward_of(server) as ward:
            await ward.open("kari", "ann")
            kari = await ward.enter("kari")
            with pytest.raises(RemoteError, match="recipients"):
                await kari.client.call("meeting.record", meeting=ward.meeting, action="start")


async def test_no_disk_and_the_meeting_goes_on(tmp_path: Path) -> None:
    """Everybody hears that nothing is recorded, and why."""
    (tmp_path / "file").write_text("where a directory should be")
    environ = {
        "DRAGOMAN_RECORDING__RECIPIENTS": str(Identity.generate().to_public()),
        "DRAGOMAN_RECORDING__DIRECTORY": str(tmp_path / "file" / "kept"),
    }
    with media_server(environ) as server:
        async with ward_of(server) as ward:
            await ward.open("kari", "ann")
            kari, ann = await ward.enter("kari"), await ward.enter("ann")
            await kari.client.call("meeting.record", meeting=ward.meeting, action="start")
            await consent(ward, ann)
            await change(ann, "recording_failed")
            recording = (await ward.shown())["meeting"]["recording"]
            assert (recording["state"], "disk" in recording["failure"]) == ("off", True)
            await kari.hears(ann)
            await ann.hears(kari)
