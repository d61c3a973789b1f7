"""A meeting in memory: what the server does for two or three aiortc ends, and no more."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

from signalling.client import Event, RemoteError
from signalling.client.session import Observer


class Room:
    """Relays signals in order; the later to join offers (both ends are aiortc)."""

    def __init__(self) -> None:
        self.seats: dict[str, Seat] = {}
        self.relayed: list[tuple[str, str, dict[str, Any]]] = []
        self.tamper: Callable[[dict[str, Any]], dict[str, Any] | None] = lambda signal: signal
        self.late_news = False
        self._held: list[Callable[[], None]] = []
        self._happened = asyncio.Event()

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something said or heard makes it so."""
        while not holds():
            self._happened.clear()
            await self._happened.wait()

    def happen(self) -> None:
        self._happened.set()

    def told(self, sender: str, kind: str) -> bool:
        return any(who == sender and said["type"] == kind for who, _, said in self.relayed)

    def seat(self) -> "Seat":
        return Seat(self)

    def view(self, state: str = "live", **states: str) -> dict[str, Any]:
        return {
            "id": "m1",
            "state": state,
            "participants": [
                {"participant": name, "state": states.get(name, "joined")} for name in self.seats
            ],
        }

    def tell_news(self) -> None:
        """Deliver the announcements that were held back."""
        held, self._held = self._held, []
        for tell in held:
            tell()

    def announce(self, seat: "Seat", **params: Any) -> None:
        def tell() -> None:
            seat.deliver("meeting.changed", params)

        if self.late_news:
            self._held.append(tell)
        else:
            tell()


class Seat:
    """What a MeetingPeer takes for its client."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self.name = ""
        self.observers: list[Observer] = []
        self.calls: list[str] = []
        self.before_answer: list[dict[str, Any]] = []

    def on_event(self, observer: Observer, /) -> Callable[[], None]:
        self.observers.append(observer)
        return lambda: self.observers.remove(observer)

    def deliver(self, method: str, params: dict[str, Any]) -> None:
        copy = json.loads(json.dumps(params))

        def show() -> None:
            for observer in tuple(self.observers):
                observer(Event(method, copy))
            self.room.happen()

        asyncio.get_running_loop().call_soon(show)

    async def call(self, method: str, /, **params: Any) -> dict[str, Any]:
        self.calls.append(method)
        self.room.happen()
        if method == "meeting.join":
            return self._join()
        if method == "meeting.signal":
            return self._signal(params["to"], params["signal"])
        return {}

    def _join(self) -> dict[str, Any]:
        room = self.room
        self.name = f"p{len(room.seats) + 1}"
        others = list(room.seats.items())
        room.seats[self.name] = self
        for change in self.before_answer:
            for observer in self.observers:
                observer(Event("meeting.changed", change))
        for _, other in others:
            room.announce(other, meeting=room.view(), change="joined", peers=[peer(self.name)])
        return {
            "participant": self.name,
            "ice_servers": [],
            "peers": [peer(name, offers=True) for name, _ in others],
        }

    def _signal(self, to: str, signal: dict[str, Any]) -> dict[str, Any]:
        if to not in self.room.seats:
            raise RemoteError(1003, "not_found", "not found", {"name": "not_found"})
        self.room.relayed.append((self.name, to, signal))
        self.room.happen()
        changed = self.room.tamper(signal)
        if changed is not None:
            event = {"meeting": "m1", "from": self.name, "seq": 1, "signal": changed}
            self.room.seats[to].deliver("meeting.signal", event)
        return {"seq": 1}


def peer(name: str, *, offers: bool = False, polite: bool | None = None) -> dict[str, Any]:
    return {
        "participant": name,
        "offers": offers,
        "polite": offers if polite is None else polite,
        "negotiation": "single",
    }
