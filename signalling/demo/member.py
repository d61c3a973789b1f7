"""One session of a simulated interpreter: says yes, comes, stays to the end, rates.

What they call is refused now and then, for a customer changed their mind or another was faster:
that is an answer like any other.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from random import Random
from types import TracebackType
from typing import Any, Final, Self

import structlog
from aiortc.mediastreams import MediaStreamTrack

from signalling.client import Client, ClientError, Event
from signalling.client.meeting import Media, MeetingPeer
from signalling.demo.figure import Figure, Hum
from signalling.store.tasks import end

LOG = structlog.get_logger(__name__)

THINK_S: Final = (1.0, 4.0)
# Whoever enters first starts the time in which the other must come: newcomers look around.
WAIT_S: Final = 40.0
NOTES_S: Final = 20.0  # the customer finishes, or else they do
EARLY_S: Final = 120.0  # on site before the start
AHEAD_S: Final = 3_600.0  # farther ahead a reminder comes first
MEETS: Final = frozenset({"held", "connecting", "in_progress"})

Work = Callable[[], Awaitable[None]]


class Member:
    """Answers what a client is told. *bind* are the addresses its media offer; empty: all."""

    def __init__(self, client: Client, number: int, random: Random, bind: tuple[str, ...]) -> None:
        self._client = client
        self._number = number
        self._random = random
        self._bind = bind
        self._tasks: set[asyncio.Task[None]] = set()
        self._busy: set[str] = set()  # offers and assignments that a task sees to
        self._states: dict[str, str] = {}  # of the assignments that they are in
        self._changed = asyncio.Event()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await end(self._tasks)

    async def work(self) -> None:
        """Be available and see to whatever comes, until the socket is down."""
        await self._client.call("presence.set", status="available")
        snapshot = self._client.opened.get("snapshot") or {}
        for offer in snapshot.get("offers", ()):
            self._see_to(str(offer["offer"]), partial(self._accept, str(offer["offer"])))
        for assignment in snapshot.get("assignments", ()):
            self._look(assignment)
        self._see_to("recommended", self._seek)
        async for event in self._client.events():
            self._hear(event)

    def _hear(self, event: Event) -> None:
        params = event.params
        match event.method:
            case "offer.made":
                offer = str(params["offer"])
                self._see_to(offer, partial(self._accept, offer))
            case "assignment.recommended":
                id_ = str(params["recommendation"]["assignment"]["id"])
                self._see_to(id_, partial(self._could, id_))
            case "assignment.changed" | "assignment.reminder":
                self._look(params["assignment"])

    def _look(self, assignment: Mapping[str, Any]) -> None:
        """Go where an assignment of theirs now wants them."""
        id_, state = str(assignment["id"]), str(assignment["state"])
        if id_ in self._states:
            self._states[id_] = state
            self._changed.set()
        if state == "wrap_up":
            self._see_to(f"after {id_}", partial(self._conclude, id_))
        elif assignment.get("mode") == "onsite":
            if state == "confirmed":
                self._see_to(id_, partial(self._arrive, assignment))
        elif state in MEETS and assignment.get("meeting"):
            self._see_to(id_, partial(self._attend, assignment))

    # --- what they do -------------------------------------------------------------------------

    async def _accept(self, offer: str) -> None:
        await self._client.call("offer.ack", offer=offer, seen=True)
        await self._think()
        won = await self._client.call("offer.accept", offer=offer)
        self._look(won["assignment"])

    async def _seek(self) -> None:
        """Say of whatever waits for interest that they could."""
        found = await self._client.call("assignment.recommend")
        for each in found["recommendations"]:
            if not each.get("interested"):
                await self._could(str(each["assignment"]["id"]))

    async def _could(self, assignment: str) -> None:
        await self._think()
        await self._client.call("assignment.interest", assignment=assignment)

    async def _arrive(self, assignment: Mapping[str, Any]) -> None:
        """Be on site in time, and say so."""
        ahead_s = _seconds_until(assignment.get("starts_at")) - EARLY_S
        if ahead_s <= AHEAD_S:
            await asyncio.sleep(max(self._pause_s(), ahead_s))
            await self._client.call("assignment.check_in", assignment=assignment["id"])

    async def _attend(self, assignment: Mapping[str, Any]) -> None:
        """Enter the meeting once the customer has, or after a while; stay until it is over."""
        id_ = str(assignment["id"])
        self._states[id_] = str(assignment["state"])
        try:
            await self._customer_came(id_, _seconds_until(assignment.get("starts_at")))
            seen = assignment["mode"] == "video"
            media = Media(partial(self._sources, seen=seen), bind=self._bind)
            async with MeetingPeer(self._client, str(assignment["meeting"]), media) as peer:
                await peer.join(media={"audio": True, "video": seen})
                await peer.ended.wait()
            await self._client.call("presence.set", status="available")
        finally:
            del self._states[id_]

    async def _customer_came(self, assignment: str, starts_in_s: float) -> None:
        try:
            async with asyncio.timeout(max(WAIT_S, starts_in_s)):
                while self._states[assignment] == "held":
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            return  # they come into the empty meeting, which is where the customer looks for them

    async def _conclude(self, assignment: str) -> None:
        """Finish what the customer has not finished, be available again, rate."""
        await asyncio.sleep(NOTES_S)
        found = await self._client.call("assignment.get", assignment=assignment)
        if found["assignment"]["state"] == "wrap_up":
            await self._client.call("assignment.complete", assignment=assignment)
        await self._client.call("presence.set", status="available")
        await self._client.call("feedback.rate", assignment=assignment, stars=5)

    def _sources(self, *, seen: bool) -> list[MediaStreamTrack]:
        return [Hum(self._number), *([Figure(self._number)] if seen else [])]

    async def _think(self) -> None:
        await asyncio.sleep(self._pause_s())

    def _pause_s(self) -> float:
        return self._random.uniform(*THINK_S)

    def _see_to(self, what: str, work: Work) -> None:
        """Do it beside everything else, once at a time."""
        if what in self._busy:
            return
        self._busy.add(what)

        async def safely() -> None:
            try:
                await work()
            except (ClientError, TimeoutError) as error:
                LOG.debug("a simulated interpreter was refused", what=what, why=str(error))
            finally:
                self._busy.discard(what)

        task = asyncio.create_task(safely(), name=f"simulated {what}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _seconds_until(starts_at: str | None) -> float:
    if starts_at is None:
        return 0.0
    return (datetime.fromisoformat(starts_at) - datetime.now(UTC)).total_seconds()
