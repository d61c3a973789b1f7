"""What one attempt sends, over real HTTP, and what it makes of every kind of answer."""

import asyncio
import json
import time

import pytest
from aiohttp import web
from msgspec.structs import replace
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError

from signalling.core.delivery import Abandon, Arrived, Delivery, Failed
from signalling.core.webhook import Secret, Spec, Webhook
from signalling.hooks.places import Places
from signalling.hooks.sending import Sender, after_ms, body_of, signed
from tests.hooks.receiver import OPEN, SECRET, Names, Receiver

NOW = 1_700_000_000_000
OLD = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
DELIVERY = Delivery(
    "dl-1-0-ab", "wh-1", "hospital", "assignment.held", "a1", {"n": 1, "name": "Åse"}, (1, 0),
    NOW, NOW, NOW,
)  # fmt: skip
ONLY_PUBLIC = Places(allow_http=True)


def webhook(url: str) -> Webhook:
    return Webhook("wh-1", "hospital", Spec(url), (Secret(SECRET),), NOW)


async def send(
    url: str, *, places: Places = OPEN, names: Names | None = None, timeout_s: float = 5
) -> Arrived | Failed | Abandon:
    names = names or Names(hook=["127.0.0.1"])
    async with Sender(places, names, timeout_s, lambda: 0.25) as sender:
        return await sender.send(webhook(url), DELIVERY, NOW)


async def test_what_arrives(receiver: Receiver) -> None:
    """A body and headers that the library of Standard Webhooks takes, by either secret."""
    now_ms = round(time.time() * 1000)  # the library looks at the clock
    turned = replace(
        webhook(receiver.url), secrets=(Secret(SECRET), Secret(OLD, now_ms + 1), Secret("x", 1))
    )
    async with Sender(OPEN, Names(), 5) as sender:
        assert await sender.send(turned, DELIVERY, now_ms) == Arrived(204)

    (request,), (body,) = receiver.got, receiver.bodies
    whole = {
        "type": "assignment.held",
        "timestamp": "2023-11-14T22:13:20.000Z",
        "data": {"n": 1, "name": "Åse"},
    }
    for secret in (SECRET, OLD):
        assert Verifier(secret).verify(body, dict(request.headers)) == whole
    with pytest.raises(WebhookVerificationError):
        Verifier("whsec_" + "QUJD" * 8).verify(body, dict(request.headers))
    assert (request.method, request.headers["webhook-id"]) == ("POST", "dl-1-0-ab")
    assert request.headers["Content-Type"] == "application/json"
    assert request.headers["Accept-Encoding"] == "identity"
    assert len(request.headers["webhook-signature"].split(" ")) == 2
    assert "." not in DELIVERY.id  # it stands between id, time and body where they are signed


def test_every_attempt_has_the_same_id_and_body() -> None:
    first, second = (signed((SECRET,), "dl-1", b"{}", at) for at in (NOW, NOW + 60_000))
    assert first["webhook-id"] == second["webhook-id"]
    assert first["webhook-timestamp"] != second["webhook-timestamp"]
    assert body_of(DELIVERY) == body_of(replace(DELIVERY, attempts=7, due_ms=NOW + 9))
    assert json.loads(body_of(DELIVERY))["data"] == DELIVERY.data


@pytest.mark.parametrize(
    ("status", "want"),
    [
        (200, Arrived(200)),
        (202, Arrived(202)),
        (410, Abandon("it answered 410 Gone", 410)),
        (404, Failed("it answered 404", 404, 0, 0.25)),
        (500, Failed("it answered 500", 500, 0, 0.25)),
    ],
)
async def test_answers(receiver: Receiver, status: int, want: object) -> None:
    receiver.status = status
    assert await send(receiver.url) == want


async def test_who_asks_to_be_left_alone(receiver: Receiver) -> None:
    async def busy(_: web.Request) -> web.Response:
        return web.Response(status=429, headers={"Retry-After": "120"})

    receiver.answer = busy
    assert await send(receiver.url) == Failed("it answered 429", 429, 120_000, 0.25)


@pytest.mark.parametrize(
    ("header", "want"),
    [
        ("120", 120_000),
        ("Tue, 14 Nov 2023 22:14:20 GMT", 60_000),
        ("Tue, 14 Nov 2023 22:12:20 GMT", 0),
        ("", 0),
        ("soon", 0),
        ("-5", 0),
        ("9" * 5000, 0),
        ("Tue, 99 Nov 2023 22:12:20 GMT", 0),
    ],
)
def test_retry_after(header: str, want: int) -> None:
    assert after_ms(header, NOW) == want


