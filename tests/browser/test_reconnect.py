"""The page is reloaded, the socket or the server dies, the network goes: the meeting goes on."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, WebSocketRoute

from tests.browser.network import LOST, Network
from tests.browser.people import join, met, perceive_each_other
from tests.browser.stage import Person, Stage, stage_at
from tests.e2e.server import Server, data_directory

pytestmark = pytest.mark.asyncio(loop_scope="session")

BACK = "states.at(-1).state === 'open' && states.filter((s) => s.state === 'reconnecting').length"
LEFT = "events.filter(([name]) => name === 'left').length"


async def test_a_reloaded_page_resumes(stage: Stage) -> None:
    """Either side, also the one that does not offer: the same participants, media again."""
    meeting, (ann, bea) = await met(stage)
    await perceive_each_other([ann, bea])
    for number, person in enumerate((ann, bea)):
        was = await person.run("meeting.me")
        await person.page.reload()
        assert await join(person, meeting, number) == was
        await perceive_each_other([ann, bea])
    assert await ann.run(LEFT) == await bea.run(LEFT) == 0


async def test_a_lost_socket_leaves_the_media_alone(stage: Stage) -> None:
    _, (ann, bea) = await met(stage)
    await perceive_each_other([ann, bea])
    await ann.run("client.drop()")
    await ann.until(BACK)
    await ann.hears_and_sees_more()
    await bea.hears_and_sees_more()
    for person in (ann, bea):
        assert await person.run("probe.connections.length") == 1
        assert await person.run(LEFT) == 0
    await ann.run("meeting.say('still here')")
    await bea.until("events.some(([name, text]) => text === 'still here')")


@pytest.mark.parametrize(("code", "state"), [(4001, "open"), (1011, "open"), (4500, "closed")])
async def test_close_codes(stage: Stage, code: int, state: str) -> None:
    """Below 4500 it comes back by itself, from 4500 on it stays away and says why."""
    sockets: list[WebSocketRoute] = []
    ann = await stage.person()
    await ann.page.route_web_socket("**/v1/ws", lambda socket: sockets.append(pass_on(socket)))
    await join(ann, await stage.meeting(ann="customer"))
    await sockets[-1].close(code=code, reason="as told")
    await ann.until("(state) => states.length > 1 && states.at(-1).state === state", state)
    reasons = await ann.run("states.map((s) => s.reason).filter(Boolean)")
    assert reasons == ["as told"]
    assert await ann.run("meeting.state") == ("joined" if state == "open" else "left")


def pass_on(socket: WebSocketRoute) -> WebSocketRoute:
    socket.connect_to_server()
    return socket


@pytest.fixture
def mortal() -> Iterator[Server]:
    """Run a server that may be killed."""
    with data_directory() as data:
        server = Server(data).start()
        try:
            yield server
        finally:
            server.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def mortal_stage(browser: Browser, mortal: Server) -> AsyncIterator[Stage]:
    async with stage_at(browser, mortal) as stage:
        yield stage


async def test_a_killed_server(mortal_stage: Stage) -> None:
    """Media flow on while it is gone; what was to be said goes through once it is back."""
    server = mortal_stage.server
    _, (ann, bea) = await met(mortal_stage)
    await perceive_each_other([ann, bea])
    await ann.run("meeting.say('before')")
    await bea.until("events.some(([name, text]) => text === 'before')")
    server.kill()
    await ann.until("states.at(-1).state === 'reconnecting'")
    said = "() => { window.said = meeting.say('after the dark').then(() => 'sent', String) }"
    await ann.run(said)
    await perceive_each_other([ann, bea])

    port = server.url.rpartition(":")[2]
    server.words = tuple(port if word == "0" else word for word in server.words)
    server.start()
    for person in (ann, bea):
        await person.until(BACK, within_s=30)
    assert await ann.run("said") == "sent"
    await bea.until("events.some(([name, text]) => text === 'after the dark')")
    await perceive_each_other([ann, bea])
    for person in (ann, bea):
        assert await person.run("probe.connections.length") == 1
        assert await person.run("meeting.participants.size") == 2


async def apart(stage: Stage, networks: tuple[Network, Network]) -> tuple[Person, Person]:
    """Let ann and bea meet, each by a network of their own."""
    meeting = await stage.meeting(ann="customer", bea="interpreter")
    ann, bea = await stage.person("ann", "customer"), await stage.person("bea", "interpreter")
    for number, (person, network) in enumerate(zip((ann, bea), networks, strict=True)):
        await person.page.route_web_socket("**/v1/ws", network.between)
        await join(person, meeting, number)
    await perceive_each_other([ann, bea])
    return ann, bea


async def test_ten_seconds_without_a_network(
    stage: Stage, networks: tuple[Network, Network]
) -> None:
    """Neither socket nor media: afterwards both come back, and nobody has left."""
    ann, bea = await apart(stage, networks)
    began = await ann.run("performance.now()")
    await ann.context.set_offline(True)
    await networks[0].down()
    networks[1].loss = 1.0
    await bea.until("[...meeting.participants.values()].some((p) => p.state === 'reconnecting')")
    await ann.until("(began) => performance.now() > began + 10_000", began)
    assert await ann.run("client.state") == "reconnecting"
    networks[0].up()
    networks[1].loss = 0.0
    await ann.context.set_offline(False)
    await ann.until(BACK)
    await perceive_each_other([ann, bea])
    await bea.until("[...meeting.participants.values()].every((p) => p.state === 'joined')")
    assert await bea.run(LEFT) == 0


async def test_another_network(stage: Stage, networks: tuple[Network, Network]) -> None:
    """All candidates are dead at once: a restart of ICE finds new ones on the same connection."""
    ann, bea = await apart(stage, networks)
    for network in networks:
        network.cut()
    await perceive_each_other([ann, bea])
    for person in (ann, bea):
        assert await person.run("probe.connections.length") == 1


async def test_video_rests_where_the_network_is_too_weak(
    stage: Stage, networks: tuple[Network, Network]
) -> None:
    ann, bea = await apart(stage, networks)
    for network in networks:
        network.loss = 0.3
    await ann.until("events.some(([name]) => name === 'fallback')", within_s=30)
    for network in networks:
        network.loss = 0.0
    told = "[...meeting.participants.values()].find((p) => p.user === 'ann')?.media"
    await bea.until(f"{told}.video === false && {told}.audio")
    before = await bea.media()
    await bea.until_media("now.audioEnergy > than.audioEnergy + 1e-3", before)


async def test_a_socket_that_is_lost_while_joining(stage: Stage) -> None:
    """Joining twice is joining once: the client asks again by itself."""
    sockets: list[WebSocketRoute] = []
    ann = await stage.person()

    async def lose_the_first(page: WebSocketRoute) -> None:
        server = page.connect_to_server()
        sockets.append(page)

        async def pass_on(text: str | bytes) -> None:
            if "meeting.join" in str(text) and len(sockets) == 1:
                await page.close(code=LOST)
                await server.close()
            else:
                server.send(text)

        page.on_message(pass_on)

    await ann.page.route_web_socket("**/v1/ws", lose_the_first)
    await join(ann, await stage.meeting(ann="customer"))
    assert len(sockets) == 2
    assert await ann.run("meeting.state") == "joined"


async def test_leaving_without_a_server(stage: Stage, networks: tuple[Network, Network]) -> None:
    """Nobody waits for an answer that does not come; the devices are let go."""
    ann = await stage.person()
    await ann.page.route_web_socket("**/v1/ws", networks[0].between)
    await join(ann, await stage.meeting(ann="customer"))
    await ann.run("meeting.useDevice('audioinput')")
    await networks[0].down()
    await ann.until("client.state === 'reconnecting'")
    await ann.run("() => { [window.track] = meeting.stream.getAudioTracks(); }")
    took = await ann.run(
        """async () => {
            const began = performance.now();
            await meeting.leave();
            return performance.now() - began;
        }"""
    )
    assert took < 4000
    assert await ann.run("meeting.state") == "left"
    assert await ann.run("track.readyState") == "ended"
