"""Ask a media node, and answer as one, over channels of the store.

A question is a message with an id and the channel to answer on; what needs no answer has neither.
Nothing is stored: a question that nobody hears fails at once, one that is lost fails in time.
"""

import asyncio
import itertools
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, Self

import msgpack

from signalling import errors
from signalling.errors import DragomanError, InternalError, Unavailable
from signalling.store.bus import Bus
from signalling.store.keys import Keys, marketplace_of
from signalling.store.store import Store
from signalling.store.tasks import end

LOG = logging.getLogger(__name__)
ANSWER_S: Final = 10.0
AT_ONCE: Final = 500  # questions that a media node works on

_PACK: Final = msgpack.packb

Params = Mapping[str, Any]
# Given the marketplace and the params; returns the answer's members.
Handler = Callable[[str, dict[str, Any]], Awaitable[dict[str, Any]]]
KINDS: Final = {
    kind.name: kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, DragomanError)
}


class Calls:
    """Asks media nodes; *me* names this process among those that ask."""

    def __init__(self, store: Store, bus: Bus, me: str) -> None:
        self._store = store
        self._bus = bus
        self._me = me
        self._ids = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._heard: set[str] = set()
        self._subscribing = asyncio.Lock()

    async def ask(
        self, marketplace: str, node: str, method: str, params: Params, within_s: float = ANSWER_S
    ) -> dict[str, Any]:
        """Return what the node answers; raise what it refuses with.

        Unavailable: it is gone, or did not answer in time.
        """
        await self._listen(marketplace)
        id_ = next(self._ids)
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        answer.add_done_callback(lambda done: done.cancelled() or done.exception())
        self._waiting[id_] = answer
        keys = Keys(marketplace)
        reply = keys.answers(self._me)
        body = _PACK({"method": method, "params": dict(params), "id": id_, "reply": reply})
        try:
            async with asyncio.timeout(within_s):
                if not await self._store.command("SPUBLISH", keys.media(node), body):
                    raise Unavailable("the media node is gone")
                return await answer
        except TimeoutError:
            raise Unavailable("the media node did not answer in time") from None
        finally:
            del self._waiting[id_]

    def fail(self) -> None:
        """Give up what was asked: its answers may have come while the bus was deaf."""
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(Unavailable("the answer of the media node may be lost"))

    async def _listen(self, marketplace: str) -> None:
        async with self._subscribing:
            if marketplace not in self._heard:
                await self._bus.subscribe(Keys(marketplace).answers(self._me), self._hear)
                self._heard.add(marketplace)

    def _hear(self, _: str, body: bytes) -> None:
        said = msgpack.unpackb(body)
        answer = self._waiting.get(said["id"])
        if answer is None or answer.done():
            return
        if (error := said.get("error")) is None:
            answer.set_result(said["result"])
        else:
            kind = KINDS.get(error["name"], InternalError)
            extra = error.get("extra") or {}
            answer.set_exception(kind(error["detail"], path=error["path"], **extra))


class Desk:
    """Answers as the media node *node*. An async context manager; `watch` each marketplace.

    *notices* get what needs no answer.
    """

    def __init__(
        self,
        store: Store,
        bus: Bus,
        node: str,
        handlers: Mapping[str, Handler],
        notices: Mapping[str, Callable[[str, dict[str, Any]], Awaitable[None]]],
    ) -> None:
        self._store = store
        self._bus = bus
        self._node = node
        self._handlers = handlers
        self._notices = notices
        self._watched: set[str] = set()
        self._running: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        for marketplace in self._watched:
            await self._bus.unsubscribe(Keys(marketplace).media(self._node), self._hear)
        await end(self._running)

    async def watch(self, marketplace: str) -> None:
        """Answer in this marketplace too; again is harmless."""
        if marketplace not in self._watched:
            await self._bus.subscribe(Keys(marketplace).media(self._node), self._hear)
            self._watched.add(marketplace)

    def _hear(self, channel: str, body: bytes) -> None:
        said = msgpack.unpackb(body)
        marketplace, method, params = marketplace_of(channel), said["method"], said["params"]
        if "id" not in said:
            if notice := self._notices.get(method):
                self._spawn(notice(marketplace, params))
            return
        self._spawn(self._answer(marketplace, method, params, said))

    def _spawn(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(self._guarded(work))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _guarded(self, work: Awaitable[None]) -> None:
        try:
            await work
        except DragomanError as error:
            LOG.warning("a notice could not be followed: %s", error)
        except Exception:
            LOG.exception("a media node failed on a message")

    async def _answer(
        self, marketplace: str, method: str, params: dict[str, Any], said: Params
    ) -> None:
        answer: dict[str, Any] = {"id": said["id"]}
        try:
            if len(self._running) > AT_ONCE:
                raise Unavailable("the media node has too much to do")
            answer["result"] = await self._handlers[method](marketplace, params)
        except DragomanError as error:
            answer["error"] = _spelled(error)
        except Exception:
            LOG.exception("a media node failed on %s", method)
            answer["error"] = _spelled(InternalError())
        await self._store.command("SPUBLISH", said["reply"], msgpack.packb(answer))


def _spelled(error: DragomanError) -> dict[str, Any]:
    return {
        "name": error.name,
        "detail": error.detail,
        "path": error.path,
        "extra": error.extra,
    }
