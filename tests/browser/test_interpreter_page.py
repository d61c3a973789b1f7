"""The interpreter's page as a whole: the way in, its sections, widths, keyboard, availability."""

import pytest

from tests.browser.desk import available, chip, go, interpreter
from tests.browser.stage import Stage
from tests.browser.visitor import AUDIT, faults, said

pytestmark = pytest.mark.asyncio(loop_scope="session")

SECTIONS = ("now", "open", "schedule", "hours", "profile", "standing")
CALENDAR = {
    "weekly": [{"day": "monday", "start": "08:00", "end": "12:00"}],
    "dated": [{"date": "2031-12-24", "open": False}],
    "off": [{"from": "2031-07-01T08:00:00+02:00", "to": "2031-07-15T08:00:00+02:00"}],
}
FOCUS = "document.activeElement.innerText.trim()"


async def test_the_token_leaves_the_address_bar_and_a_reload_goes_on(stage: Stage) -> None:
    ann = await interpreter(stage)
    assert ann.page.url == f"{stage.town.url}/interpreter"
    await go(ann, "schedule")
    await ann.page.reload()
    await ann.page.wait_for_selector("main > section.schedule:not([hidden])")
    assert await ann.page.title() == "Schedule · Interpreter · Dragoman"


async def test_another_link_in_the_same_tab(stage: Stage) -> None:
    ann = await interpreter(stage)
    await stage.town.register("bea", name="Bea Berg")
    token = stage.town.token("bea", "interpreter")
    await ann.page.goto(f"/interpreter#token={token}")
    await ann.page.locator(".who", has_text="Bea Berg").wait_for()


async def test_without_a_link(stage: Stage) -> None:
    ann = await stage.person("ann", "interpreter", path="/interpreter")
    await said(ann, "This page needs your personal link")
    await ann.run(AUDIT.read_text())
    assert await faults(ann) == []


async def test_a_link_that_does_not_work(stage: Stage) -> None:
    ann = await stage.person("ann", "interpreter", path="/interpreter#token=no.such.token")
    await said(ann, "This link does not work any more")
    await ann.page.reload()
    await said(ann, "This page needs your personal link")


async def test_a_link_that_ends_soon(stage: Stage) -> None:
    await stage.town.register("ann")
    ann = await stage.person("ann", "interpreter", ttl_s=50)
    await ann.page.goto(f"/interpreter#token={ann.token}")
    await said(ann, "Your link ends within a minute.")


@pytest.mark.parametrize(("width", "height"), [(360, 640), (844, 390), (1280, 800)])
async def test_every_section_at_every_width(stage: Stage, width: int, height: int) -> None:
    ann = await interpreter(stage, specialisms=["medical"], calendar=CALENDAR)
    await ann.page.set_viewport_size({"width": width, "height": height})
    for section in SECTIONS:
        await go(ann, section)
        assert await ann.run("document.documentElement.scrollWidth") == width, section
        assert await faults(ann) == [], section


async def test_by_keyboard_alone(stage: Stage) -> None:
    ann = await interpreter(stage)
    keyboard = ann.page.keyboard
    await ann.run("document.activeElement.blur()")
    await keyboard.press("Tab")
    assert await ann.run(FOCUS) == "Skip to the content"
    await keyboard.press("Enter")
    await keyboard.press("Tab")
    assert await ann.run(FOCUS) == "Available"
    await keyboard.press("Space")
    await chip(ann, "Available")
    for _ in range(7):
        await keyboard.press("Shift+Tab")
    await keyboard.press("Tab")
    await keyboard.press("Tab")
    focused = await ann.run(FOCUS)
    await keyboard.press("Enter")
    assert focused in ("Schedule", "For you", "Hours")
    heading = "(title) => document.querySelector('h1:focus')?.innerText === title"
    await ann.until(heading, focused)


async def test_how_one_stands(stage: Stage) -> None:
    ann = await interpreter(stage)
    await available(ann)
    summary = ann.page.get_by_text("For which work, until when, and sound")
    await summary.click()
    await ann.page.get_by_role("checkbox", name="On site", exact=True).uncheck()
    await ann.page.get_by_label("Until", exact=True).select_option("in 2 hours")
    await said(ann, "(until ")
    customer = await stage.town.http("kari", "customer")
    pairs = (await customer.call("presence.summary"))["pairs"]
    assert pairs[0]["modes"] == {"audio": 1, "video": 1}
    await ann.page.get_by_role("button", name="Busy").click()
    await chip(ann, "Busy")
    await ann.page.reload()
    await chip(ann, "Busy")
    pressed = "document.querySelector('.wishes [aria-pressed=true]').innerText"
    assert await ann.run(pressed) == "Busy"


async def test_one_way_of_working_is_needed(stage: Stage) -> None:
    ann = await interpreter(stage)
    await ann.page.get_by_text("For which work, until when, and sound").click()
    for mode in ("Phone", "Video", "On site"):
        await ann.page.get_by_role("checkbox", name=mode, exact=True).uncheck()
    await ann.page.get_by_role("button", name="Available").click()
    await said(ann, "Choose at least one way of working.")
    await chip(ann, "Offline")


async def test_the_devices_are_checked(stage: Stage) -> None:
    ann = await interpreter(stage)
    await ann.page.get_by_text("For which work, until when, and sound").click()
    await ann.page.get_by_role("button", name="Check my microphone and connection").click()
    await ann.page.get_by_role("button", name="Check my connection").click()
    await ann.until("() => document.querySelector('.verdict .head')", within_s=40)
    await ann.run(AUDIT.read_text())
    assert await faults(ann) == []
    await ann.page.get_by_role("button", name="Close").click()


async def test_being_reached_on_the_phone(stage: Stage) -> None:
    """It needs an end: one is chosen, for nobody is available by push for good."""
    ann = await interpreter(stage)
    await available(ann)
    await ann.page.get_by_text("For which work, until when, and sound").click()
    await ann.page.get_by_label("Reach me on my phone").check()
    await said(ann, "(until ")
    assert await ann.page.locator(".status .problem:visible").count() == 0
