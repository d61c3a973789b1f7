"""One connection for many callers: commands leave together, answers come back in their order.

A connection a command would cost three times the CPU, and a commit's fsync serves every commit
that arrives with it. A pipe dies once; its owner makes another. Nothing is ever sent twice.
"""

import asyncio
import math
from collections import deque
from typing import Any

import hiredis
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import RedisError, ResponseError

from signalling.store.tasks import end

Value = str | bytes | int | float


class Pipe:
    """Ask one server; *timeout_s* of silence while somebody waits end the connection."""

    def __init__(self, connection: AbstractConnection, timeout_s: float) -> None:
        self.alive = False
        self._connection = connection
        self._timeout_s = timeout_s
        self._loop = asyncio.get_running_loop()
        self._asked: deque[tuple[float, asyncio.Future[Any]]] = deque()
        self._heard = 0.0
        self._outgoing: list[bytes] = []
        self._wake = asyncio.Event()
        self._watch: asyncio.TimerHandle | None = None
        self._tasks: list[asyncio.Task[None]] = []

    async def open(self) -> None:
        """Connect; raises what redis-py raises."""
        await self._connection.connect()  # type: ignore[no-untyped-call]
        self.alive = True
        self._tasks = [asyncio.create_task(self._read()), asyncio.create_task(self._write())]

    async def aclose(self) -> None:
        self._die(ConnectionError("closed"))
        await end(self._tasks)
        await self._connection.disconnect()

    def ask(self, *command: Value) -> asyncio.Future[Any]:
        """Send a command; the future has its answer, or the error of the server or connection."""
        answer: asyncio.Future[Any] = self._loop.create_future()
        if not self.alive:
            answer.set_exception(ConnectionError("the connection is lost"))
            return answer
        now = self._loop.time()
        self._asked.append((now, answer))
        self._outgoing.append(hiredis.pack_command(command))  # type: ignore[arg-type]
        self._wake.set()
        if self._watch is None:
            self._watch = self._loop.call_at(now + self._timeout_s, self._look)
        return answer

    async def _write(self) -> None:
        try:
            while self.alive:  # sending may swallow a cancellation
                await self._wake.wait()
                self._wake.clear()
                outgoing, self._outgoing = self._outgoing, []
                await self._connection.send_packed_command(outgoing, check_health=False)
        except (RedisError, OSError, AttributeError) as error:
            self._die(error)  # an AttributeError is redis-py's, when we disconnect meanwhile

    async def _read(self) -> None:
        try:
            while self.alive:
                self._answer(await self._next())
        except (RedisError, OSError) as error:
            self._die(error)
        finally:
            await self._connection.disconnect(nowait=True)

    async def _next(self) -> Any:
        try:
            return await self._connection.read_response(timeout=math.inf, disconnect_on_error=False)
        except ResponseError as error:  # the answer to that command
            return error

    def _answer(self, reply: Any) -> None:
        self._heard = self._loop.time()
        _, answer = self._asked.popleft()
        if answer.done():  # its asker has gone
            return
        if isinstance(reply, Exception):
            answer.set_exception(reply)
        else:
            answer.set_result(reply)

    def _look(self) -> None:
        """End the connection if it was silent for too long; else look again when it may be."""
        self._watch = None
        if not self._asked:
            return
        due = max(self._asked[0][0], self._heard) + self._timeout_s
        if due <= self._loop.time():
            self._die(TimeoutError("no answer"))
        else:
            self._watch = self._loop.call_at(due, self._look)

    def _die(self, error: Exception) -> None:
        if not self.alive:
            return
        self.alive = False
        if self._watch is not None:
            self._watch.cancel()
        for task in self._tasks:
            if task is not asyncio.current_task():
                task.cancel()
        while self._asked:
            self._answer(ConnectionError(str(error)))
