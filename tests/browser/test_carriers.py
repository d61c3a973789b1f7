"""Media by way of a Janus, and by way of a TURN server alone: real ones, beside a server."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.browser.people import join, met, perceive_each_other
from tests.browser.stage import LOOPBACK, Stage, stage_at
from tests.e2e.carried import media_server
from tests.e2e.server import Server
from tests.media.children import janus_running, turn_running

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture(scope="module")
def wide() -> Iterator[Server]:
    """Run a server that knows a Janus and a TURN server."""
    with janus_running() as janus, turn_running() as turn:
        around = {
            "DRAGOMAN_JANUS__URLS": janus.url,
            "DRAGOMAN_JANUS__API_SECRET": janus.api_secret,
            "DRAGOMAN_JANUS__ADMIN_KEY": janus.admin_key,
            "DRAGOMAN_ICE__TURN_URLS": f"{turn.url('udp')},{turn.url('tcp')}",
            "DRAGOMAN_ICE__TURN_SECRET": turn.secret,
        }
        with media_server(LOOPBACK | around) as server:
            yield server


@pytest_asyncio.fixture(loop_scope="session")
async def wide_stage(browser: Browser, wide: Server) -> AsyncIterator[Stage]:
    async with stage_at(browser, wide) as stage:
        yield stage


async def test_three_by_a_janus(wide_stage: Stage) -> None:
    await wide_stage.policy(topology="janus")
    meeting, people = await met(wide_stage, 3)
    await perceive_each_other(people)
    for person in people:
        assert await person.run("meeting.topology") == "janus"
        assert (await person.media())["open"] == 2
    ann, bea, _ = people
    was = await ann.run("meeting.me")
    await ann.page.reload()
    assert await join(ann, meeting, 0) == was
    await bea.run("client.drop()")
    await bea.until("states.filter((s) => s.state === 'open').length === 2")
    await perceive_each_other(people)


@pytest.mark.parametrize("topology", ["mesh", "relay"])
async def test_addresses_stay_hidden(wide_stage: Stage, topology: str) -> None:
    """Everything goes by TURN: no other candidate is even told."""
    await wide_stage.policy(topology=topology, ice="relay")
    _, people = await met(wide_stage)
    await perceive_each_other(people)
    for person in people:
        assert await person.run("probe.connections.at(-1).given.iceTransportPolicy") == "relay"
        media = await person.media()
        assert set(media["candidates"]) == {"relay"}
        assert "candidate:" not in (await person.run(HOSTS))


HOSTS = """probe.connections.map((pc) => pc.localDescription.sdp).join('').split('\\n')
    .filter((line) => line.includes('typ host')).join()"""
