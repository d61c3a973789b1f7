"""Look up hosts of webhooks beside everything else: somebody's name server may never answer."""

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from aiohttp.abc import AbstractResolver, ResolveResult

THREADS: Final = 64
Infos = list[tuple[Any, Any, int, str, tuple[Any, ...]]]


class Lookup(AbstractResolver):
    """Asks the system, on threads of its own; a host that is slow keeps one of them busy."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="lookup")
        self._asked: dict[tuple[str, int, int], asyncio.Future[Infos]] = {}

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Return the addresses of a host; raise OSError where there are none."""
        key = host, port, int(family)
        asked = self._asked.get(key)
        if asked is None:
            asked = asyncio.get_running_loop().run_in_executor(
                self._threads, _addresses, host, port, family
            )
            self._asked[key] = asked
            asked.add_done_callback(lambda done: self._answered(key, done))
        return [
            ResolveResult(
                hostname=host,
                host=address[0],
                port=port,
                family=found,
                proto=protocol,
                flags=socket.AI_NUMERICHOST,
            )
            for found, _, protocol, _, address in await asyncio.shield(asked)
        ]

    def _answered(self, key: tuple[str, int, int], done: "asyncio.Future[Infos]") -> None:
        self._asked.pop(key, None)
        if not done.cancelled():
            done.exception()  # whoever asked may have given up

    async def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


def _addresses(host: str, port: int, family: socket.AddressFamily) -> Infos:
    try:
        return socket.getaddrinfo(host, port, family=family, type=socket.SOCK_STREAM)
    except UnicodeError as error:  # a label that is too long for the name system
        raise OSError(str(error)) from None
