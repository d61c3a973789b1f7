"""SIGKILL in the middle of a delivery: it is made again by the server that is started next."""

import asyncio

import pytest
from aiohttp import web

from signalling.client import RemoteError
from tests.e2e.server import Server, data_directory
from tests.e2e.town import Town, town_of
from tests.hooks.receiver import Receiver, receiving

ANYWHERE = {"DRAGOMAN_WEBHOOKS__ALLOW_HTTP": "true", "DRAGOMAN_WEBHOOKS__ALLOW_PRIVATE": "true"}


async def hook(town: Town, receiver: Receiver) -> tuple[str, str]:
    """Give the town's app a webhook; return its id and secret."""
    staff = await town.http()
    made = await staff.call("webhook.put", url=receiver.url)
    return made["webhook"]["id"], made["secret"]


@pytest.mark.alone
async def test_killed_while_it_waits_for_an_answer() -> None:
    answered = asyncio.Event()

    async def hang(_: web.Request) -> web.Response:
        await answered.wait()
        return web.Response()

    async with receiving() as receiver:
        receiver.answer = hang
        with data_directory() as data:
            server = Server(data, environ=ANYWHERE).start()
            async with town_of(server.url, server.store_url) as town:
                webhook, secret = await hook(town, receiver)
                staff = await town.http()
                for _ in range(2):
                    await staff.call("webhook.test", webhook=webhook)
                await receiver.until(1)
                server.kill()
                receiver.answer = None
                answered.set()
                server.start()
                await receiver.until(3)
            assert server.stop() == 0, server.said
        first, again, second = receiver.ids
        assert first == again != second
        assert [e["type"] for e in receiver.events(secret)] == ["webhook.test"] * 3


async def test_private_addresses_are_refused_where_they_are_not_allowed(town: Town) -> None:
    """As the server is shipped: nothing is made, and the field is named."""
    staff = await town.http()
    for url in ("https://127.0.0.1/in", "https://169.254.169.254/", "https://[::1]:8080/"):
        with pytest.raises(RemoteError, match="no public address") as refused:
            await staff.call("webhook.put", url=url)
        assert refused.value.path == "url"
    assert (await staff.call("webhook.list"))["webhooks"] == []
