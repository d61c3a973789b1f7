"""One connection that listens on sharded channels. It dies once; `bus.py` replaces it."""

import asyncio
import math
from collections import deque
from collections.abc import Callable

from redis.asyncio.connection import AbstractConnection
from redis.exceptions import RedisError, ResponseError

from signalling.store.connect import StoreUnavailable, translated
from signalling.store.tasks import end

PING_S = 10.0  # of silence, after which the server is asked, and given up after as much again

_Asked = tuple[str, str, asyncio.Future[None]]  # verb, channel, answer
Deliver = Callable[[str, bytes], None]


class Link:
    """Hear messages of channels on one server.

    *deliver* gets each message; *lost* hears once that the connection is gone; *evicted* that
    a channel's slot has moved to another server.
    """

    def __init__(
        self,
        connection: AbstractConnection,
        deliver: Deliver,
        lost: Callable[["Link"], None],
        evicted: Callable[[str], None],
    ) -> None:
        self.alive = False
        self._connection = connection
        self._deliver = deliver
        self._lost = lost
        self._evicted = evicted
        self._asked: deque[_Asked] = deque()
        self._outgoing: list[bytes] = []
        self._wake = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._heard = 0.0
        self._pinged = False
        self._watch: asyncio.TimerHandle | None = None
        self._tasks: list[asyncio.Task[None]] = []

    async def open(self) -> None:
        with translated():
            await self._connection.connect()  # type: ignore[no-untyped-call]
        self.alive = True
        self._heard = self._loop.time()
        self._watch = self._loop.call_later(PING_S, self._judge)
        self._tasks = [asyncio.create_task(self._read()), asyncio.create_task(self._write())]

    async def aclose(self) -> None:
        self._die()
        await end(self._tasks)
        await self._connection.disconnect()

    def subscribe(self, channel: str) -> asyncio.Future[None]:
        """Ask for a channel; the future ends when the server has confirmed or refused."""
        return self._ask("SSUBSCRIBE", channel)

    def unsubscribe(self, channel: str) -> None:
        self._ask("SUNSUBSCRIBE", channel)

    def _ask(self, verb: str, channel: str) -> asyncio.Future[None]:
        answer: asyncio.Future[None] = self._loop.create_future()
        answer.add_done_callback(_look)
        if not self.alive:
            answer.set_exception(StoreUnavailable("the store does not answer"))
            return answer
        self._asked.append((verb, channel, answer))
        self._push(verb, channel)
        return answer

    def _push(self, *command: str) -> None:
        self._outgoing += self._connection.pack_command(*command)
        self._wake.set()

    async def _write(self) -> None:
        try:
            while self.alive:  # sending may swallow a cancellation
                await self._wake.wait()
                self._wake.clear()
                outgoing, self._outgoing = self._outgoing, []
                await self._connection.send_packed_command(outgoing, check_health=False)
        except (RedisError, OSError):
            self._die()

    async def _read(self) -> None:
        try:
            while self.alive:
                await self._read_one()
        except (RedisError, OSError):
            self._die()
        finally:
            await self._connection.disconnect(nowait=True)

    async def _read_one(self) -> None:
        try:
            reply = await self._connection.read_response(
                timeout=math.inf, disconnect_on_error=False
            )
        except ResponseError as error:  # the answer to the oldest question
            reply = error
        self._heard, self._pinged = self._loop.time(), False
        match reply:
            case [b"smessage", bytes(channel), bytes(body)]:
                self._deliver(channel.decode(), body)
            case [b"ssubscribe", *_]:
                self._answer(None)
            case [b"sunsubscribe", bytes(channel), _]:
                self._left(channel.decode())
            case ResponseError():
                self._answer(reply)

    def _answer(self, error: Exception | None) -> None:
        _, _, answer = self._asked.popleft()
        if answer.done():  # its asker has gone
            return
        if error is None:
            answer.set_result(None)
        else:
            answer.set_exception(error)

    def _left(self, channel: str) -> None:
        if self._asked and self._asked[0][:2] == ("SUNSUBSCRIBE", channel):
            self._answer(None)
        else:  # unasked: the channel's slot has moved
            self._evicted(channel)

    def _judge(self) -> None:
        """Ask, after a silence, whether anybody is there; end the connection after another."""
        now = self._loop.time()
        due = self._heard + PING_S
        if due > now:
            self._watch = self._loop.call_at(due, self._judge)
        elif self._pinged:
            self._die()
        else:
            self._probe()
            self._watch = self._loop.call_at(now + PING_S, self._judge)

    def _probe(self) -> None:
        self._pinged = True
        self._push("PING")

    def _die(self) -> None:
        if not self.alive:
            return
        self.alive = False
        if self._watch is not None:
            self._watch.cancel()
        for task in self._tasks:
            if task is not asyncio.current_task():
                task.cancel()
        while self._asked:
            self._answer(StoreUnavailable("the store does not answer"))
        self._lost(self)


def _look(answer: asyncio.Future[None]) -> None:
    """Take note of a failure, so that an answer nobody waits for makes no noise."""
    if not answer.cancelled():
        answer.exception()
