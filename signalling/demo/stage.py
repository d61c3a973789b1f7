"""The stage: a server with the whole population, and some of it online."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import Any, Final

from signalling.client import Client, CodecName, HttpClient
from signalling.demo.actors import CODECS, Actor, Customer, Unmet
from signalling.demo.child import Server
from signalling.demo.population import Interpreter

AT_ONCE: Final = 20  # connecting
ONLINE_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class Stage:
    """Who is there. The operator sees what customers may not: each offer and its fate."""

    server: Server
    actors: dict[str, Actor]
    operator: Client
    codecs: Iterator[CodecName]

    async def record(self, assignment: str) -> dict[str, Any]:
        """Return an assignment with all its offers, as operators see it."""
        result = await self.operator.call("assignment.get", assignment=assignment)
        return dict(result["assignment"])

    @contextlib.asynccontextmanager
    async def customer(self, name: str) -> AsyncIterator[Customer]:
        """Let a customer in for one request; every other one speaks MessagePack."""
        user = name.lower().replace(" ", "-")
        customer = await Customer.connect(self.server, user, name, next(self.codecs))
        async with customer.client:
            yield customer


async def import_population(server: Server, people: Sequence[Interpreter]) -> None:
    """Put everybody as NDJSON over HTTP; nobody may be refused."""
    async with HttpClient(server.url, server.token("demo", "app")) as http:
        result = await http.import_interpreters(people)
    if result["imported"] != len(people) or result["failed"]:
        raise Unmet(f"{result['imported']} of {len(people)} imported: {result['failures'][:3]}")


@contextlib.asynccontextmanager
async def online(server: Server, people: Sequence[Interpreter]) -> AsyncIterator[Stage]:
    """Connect people, half of them in JSON and half in MessagePack, and let them be available.

    The stage is given once the matcher counts all of them.
    """
    async with contextlib.AsyncExitStack() as stack:
        token = server.token("olga", "operator", "Olga Operator")
        operator = await stack.enter_async_context(await Client.connect(server.url, token))
        await operator.call("presence.watch", summary=True)
        actors: dict[str, Actor] = {}
        stack.push_async_callback(_close, actors)
        turns = asyncio.Semaphore(AT_ONCE)

        async def connect(person: Interpreter, codec: CodecName) -> None:
            async with turns:
                actor = actors[person["id"]] = await Actor.connect(server, person, codec)
                await actor.client.call("presence.set", status="available")

        try:
            async with asyncio.TaskGroup() as group:
                for person, codec in zip(people, cycle(CODECS), strict=False):
                    group.create_task(connect(person, codec))
        except ExceptionGroup as several:
            raise several.exceptions[0] from None
        await _counted(operator, len(people))
        yield Stage(server, actors, operator, cycle(CODECS))


async def _counted(operator: Client, expected: int) -> None:
    available = 0
    try:
        async with asyncio.timeout(ONLINE_S):
            while available != expected:
                summary = await operator.next_event("presence.summary", ONLINE_S)
                available = summary.params["available"]
    except TimeoutError:
        raise Unmet(f"{available} of {expected} are counted as available") from None


async def _close(actors: dict[str, Actor]) -> None:
    await asyncio.gather(*(actor.close() for actor in actors.values()))
