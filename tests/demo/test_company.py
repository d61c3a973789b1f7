"""Simulated interpreters: they answer, come with real media, and leave nothing behind."""

import asyncio
from typing import Any

import pytest

from signalling.app import Running
from signalling.client import Client
from signalling.client.meeting import Media, MeetingPeer
from signalling.demo.company import PEOPLE, company, profile
from signalling.demo.member import Member
from signalling.media.bind import LOOPBACK
from signalling.media.tones import Observer, Stripes, Tone
from signalling.settings import Settings
from tests.demo.asking import SOMALI, available, customer_of, until


async def test_from_asking_to_the_end(server: Running, settings: Settings) -> None:
    """Whoever asks is answered, heard and seen, and the interpreter is free again afterwards."""
    async with company(server, settings, SOMALI[:1]), await customer_of(server) as kari:
        await available(kari, 1)
        pair = {"from": "no", "to": "so"}
        await kari.call("assignment.create", languages=pair, mode="video", duration_min=30)
        held = await until(kari, "held")
        assert held["slots"][0]["interpreter"]["name"] == SOMALI[0].name
        seen = Observer()

        async def look(_: str, track: Any) -> None:
            await seen.observe(track)

        media = Media(lambda: [Tone(440), Stripes()], look, LOOPBACK)
        async with MeetingPeer(kari, held["meeting"], media) as peer:
            await peer.join()
            await peer.connected()
            await asyncio.wait_for(seen.first_sound, 10)
            await asyncio.wait_for(seen.seen(1), 10)
            await kari.call("meeting.end", meeting=held["meeting"])
        done = await until(kari, "completed")
        assert done["id"] == held["id"]
        await kari.call("assignment.create", languages=pair, mode="audio", duration_min=30)
        assert (await until(kari, "held"))["id"] != held["id"]


async def test_nothing_is_left_when_it_ends(server: Running, settings: Settings) -> None:
    before = asyncio.all_tasks()
    async with await customer_of(server) as kari:
        async with company(server, settings, SOMALI):
            await available(kari, 2)
        await available(kari, 0)
    left = {task.get_name() for task in asyncio.all_tasks() - before}
    assert not {name for name in left if name.startswith(("sim-", "simulated"))}


async def test_a_session_that_ends_is_followed_by_another(
    server: Running, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    sessions: asyncio.Queue[Client] = asyncio.Queue()

    class Known(Member):
        def __init__(self, client: Client, *others: Any) -> None:
            super().__init__(client, *others)
            sessions.put_nowait(client)

    monkeypatch.setattr("signalling.demo.company.Member", Known)
    monkeypatch.setattr("signalling.demo.company.AGAIN_S", 0.0)
    async with company(server, settings, SOMALI[:1]), asyncio.timeout(20):
        first = await sessions.get()
        await first.drop()
        assert (await sessions.get()).opened["session"] != first.opened["session"]


@pytest.mark.parametrize("person", PEOPLE, ids=lambda person: person.id)
def test_nobody_has_no_language_or_a_sign_language_by_phone(person: Any) -> None:
    shown = profile(person)
    assert {"no", "en"} < {skill["tag"] for skill in shown["languages"]}
    if "nsl" in person.languages:
        assert "audio" not in shown["modes"]
