"""The meeting page by keyboard alone: order, shortcuts, Escape, and where the focus goes."""

import pytest

from tests.browser.stage import Person, Stage
from tests.browser.visitor import arrive, meet, offered, ready, said

pytestmark = pytest.mark.asyncio(loop_scope="session")

FOCUSED = """() => {
    const at = document.activeElement;
    const label = at.labels?.[0]?.textContent;
    return (at.getAttribute('aria-label') ?? label ?? at.textContent).trim();
}"""
RING = """() => {
    const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
    return outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2;
}"""


async def walk(person: Person, keys: int) -> list[str]:
    """Press Tab so often; return what has the focus each time, all with a visible ring."""
    passed = []
    for _ in range(keys):
        await person.page.keyboard.press("Tab")
        passed.append(await person.run(FOCUSED))
        assert await person.run(RING), passed[-1]
    return passed


async def test_from_the_lobby_to_the_end(stage: Stage) -> None:
    meeting = await stage.meeting(ann="customer")
    ann = await arrive(stage, "ann", meeting=meeting)
    await ready(ann)
    assert await walk(ann, 3) == ["Mute", "Stop video", "Your name"]
    await ann.page.keyboard.press("ControlOrMeta+A")
    await ann.page.keyboard.type("Ann")
    assert await walk(ann, 2) == ["Sound only, without pictures", "Join the meeting"]
    await ann.page.keyboard.press("Enter")
    await ann.page.wait_for_selector("main.room")
    assert await ann.run(FOCUSED) == "Meeting"
    assert await walk(ann, 9) == [
        *("Mute", "Stop video", "Chat", "People", "Devices", "Record", "Help"),
        *("Leave the meeting", "End for all"),
    ]
    await ann.page.keyboard.press("Enter")
    await said(ann, "End the meeting for everybody?")
    assert await ann.run(FOCUSED) == "Cancel"
    await ann.page.keyboard.press("Escape")
    await ann.page.wait_for_selector("dialog", state="detached")
    assert await ann.run(FOCUSED) == "End for all"
    await ann.page.keyboard.press("Shift+Tab")
    await ann.page.keyboard.press("Enter")
    await said(ann, "You have left the meeting")
    assert await ann.run(FOCUSED) == "You have left the meeting"
    assert await walk(ann, 1) == ["Join again"]


async def test_shortcuts(stage: Stage) -> None:
    ann, bob = await meet(stage, ann="customer", bob="interpreter")
    await ann.page.keyboard.press("m")
    await offered(ann, "Unmute")
    await bob.page.get_by_role("article", name="Ann, Customer, microphone off").wait_for()
    await ann.page.keyboard.press("v")
    await offered(ann, "Start video")
    await ann.page.keyboard.press("c")
    assert await ann.run(FOCUSED) == "Write a message"
    await ann.page.keyboard.type("mvcp?")
    assert await ann.page.input_value("textarea") == "mvcp?"
    await offered(ann, "Unmute")
    await ann.page.keyboard.press("Escape")
    await ann.page.wait_for_selector(".panel", state="hidden")
    assert await ann.run(FOCUSED) == "Chat"
    await ann.page.keyboard.press("p")
    assert await ann.run(FOCUSED) == "People"
    await said(ann, "2 people in the meeting")
    await ann.page.keyboard.press("?")
    await said(ann, "Microphone on or off")
    await ann.page.get_by_label("Single-key shortcuts").uncheck()
    await ann.page.keyboard.press("m")
    await ann.page.keyboard.press("Escape")
    await offered(ann, "Unmute")
    assert await ann.page.get_by_role("button", name="Help").get_attribute("aria-expanded") == (
        "false"
    )


async def test_more_controls_on_a_narrow_screen(stage: Stage) -> None:
    (ann,) = await meet(stage, ann="customer")
    await ann.page.set_viewport_size({"width": 360, "height": 640})
    assert await ann.page.is_hidden("[data-act=devices]")
    await ann.page.get_by_role("button", name="More").focus()
    await ann.page.keyboard.press("Enter")
    assert await ann.run(FOCUSED) == "Devices"
    await ann.page.keyboard.press("Escape")
    assert await ann.run(FOCUSED) == "More"
    await ann.page.keyboard.press("Enter")
    await ann.page.keyboard.press("Enter")
    await ann.page.wait_for_selector(".panel .device-form")
    assert await ann.run("document.documentElement.scrollWidth") == 360
    await ann.page.keyboard.press("Escape")
    assert await ann.run(FOCUSED) == "More"
