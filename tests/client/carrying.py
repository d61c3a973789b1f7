"""A meeting in memory that a carrier carries, and can be moved to another way."""

import asyncio
from collections.abc import Callable
from typing import Any

from signalling.client import ConnectionLost, RemoteError
from signalling.errors import DragomanError
from signalling.media.bind import LOOPBACK
from signalling.media.carrier import Carrier, Place, Want
from signalling.media.relay.leg import Bounds
from signalling.media.relay.relay import Relay
from tests.client.room import Room, Seat, peer

BOUNDS = Bounds(bind=LOOPBACK, participants=16)


def usual_relay() -> Relay:
    return Relay(BOUNDS)


class CarriedRoom(Room):
    """Does what the server does for ends that a carrier connects; a mesh until `move`."""

    def __init__(self, make: Callable[[], Carrier] = usual_relay) -> None:
        super().__init__()
        self.make = make
        self.carriers: dict[str, Carrier] = {}
        self.carrier: str | None = None
        self.states: list[tuple[str, str, str]] = []  # who said it, of whom, what
        self.wants: list[list[dict[str, Any]]] = []
        self.present: dict[str, str] = {}
        self.deaf = False  # offers are not answered
        self.down = False  # nobody can say anything
        self.unheard: list[tuple[str, str]] = []  # who tried to, and what: "" but for a state

    def seat(self) -> "CarriedSeat":
        return CarriedSeat(self)

    def begin(self) -> None:
        """Take another carrier from now on, without telling anybody."""
        self.carrier = f"ca-{len(self.carriers) + 1}"
        self.carriers[self.carrier] = self.make()

    def move(self) -> None:
        """Move everybody to another carrier."""
        self.begin()
        self.tell("topology")

    def move_to_mesh(self) -> None:
        self.carrier = None
        names = list(self.seats)
        for name, seat in self.seats.items():
            peers = [
                peer(other, offers=names.index(name) > names.index(other))
                for other in names
                if other != name
            ]
            self.announce(seat, meeting=self.view(), change="topology", peers=peers)

    def tell(self, change: str, **params: Any) -> None:
        for seat in self.seats.values():
            self.announce(seat, meeting=self.view(), change=change, **params)

    def where(self) -> dict[str, Any]:
        if self.carrier is None:
            return {"topology": "mesh"}
        return {"topology": "relay", "carrier": {"id": self.carrier, "kind": "relay"}}

    def view(self, state: str = "live", **states: str) -> dict[str, Any]:
        return super().view(state, **{**self.present, **states}) | self.where()

    async def close(self) -> None:
        for carrier in self.carriers.values():
            if isinstance(carrier, Relay):
                await carrier.close()


class CarriedSeat(Seat):
    """Also answers meeting.negotiate."""

    room: CarriedRoom

    async def call(self, method: str, /, **params: Any) -> dict[str, Any]:
        if method == "meeting.leave":
            self.room.present[self.name] = "left"
            self.room.tell("left", participant=self.name)
        if method != "meeting.negotiate":
            return await super().call(method, **params)
        self.calls.append(method)
        if self.room.down:
            self.room.unheard.append((self.name, params.get("state", "")))
            self.room.happen()
            raise ConnectionLost
        if self.room.deaf and "offer" in params:
            await asyncio.Event().wait()
        try:
            return await self._negotiate(**params)
        except DragomanError as error:
            raise RemoteError(error.code, error.name, str(error), error.data()) from error
        finally:
            self.room.happen()

    def _join(self) -> dict[str, Any]:
        joined = super()._join()
        if self.room.carrier:
            joined["peers"] = []
        return joined | self.room.where() | {"participants": self.room.view()["participants"]}

    async def _negotiate(
        self,
        meeting: str,
        carrier: str = "",
        offer: dict[str, str] | None = None,
        want: list[dict[str, Any]] | None = None,
        peer: str = "",
        state: str = "",
        **_: Any,
    ) -> dict[str, Any]:
        if state:
            self.room.states.append((self.name, peer, state))
            return self.room.where() if state == "failed" else {}
        if carrier != self.room.carrier:
            raise RemoteError(1005, "illegal_transition", "another carrier", {})
        place = Place(meeting, self.name)
        wants = tuple(Want(one["mid"], one["participant"]) for one in want or ())
        self.room.wants.append(want or [])
        if offer:
            answer = await self.room.carriers[carrier].offer(place, offer["sdp"], wants)
            return {"answer": {"sdp": answer}}
        await self.room.carriers[carrier].want(place, wants)
        return {}
