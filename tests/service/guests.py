"""A meeting of Kari and Ann at an app that can sign guests' links, for the tests of the lobby."""

from dataclasses import dataclass
from typing import Any

import pytest

from signalling.errors import DragomanError
from signalling.service.call import Caller, Session
from signalling.store.apps import App, Apps
from signalling.web.auth import Authenticator
from tests.service.test_meetings import ANN, KARI, join
from tests.world import SETTINGS, World, customer, interpreter, staff_app

EVA, ED = Session("s-eva", 1, "n1"), Session("s-ed", 1, "n1")


@dataclass
class Room:
    """A meeting of Kari and Ann, both inside, at an app that can sign."""

    world: World
    app: App
    id: str

    @property
    def kari(self) -> Caller:
        return customer(self.world, app=self.app.key)

    @property
    def ann(self) -> Caller:
        return interpreter(self.world, "ann")

    @property
    def staff(self) -> Caller:
        return staff_app(self.world, self.app.key)

    async def call(self, method: str, caller: Caller, /, *, over: Any = None, **params: Any) -> Any:
        return await self.world.call(method, caller, over, meeting=self.id, **params)

    async def invite(self, by: Caller | None = None, **params: Any) -> dict[str, Any]:
        answer: dict[str, Any] = await self.call("meeting.invite", by or self.kari, **params)
        return answer

    async def guest(self, **params: Any) -> Caller:
        """Return whom a new link's token names."""
        return await self.bearer((await self.invite(**params))["token"])

    async def bearer(self, token: str) -> Caller:
        apps = Apps(self.world.store)
        return await Authenticator(apps.get, SETTINGS.tokens).authenticate(token)

    async def join(self, caller: Caller, session: Session = EVA) -> Any:
        return await join(self.world, caller, session, self.id)

    async def let_in(self, caller: Caller) -> Any:
        """Let a guest come and in; return what they are answered then."""
        waiting = await self.join(caller)
        await self.call("meeting.update", self.kari, admit=waiting["participant"])
        return await self.join(caller)

    async def record(self) -> Any:
        return await self.world.get("meeting", self.id)


async def refused(error: type[DragomanError], work: Any) -> DragomanError:
    """Return how something is refused."""
    with pytest.raises(error) as caught:
        await work
    return caught.value


async def opened(world: World) -> Room:
    """Return such a meeting, with both inside."""
    app = await Apps(world.store).create("Hospital", world.marketplace)
    people = [{"user": "kari", "role": "customer"}, {"user": "ann", "role": "interpreter"}]
    made = await world.call("meeting.create", staff_app(world, app.key), participants=people)
    room = Room(world, app, made["meeting"]["id"])
    await room.join(room.kari, KARI)
    await room.join(room.ann, ANN)
    return room
