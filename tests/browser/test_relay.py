"""Media by way of the embedded relay: from the start, and from a mesh that grew too large."""

import pytest

from tests.browser.people import join, met, perceive_each_other
from tests.browser.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def carried(stage: Stage) -> None:
    await stage.media_node()
    await stage.policy(topology="relay")


async def test_three_by_a_relay(stage: Stage) -> None:
    await carried(stage)
    _, people = await met(stage, 3)
    await perceive_each_other(people)
    for person in people:
        assert await person.run("meeting.topology") == "relay"
        assert (await person.media())["open"] == 1
        await person.hears_and_sees_more()


async def test_a_reloaded_page_and_a_lost_socket(stage: Stage) -> None:
    await carried(stage)
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
    """The fourth makes it too large: nobody loses sight of anybody for long."""
    await stage.media_node()
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
    gaps = [gap for person in people for gap in (await person.run("Object.values(gaps)"))]
    assert max(gaps) < 2000, gaps
