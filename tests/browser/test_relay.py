"""Media by way of the embedded relay: from the start, and from a mesh that grew too large."""

import os
import signal

import pytest
from playwright.async_api import WebSocketRoute

from tests.browser.people import USERS, join, met, perceive_each_other, perceives
from tests.browser.stage import Stage
from tests.browser.tumult import media_process

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_three_by_a_relay(stage: Stage) -> None:
    await stage.policy(topology="relay")
    _, people = await met(stage, 3)
    await perceive_each_other(people)
    for person in people:
        assert await person.run("meeting.topology") == "relay"
        assert (await person.media())["open"] == 1
        await person.hears_and_sees_more()


async def test_a_reloaded_page_and_a_lost_socket(stage: Stage) -> None:
    await stage.policy(topology="relay")
    meeting, people = await met(stage)
    ann, bea = people
    await perceive_each_other(people)
    was = await ann.run("meeting.me")
    await ann.page.reload()
    assert await join(ann, meeting, 0) == was
    await perceive_each_other(people)
    await bea.run("client.drop()")
    await bea.until("states.filter((s) => s.state === 'open').length === 2")
    await perceive_each_other(people)
    assert await bea.run("probe.connections.length") == 1


async def test_four_move_from_a_mesh_to_a_relay(stage: Stage) -> None:
    """The fourth makes it too large: nobody loses sight of anybody for a second."""
    meeting, people = await met(stage, 3)
    await perceive_each_other(people)
    assert await people[0].run("meeting.topology") == "mesh"
    dan = await stage.person("dan", "customer")
    watch = """() => {
        window.gaps = {};
        const last = {};
        setInterval(() => {
            for (const video of document.querySelectorAll('video')) {
                const frames = video.getVideoPlaybackQuality().totalVideoFrames;
                const now = performance.now();
                if (last[video.id]?.frames !== frames) last[video.id] = { frames, at: now };
                gaps[video.id] = Math.max(gaps[video.id] ?? 0, now - last[video.id].at);
            }
        }, 20);
    }"""
    for person in people:
        await person.run(watch)
    await join(dan, meeting, 3)
    everybody = [*people, dan]
    for person in everybody:
        await person.until("meeting.topology === 'relay'")
    await perceive_each_other(everybody)
    for person in everybody:
        await person.until_media("now.open === 1")
    await perceive_each_other(everybody)
    for person in people:
        gaps = await person.run("gaps")
        del gaps["probe-video-dan"]  # counted from before there was anything to see
        assert max(gaps.values()) < 1000, gaps


async def test_a_media_process_that_dies(stage: Stage) -> None:
    """Its meetings go on elsewhere: here among themselves, until there is another."""
    await stage.policy(topology="relay")
    _, people = await met(stage)
    await perceive_each_other(people)
    was = [await person.run("probe.connections.length") for person in people]
    pid = media_process(stage)
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    for person, count in zip(people, was, strict=True):
        await person.until("(count) => probe.connections.length > count", count)
    await perceive_each_other(people)
    await stage.media_process_again()


async def test_a_path_that_is_blocked(stage: Stage) -> None:
    """Two who cannot reach each other are carried instead."""
    meeting = await stage.meeting(**dict(USERS))
    ann, bea = await stage.person("ann", "customer"), await stage.person("bea", "interpreter")
    for number, person in enumerate((ann, bea)):
        await person.page.route_web_socket("**/v1/ws", nobody_is_reachable)
        await join(person, meeting, number)
    for person in (ann, bea):
        await person.until("meeting.topology === 'relay'", within_s=20)
    await perceive_each_other([ann, bea])


def nobody_is_reachable(page: WebSocketRoute) -> None:
    """Let no candidate of another page pass."""
    server = page.connect_to_server()

    def passes(text: str | bytes) -> None:
        if not ("meeting.signal" in str(text) and "typ host" in str(text)):
            page.send(text)

    server.on_message(passes)


async def test_a_meeting_that_is_handed_over(stage: Stage) -> None:
    """The next interpreter is seen and heard before the first one is out."""
    await stage.town.register("bea")
    await stage.town.register("eve")
    _, (ann, bea) = await met(stage)
    await perceive_each_other([ann, bea])
    meeting = await ann.run("meeting.id")
    handed = "client.call('meeting.transfer', { meeting: meeting.id, to: 'eve' })"
    await ann.run(handed)
    eve = await stage.person("eve", "interpreter")
    await join(eve, meeting, 2)
    await perceives(ann, eve, 2)
    await bea.until("meeting.state === 'ended'")
    await ann.until("![...meeting.participants.values()].some((p) => p.user === 'bea')")
    await perceives(eve, ann, 0)
    who = [name for name, user in await ann.run("events") if user in {"bea", "eve"}]
    assert who.index("joined") < who.index("left")
