"""Bookings on a test's world: asked for, offered by letter, taken and met for."""

from typing import Any

from signalling.core import events as on
from signalling.core.times import rfc3339
from signalling.dispatcher import Dispatcher
from signalling.service.call import Caller
from tests.dispatching import looked
from tests.world import World, customer, interpreter, request

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS


def hence(world: World, hours: float) -> int:
    """Return a whole minute about so many hours from now, ms."""
    return (world.clock.now_ms() + round(hours * HOUR_MS)) // MINUTE_MS * MINUTE_MS


async def book(world: World, start_ms: int, caller: Caller | None = None, **terms: Any) -> str:
    """Ask for work that starts then; return the assignment."""
    asked = request(starts_at=rfc3339(start_ms), **terms)
    answer = await world.call("assignment.create", caller or customer(world), **asked)
    return str(answer["assignment"]["id"])


async def letters(world: World, id_: str) -> dict[str, str]:
    """Return the offers of an assignment that stand, by interpreter."""
    a = await world.get("assignment", id_)
    return {o.interpreter: o.id for slot in a.slots for o in slot.ringing}


async def take(world: World, dispatcher: Dispatcher, id_: str, who: str) -> dict[str, Any]:
    """Let somebody accept what was offered them; return the answer."""
    await looked(world, dispatcher)
    offer = (await letters(world, id_))[who]
    answer: dict[str, Any] = await world.call("offer.accept", interpreter(world, who), offer=offer)
    return answer


async def join(world: World, id_: str, *addresses: str) -> None:
    """Let people enter the meeting of an assignment."""
    meeting = (await world.get("assignment", id_)).meeting
    for address in addresses:
        who = address.replace(":", ".")
        arrival = on.Join(address, f"pa-{who}", f"s-{who}", 1)
        await world.tell("meeting", meeting, arrival)


async def shown(world: World, caller: Caller, id_: str) -> dict[str, Any]:
    """Return an assignment as a caller sees it."""
    answer = await world.call("assignment.get", caller, assignment=id_)
    found: dict[str, Any] = answer["assignment"]
    return found


async def history(world: World, caller: Caller, id_: str) -> list[dict[str, Any]]:
    """Return what happened to an assignment, as a caller may know it."""
    answer = await world.call("assignment.get", caller, assignment=id_, history=True)
    return list(answer["history"])


async def state(world: World, id_: str) -> str:
    return str((await world.get("assignment", id_)).state)


async def heard(world: World, address: str, method: str) -> list[dict[str, Any]]:
    """Return the events of one method in an inbox."""
    return [params for name, params in await world.mails(address) if name == method]
