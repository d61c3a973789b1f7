"""A meeting at one Janus: its VideoRoom, and the legs of its people."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress

from signalling.errors import IllegalTransition, Unavailable
from signalling.media.carrier import Offered, Place
from signalling.media.janus.leg import Desk, Leg
from signalling.media.janus.link import Refused
from signalling.media.janus.videoroom import new_id


class Room:
    """The VideoRoom of *meeting*, made when somebody comes first; *number* is its number there."""

    def __init__(self, meeting: str, desk: Desk) -> None:
        self.meeting = meeting
        self.number = new_id()
        self.desk = desk
        self.made = False
        self.legs: list[Leg] = []  # the earlier first; somebody's latest counts
        self._making = asyncio.Lock()

    async def publish(self, place: Place, sdp: str) -> str:
        """Take a client's offer; return the answer. The connections it had before end."""
        leg = self.latest(place.participant)
        if leg is None or leg.offered:
            leg = self._add(place)
        leg.offered = True
        try:
            await self._make()
            answer = await leg.publish(sdp)
        except BaseException:
            await self.drop((leg,))
            raise
        before = self.legs[: self.legs.index(leg)]
        await self.drop(earlier for earlier in before if earlier.place == place)
        return answer

    async def subscribe(self, place: Place, participants: Iterable[str]) -> Offered:
        """Offer the media of those of *participants* who publish."""
        await self._make()
        leg = self.latest(place.participant) or self._add(place)
        others = (self._published(who) for who in participants if who != place.participant)
        return await leg.subscribe({it.feed: it.place.participant for it in others if it})

    async def answer(self, place: Place, sdp: str) -> None:
        """Take the client's answer to what was offered last."""
        leg = self.latest(place.participant)
        if leg is None:
            raise IllegalTransition("nothing was offered that could be answered")
        await leg.answer(sdp)

    async def leave(self, place: Place) -> None:
        """End whatever connections this place has."""
        await self.drop([leg for leg in self.legs if leg.place == place])

    async def drop(self, legs: Iterable[Leg]) -> None:
        """End connections; nobody can subscribe to them from now on."""
        legs = tuple(legs)
        self.legs = [leg for leg in self.legs if leg not in legs]
        if ending := [task for leg in legs for task in leg.close()]:
            await asyncio.wait(ending)

    async def destroy(self) -> None:
        """Remove the room from Janus, and everybody in it."""
        await self.drop(self.legs)
        async with self._making:
            if self.made:
                with suppress(Unavailable, Refused):
                    await self.desk.videoroom.destroy(self.number)

    async def _make(self) -> None:
        async with self._making:
            if not self.made:
                await self.desk.videoroom.create(self.number)
                self.made = True

    def _add(self, place: Place) -> Leg:
        leg = Leg(self.desk, self.number, place)
        self.legs.append(leg)
        return leg

    def latest(self, participant: str) -> Leg | None:
        """Return the leg of a participant that counts."""
        mine = (leg for leg in reversed(self.legs) if leg.place.participant == participant)
        return next(mine, None)

    def _published(self, participant: str) -> Leg | None:
        live = (
            leg for leg in reversed(self.legs) if leg.place.participant == participant and leg.live
        )
        return next(live, None)
