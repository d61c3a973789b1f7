"""The lobby of the meeting page: what one sees of oneself, and what is said when that is little."""

import asyncio

import pytest

from tests.browser.stage import Stage
from tests.browser.visitor import (
    another_browser,
    arrive,
    enter,
    faults,
    follow,
    offered,
    press,
    ready,
    said,
)

pytestmark = pytest.mark.asyncio(loop_scope="session")

LEVEL = "() => Number(document.querySelector('.meter').ariaValueNow) > 0"


async def test_one_sees_and_hears_oneself(stage: Stage) -> None:
    meeting = await stage.meeting(ann="customer")
    ann = await arrive(stage, "ann", meeting=meeting, name="Ann Åsen")
    await ready(ann)
    seen = await ann.until("probe.look('.preview video')")
    await ann.until("(print) => probe.look('.preview video').print !== print", seen["print"])
    await ann.until(LEVEL)  # the made-up microphone beeps once a second
    mirrored = "getComputedStyle(document.querySelector('.preview video')).transform"
    assert await ann.run(mirrored) == "matrix(-1, 0, 0, 1, 0, 0)"
    assert await ann.run("document.querySelector('.preview video').muted") is True
    assert await ann.page.input_value("input[type=text]") == "Ann Åsen"
    labels = await ann.page.eval_on_selector_all(
        ".device-form select", "(all) => all.map((select) => select.selectedOptions[0].label)"
    )
    assert labels == ["Fake Default Audio Input", "fake_device_0", "Fake Default Audio Output"]


async def test_the_link_leaves_the_address_bar_and_a_reload_goes_on(stage: Stage) -> None:
    meeting = await stage.meeting(ann="customer")
    ann = await arrive(stage, "ann", meeting=meeting)
    assert ann.page.url == f"{stage.town.url}/meet"
    await ann.page.reload()
    await ann.page.wait_for_selector("main.lobby")


async def test_what_is_chosen_there_holds_inside(stage: Stage) -> None:
    meeting = await stage.meeting(ann="customer")
    ann = await arrive(stage, "ann", meeting=meeting)
    await ready(ann)
    await press(ann, "Mute")
    await press(ann, "Stop video")
    await ann.until("() => document.querySelector('.preview video').hidden")
    await ann.page.select_option("select >> nth=0", label="Fake Audio Input 1")
    await ready(ann)
    await ann.page.fill("input[type=text]", "Ann <b>Åsen</b>")
    await enter(ann)
    await said(ann, "Ann <b>Åsen</b> (you)")
    await offered(ann, "Unmute")
    await offered(ann, "Start video")
    await press(ann, "Devices")
    chosen = "document.querySelector('.panel select').selectedOptions[0]?.label"
    await ann.until(f"() => {chosen} === 'Fake Audio Input 1'")


async def test_sound_only(stage: Stage) -> None:
    meeting = await stage.meeting(ann="customer")
    ann = await arrive(stage, "ann", meeting=meeting)
    await ready(ann)
    await ann.page.get_by_label("Sound only").check()
    await said(ann, "Your camera is off")
    await ann.page.get_by_label("Sound only").uncheck()
    await ann.until("() => probe.look('.preview video')")


async def test_the_sound_to_try_the_speaker_with(stage: Stage) -> None:
    meeting = await stage.meeting(ann="customer")
    ann = await arrive(stage, "ann", meeting=meeting)
    await ready(ann)
    await press(ann, "Play a sound")
    await said(ann, "You should hear three notes.")
    await ann.until("() => !document.querySelector('.tone button').disabled")
    assert await ann.page.inner_text(".tone [role=status]") == ""


async def test_the_connection_is_checked(stage: Stage) -> None:
    meeting = await stage.meeting(ann="customer")
    ann = await arrive(stage, "ann", meeting=meeting)
    await ready(ann)
    await asyncio.to_thread(stage.server.errors.hear, "nodes that live: md-", within_s=30)
    await press(ann, "Check my connection")
    await said(ann, "Checking: this takes about 5 seconds")
    await ann.until("() => document.querySelector('.verdict .head')", within_s=40)
    assert "our sound and connection" in await ann.page.inner_text(".verdict .head")
    assert await faults(ann) == []


async def test_a_name_is_needed(stage: Stage) -> None:
    meeting = await stage.meeting(ann="customer")
    ann = await arrive(stage, "ann", meeting=meeting)
    await ready(ann)
    await ann.page.fill("input[type=text]", "  ")
    await ann.page.click("button[type=submit]")
    await said(ann, "Please write the name that the others will see.")


