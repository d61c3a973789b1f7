"""The whole server in one process, on a store of its own."""

import asyncio
import gc
import io
import json
import logging
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import msgspec
import pytest
import structlog
from structlog.testing import capture_logs

from signalling.app import Running, running
from signalling.errors import Unavailable
from signalling.models import Promotions
from signalling.process import log_as, open_store
from signalling.settings import Log, Settings, load
from signalling.store.embedded import DataDirInUse
from signalling.web.auth import mint
from tests.world import profile, request


def settings(data: Path, **environ: str) -> Settings:
    return load({"DRAGOMAN_SERVER__PORT": "0", "DRAGOMAN_STORE__DATA": str(data), **environ})


@pytest.fixture
def logs() -> Iterator[None]:
    """Put logging and the garbage collector back as they were."""
    root, thresholds = logging.getLogger(), gc.get_threshold()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()
    gc.unfreeze()
    gc.set_threshold(*thresholds)


@pytest.fixture
async def server(tmp_path: Path, logs: None) -> AsyncIterator[Running]:  # noqa: ARG001
    async with running(settings(tmp_path / "data")) as server:
        yield server


async def test_it_serves(server: Running, tmp_path: Path) -> None:
    """It is ready, its data are nobody else's, and an app made meanwhile is served at once."""
    async with aiohttp.ClientSession(server.url) as http:
        for path in ("/healthz", "/readyz", "/openrpc.json"):
            async with http.get(path) as answer:
                assert answer.status == 200, path
        with pytest.raises(DataDirInUse):
            async with running(settings(tmp_path / "data")):
                raise AssertionError
        app = await server.apps.create("hospital", "fresh")
        calls = (
            ("interpreter.put", {"interpreter": profile("ann")}, "app"),
            ("assignment.create", request(), "customer"),
        )
        for method, params, role in calls:
            headers = {"Authorization": f"Bearer {mint(app, 'kari', role)}"}
            async with http.post(f"/v1/{method}", json=params, headers=headers) as answer:
                assert answer.status == 200, await answer.text()


@pytest.mark.usefixtures("logs")
async def test_it_starts_again_from_its_snapshots(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kept in the data directory by the one that ended; none are kept or read if none are set."""
    monkeypatch.setattr("signalling.snapshots.SMALLEST", 1)
    data = tmp_path / "data"

    async def told(snapshot_s: str) -> list[str]:
        with capture_logs() as said:
            async with running(settings(data, DRAGOMAN_STORE__SNAPSHOT_S=snapshot_s)):
                pass
        events = [each["event"] for each in said]
        return [event for event in events if event.startswith(("a snapshot", "population"))]

    async with (
        running(settings(data, DRAGOMAN_STORE__SNAPSHOT_S="0")) as server,
        aiohttp.ClientSession(server.url) as http,
    ):
        app = await server.apps.create("hospital", "main")
        headers = {"Authorization": f"Bearer {mint(app, 'server', 'app')}"}
        params = {"interpreter": profile("ann")}
        async with http.post("/v1/interpreter.put", json=params, headers=headers) as answer:
            assert answer.status == 200
    assert await told("0") == ["population read"]
    assert not (data / "index").exists()
    assert await told("900") == ["population read", "a snapshot is written"]
    assert (data / "index" / "main.snapshot").exists()
    assert await told("900") == ["a snapshot is read"]
    assert await told("0") == ["population read"]


@pytest.mark.usefixtures("logs")
async def test_after_a_gap_promotions_are_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was published while the bus was cut off is gone."""
    looked = asyncio.Event()
    monkeypatch.setattr(Promotions, "look", lambda _: looked.set())
    async with running(settings(tmp_path / "data")) as server:
        await server.apps.create("hospital", "main")
        await server.store.command("CLIENT", "KILL", "TYPE", "PUBSUB")
        async with asyncio.timeout(5):
            await looked.wait()


async def test_a_matcher_listens_nowhere(server: Running, logs: None) -> None:  # noqa: ARG001
    """Roles apart share a store by its address."""
    apart = settings(Path("unused"), REDIS_URL=server.store.url)
    async with running(apart, frozenset({"matcher"})) as matcher:
        assert matcher.url == ""
    async with running(apart, frozenset({"web"})) as web:
        assert web.url.startswith("http://127.0.0.1:")
    ipv6 = msgspec.structs.replace(apart, server=msgspec.structs.replace(apart.server, host="::1"))
    async with running(ipv6, frozenset({"web"})) as web:
        assert web.url.startswith("http://[::1]:")


@pytest.mark.parametrize("url", ["foo", "redis://h:secret", "http://h"])
async def test_an_address_that_is_none(tmp_path: Path, url: str) -> None:
    with pytest.raises(Unavailable, match="no address of a store") as refused:
        async with open_store(settings(tmp_path, REDIS_URL=url)):
            raise AssertionError
    assert "secret" not in refused.value.detail


async def test_tables_that_cannot_be_read(
    tmp_path: Path,
    logs: None,  # noqa: ARG001
) -> None:
    wrong = msgspec.structs.replace(settings(tmp_path / "data"), config_dir=tmp_path)
    with pytest.raises(Unavailable, match=r"weights\.toml"):
        async with running(wrong):
            raise AssertionError
    (tmp_path / "weights.toml").touch()
    (tmp_path / "languages.toml").write_text("x = [")
    with pytest.raises(Unavailable, match=r"languages\.toml"):
        async with running(wrong):
            raise AssertionError


def test_logs_for_machines(monkeypatch: pytest.MonkeyPatch, logs: None) -> None:  # noqa: ARG001
    """Both kinds of loggers write one JSON object a line; what is less severe stays silent."""
    written = io.StringIO()
    monkeypatch.setattr(sys, "stderr", written)
    log_as(Log(level="warning", format="json"))
    logging.getLogger("x").warning("old %d", 1)
    structlog.get_logger("y").warning("new", n=2)
    structlog.get_logger("y").info("silent")
    old, new = map(json.loads, written.getvalue().splitlines())
    assert (old["event"], new["event"], new["n"], new["level"]) == ("old 1", "new", 2, "warning")


def test_logs_for_people(monkeypatch: pytest.MonkeyPatch, logs: None) -> None:  # noqa: ARG001
    written = io.StringIO()
    monkeypatch.setattr(sys, "stderr", written)
    log_as(Log(level="info", format="text"))
    structlog.get_logger("y").info("hello", n=2)
    assert "hello" in written.getvalue()
    assert "n=2" in written.getvalue()
