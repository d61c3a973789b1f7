"""A media process put together: where it listens, whom it answers, and how it ends."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from signalling import media_role
from signalling.errors import IllegalTransition, NotFound, Unavailable
from signalling.media_role import LOOPBACK, addresses, media_node
from signalling.settings import Settings, load
from signalling.store.apps import Apps
from signalling.store.bus import Bus
from signalling.store.calls import Calls, Desk
from signalling.store.carriers import Carriers
from signalling.store.clock import Clock
from signalling.store.connect import StoreUnavailable
from signalling.store.keys import MEDIA_NODES
from signalling.store.store import Store
from tests.e2e.described_meeting import offered_sound, sdp_of


def settings(url: str, **environ: str) -> Settings:
    return load({"DRAGOMAN_STORE__URL": url, "DRAGOMAN_MEDIA__BIND": LOOPBACK, **environ})


@pytest.mark.parametrize(
    ("environ", "want"),
    [
        ({}, ["10.0.0.7", "fd00::7", LOOPBACK]),
        ({"DRAGOMAN_SERVER__HOST": "localhost"}, ["10.0.0.7", "fd00::7", LOOPBACK]),
        ({"DRAGOMAN_SERVER__HOST": "0.0.0.0"}, ["10.0.0.7", "fd00::7"]),  # noqa: S104
        ({"DRAGOMAN_MEDIA__BIND": "192.0.2.9"}, ["192.0.2.9"]),
    ],
)
def test_where_it_listens(
    monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], want: list[str]
) -> None:
    """As set, else on all of the machine's; on loopback where that is all that is served."""
    found = ["10.0.0.7", "fd00::7"]
    monkeypatch.setattr(media_role, "get_host_addresses", lambda **_: found)

    assert list(addresses(load(environ))) == want


class Asker:
    """A process that asks media nodes."""

    def __init__(self, store: Store, bus: Bus) -> None:
        self.store = store
        self.calls = Calls(store, bus, "web-1")
        self.marketplace = f"mr-{secrets.token_hex(4)}"

    async def ask(self, method: str = "negotiate", **params: Any) -> dict[str, Any]:
        said = {"meeting": "me-none", "participant": "pa-1", "kind": "relay", **params}
        return await self.calls.ask(self.marketplace, "md-here", method, said)

    async def alive(self) -> set[tuple[str, str]]:
        clock = Clock(self.store)
        await clock.measure()
        carriers = Carriers(self.store, clock.now_ms)
        await carriers.look()
        return {(c.node, c.kind) for c in carriers.alive}


@pytest.fixture
async def asker(valkey: str) -> AsyncIterator[Asker]:
    async with Store(valkey) as store, Bus(store) as bus:
        await store.command("DEL", MEDIA_NODES)
        asker = Asker(store, bus)
        await Apps(store).create("first", asker.marketplace)
        yield asker


async def test_it_lives_and_answers_until_it_ends(valkey: str, asker: Asker) -> None:
    async with media_node(settings(valkey), "md-here"):
        assert await asker.alive() == {("md-here", "relay")}
        assert await asker.ask(want=[]) == {}
        with pytest.raises(Unavailable, match="carries no such"):
            await asker.ask(kind="janus", want=[])
        with pytest.raises(NotFound):
            await asker.ask("checked", check="md-here.ck-0", user="i:ann", seen={})

    assert await asker.alive() == set()
    with pytest.raises(Unavailable, match="gone"):
        await asker.ask(want=[])


async def test_nobody_is_connected_to_a_meeting_that_is_not_there(
    valkey: str, asker: Asker
) -> None:
    """Whatever a process asks that knows less than the record."""
    connection = await offered_sound()
    try:
        async with media_node(settings(valkey), "md-here") as node:
            with pytest.raises(IllegalTransition):
                await asker.ask(offer=sdp_of(connection))
            assert node.carriers["relay"].load == 0
    finally:
        await connection.close()


async def test_a_marketplace_that_comes_later(
    valkey: str, asker: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is answered too, also where that has to be tried twice."""
    watch, tries, watched = Desk.watch, iter([StoreUnavailable("away")]), asyncio.Event()

    async def flaky(self: Desk, marketplace: str) -> None:
        if marketplace == asker.marketplace and (error := next(tries, None)):
            raise error
        await watch(self, marketplace)
        watched.set()

    async with media_node(settings(valkey), "md-here"):
        asker.marketplace = f"mr-{secrets.token_hex(4)}"
        monkeypatch.setattr(Desk, "watch", flaky)
        await Apps(asker.store).create("second", asker.marketplace)
        await asyncio.wait_for(watched.wait(), 10)
        assert await asker.ask(want=[]) == {}


async def test_a_key_that_is_none(valkey: str, tmp_path: Path) -> None:
    wrong = {"DRAGOMAN_RECORDING__RECIPIENTS": "nobody"}
    wrong["DRAGOMAN_RECORDING__DIRECTORY"] = str(tmp_path)

    with pytest.raises(Unavailable, match=r"recording\.recipients"):
        async with media_node(settings(valkey, **wrong), "md-here"):
            raise AssertionError
