"""A promoted model ranks in every process that runs, without a restart; a broken one in none."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from signalling.__main__ import main
from signalling.client import Client, HttpClient
from signalling.store.models import ModelFiles
from tests import learnt
from tests.commands.typed import CLEAN
from tests.e2e.server import Server
from tests.e2e.test_processes import Plant, plant_on
from tests.e2e.town import Town, offered, town_of

LOADED_S = 45.0  # the first model a process loads imports scikit-learn


@pytest.fixture(scope="module")
def plant(valkey: str) -> Iterator[Plant]:
    with plant_on(valkey) as plant:
        yield plant


class Stage:
    """A town on a web process and a matcher; Ann is online."""

    def __init__(self, town: Town, web: Server, matcher: Server) -> None:
        self.town = town
        self.web = web
        self.matcher = matcher
        self.files = ModelFiles(town.store, town.marketplace)
        self.customer: Client
        self.ann: Client

    async def come(self) -> None:
        self.ann = await self.town.interpreter("ann")
        self.customer = await self.town.customer()

    async def in_force(self, server: Server) -> str:
        """Return the model that a process says it ranks by."""
        async with HttpClient(server.url, self.town.token("op", "operator")) as http:
            return str((await http.call("match.parameters"))["model"])

    async def decided(self) -> str:
        """Ask, and return the model by which the matcher chose Ann."""
        id_ = (await self.town.ask(self.customer))["id"]
        assert (await offered(self.ann))["assignment"]["id"] == id_
        async with HttpClient(self.web.url, self.town.token("op", "operator")) as http:
            answer = await http.call("match.explain", assignment=id_, interpreter="ann")
        await self.customer.call("assignment.cancel", assignment=id_)
        await self.ann.next_event("offer.withdrawn", 15)
        return str(answer["model"])

    async def ranks_by(self, model: str) -> bool:
        """Say whether the web process and the matcher rank by a model."""
        return await self.in_force(self.web) == model == await self.decided()

    async def typed(self, *words: str) -> str:
        """Type `dragoman models …` for the marketplace; return what it printed."""
        whole = ["models", *words, "--marketplace", self.town.marketplace]
        environ = {**CLEAN, "REDIS_URL": self.town.store.url}
        result = await asyncio.to_thread(CliRunner().invoke, main, whole, env=environ)
        assert result.exit_code == 0, result.output
        return result.stdout.strip()

    async def hear(self, *words: str) -> None:
        """Wait until both processes have said so."""
        for each in (self.web, self.matcher):
            await asyncio.to_thread(each.errors.hear, *words, within_s=LOADED_S)


@pytest.fixture
async def stage(plant: Plant) -> AsyncIterator[Stage]:
    matcher = plant.role("matcher").launch()
    web = plant.web()
    async with town_of(web.url, plant.store_url) as town:
        stage = Stage(town, web, matcher)
        await stage.come()
        yield stage


async def test_promoted_tampered_and_retired(stage: Stage, plant: Plant, tmp_path: Path) -> None:
    assert await stage.ranks_by("hand")

    (tmp_path / "m.skops").write_bytes(learnt.file())
    version = await stage.typed("put", str(tmp_path / "m.skops"))
    assert version == learnt.model().version
    await stage.typed("promote", version)
    await stage.hear("another model ranks", version)
    assert await stage.ranks_by(version)

    later = await asyncio.to_thread(plant.web)  # who starts afterwards begins with it
    assert await stage.in_force(later) == version

    tampered = learnt.model(2.0).version
    await stage.files.put(tampered, learnt.tampered(2.0))
    await stage.files.promote(tampered)
    await stage.hear("a model was left out", tampered)
    assert await stage.ranks_by(version)  # the old one stays

    await stage.typed("retire")
    await stage.hear("another model ranks", "version=hand")
    assert await stage.ranks_by("hand")
