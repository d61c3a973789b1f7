"""Inside the meeting: people see, hear and write to each other, and the page says what happens."""

import pytest

from tests.browser.stage import Stage
from tests.browser.visitor import (
    arrive,
    enter,
    faults,
    meet,
    offered,
    press,
    said,
)

pytestmark = pytest.mark.asyncio(loop_scope="session")

THEIRS = ".grid .tile video"
HELD_BACK = """(() => {
    const { play } = HTMLMediaElement.prototype;
    let touched = false;
    addEventListener('pointerdown', () => { touched = true; }, true);
    HTMLMediaElement.prototype.play = function () {
        window.played = touched;
        return touched ? play.call(this) : Promise.reject(new DOMException('', 'NotAllowedError'));
    };
})();"""


async def test_both_see_and_hear_each_other(stage: Stage) -> None:
    ann, hodan = await meet(stage, ann="customer", hodan="interpreter")
    for person in (ann, hodan):
        seen = await person.until(f"probe.look('{THEIRS}')")
        await person.until(f"(print) => probe.look('{THEIRS}').print !== print", seen["print"])
        await person.hears_and_sees_more()
    assert await ann.page.inner_text(".grid .badge") == "Interpreter"
    assert await hodan.page.inner_text(".grid .tile .name") == "Ann"
    assert await hodan.page.inner_text(".tile.own .name") == "Hodan (you)"
    assert await ann.run("document.querySelector('.tile.own video').muted") is True
    assert await ann.run(f"document.querySelector('{THEIRS}').muted") is False
    await said(ann, "Hodan has joined.")


async def test_mute_and_camera_show_at_the_other_side(stage: Stage) -> None:
    ann, bob = await meet(stage, ann="customer", bob="interpreter")
    await bob.until(f"probe.look('{THEIRS}')")
    await press(ann, "Mute")
    await bob.page.get_by_role("article", name="Ann, Customer, microphone off").wait_for()
    await bob.page.wait_for_selector(".grid .tile .muted:not([hidden])")
    await press(ann, "Unmute")
    await bob.page.wait_for_selector(".grid .tile .muted", state="hidden")
    await press(ann, "Stop video")
    await bob.page.wait_for_selector(".grid .tile .initials:not([hidden])")
    assert await bob.page.inner_text(".grid .tile .initials") == "A"
    await press(ann, "Start video")
    await bob.page.wait_for_selector(".grid .tile .initials", state="hidden")
    await bob.hears_and_sees_more()


async def test_chat_both_ways(stage: Stage) -> None:
    ann, bob = await meet(stage, ann="customer", bob="interpreter")
    await press(ann, "Chat")
    await ann.page.get_by_label("Write a message").fill("<img src=x onerror=alert(1)> hei")
    await ann.page.keyboard.press("Enter")
    await said(ann, "<img src=x onerror=alert(1)> hei")
    await offered(bob, "Chat, 1 message not read")
    await said(bob, "Ann wrote a message.")
    await press(bob, "Chat, 1 message not read")
    await offered(bob, "Chat")
    await said(bob, "<img src=x onerror=alert(1)> hei")
    assert await bob.page.query_selector(".panel img") is None
    await bob.page.get_by_label("Write a message").fill("hello\nyou")
    await press(bob, "Send")
    await said(ann, "hello\nyou")
    assert await ann.page.locator(".messages li").count() == 2


async def test_who_leaves_may_come_back(stage: Stage) -> None:
    ann, bob = await meet(stage, ann="customer", bob="interpreter")
    await press(ann, "Leave the meeting")
    await said(ann, "You have left the meeting")
    await said(ann, "You were in it for less than a minute.")
    assert await faults(ann) == []
    await said(bob, "Ann has left.")
    await said(bob, "You are the first one here")
    await press(ann, "Join again")
    await ann.page.wait_for_selector("main.lobby")
    await enter(ann)
    await ann.hears_and_sees_more()


async def test_the_end_for_all_is_asked_for_and_is_the_end(stage: Stage) -> None:
    ann, bob = await meet(stage, ann="customer", bob="interpreter")
    await press(ann, "End for all")
    await press(ann, "Cancel")
    await ann.page.wait_for_selector("dialog", state="detached")
    await press(ann, "End for all")
    await press(ann, "End for everybody")
    for person in (ann, bob):
        await said(person, "The meeting has ended")
        await said(person, "It was ended for everybody.")
        assert await person.page.query_selector("text=Join again") is None
    await bob.page.reload()
    await said(bob, "This page needs a meeting link")


async def test_a_reload_goes_on_inside(stage: Stage) -> None:
    ann, bob = await meet(stage, ann="customer", bob="interpreter")
    await bob.hears_and_sees_more()
    await ann.page.reload()
    await ann.page.wait_for_selector("main.room")
    await ann.hears_and_sees_more()
    await bob.hears_and_sees_more()
    assert await bob.page.locator(".grid .tile").count() == 1


async def test_sound_that_the_browser_holds_back_starts_with_a_tap(stage: Stage) -> None:
    """Chromium lets pages play that use a microphone; others want a tap in any case."""
    ann, bob = await meet(stage, ann="customer", bob="interpreter")
    await ann.hears_and_sees_more()
    await ann.page.add_init_script(HELD_BACK)
    await ann.page.reload()
    await press(ann, "Tap to hear the others")
    await ann.page.wait_for_selector(".tap", state="hidden")
    assert await ann.run("window.played") is True
    await bob.hears_and_sees_more()


async def test_a_lost_connection_is_said_and_comes_back(stage: Stage) -> None:
    (ann,) = await meet(stage, ann="customer")
    await ann.context.set_offline(True)
    await said(ann, "You are offline. Trying again")
    await ann.context.set_offline(False)
    await said(ann, "You are connected again.")
    await ann.page.wait_for_selector(".connection", state="hidden")


async def test_a_third_comes_and_the_interpreter_stands_first(stage: Stage) -> None:
    meeting = await stage.meeting(ann="customer", eve="operator", hodan="interpreter")
    people = []
    for user, role in (("ann", "customer"), ("eve", "operator"), ("hodan", "interpreter")):
        person = await arrive(stage, user, role, meeting=meeting, name=user.title())
        await enter(person)
        people.append(person)
    ann = people[0]
    await ann.until("() => document.querySelectorAll('.grid .tile').length === 2")
    names = "[...document.querySelectorAll('.grid .tile .name')].map((name) => name.textContent)"
    assert await ann.run(names) == ["Hodan", "Eve"]
    covered = """() => {
        const own = document.querySelector('.tile.own').getBoundingClientRect();
        return [...document.querySelectorAll('.grid .tile')].some((tile) => {
            const { right, bottom } = tile.getBoundingClientRect();
            return right > own.left && bottom > own.top;
        });
    }"""
    for width, height in ((1280, 800), (390, 844), (360, 640), (844, 390)):
        await ann.page.set_viewport_size({"width": width, "height": height})
        await ann.until(f"() => !({covered})()")
        assert await ann.run("document.documentElement.scrollWidth") == width
        assert await ann.run("document.documentElement.scrollHeight") == height
        assert await faults(ann) == []
