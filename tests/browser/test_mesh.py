"""People hear and see each other straight, from page to page."""

import pytest

from tests.browser.people import met, perceive_each_other
from tests.browser.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_two_hear_and_see_each_other(stage: Stage) -> None:
    _, (ann, bea) = await met(stage)
    await perceive_each_other([ann, bea])
    for person in (ann, bea):
        media = await person.hears_and_sees_more()
        assert media["open"] == 1
        await person.until("[...meeting.participants.values()].every((p) => p.leg === 'connected')")
