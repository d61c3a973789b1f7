"""The store: load records, commit a batch, run a script."""

import asyncio
import hashlib
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from importlib import resources
from typing import Any, Self

from redis.asyncio import Redis, RedisCluster
from redis.exceptions import NoScriptError

from signalling.store.commit import Batch, Committed, InboxBounds, script_input
from signalling.store.connect import (
    Client,
    StoreUnavailable,
    connection_to,
    open_client,
    translated,
)
from signalling.store.keys import Keys
from signalling.store.pipe import Pipe, Value

__all__ = ["Script", "Store", "StoreUnavailable", "Value"]


class Script:
    """A file of `lua/`, known to the server by the hash of its text."""

    def __init__(self, name: str) -> None:
        self.text = resources.files(__package__).joinpath("lua", f"{name}.lua").read_text()
        self.sha = hashlib.sha1(self.text.encode(), usedforsecurity=False).hexdigest()


COMMIT = Script("commit")
LOAD = Script("load")


class Store:
    """One Redis-protocol server, or a Cluster, by URL. Use as an async context manager.

    Every method raises `StoreUnavailable` when the store does not answer; a write's outcome is
    then unknown: load again, decide again.
    """

    def __init__(
        self,
        url: str,
        *,
        connections: int = 64,
        timeout_s: float = 5.0,
        inbox: InboxBounds = InboxBounds(),  # noqa: B008 - frozen
    ) -> None:
        self.url = url
        self.inbox = inbox
        self.timeout_s = timeout_s
        self.gone = False  # for good: set by whoever knows that nothing will answer any more
        self.client: Client = open_client(url, connections, timeout_s)
        self._pipe: Pipe | None = None
        self._opening = asyncio.Lock()
        # A Cluster's nodes raise when their connections are all in use; a pool waits.
        self._gate = (
            nullcontext() if isinstance(self.client, Redis) else asyncio.Semaphore(connections)
        )

    async def __aenter__(self) -> Self:
        if isinstance(self.client, RedisCluster):
            with translated():
                await self.client.initialize()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        if self._pipe is not None:
            await self._pipe.aclose()
        await self.client.aclose()

    async def load(self, keys: Sequence[str]) -> list[tuple[int, bytes | None]]:
        """Read records of one marketplace, at one moment: the version and body of each.

        An absent record is (0, None), a deleted one (version, None).
        """
        if not keys:
            return []
        found = await self.run(LOAD, keys)
        return [(int(v or 0), body) for v, body in zip(found[::2], found[1::2], strict=True)]

    async def commit(self, marketplace: str, batch: Batch) -> Committed | None:
        """Write a batch, whole or not at all; None when a record has changed since it was read."""
        events = await self.run(COMMIT, *script_input(Keys(marketplace), batch, self.inbox))
        return None if events is None else Committed(tuple(e.decode() for e in events))

    async def run(self, script: Script, keys: Sequence[str], args: Iterable[Value] = ()) -> Any:
        """Run a script, sending its text if the server does not know it yet."""
        with translated():
            try:
                return await self._send("EVALSHA", script.sha, len(keys), *keys, *args)
            except NoScriptError:  # nothing has run
                return await self._send("EVAL", script.text, len(keys), *keys, *args)

    async def ask(self, *command: Value) -> Any:
        """Run one command that is over at once, for a quarter of the CPU of `command`.

        Its answer has to be one that redis-py leaves as it is.
        """
        with translated():
            return await self._send(*command)

    async def command(self, *args: Value) -> Any:
        """Run one command, with redis-py's parsing of its answer."""
        async with self._gate:
            with translated():
                return await self.client.execute_command(*args)

    async def time_ms(self) -> int:
        """Return what the store's clock says, ms since 1970."""
        seconds, micros = await self.command("TIME")
        return int(seconds) * 1000 + int(micros) // 1000

    async def _send(self, *command: Value) -> Any:
        """Send a command: over the one pipe of a server, or where a Cluster has its keys."""
        if isinstance(self.client, RedisCluster):
            async with self._gate:
                return await self.client.execute_command(*command)
        pipe = self._pipe
        if pipe is None or not pipe.alive:
            pipe = await self._open_pipe()
        return await pipe.ask(*command)

    async def _open_pipe(self) -> Pipe:
        async with self._opening:
            if self._pipe is None or not self._pipe.alive:
                self._pipe = Pipe(connection_to(self.client, ""), self.timeout_s)
                await self._pipe.open()
            return self._pipe
