"""Offers that ring at the interpreter's page: seen, answered by hand, and lost."""

from typing import Any

import pytest

from signalling.client import HttpClient
from tests.browser.desk import available, card, chip, interpreter, ring
from tests.browser.stage import Person, Stage
from tests.browser.visitor import faults, said

pytestmark = pytest.mark.asyncio(loop_scope="session")

SHIFTS = """() => {
    window.shifted = 0;
    new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) window.shifted += entry.value;
    }).observe({ type: 'layout-shift', buffered: false });
}"""


async def rung(stage: Stage, person: Person, **terms: Any) -> tuple[dict[str, Any], HttpClient]:
    """Let a customer ask, and wait until it rings; return the assignment and the customer."""
    await available(person)
    customer = await stage.town.http("kari", "customer")
    assignment = await stage.town.ask(customer, **terms)
    await ring(person).wait_for()
    return assignment, customer


async def test_what_one_sees_before_accepting(stage: Stage) -> None:
    ann = await interpreter(stage, specialisms=["medical"])
    await rung(
        stage,
        ann,
        requirements={"specialisms": ["medical"], "min_qualification": "C"},
        note="Ask for Kari",
        emergency=True,
    )
    text = await ring(ann).inner_text()
    for words in (
        *("You are asked now", "Norwegian – Somali", "Emergency", "By video", "30 min"),
        *("Medical", "category C or better", "Specialism: medical", "Declining is free"),
    ):
        assert words in text
    assert "kari" not in text.lower()
    assert await faults(ann) == []
    assert await ann.page.title() == "You are asked now · Interpreter"


async def test_accepting(stage: Stage) -> None:
    ann = await interpreter(stage)
    assignment, _ = await rung(stage, ann)
    await ring(ann).get_by_role("button", name="Accept").click()
    await said(ann, "It is yours")
    await said(ann, "Join within 0:5")
    found = await stage.town.assignment(assignment["id"])
    assert (found["state"], found["slots"][0]["interpreter"]["id"]) == ("held", "ann")
    link = ring(ann).get_by_role("link", name="Join the meeting")
    async with ann.context.expect_page() as opening:
        await link.click()
    meet = await opening.value
    await meet.wait_for_selector("main.lobby")
    assert meet.url == f"{stage.town.url}/meet"
    await ring(ann).wait_for(state="hidden")
    await card(ann, "Ready to begin").wait_for()
    await card(ann, "It is kept for you until").wait_for()
    await chip(ann, "About to begin")


async def test_declining(stage: Stage) -> None:
    ann = await interpreter(stage)
    assignment, _ = await rung(stage, ann)
    await ring(ann).get_by_label("Reason (optional)").select_option("I have something else to do")
    await ring(ann).get_by_role("button", name="Decline").click()
    await said(ann, "Declined. Thank you for answering.")
    (offer,) = (await stage.town.assignment(assignment["id"]))["offers"]
    assert (offer["state"], offer["reason"]) == ("declined", "busy")
    await ring(ann).get_by_role("button", name="Close").click()
    await chip(ann, "Available")


async def test_another_is_faster(stage: Stage) -> None:
    ann = await interpreter(stage)
    bea = await stage.town.interpreter("bea")
    await rung(stage, ann, strategy="broadcast")
    made = await bea.next_event("offer.made", 15)
    await bea.call("offer.accept", offer=made.params["offer"])
    await said(ann, "Another interpreter was faster.")


async def test_it_is_called_off(stage: Stage) -> None:
    ann = await interpreter(stage)
    assignment, customer = await rung(stage, ann)
    await customer.call("assignment.cancel", assignment=assignment["id"])
    await said(ann, "It was called off.")
    assert await faults(ann) == []


async def test_the_time_is_over(stage: Stage) -> None:
    """It ends on the server's clock, whatever the browser's says."""
    await stage.town.register("ann")
    ann = await stage.person("ann", "interpreter", name="Ann")
    await ann.page.add_init_script(
        "const now = Date.now; Date.now = () => now() + 3_600_000;"  # an hour ahead
    )
    await ann.page.goto(f"/interpreter#token={ann.token}")
    await rung(stage, ann, offering={"offer_s": 5})
    assert await ring(ann).locator(".time").inner_text() in ("0:05", "0:04", "0:03")
    await said(ann, "The time to answer was over, and others are asked.")


