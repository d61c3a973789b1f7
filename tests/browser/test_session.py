"""A session in the browser: tokens that end, credentials that end, what is said meanwhile."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, WebSocketRoute

from tests.browser.network import Network
from tests.browser.people import join, met, perceive_each_other
from tests.browser.stage import LOOPBACK, WITHIN_S, Stage, stage_at
from tests.e2e.carried import media_server
from tests.e2e.server import Server

pytestmark = pytest.mark.asyncio(loop_scope="session")

FALLBACK = """async () => {
    const { Fallback } = await import('/pages/fallback.js');
    const fallback = new Fallback();
    const said = [];
    for (let second = 0; second < 300; second += 2) {
        const bad = second >= 20 && second < 40 || second >= 70 && second < 80;
        const out = [
            { loss: bad ? 0.3 : 0, rate: 20_000, limited: false },
            { loss: 0.9, rate: 20_000, limited: true },
        ];
        const verdict = fallback.feed(out, second * 1000, !fallback.isResting);
        if (verdict) said.push([verdict, second]);
    }
    return said;
}"""


async def test_a_token_that_ends_is_renewed(stage: Stage) -> None:
    """The page's own function gives the next one, before the server closes."""
    ann = await stage.person()
    await ann.page.expose_function("token", lambda: stage.town.token("ann", "customer", ttl_s=30))
    ends = await ann.run(
        """async () => {
            const { Client } = await import('/client.js');
            window.asked = 0;
            window.client = new Client({ token: () => { asked += 1; return token(); } });
            await client.open();
            return client.info.expires_at;
        }"""
    )
    assert ends
    await ann.until("asked >= 2")
    assert await ann.run("client.state") == "open"


async def test_a_bad_token(stage: Stage) -> None:
    ann = await stage.person()
    why = await ann.run(
        """async () => {
            const { Client } = await import('/client.js');
            window.client = new Client({ token: 'none' });
            return client.open().then(() => null, (error) => error.kind);
        }"""
    )
    assert why == "unauthenticated"
    assert await ann.run("client.state") == "closed"


async def test_calls_wait_for_the_session_and_have_deadlines(
    stage: Stage, networks: tuple[Network, Network]
) -> None:
    network, _ = networks
    ann = await stage.person()
    await ann.page.route_web_socket("**/v1/ws", network.between)
    await join(ann, await stage.meeting(ann="customer"))
    await network.down()
    await ann.until("client.state === 'reconnecting'")
    late = "client.call('session.ping', {}, 300).then(() => '', (error) => error.name)"
    assert await ann.run(late) == "Late"
    await ann.run("() => { window.pinged = client.call('session.ping'); }")
    network.up()
    assert (await ann.run("pinged"))["server_time"]


async def test_media_that_flow_are_vouched_for(
    stage: Stage, networks: tuple[Network, Network]
) -> None:
    """Bea's socket is gone, and her voice is not: ann says so, and bea stays."""
    network, said, heard = networks[0], list[str](), asyncio.Event()
    meeting = await stage.meeting(ann="customer", bea="interpreter")
    ann, bea = await stage.person("ann", "customer"), await stage.person("bea", "interpreter")

    def listen(page: WebSocketRoute) -> None:
        server = page.connect_to_server()

        def pass_on(text: str | bytes) -> None:
            request = json.loads(text)
            if request["params"].get("state") == "flowing":
                said.append(request["params"]["peer"])
                heard.set()
            server.send(text)

        page.on_message(pass_on)

    await ann.page.route_web_socket("**/v1/ws", listen)
    await bea.page.route_web_socket("**/v1/ws", network.between)
    for number, person in enumerate((ann, bea)):
        await join(person, meeting, number)
    await perceive_each_other([ann, bea])
    await network.down()
    network.loss = 0.0  # its socket alone is gone
    whose = "[...meeting.participants.values()].find((p) => p.user === 'bea')"
    await ann.until(f"{whose}.state === 'reconnecting'")
    async with asyncio.timeout(WITHIN_S):
        await heard.wait()
    assert said == [await bea.run("meeting.me")]
    network.up()
    await ann.until(f"{whose}.state === 'joined'")


async def test_video_rests_and_resumes_and_rests_longer(stage: Stage) -> None:
    """Only if the best way is starved; who starves again soon waits twice as long."""
    ann = await stage.person()
    said = await ann.run(FALLBACK)
    assert [verdict for verdict, _ in said] == ["rest", "resume", "rest", "resume"]
    (_, first), (_, again), (_, second), (_, last) = said
    assert (first, second) == (24, 74)
    assert again - first >= 15
    assert last - second >= 30


@pytest.fixture(scope="module")
def brief() -> Iterator[Server]:
    """Run a server whose TURN credentials end after four seconds."""
    turn = {
        "DRAGOMAN_ICE__TURN_URLS": "turn:127.0.0.1:9?transport=udp",
        "DRAGOMAN_ICE__TURN_SECRET": "not-used",
        "DRAGOMAN_ICE__TURN_TTL_S": "4",
    }
    with media_server(LOOPBACK | turn) as server:
        yield server


@pytest_asyncio.fixture(loop_scope="session")
async def brief_stage(browser: Browser, brief: Server) -> AsyncIterator[Stage]:
    async with stage_at(browser, brief) as stage:
        yield stage


async def test_credentials_are_renewed_before_they_end(brief_stage: Stage) -> None:
    _, (ann, _) = await met(brief_stage)
    server = "probe.connections[0].getConfiguration().iceServers.at(-1)"
    first = await ann.until(f"{server}.username")
    later = await ann.until(f"{server}.username !== '{first}' && {server}.username")
    assert int(later.partition(":")[0]) > int(first.partition(":")[0])
    assert await ann.run("probe.connections.length") == 1
