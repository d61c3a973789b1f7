"""Room for deliveries on their way at once, shared so that nobody's slow webhooks delay others."""

from collections import Counter
from collections.abc import Callable, Hashable


class Room:
    """So many places of a process. An app has no more of them than are left free.

    So one alone has half, two have a third each, and whoever comes next finds as much as each
    of those before has. *on_free* are called once there is room again after there was not.
    """

    def __init__(self, places: int) -> None:
        self.on_free: list[Callable[[], None]] = []
        self._free = places
        self._taken = Counter[Hashable]()
        self._wanted = False

    def has(self, app: Hashable) -> bool:
        """Say whether an app may have one more place."""
        room = self._taken[app] < self._free
        self._wanted = self._wanted or not room
        return room

    def take(self, app: Hashable) -> None:
        self._free -= 1
        self._taken[app] += 1

    def give_back(self, app: Hashable) -> None:
        self._free += 1
        self._taken[app] -= 1
        if not self._taken[app]:
            del self._taken[app]
        if self._wanted:
            self._wanted = False
            for call in self.on_free:
                call()
