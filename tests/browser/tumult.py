"""Three people in a meeting to whom everything happens: `python -m tests.browser.tumult SEED`.

With `mesh` or `relay` and a number of things behind the seed, it does as many by that topology.
After each half of them everybody has to perceive everybody.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from random import Random

from tests.browser.chrome import chromium
from tests.browser.network import Network
from tests.browser.people import COLOURS, USERS, hz_of, join, perceives
from tests.browser.stage import LOOPBACK, Person, Stage, stage_at
from tests.e2e.carried import media_server

PERCEIVE_S = 40.0
CHANGE = "navigator.connection.dispatchEvent(new Event('change'))"


class Tumult:
    """Three people, the network of each, and what may happen to them."""

    def __init__(self, stage: Stage, seed: int) -> None:
        self.stage = stage
        self.random = Random(seed)
        self.meeting = ""
        self.people: list[Person] = []
        self.networks: list[Network] = []
        self.things: dict[str, Callable[[int], Awaitable[object]]] = {
            "reload": self.reload,
            "lose the socket": lambda n: self.people[n].run("client.drop()"),
            "change the network": lambda n: self.people[n].run(CHANGE),
            "change all networks": self.change_all,
            "lose everything": self.lose_everything,
            "cut all ways": self.cut,
            "leave and come back": self.come_back,
            "camera": self.camera,
            "another stream": self.stream,
            "kill the media process": self.kill,
        }

    async def meet(self) -> None:
        self.meeting = await self.stage.meeting(**dict(USERS))
        for number, (user, role) in enumerate(USERS[:3]):
            person, network = await self.stage.person(user, role), Network()
            await person.page.route_web_socket("**/v1/ws", network.between)
            self.people.append(person)
            self.networks.append(network)
            await join(person, self.meeting, number)
        await self.perceive()

    async def happen(self) -> str:
        """Let one thing happen to one of them; return which."""
        number = self.random.randrange(len(self.people))
        name = self.random.choice(sorted(self.things))
        await self.things[name](number)
        return f"{name}: {self.people[number].user}"

    async def perceive(self) -> None:
        for listener in self.people:
            for number, speaker in enumerate(self.people):
                if speaker is not listener:
                    await perceives(listener, speaker, number, within_s=PERCEIVE_S)

    async def settled(self) -> None:
        """Wait until nobody holds a connection that is not of use any more."""
        await self.perceive()
        for person in self.people:
            few = "now.open === (meeting.topology === 'mesh' ? 2 : 1)"
            await person.until_media(few, within_s=PERCEIVE_S)

    def close(self) -> None:
        for network in self.networks:
            network.cut()

    # --- what may happen --------------------------------------------------------------------------

    async def reload(self, number: int) -> None:
        await self.people[number].page.reload()
        await join(self.people[number], self.meeting, number)

    async def change_all(self, _: int) -> None:
        await asyncio.gather(*(person.run(CHANGE) for person in self.people))

    async def lose_everything(self, number: int) -> None:
        await self.networks[number].down()
        await self.people[number].until("client.state === 'reconnecting'")
        self.networks[number].up()

    async def cut(self, number: int) -> None:
        self.networks[number].cut()

    async def come_back(self, number: int) -> None:
        await self.people[number].run("meeting.leave()")
        await join(self.people[number], self.meeting, number)

    async def camera(self, number: int) -> None:
        await self.people[number].run("meeting.camera(false)")
        await self.people[number].run("meeting.camera(true)")

    async def stream(self, number: int) -> None:
        made = "([hz, colour]) => meeting.useStream(probe.person(hz, colour))"
        await self.people[number].run(made, [hz_of(number), COLOURS[number]])

    async def kill(self, _: int) -> None:
        if (pid := media_process(self.stage)) is not None:
            os.kill(pid, signal.SIGKILL)


def media_process(stage: Stage) -> int | None:
    """Return the id of the media process of the stage's server, if one runs now."""
    for task in Path(f"/proc/{stage.server.pid}/task").glob("*/children"):
        for child in task.read_text().split():
            if b"\0media\0" in Path(f"/proc/{child}/cmdline").read_bytes():
                return int(child)
    return None


async def tumult(stage: Stage, seed: int, count: int) -> list[str]:
    """Let *count* things happen; return them."""
    made = Tumult(stage, seed)
    try:
        await made.meet()
        happened = []
        for _ in range(count):
            happened.append(await made.happen())
            if made.random.random() < 0.5:
                await made.perceive()
        await made.settled()
    finally:
        made.close()
    return happened


async def main(seed: int, topology: str, count: int) -> None:
    with media_server(LOOPBACK) as server:
        async with chromium() as browser, stage_at(browser, server) as stage:
            await stage.policy(topology=topology)
            print("\n".join(await tumult(stage, seed, count)))


if __name__ == "__main__":
    given = dict(enumerate(sys.argv))
    asyncio.run(main(int(given.get(1, "1")), given.get(2, "relay"), int(given.get(3, "20"))))
