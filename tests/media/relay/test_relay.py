"""People with real peer connections meet at a relay."""

import pytest

from signalling.media.relay.relay import Relay
from tests.media.relay.people import BOUNDS, gather_all, people


async def test_three_hear_and_see_each_other() -> None:
    relay = Relay(BOUNDS)
    async with people(relay, 3, slots=2) as everybody:
        await gather_all(everybody)
        for listener in everybody:
            others = [other for other in everybody if other is not listener]
            for index, speaker in enumerate(others):
                heard = await listener.observer(index).heard_hz()
                assert heard == pytest.approx(speaker.hz, abs=5)
                pictures = await listener.observer(index, "video").seen(5)
                assert {whose for _, whose in pictures} == {speaker.number}
    await relay.close()
