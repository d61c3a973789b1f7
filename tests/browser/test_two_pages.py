"""Customer and interpreter side by side, each on their page: a whole life by hand, real media."""

import pytest

from tests.browser.customer import ask, customer, until
from tests.browser.desk import available, interpreter, ring
from tests.browser.stage import Person, Stage
from tests.browser.visitor import said

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def enter(person: Person, link: str) -> Person:
    """Follow the link into the meeting, which opens in another tab, and enter."""
    async with person.context.expect_page() as opening:
        await person.page.get_by_role("link", name=link).click()
    room = Person(person.context, await opening.value, person.user, person.token)
    await room.page.wait_for_selector(".preview-buttons button:not(:disabled)")
    await room.page.click("button[type=submit]")
    await room.page.wait_for_selector("main.room")
    return room


async def test_a_life_lived_by_hand(stage: Stage) -> None:
    """Asked, rung, accepted, met, heard and seen, ended, done, rated by both."""
    ann = await interpreter(stage)
    await available(ann)
    kari = await customer(stage)
    await said(kari, "1 interpreter available now, by video.")
    await ask(kari)
    await ring(ann).get_by_role("button", name="Accept").click()
    await until(kari, "held")

    inside = await enter(kari, "Enter the meeting")
    await ring(ann).get_by_role("button", name="Close").click()
    beside = await enter(ann, "Join the meeting")
    await inside.hears_and_sees_more()
    await beside.hears_and_sees_more()
    await inside.page.get_by_role("button", name="End for all").click()
    await inside.page.get_by_role("button", name="End for everybody").click()
    await said(beside, "The meeting has ended")

    await kari.page.bring_to_front()
    card = await until(kari, "wrap_up")
    await card.get_by_role("button", name="Rate").click()
    dialog = kari.page.locator("dialog")
    await dialog.get_by_role("button", name="Rate").click()
    await dialog.locator("fieldset .problem").wait_for()  # no number of stars is proposed
    await dialog.get_by_label("5", exact=True).check()
    await dialog.get_by_role("button", name="Rate").click()
    await said(kari, "You gave 5 stars.")
    await card.get_by_role("button", name="It is done").click()
    await dialog.get_by_role("button", name="It is done").click()
    card = await until(kari, "completed")
    made = await stage.town.assignment(str(await card.get_attribute("data-id")))
    (slot,) = made["slots"]
    assert (slot["state"], slot["stars"]) == ("completed", 5)
    assert inside.wrong == beside.wrong == []
