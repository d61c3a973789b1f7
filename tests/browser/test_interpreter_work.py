"""Work at the interpreter's page once it is theirs: met, given back, done, rated."""

from typing import Any

import pytest

from signalling.client import Client
from tests.browser.desk import available, card, go, interpreter, ring
from tests.browser.stage import Person, Stage
from tests.browser.visitor import faults, press, said

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def taken(stage: Stage, person: Person, **terms: Any) -> tuple[dict[str, Any], Client]:
    """Let a customer ask and the interpreter accept; return the assignment and the customer."""
    await available(person)
    customer = await stage.town.customer("kari")
    assignment = await stage.town.ask(customer, **terms)
    await ring(person).get_by_role("button", name="Accept").click()
    await ring(person).get_by_role("button", name="Close").click()
    return assignment, customer


async def test_giving_back(stage: Stage) -> None:
    ann = await interpreter(stage)
    assignment, _ = await taken(stage, ann)
    await press(ann, "Give it back")
    await ann.page.get_by_label("Why?").select_option("Illness")
    assert await faults(ann) == []
    dialog = ann.page.locator("dialog[open]")
    await dialog.get_by_role("button", name="Give it back").click()
    await said(ann, "You gave it back.")
    assert "interpreter" not in (await stage.town.assignment(assignment["id"]))["slots"][0]
    assert await ann.page.locator(".card", has_text="Ready to begin").count() == 0


async def test_changing_ones_mind_about_that(stage: Stage) -> None:
    ann = await interpreter(stage)
    assignment, _ = await taken(stage, ann)
    await press(ann, "Give it back")
    await press(ann, "Cancel")
    assert (await stage.town.assignment(assignment["id"]))["state"] == "held"
    focused = "document.activeElement.dataset.act"
    assert await ann.run(focused) == "give_back"


async def test_from_the_meeting_to_the_rating(stage: Stage) -> None:
    ann = await interpreter(stage)
    assignment, customer = await taken(stage, ann)
    found = await stage.town.assignment(assignment["id"])
    async with ann.context.expect_page() as opening:
        await ann.page.get_by_role("link", name="Join the meeting").click()
    meet = await opening.value
    await meet.click("button[type=submit]")
    await meet.wait_for_selector("main.room")
    await customer.call("meeting.join", meeting=found["meeting"])
    await ann.page.bring_to_front()  # pages behind others draw once in two seconds
    await card(ann, "In progress").wait_for()
    await press(ann, "The work is done")
    assert await faults(ann) == []
    dialog = ann.page.locator("dialog[open]")
    await dialog.get_by_role("button", name="The work is done").click()
    await card(ann, "Wrap-up").wait_for()
    await press(ann, "Rate")
    await press(ann, "Send")
    await ann.until("() => document.querySelector('dialog[open] fieldset .problem')")
    await ann.page.get_by_role("radio", name="4").check(force=True)
    await ann.page.get_by_label("Anything to add?").fill("A quiet room.")
    assert await faults(ann) == []
    await press(ann, "Send")
    await said(ann, "Thank you. Staff read it.")
    await said(ann, "You gave 4 stars.")
    await press(ann, "Finish the wrap-up")
    await dialog.get_by_role("button", name="The work is done").click()
    await go(ann, "schedule")
    await card(ann, "Done").wait_for()


async def test_times_that_end_before_they_begin(stage: Stage) -> None:
    ann = await interpreter(stage)
    assignment, customer = await taken(stage, ann)
    found = await stage.town.assignment(assignment["id"])
    interpreter_ = await stage.town.connect("ann", "interpreter")
    for client in (customer, interpreter_):
        await client.call("meeting.join", meeting=found["meeting"])
    await card(ann, "In progress").wait_for()
    await press(ann, "The work is done")
    dialog = ann.page.locator("dialog[open]")
    await dialog.get_by_label("To").fill("2020-01-01T10:00")
    await dialog.get_by_role("button", name="The work is done").click()
    await ann.until("() => document.activeElement.dataset.path === 'ended_at'")
    await said(ann, "It ends before it starts, or a day after.")


async def test_the_customer_calls_it_off(stage: Stage) -> None:
    ann = await interpreter(stage)
    assignment, customer = await taken(stage, ann)
    await customer.call("assignment.cancel", assignment=assignment["id"])
    await said(ann, "was called off.")
    await ann.until("() => !document.querySelector('.now .card [data-act=join]')")
    await ann.page.reload()
    await go(ann, "schedule")
    await card(ann, "Called off").wait_for()
    assert "Now" not in await card(ann, "Called off").locator("dd").all_inner_texts()


async def test_what_happens_meanwhile_is_said_over_a_dialog(stage: Stage) -> None:
    """A modal dialog covers the page, and silences what lies under it."""
    ann = await interpreter(stage)
    assignment, customer = await taken(stage, ann)
    await press(ann, "Give it back")
    await customer.call("assignment.cancel", assignment=assignment["id"])
    await ann.page.locator("dialog[open] .toast", has_text="was called off.").wait_for()
    await ann.page.keyboard.press("Escape")
    await ann.page.locator("body > #toasts .toast", has_text="was called off.").wait_for()


async def test_reporting_wrong_times(stage: Stage) -> None:
    ann = await interpreter(stage)
    assignment, customer = await taken(stage, ann)
    found = await stage.town.assignment(assignment["id"])
    theirs = await stage.town.connect("ann", "interpreter")
    for client in (customer, theirs):
        await client.call("meeting.join", meeting=found["meeting"])
    await theirs.call("assignment.complete", assignment=assignment["id"])
    await card(ann, "Wrap-up").wait_for()
    await press(ann, "Report")
    await ann.page.get_by_label("What happened?").fill("It took longer.")
    await press(ann, "Send")
    await said(ann, "Say how many minutes the work took.")
    await ann.page.get_by_label("Minutes that you worked").fill("40")
    await press(ann, "Send")
    await said(ann, "The answer appears under Standing.")
    staff = await stage.town.http()
    (report,) = (await staff.call("feedback.reports"))["reports"]
    assert (report["kind"], report["minutes"]) == ("times", 40)
    await go(ann, "standing")
    await said(ann, "It took longer.")
