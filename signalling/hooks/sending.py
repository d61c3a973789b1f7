"""Send one delivery to its webhook, as Standard Webhooks have it, and say what became of it."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from random import SystemRandom
from typing import Final, Self

import aiohttp
import msgspec
from aiohttp.abc import AbstractResolver
from standardwebhooks import Webhook as Signer

from signalling.core.delivery import Abandon, Arrived, Delivery, Failed
from signalling.core.times import rfc3339
from signalling.core.webhook import Webhook
from signalling.errors import InvalidParams
from signalling.hooks.places import NOWHERE, NotAllowed, Places

READ_AHEAD: Final = 4096  # bytes of an answer, which nobody reads
GONE: Final = 410
REDIRECTS: Final = range(300, 400)
_CHANCE = SystemRandom()
_SECONDS = re.compile(r"\d{1,9}", re.ASCII)

Outcome = Arrived | Failed | Abandon


class Sender:
    """Posts to webhooks; an async context manager.

    It follows no redirect, keeps no cookie, unpacks nothing, reads no body, uses no proxy, and
    connects only where *places* let it.
    """

    def __init__(
        self,
        places: Places,
        resolver: AbstractResolver,
        timeout_s: float,
        chance: Callable[[], float] = _CHANCE.random,
    ) -> None:
        self._places = places
        self._resolver = resolver
        self._timeout_s = timeout_s
        self._chance = chance
        self._session: aiohttp.ClientSession

    async def __aenter__(self) -> Self:
        connector = aiohttp.TCPConnector(
            limit=0,
            resolver=self._resolver,
            use_dns_cache=False,
            socket_factory=self._places.open_socket,
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=self._timeout_s),
            headers={"User-Agent": "Dragoman", "Accept-Encoding": "identity"},
            auto_decompress=False,
            read_bufsize=READ_AHEAD,
        )
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._session.close()

    async def send(self, webhook: Webhook, delivery: Delivery, now_ms: int) -> Outcome:
        """Post a delivery; only an answer of 2xx in time counts as its arrival."""
        body = body_of(delivery)
        headers = signed(webhook.live_secrets(now_ms), delivery.id, body, now_ms)
        try:
            self._places.check_url(webhook.spec.url)
            answer = await self._session.post(
                webhook.spec.url, data=body, headers=headers, allow_redirects=False
            )
            answer.close()  # unless it is whole already: then the connection serves again
        except InvalidParams as error:  # what is allowed has changed since
            return self._failed(error.detail)
        except TimeoutError:
            return self._failed(f"no answer within {self._timeout_s:g} s")
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return self._failed(_why(error))
        return self._judged(answer, now_ms)

    def _judged(self, answer: aiohttp.ClientResponse, now_ms: int) -> Outcome:
        status = answer.status
        if status in range(200, 300):
            return Arrived(status)
        if status == GONE:
            return Abandon("it answered 410 Gone", status)
        why = f"it answered {status}"
        if status in REDIRECTS:
            why += "; redirects are not followed"
        return self._failed(why, status, after_ms(answer.headers.get("Retry-After", ""), now_ms))

    def _failed(self, why: str, status: int | None = None, wait_ms: int = 0) -> Failed:
        return Failed(why, status, wait_ms, self._chance())


def body_of(delivery: Delivery) -> bytes:
    """Return what is posted, the same at every attempt."""
    return msgspec.json.encode(
        {
            "type": delivery.type,
            "timestamp": rfc3339(delivery.happened_ms),
            "data": delivery.data,
        }
    )


def signed(secrets: tuple[str, ...], id_: str, body: bytes, now_ms: int) -> dict[str, str]:
    """Return the headers of an attempt, with a signature by each secret that holds."""
    now = datetime.fromtimestamp(now_ms // 1000, UTC)
    text = body.decode()
    return {
        "Content-Type": "application/json",
        "webhook-id": id_,
        "webhook-timestamp": str(now_ms // 1000),
        "webhook-signature": " ".join(Signer(each).sign(id_, now, text) for each in secrets),
    }


def after_ms(header: str, now_ms: int) -> int:
    """Return how long a Retry-After asks to wait, ms; 0 if it cannot be read."""
    if _SECONDS.fullmatch(header):
        return int(header) * 1000
    try:
        return max(0, round(parsedate_to_datetime(header).timestamp() * 1000) - now_ms)
    except (ValueError, OverflowError):
        return 0


def _why(error: Exception) -> str:
    """Name a failure without what only concerns the server's own network."""
    match error:
        case aiohttp.ClientConnectorDNSError():
            return NOWHERE
        case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientConnectorSSLError():
            return "its certificate does not hold"
        case aiohttp.ClientConnectorError(os_error=cause):
            return NOWHERE if isinstance(cause, NotAllowed) else "no connection"
        case _:
            return "its answer is no HTTP, or broken off"
