"""A session over a WebSocket that survives its sockets."""

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import asdict, dataclass
from random import Random, SystemRandom
from types import TracebackType
from typing import Any, Final, Self

import aiohttp
from yarl import URL

from signalling.client.backoff import Advice, Backoff
from signalling.client.codec import CODECS, CodecName
from signalling.client.errors import ClientError, ConnectionLost, RemoteError
from signalling.client.mailbox import Event, Mailbox
from signalling.client.wire import Wire

ANSWER_S: Final = 30.0
GOODBYE_S: Final = 2.0
REMEMBERED_EVENTS: Final = 128  # twice an inbox: delivery is at least once

Observer = Callable[[Event], bool]


@dataclass(frozen=True, slots=True)
class Resume:
    """What continues a session on a new socket; `resume_token` is secret and works once."""

    session: str
    resume_token: str
    last_event: str | None = None


class Client:
    """One session: `call` methods, read `events`, `reconnect` after a drop.

        async with await Client.connect("http://127.0.0.1:8080", token) as client:
            await client.call("presence.set", status="available")
            offer = await client.next_event("offer.made")

    `opened` is the last answer to session.open, with the snapshot unless it was recovered.
    """

    def __init__(self, url: str, token: str, codec: CodecName, opening: dict[str, Any]) -> None:
        self.opened: dict[str, Any] = {}
        self.last_event: str | None = None
        self.advice: Advice | None = None
        self._url = socket_url(url)
        self._token = token
        self._codec = CODECS[codec]
        self._opening = opening
        self._http = aiohttp.ClientSession()
        self._wire: Wire | None = None
        self._mailbox = Mailbox()
        self._observers: list[Observer] = []
        self._seen: deque[str] = deque(maxlen=REMEMBERED_EVENTS)

    @classmethod
    async def connect(
        cls,
        url: str,
        token: str,
        *,
        codec: CodecName = "json",
        device: str | None = None,
        capabilities: Sequence[str] = (),
        resume: Resume | None = None,
    ) -> Self:
        """Open a session at the server of *url* (http, https, ws or wss).

        *resume* continues one of another process. Raise RemoteError when the server refuses,
        ConnectionLost when nobody answers.
        """
        opening: dict[str, Any] = {"capabilities": list(capabilities)} if capabilities else {}
        if device is not None:
            opening["device"] = device
        client = cls(url, token, codec, opening)
        try:
            await client._open(resume)
        except BaseException:
            await client.close()
            raise
        return client

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    # --- asking -------------------------------------------------------------------------------

    async def call(self, method: str, /, **params: Any) -> dict[str, Any]:
        """Ask and return the result.

        Raise RemoteError when the server refuses, ConnectionLost when the socket is or goes
        down (the outcome is then unknown), TimeoutError without an answer within 30 s.
        """
        return await self._connected.call(method, params, ANSWER_S)

    async def notify(self, method: str, /, **params: Any) -> None:
        """Tell without an answer."""
        await self._connected.notify(method, params)

    async def refresh(self, token: str) -> dict[str, Any]:
        """Go on with a newer token, on this socket and on those after it."""
        result = await self.call("session.refresh", token=token)
        self._token = token
        return result

    # --- events -------------------------------------------------------------------------------

    async def next_event(self, method: str, within_s: float = 10.0) -> Event:
        """Return the oldest event of that method not taken yet, or wait for one.

        Raise TimeoutError, or ConnectionLost when the socket is down.
        """
        async with asyncio.timeout(within_s):
            return await self._mailbox.take(lambda event: event.method == method)

    async def events(self) -> AsyncIterator[Event]:
        """Give each event as it comes; end with the socket. Go on after reconnect()."""
        while True:
            try:
                event = await self._mailbox.take(lambda _: True)
            except ConnectionLost:
                return
            yield event

    def on_event(self, observer: Observer) -> Callable[[], None]:
        """Show *observer* each event before it is kept; return what ends that.

        An observer that returns True keeps the event to itself. It outlives the socket.
        """
        self._observers.append(observer)
        return lambda: self._observers.remove(observer)

    # --- the connection -----------------------------------------------------------------------

    @property
    def lost(self) -> ConnectionLost | None:
        """Why the socket is down; None while it is up."""
        if self._wire is None:
            return ConnectionLost(reason="not connected")
        return ConnectionLost(*self._wire.lost) if self._wire.lost else None

    @property
    def resume(self) -> Resume:
        """What continues this session elsewhere."""
        return Resume(self.opened["session"], self.opened["resume_token"], self.last_event)

    async def wait_lost(self) -> ConnectionLost:
        """Wait until the socket is down; return why."""
        while True:
            try:
                await self._mailbox.take(lambda _: False)
            except ConnectionLost as lost:
                return lost

    async def reconnect(self, backoff: Backoff | None = None, random: Random | None = None) -> bool:
        """Come back after a drop, as advised and with jitter; return whether nothing was missed.

        False: `opened["snapshot"]` is what is current. Raise ConnectionLost when the close code
        forbids to return or every try failed, RemoteError when the session is refused for good.
        """
        failure = self.lost or ConnectionLost(1000, "replaced by reconnect()")
        if not failure.may_return:
            raise failure
        if self._wire:
            await self._wire.close()
        delays = (backoff or Backoff()).delays_s(self.advice, random or SystemRandom())
        for delay_s in delays:
            await asyncio.sleep(delay_s)
            try:
                await self._open(self.resume)
            except ConnectionLost as lost:
                if not lost.may_return:
                    raise
                failure = lost
            except RemoteError as error:
                if not error.retryable:
                    raise
            except TimeoutError:
                failure = ConnectionLost(reason="session.open was not answered")
            else:
                return bool(self.opened.get("recovered"))
        raise failure

    async def close(self) -> None:
        """End the session for good. Harmless when it is over."""
        wire = self._wire
        try:
            if wire and not wire.lost:
                with contextlib.suppress(ClientError, TimeoutError):
                    await wire.call("session.close", {}, GOODBYE_S)
            if wire:
                await wire.close()
        finally:
            await self._http.close()

    async def drop(self) -> None:
        """Lose the socket without a goodbye; the session can be resumed."""
        await self._connected.drop()

    @property
    def _connected(self) -> Wire:
        if self._wire is None:
            raise ConnectionLost(reason="not connected")
        return self._wire

    async def _open(self, resume: Resume | None) -> None:
        params = {"token": self._token, **self._opening}
        if resume:
            self.last_event = resume.last_event
            params["resume"] = {k: v for k, v in asdict(resume).items() if v is not None}
        wire = await Wire.open(self._http, self._url, self._codec, self._receive, self._ended)
        self._wire = wire
        self._mailbox.reopen()
        try:
            self.opened = await wire.call("session.open", params, ANSWER_S)
        except BaseException:
            await wire.close()
            raise
        self.advice = None
        if not self.opened.get("recovered"):
            self.last_event = (self.opened.get("snapshot") or {}).get("last_event")
            self._seen.clear()

    def _ended(self, wire: Wire) -> None:
        if wire is self._wire and wire.lost:
            self._mailbox.shut(*wire.lost)

    def _receive(self, event: Event) -> None:
        if event.event_id is not None:
            if event.event_id in self._seen:
                return
            self._seen.append(event.event_id)
            self.last_event = event.event_id
        if event.method == "session.draining":
            self.advice = Advice.of(event.params)
        if not any(observer(event) for observer in tuple(self._observers)):
            self._mailbox.put(event)


def socket_url(url: str) -> URL:
    """Return where the socket is: /v1/ws below the server's address, unless that was given."""
    base = URL(url)
    return base if base.path.endswith("/v1/ws") else base / "v1" / "ws"