@pytest.mark.parametrize(
    "target", ["http://127.0.0.1:9/", "http://169.254.169.254/latest/meta-data/", "/elsewhere"]
)
async def test_redirects_are_not_followed(receiver: Receiver, target: str) -> None:
    """Wherever they lead; what is allowed to be reached does not matter."""

    async def elsewhere(_: web.Request) -> web.Response:
        return web.Response(status=307, headers={"Location": target})

    receiver.answer = elsewhere
    outcome = await send(receiver.url)
    assert outcome == Failed("it answered 307; redirects are not followed", 307, 0, 0.25)
    assert len(receiver.got) == 1


async def test_private_addresses_are_not_connected_to(receiver: Receiver) -> None:
    """Written out, by a name, or by one that led elsewhere when it was checked."""
    port = receiver.url.split(":")[2].split("/")[0]
    rebinding = Names(hook=["8.8.8.8", "127.0.0.1"])
    url = f"http://hook.example.org:{port}/in"
    await ONLY_PUBLIC.check(url, rebinding)
    want = Failed("its host has no public address", None, 0, 0.25)
    assert await send(url, places=ONLY_PUBLIC, names=rebinding) == want
    assert len(rebinding.asked) == 2
    for host in ("127.0.0.1", "[::ffff:127.0.0.1]", "[::1]"):
        assert await send(f"http://{host}:{port}/in", places=ONLY_PUBLIC) == want
    assert receiver.got == []
    assert await send(url, names=Names(hook=["127.0.0.1"])) == Arrived(204)


async def test_what_was_allowed_once_may_not_be_now(receiver: Receiver) -> None:
    outcome = await send(receiver.url, places=Places(allow_private=True))
    assert outcome == Failed("webhooks are https", None, 0, 0.25)


async def test_an_endless_answer_is_not_read(receiver: Receiver) -> None:
    """Status and headers are all that counts; the connection ends with them."""
    sent, ended = 0, asyncio.Event()

    async def endless(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse(headers={"Content-Encoding": "gzip"})
        await response.prepare(request)
        try:
            while sent < 10 << 30:
                await response.write(b"x" * 65_536)
                sent += 65_536
        finally:
            ended.set()
        return response

    receiver.answer = endless
    assert await send(receiver.url) == Arrived(200)
    await asyncio.wait_for(ended.wait(), 10)
    assert sent < 32 << 20  # what the sockets between had room for


async def test_who_never_answers_has_failed(receiver: Receiver) -> None:
    """Whether nothing comes, or drops of headers for ever."""
    hanging = asyncio.Event()

    async def hang(_: web.Request) -> web.Response:
        await hanging.wait()
        return web.Response()

    receiver.answer = hang
    assert await send(receiver.url, timeout_s=0.2) == Failed(
        "no answer within 0.2 s", None, 0, 0.25
    )

    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        await hanging.wait()
        writer.close()

    async with await asyncio.start_server(drip, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        outcome = await send(f"http://127.0.0.1:{port}/", timeout_s=0.2)
        assert outcome == Failed("no answer within 0.2 s", None, 0, 0.25)
        hanging.set()


@pytest.mark.parametrize(
    "answer",
    [b"", b"SSH-2.0-OpenSSH_9\r\n", b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000 + b"\r\n\r\n"],
)
async def test_answers_that_are_none(answer: bytes) -> None:
    async def odd(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()

    async with await asyncio.start_server(odd, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        outcome = await send(f"http://127.0.0.1:{port}/")
    assert outcome == Failed("its answer is no HTTP, or broken off", None, 0, 0.25)


async def test_nobody_there(receiver: Receiver, unused_tcp_port: int) -> None:
    port = receiver.url.split(":")[2].split("/")[0]
    for url, why in (
        ("http://unknown.example.org/", "its host has no public address"),
        (f"http://127.0.0.1:{unused_tcp_port}/", "no connection"),
        (f"https://127.0.0.1:{port}/", "its certificate does not hold"),
    ):
        assert await send(url) == Failed(why, None, 0, 0.25)


async def test_connections_serve_again_and_cookies_do_not_come_back(receiver: Receiver) -> None:
    peers = set()

    async def cookie(request: web.Request) -> web.Response:
        assert request.transport is not None
        peers.add(request.transport.get_extra_info("peername"))
        return web.Response(status=204, headers={"Set-Cookie": "a=b"})

    receiver.answer = cookie
    async with Sender(OPEN, Names(), 5) as sender:
        for _ in range(3):
            await sender.send(webhook(receiver.url), DELIVERY, NOW)
    assert len(peers) == 1
    assert not any("Cookie" in request.headers for request in receiver.got)
