"""WebRTC signals on their way to a participant: published, or kept for a while."""

from typing import Literal, NamedTuple

from signalling.store.keys import Keys
from signalling.store.store import Script, Store, Value

DELIVER = Script("signal")

Fate = Literal["sent", "kept", "overflow"]
FATES: dict[int, Fate] = {1: "sent", 0: "kept", -1: "overflow"}


class Kept(NamedTuple):
    """How much is kept for a participant: candidates, bytes of other signals, for how long."""

    candidates: int
    size: int
    ms: int


class Signals:
    """The signals of one marketplace.

    Who subscribes to a participant's channel, or has to subscribe again after a gap, takes
    what is pending right after: until then everything new queues up behind it, in order.
    """

    def __init__(self, store: Store, marketplace: str, kept: Kept) -> None:
        self._store = store
        self._keys = Keys(marketplace)
        self._kept = kept

    async def deliver(
        self, meeting: str, participant: str, body: bytes, *, is_candidate: bool
    ) -> Fate:
        """Publish a signal if its receiver is there, else keep it.

        "overflow" drops it and all that was kept: both sides have to negotiate again.
        """
        keys = [self._keys.pending(meeting, participant), self._keys.to(meeting, participant)]
        kind = "c" if is_candidate else "o"
        args: list[Value] = [kind, body, *self._kept]
        return FATES[await self._store.run(DELIVER, keys, args)]

    async def take(self, meeting: str, participant: str) -> list[bytes]:
        """Return and remove what was kept, in order."""
        key = self._keys.pending(meeting, participant)
        most = self._kept.size + self._kept.candidates + 1  # a body has at least one byte
        return [kept[1:] for kept in await self._store.ask("LPOP", key, most) or ()]
