"""The people of the demo: interpreters with their ways of answering, and customers.

Times are the event loop's, in seconds: everybody is in this process, so they can be compared.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from signalling.client import Client, ClientError, CodecName, Event
from signalling.client.meeting import CAPABILITIES
from signalling.demo.child import Server
from signalling.demo.population import Interpreter

THINK_S: Final = 0.15  # a person who knows the answer
ANSWER_S: Final = 10.0
CODECS: Final[tuple[CodecName, ...]] = ("json", "msgpack")
# What becomes of an assignment without anybody's further doing ends with one of these.
SETTLED: Final = frozenset({"held", "confirmed", "unfilled", "cancelled", "no_show"})


class Unmet(Exception):
    """A step is not what it should be: the reason in words."""


@dataclass(slots=True)
class Ring:
    """One offer at one interpreter: when it came, and what became of it."""

    offer: str
    params: Mapping[str, Any]
    made_at: float
    accepted_at: float | None = None
    over: "asyncio.Future[str]" = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )


Behaviour = Callable[["Actor", Ring], Awaitable[None]]


async def accept(actor: "Actor", ring: Ring) -> None:
    """Look, think, accept."""
    await actor.client.call("offer.ack", offer=ring.offer, seen=True)
    await asyncio.sleep(THINK_S)
    await actor.client.call("offer.accept", offer=ring.offer)
    ring.accepted_at = asyncio.get_running_loop().time()


async def decline(actor: "Actor", ring: Ring) -> None:
    """Look, think, decline; a reason need not be given."""
    await actor.client.call("offer.ack", offer=ring.offer, seen=True)
    await asyncio.sleep(THINK_S)
    await actor.client.call("offer.decline", offer=ring.offer)


async def ignore(actor: "Actor", ring: Ring) -> None:
    """Let it ring; only the device says that it arrived."""
    await actor.client.call("offer.ack", offer=ring.offer)


async def drop(actor: "Actor", _: Ring) -> None:
    """Drive into a tunnel."""
    await actor.client.drop()


async def drop_and_return(actor: "Actor", ring: Ring) -> None:
    """Lose the network for a moment, come back, find the offer still ringing, accept it."""
    await actor.client.drop()
    recovered = await actor.client.reconnect()
    ringing = (await actor.client.call("offer.list"))["offers"]
    if not recovered or [each["offer"] for each in ringing] != [ring.offer]:
        raise Unmet("the offer no longer rang after a short loss of network")
    await accept(actor, ring)


class Actor:
    """An interpreter at their device, who answers what rings as their behaviour has it."""

    def __init__(self, profile: Interpreter, client: Client) -> None:
        self.id: str = profile["id"]
        self.profile = profile
        self.client = client
        self.behaviour: Behaviour = accept
        self.rings: dict[str, Ring] = {}
        self.failure: str | None = None
        self._answering: set[asyncio.Task[None]] = set()
        client.on_event(self._observe)

    @classmethod
    async def connect(cls, server: Server, profile: Interpreter, codec: CodecName) -> "Actor":
        token = server.token(profile["id"], "interpreter", profile["name"])
        client = await Client.connect(server.url, token, codec=codec, capabilities=CAPABILITIES)
        return cls(profile, client)

    def category(self, tag: str) -> str:
        """Return their qualification in a language, A to E, or "unqualified"."""
        skills = {skill["tag"]: skill for skill in self.profile["languages"]}
        return str(skills.get(tag, {}).get("qualification", "unqualified"))

    async def answered(self) -> None:
        """Wait until they have done what they do about the offers that rang so far."""
        await asyncio.gather(*self._answering)

    async def close(self) -> None:
        for task in self._answering:
            task.cancel()
        await asyncio.gather(*self._answering, return_exceptions=True)
        await self.client.close()

    def _observe(self, event: Event) -> bool:
        offer = event.params.get("offer")
        if event.method == "offer.made":
            ring = Ring(str(offer), event.params, asyncio.get_running_loop().time())
            self.rings[ring.offer] = ring
            task = asyncio.create_task(self._answer(ring))
            self._answering.add(task)
            task.add_done_callback(self._answering.discard)
        elif event.method == "offer.withdrawn" and offer in self.rings:
            over = self.rings[offer].over
            if not over.done():
                over.set_result(str(event.params["reason"]))
        return event.method.startswith("offer.")

    async def _answer(self, ring: Ring) -> None:
        try:
            await self.behaviour(self, ring)
        except (ClientError, TimeoutError, Unmet) as error:
            self.failure = f"{self.profile['name']}: {error or type(error).__name__}"


class Customer:
    """Somebody who asks, and hears what becomes of it."""

    def __init__(self, client: Client) -> None:
        self.client = client

    @classmethod
    async def connect(cls, server: Server, user: str, name: str, codec: CodecName) -> "Customer":
        token = server.token(user, "customer", name)
        return cls(await Client.connect(server.url, token, codec=codec, capabilities=CAPABILITIES))

    async def until(self, assignment: str, states: frozenset[str]) -> dict[str, Any]:
        """Return the assignment as soon as the server says that it is in one of the states."""
        seen = "no state"
        try:
            async with asyncio.timeout(ANSWER_S):
                while True:
                    event = await self.client.next_event("assignment.changed", ANSWER_S)
                    view = event.params["assignment"]
                    if view["id"] != assignment:
                        continue
                    seen = view["state"]
                    if seen in states:
                        return dict(view)
        except TimeoutError:
            wanted = " or ".join(sorted(states))
            raise Unmet(f"still {seen} after {ANSWER_S:g} s, not {wanted}") from None
