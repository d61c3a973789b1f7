"""The life of an assignment on the customer's page, from the offer to the rating."""

import asyncio

import pytest
from playwright.async_api import Page

from signalling.client import Client
from tests.browser.customer import answer, ask, customer, go, until
from tests.browser.stage import Person, Stage
from tests.browser.visitor import faults, offered, press, said

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def enter(kari: Person) -> Page:
    """Follow the link into the meeting, in a tab of its own, and enter."""
    async with kari.context.expect_page() as opening:
        await kari.page.get_by_role("link", name="Enter the meeting").click()
    meeting = await opening.value
    await meeting.wait_for_selector(".preview-buttons button:not(:disabled)")
    await meeting.click("button[type=submit]")
    await meeting.wait_for_selector("main.room")
    return meeting


async def at_work(stage: Stage) -> tuple[Person, Client, str]:
    """Let a customer ask, an interpreter accept, and both enter; return them and the assignment."""
    ann = await stage.town.interpreter("ann", "so")
    kari = await customer(stage)
    await ask(kari)
    assignment = await answer(ann)
    for each in (await stage.town.customer("kari"), ann):
        await each.call("meeting.join", meeting=assignment["meeting"])
    return kari, ann, assignment["id"]


async def test_from_asking_to_the_rating(stage: Stage) -> None:
    """Asked, accepted with reasons, met, done, rated: by the page alone."""
    ann = await stage.town.interpreter("ann", "so", profile={"name": "Ann Warsame"})
    kari = await customer(stage)
    await ask(kari)
    await said(kari, "Wave 1: 1 interpreter asked so far.")
    assignment = await answer(ann)
    card = await until(kari, "held")
    assert "Ann Warsame accepted, and waits for you." in await card.inner_text()
    assert "category B" in await card.inner_text()
    await card.get_by_text("Why Ann Warsame?").click()
    await card.locator(".reasons li").first.wait_for()
    assert await faults(kari) == []

    room = await enter(kari)
    await ann.call("meeting.join", meeting=assignment["meeting"])
    await until(kari, "in_progress")
    await room.close()
    await press(kari, "It is done")
    dialog = kari.page.locator("dialog")
    await dialog.get_by_role("button", name="It is done").click()
    await until(kari, "wrap_up")
    await press(kari, "It is done")
    await dialog.get_by_role("button", name="It is done").click()
    await until(kari, "completed")

    await go(kari, "past")
    await press(kari, "Rate")
    assert await faults(kari) == []
    await dialog.get_by_label("4", exact=True).check()
    await dialog.get_by_label("In words (optional)").fill("Clear and calm.")
    await dialog.get_by_role("button", name="Rate").click()
    await said(kari, "You gave 4 stars.")
    (slot,) = (await stage.town.assignment(assignment["id"]))["slots"]
    assert (slot["stars"], slot["comment"]) == (4, "Clear and calm.")


async def test_a_button_that_is_held_down_stays_where_it_is(stage: Stage) -> None:
    """Were its card drawn anew before it is let go, nothing would be clicked."""
    kari, ann, assignment = await at_work(stage)
    card = await until(kari, "in_progress")
    await card.get_by_role("button", name="It is done").hover()
    await kari.page.mouse.down()
    await ann.call("assignment.complete", assignment=assignment)
    await said(kari, "The meeting is over.")
    await kari.page.mouse.up()
    await kari.page.get_by_role("heading", name="Is it done?").wait_for()
    await until(kari, "wrap_up")


async def test_a_problem_is_reported(stage: Stage) -> None:
    """What is missing is named; what was sent reaches the staff."""
    kari, _, _ = await at_work(stage)
    await until(kari, "in_progress")
    await press(kari, "Report a problem")
    dialog = kari.page.locator("dialog")
    await dialog.get_by_label("What it is about").select_option("times")
    await dialog.get_by_label("How long it took, minutes").fill("12")
    await dialog.get_by_role("button", name="Report a problem").click()
    await dialog.locator('[data-path="text"][aria-invalid="true"]:focus').wait_for()
    await dialog.get_by_label("What happened").fill("It took less.")
    assert await faults(kari) == []
    await dialog.get_by_role("button", name="Report a problem").click()
    await said(kari, "Your report was received.")
    operator = await stage.town.connect("olga", "operator")
    (report,) = (await operator.call("feedback.reports"))["reports"]
    assert (report["kind"], report["minutes"], report["text"]) == ("times", 12, "It took less.")


async def test_more_are_asked_while_one_looks(stage: Stage) -> None:
    clients = [await stage.town.interpreter(name, "so") for name in ("ann", "bea")]
    kari = await customer(stage)
    await kari.page.get_by_text("More wishes").click()
    await kari.page.get_by_label("How they are asked").select_option("one_at_a_time")
    await ask(kari)
    await said(kari, "Wave 1: 1 interpreter asked so far.")
    rung = [asyncio.ensure_future(each.next_event("offer.made", 30)) for each in clients]
    (first,), (second,) = await asyncio.wait(rung, return_when=asyncio.FIRST_COMPLETED)
    await clients[rung.index(first)].call("offer.decline", offer=first.result().params["offer"])
    await said(kari, "Wave 2: 2 interpreters asked so far.")
    second.cancel()


async def test_calling_it_off_with_a_reason(stage: Stage) -> None:
    ann = await stage.town.interpreter("ann", "so")
    kari = await customer(stage)
    await ask(kari)
    await press(kari, "Call off")
    await kari.page.get_by_label("Why (optional)").fill("They speak English.")
    await kari.page.locator("dialog").get_by_role("button", name="Call off").click()
    withdrawn = await ann.next_event("offer.withdrawn")
    assert withdrawn.params["reason"] == "cancelled"
    await go(kari, "past")
    card = await until(kari, "cancelled")
    assert await card.is_visible()
    await go(kari, "current")
    await said(kari, "Nothing is asked for.")


async def test_a_dialog_that_is_left_changes_nothing(stage: Stage) -> None:
    await stage.town.register("ann", "so")
    kari = await customer(stage)
    await ask(kari)
    await press(kari, "Call off")
    await kari.page.keyboard.press("Escape")
    await kari.page.wait_for_selector("dialog", state="detached")
    await offered(kari, "Call off")
    await until(kari, "searching")


async def test_a_reload_and_another_device_see_the_same(stage: Stage) -> None:
    ann = await stage.town.interpreter("ann", "so")
    kari = await customer(stage)
    await ask(kari)
    await answer(ann)
    await until(kari, "held")
    await kari.page.reload()
    await until(kari, "held")
    phone = await customer(stage)
    await go(phone, "current")
    await until(phone, "held")


async def test_what_happened_meanwhile_is_caught_up_with(stage: Stage) -> None:
    ann = await stage.town.interpreter("ann", "so")
    kari = await customer(stage)
    await ask(kari)
    await kari.context.set_offline(True)
    await said(kari, "You are offline.")
    await answer(ann)
    await kari.context.set_offline(False)
    await until(kari, "held")
