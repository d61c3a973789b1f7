"""While a meeting goes on: how it fares is told, credentials are renewed."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from signalling.client import ConnectionLost, upkeep
from signalling.client.connection import Connection, Ice, Media
from signalling.client.upkeep import Upkeep
from tests.client.pairs import two


class Server:
    """Keeps what it is told; answers device.ice."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []
        self.renewed = 0
        self.happened = asyncio.Event()

    async def call(self, method: str, /, **params: Any) -> dict[str, Any]:
        self.happened.set()
        if method == "meeting.update":
            assert params["meeting"] == "m1"
            self.told.append(params["quality"])
            return {}
        assert (method, params) == ("device.ice", {"meeting": "m1"})
        self.renewed += 1
        return {"ice_servers": [{"urls": ["turn:new"]}], "expires_at": stamp(3600)}


def stamp(seconds: float) -> str:
    at = datetime.now(UTC) + timedelta(seconds=seconds)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


async def test_how_media_fares() -> None:
    server = Server()
    async with two() as (near, _):
        keeping = Upkeep("m1", server.call, lambda: [near])
        keeping.connect_ms, keeping.reconnects = 41.5, 2
        await keeping.say()
    (said,) = server.told
    assert said.items() >= {"path": "udp", "connect_ms": 41.5, "reconnects": 2}.items()


async def test_nothing_flows_nothing_is_told() -> None:
    server = Server()
    unconnected = Connection(Media(list), Ice(), lambda _: None)
    assert unconnected.path() is None
    for connections in ([], [unconnected]):
        await Upkeep("m1", server.call, lambda it=connections: it).say()  # type: ignore[misc]
    assert server.told == []
    await unconnected.close()


async def test_it_is_told_again_and_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upkeep, "QUALITY_EVERY_S", 0.05)
    server = Server()
    async with two() as (near, _):
        keeping = asyncio.create_task(Upkeep("m1", server.call, lambda: [near]).run())
        while len(server.told) < 3:
            server.happened.clear()
            await server.happened.wait()
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)


async def test_credentials_are_renewed_before_they_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upkeep, "RENEW_LEAST_S", 0.01)
    server = Server()
    joined: dict[str, Any] = {"ice_servers": [{"urls": ["turn:old"]}], "ice_expires_at": stamp(30)}
    keeper = Upkeep("m1", server.call, list)
    keeper.joined = joined
    keeping = asyncio.create_task(keeper.run())
    async with asyncio.timeout(5):
        await server.happened.wait()
    keeping.cancel()
    await asyncio.gather(keeping, return_exceptions=True)
    assert joined["ice_servers"] == [{"urls": ["turn:new"]}]
    assert server.renewed == 1


async def test_a_server_that_is_away_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upkeep, "RENEW_LEAST_S", 0.01)
    server = Server()
    away = 3

    async def call(method: str, /, **params: Any) -> dict[str, Any]:
        nonlocal away
        away -= 1
        if away >= 0:
            raise ConnectionLost
        return await server.call(method, **params)

    keeper = Upkeep("m1", call, list)
    keeper.joined = {"ice_expires_at": stamp(30)}
    keeping = asyncio.create_task(keeper.run())
    async with asyncio.timeout(5):
        await server.happened.wait()
    keeping.cancel()
    await asyncio.gather(keeping, return_exceptions=True)
    assert keeper.joined["ice_servers"] == [{"urls": ["turn:new"]}]
