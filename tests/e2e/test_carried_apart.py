"""Roles apart: media flows on while signalling is dead, and moves off a media process that ends."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack

import pytest

from signalling.store.apps import Apps
from signalling.store.store import Store
from tests.e2e.carried import Ward
from tests.e2e.server import Server
from tests.e2e.test_carried import all_hear_each_other, change
from tests.e2e.test_processes import Plant, plant_on
from tests.e2e.town import fresh_name


@pytest.fixture
def plant(valkey: str) -> Iterator[Plant]:
    """Run a matcher and two media processes on one store."""
    with plant_on(valkey) as plant:
        plant.role("matcher").launch()
        yield plant


@pytest.fixture
def media(plant: Plant) -> dict[str, Server]:
    """Start two media processes, each of a name."""
    return {node: plant.role("media", "--node", node).launch() for node in ("md-one", "md-two")}


@pytest.fixture
def web(plant: Plant, media: dict[str, Server]) -> Server:
    web = plant.web()
    web.errors.hear("media nodes that live", *media, within_s=60)
    return web


@pytest.fixture
async def ward(plant: Plant, web: Server) -> AsyncIterator[Ward]:
    async with AsyncExitStack() as stack, Store(plant.store_url) as store:
        name = fresh_name()
        app = await Apps(store).create(name, name)
        app = await Apps(store).set_policy(app.key, {"topology": "relay"})
        yield Ward(web, app, stack)


async def test_signalling_that_dies_leaves_the_media(plant: Plant, ward: Ward, web: Server) -> None:
    """People hear each other while there is no web process, and go on with the next."""
    await ward.open("kari", "ann")
    kari, ann = await ward.enter("kari"), await ward.enter("ann")
    await all_hear_each_other(kari, ann)
    before = (await ward.shown())["meeting"]["carrier"]

    web.kill()
    await all_hear_each_other(kari, ann)

    # in a thread: who blocks this loop falls silent, and silence ends the media
    again = plant.role("web", "--port", web.url.rpartition(":")[2])
    await asyncio.to_thread(again.start)
    assert again.url == web.url
    for person in (kari, ann):
        session = person.client.opened["session"]
        await person.client.reconnect()
        assert person.client.opened["session"] == session
    shown = (await ward.shown())["meeting"]
    assert (shown["state"], shown["carrier"]) == ("live", before)
    assert [p["state"] for p in shown["participants"]] == ["joined", "joined"]
    await all_hear_each_other(kari, ann)


async def test_a_media_process_that_is_stopped(ward: Ward, media: dict[str, Server]) -> None:
    """Its meeting is at the other before long; the process ends well."""
    await ward.open("kari", "ann")
    kari, ann = await ward.enter("kari"), await ward.enter("ann")
    await all_hear_each_other(kari, ann)
    node = (await ward.shown())["meeting"]["carrier"]["id"].partition(".")[0]

    assert await asyncio.to_thread(media[node].stop) == 0, media[node].said

    moved = await change(ann, "topology")
    assert moved["meeting"]["carrier"]["id"].partition(".")[0] == (set(media) - {node}).pop()
    await all_hear_each_other(kari, ann)