async def test_the_other_device_answered(stage: Stage) -> None:
    ann = await interpreter(stage)
    await rung(stage, ann)
    async with HttpClient(stage.town.url, ann.token) as phone:
        (offer,) = (await phone.call("offer.list"))["offers"]
        await phone.call("offer.accept", offer=offer["offer"])
    await said(ann, "You answered it on another device.")
    await card(ann, "Ready to begin").wait_for()


async def test_it_is_not_answered_by_what_one_was_about_to_type(stage: Stage) -> None:
    ann = await interpreter(stage, section="profile")
    await available_elsewhere(ann)
    await ann.page.get_by_label("Name, as the others see it").focus()
    customer = await stage.town.http("kari", "customer")
    assignment = await stage.town.ask(customer)
    await ring(ann).wait_for()
    await ann.page.keyboard.press("Enter")
    await ann.page.keyboard.press("Space")
    await ann.page.keyboard.press("Escape")
    await ring(ann).wait_for(state="hidden")
    await ann.until("() => document.activeElement.matches('.aside button')")
    assert (await stage.town.assignment(assignment["id"]))["state"] == "offering"
    await ann.page.keyboard.press("Enter")
    await ring(ann).wait_for()
    await ann.page.keyboard.press("Tab")
    await ann.page.keyboard.press("Tab")
    await ann.page.keyboard.press("Enter")
    await said(ann, "It is yours")


async def available_elsewhere(person: Person) -> None:
    """Become available without leaving the section that is shown."""
    await person.page.evaluate("document.querySelector('.wishes button').click()")
    await chip(person, "Available")


@pytest.mark.parametrize("section", ["now", "schedule"])
async def test_nothing_moves_when_it_arrives(stage: Stage, section: str) -> None:
    ann = await interpreter(stage, section=section)
    await available_elsewhere(ann)
    await ann.run(SHIFTS)
    await stage.town.ask(await stage.town.http("kari", "customer"))
    await ring(ann).wait_for()
    await ann.run("new Promise((next) => requestAnimationFrame(() => requestAnimationFrame(next)))")
    assert await ann.run("window.shifted") == 0


async def test_after_a_reload_it_still_rings(stage: Stage) -> None:
    ann = await interpreter(stage)
    await rung(stage, ann)
    await ann.page.reload()
    await ring(ann).wait_for()
    await ring(ann).get_by_role("button", name="Accept").click()
    await said(ann, "It is yours")


async def test_a_sound_if_one_wants_it(stage: Stage) -> None:
    ann = await interpreter(stage)
    await ann.run(
        "() => { window.tones = 0; const { start } = OscillatorNode.prototype;"
        " OscillatorNode.prototype.start = function (at) { tones += 1; start.call(this, at); }; }"
    )
    await ann.page.get_by_text("For which work, until when, and sound").click()
    assert not await ann.page.get_by_label("Play a sound when an offer rings").is_checked()
    await ann.page.get_by_label("Play a sound when an offer rings").check()
    await ann.until("window.tones === 2")  # how it will sound
    await rung(stage, ann)
    await ann.until("window.tones >= 4")


async def test_what_was_just_won_is_called_off(stage: Stage) -> None:
    ann = await interpreter(stage)
    assignment, customer = await rung(stage, ann)
    await ring(ann).get_by_role("button", name="Accept").click()
    await said(ann, "It is yours")
    await customer.call("assignment.cancel", assignment=assignment["id"])
    await said(ann, "It was called off.")
    assert await ring(ann).get_by_role("link", name="Join the meeting").count() == 0


async def test_what_was_just_won_is_joined_on_another_device(stage: Stage) -> None:
    ann = await interpreter(stage)
    assignment, _ = await rung(stage, ann)
    await ring(ann).get_by_role("button", name="Accept").click()
    await said(ann, "It is yours")
    found = await stage.town.assignment(assignment["id"])
    for client in (
        await stage.town.connect("ann", "interpreter"),
        await stage.town.connect("kari", "customer"),
    ):
        await client.call("meeting.join", meeting=found["meeting"])
    await ring(ann).wait_for(state="hidden")
    await card(ann, "In progress").wait_for()