async def test_without_a_link(stage: Stage) -> None:
    ann = await stage.person("ann")
    await follow(ann, "")
    await said(ann, "This page needs a meeting link")
    assert await faults(ann) == []


async def test_a_link_that_does_not_work(stage: Stage) -> None:
    meeting = await stage.meeting(ann="customer")
    ann = await stage.person("ann")
    await follow(ann, f"meeting={meeting}&token=no.such.token")
    await said(ann, "This link does not work any more")
    await said(ann, "The link is not valid, or its time is over.")
    await ann.page.reload()
    await said(ann, "This page needs a meeting link")


async def test_a_meeting_of_somebody_else(stage: Stage) -> None:
    meeting = await stage.meeting(bob="customer")
    ann = await arrive(stage, "ann", meeting=meeting)
    await ready(ann)
    await ann.page.fill("input[type=text]", "Ann")
    await ann.page.click("button[type=submit]")
    await said(ann, "There is no such meeting, or you are not invited to it.")


async def test_permission_denied(stage: Stage) -> None:
    meeting = await stage.meeting(ann="customer")
    async with another_browser(stage, "--use-fake-ui-for-media-stream=deny") as shy:
        ann = await shy.person("ann", name="Ann")
        await ann.context.clear_permissions()
        await follow(ann, f"meeting={meeting}&token={ann.token}")
        await said(ann, "The browser may not use the microphone or camera.")
        await said(ann, "You can join without it")
        assert await faults(ann) == []
        await enter(ann)
        await said(ann, "You are the first one here")


async def test_no_camera(stage: Stage) -> None:
    meeting = await stage.meeting(ann="customer")
    async with another_browser(
        stage, "--use-fake-device-for-media-stream=device-count=0"
    ) as without:
        ann = await arrive(without, "ann", meeting=meeting, name="Ann")
        await said(ann, "No camera was found.")
        await said(ann, "the others hear you, and see your name instead of a picture")
        await ann.until(LEVEL)
        assert await ann.page.is_disabled("select >> nth=1")
        await enter(ann)
        await offered(ann, "Mute")


async def test_an_address_that_is_not_secure(stage: Stage) -> None:
    meeting = await stage.meeting(ann="customer")
    rules = "MAP meet.example 127.0.0.1 , MAP * ~NOTFOUND , EXCLUDE 127.0.0.1"
    async with another_browser(stage, f"--host-resolver-rules={rules}") as far:
        ann = await far.person("ann", name="Ann")
        port = stage.town.url.rpartition(":")[2]
        await ann.page.goto(f"http://meet.example:{port}/meet#meeting={meeting}&token={ann.token}")
        await said(ann, "only to pages opened over https or on this computer")
        await enter(ann)
        await said(ann, "You are the first one here")


@pytest.mark.parametrize(("width", "height"), [(360, 640), (390, 844), (844, 390), (1280, 800)])
async def test_every_width(stage: Stage, width: int, height: int) -> None:
    meeting = await stage.meeting(ann="customer")
    ann = await arrive(stage, "ann", meeting=meeting)
    await ann.page.set_viewport_size({"width": width, "height": height})
    await ready(ann)
    assert await ann.run("document.documentElement.scrollWidth") == width
    assert await faults(ann) == []
    below = await ann.run("document.querySelector('[type=submit]').getBoundingClientRect().bottom")
    assert below <= height or (width, height) == (360, 640)  # seen without scrolling
    assert await ann.page.title() == "Ready to join? · Dragoman"


async def test_a_browser_that_keeps_nothing(stage: Stage) -> None:
    """With storage forbidden the page works; only a reload needs the link again."""
    meeting = await stage.meeting(ann="customer")
    ann = await stage.person("ann", name="Ann")
    await ann.page.add_init_script(
        "for (const name of ['sessionStorage', 'localStorage']) Object.defineProperty(window, name,"
        " { get() { throw new DOMException('', 'SecurityError'); } });"
    )
    await follow(ann, f"meeting={meeting}&token={ann.token}")
    await enter(ann)
    await press(ann, "Help")
    await ann.page.get_by_label("Single-key shortcuts").uncheck()
    await press(ann, "Leave the meeting")
    await said(ann, "You have left the meeting")
    await ann.page.reload()
    await said(ann, "This page needs a meeting link")
