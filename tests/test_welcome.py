"""What `dragoman serve --demo-app` prints: true, and enough to try a meeting."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from signalling.app import Running, running
from signalling.client import Client
from signalling.settings import load
from signalling.welcome import demo_app, here, welcome


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Running]:
    environ = {"DRAGOMAN_SERVER__PORT": "0", "DRAGOMAN_STORE__DATA": str(tmp_path / "data")}
    async with running(load(environ)) as server:
        yield server


async def test_the_demo_app_is_made_once(server: Running) -> None:
    first = await demo_app(server.apps)
    await server.apps.create("another", "main")
    assert await demo_app(server.apps) == first
    assert (first.name, first.marketplace) == ("demo", "main")


async def test_the_links_lead_into_one_meeting(server: Running) -> None:
    text = await welcome(server.engine, server.url, "dragoman")
    app = await demo_app(server.apps)
    assert f"begin at    {server.url}/" in text
    assert f"demo app    {app.key}\nsecret      {app.secrets[0]}\n" in text
    found = re.findall(rf"{server.url}/meet#meeting=(\S+)&token=(\S+)", text)
    assert len({meeting for meeting, _ in found}) == 1
    (meeting, first), (_, second) = found
    async with (
        await Client.connect(server.url, first) as customer,
        await Client.connect(server.url, second) as interpreter,
    ):
        await customer.call("meeting.join", meeting=meeting)
        joined = await interpreter.call("meeting.join", meeting=meeting)
        people = {(p["role"], p["name"]) for p in joined["participants"]}
        assert people == {("customer", "Ann"), ("interpreter", "Hodan")}


@pytest.mark.parametrize(
    ("url", "reached"),
    [
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://0.0.0.0:8080", "http://localhost:8080"),
        ("https://[::]:8443", "https://localhost:8443"),
        ("http://10.1.2.3:80", "http://10.1.2.3:80"),
    ],
)
def test_where_a_browser_here_reaches_it(url: str, reached: str) -> None:
    assert here(url) == reached
