"""Guests at the meeting page: their link, the wait in the lobby, who lets them in or out."""

import pytest

from tests.browser.stage import Person, Stage
from tests.browser.visitor import faults, follow, meet, offered, press, ready, said

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def invited(stage: Stage, host: Person, name: str) -> Person:
    """Let *host* make a link for a guest, who follows it and asks to be let in."""
    await press(host, "People")
    await press(host, "Invite somebody")
    link = await host.page.get_by_label("Link for one guest").input_value()
    await press(host, "Close")
    assert link.startswith(f"{stage.town.url}/meet#invite=")
    guest = await stage.person(f"guest-{name}", "guest")
    await follow(guest, link.partition("#")[2])
    await ready(guest)
    await guest.page.fill("input[type=text]", name)
    await press(guest, "Ask to be let in")
    await said(guest, "Waiting to be let in")
    return guest


async def test_a_guest_waits_and_is_let_in(stage: Stage) -> None:
    ann, bob = await meet(stage, ann="customer", bob="interpreter")
    eve = await invited(stage, ann, "Eve")
    assert await faults(eve) == []
    assert await eve.run("document.activeElement.textContent") == "Waiting to be let in"
    assert await ann.page.locator(".grid .tile").count() == 1  # nobody sees who waits
    for person in (ann, bob):
        await said(person, "Eve is waiting")
        await offered(person, "Refuse Eve")
    await press(eve, "Mute")
    assert await faults(ann) == []
    await press(bob, "Let Eve in")
    await eve.page.wait_for_selector("main.room")
    await eve.hears_and_sees_more()
    await ann.page.get_by_role("article", name="Eve, Guest, microphone off").wait_for()
    await ann.page.wait_for_selector(".knock", state="detached")
    for name in ("Record", "End for all"):
        assert await eve.page.get_by_role("button", name=name).count() == 0
    await press(eve, "People")
    await said(eve, "3 people in the meeting")
    assert await eve.page.get_by_role("button", name="Invite somebody").count() == 0
    await eve.page.reload()
    await eve.page.wait_for_selector("main.room")
    await eve.hears_and_sees_more()
    await press(eve, "Leave the meeting")
    await press(eve, "Join again")
    await ready(eve)
    await press(eve, "Ask to be let in")
    await eve.page.wait_for_selector("main.room")  # they were let in before
    await eve.hears_and_sees_more()


async def test_a_guest_is_refused(stage: Stage) -> None:
    (ann,) = await meet(stage, ann="customer")
    eve = await invited(stage, ann, "Eve")
    await press(ann, "Refuse Eve")
    await said(eve, "They did not let you in.")
    await ann.page.wait_for_selector(".knock", state="detached")


async def test_a_guest_stops_waiting_and_asks_again(stage: Stage) -> None:
    (ann,) = await meet(stage, ann="customer")
    eve = await invited(stage, ann, "Eve")
    await said(ann, "Eve is waiting")
    await press(eve, "Stop waiting")
    await ann.page.wait_for_selector(".knock", state="detached")
    await press(eve, "Ask to be let in")
    await said(ann, "Eve is waiting")


async def test_a_guest_is_removed(stage: Stage) -> None:
    (ann,) = await meet(stage, ann="customer")
    eve = await invited(stage, ann, "Eve")
    await press(ann, "Let Eve in")
    await eve.page.wait_for_selector("main.room")
    await press(ann, "People")
    await press(ann, "Remove Eve")
    await said(ann, "Remove Eve from the meeting?")
    await press(ann, "Remove")
    await said(eve, "Somebody in the meeting removed you.")
    assert await eve.page.get_by_role("button", name="Join again").count() == 0
    await said(ann, "Eve was removed.")


async def test_the_link_can_be_copied(stage: Stage) -> None:
    (ann,) = await meet(stage, ann="customer")
    await ann.context.grant_permissions(
        ["camera", "microphone", "clipboard-read", "clipboard-write"]
    )
    await press(ann, "People")
    await press(ann, "Invite somebody")
    await said(ann, "The link is copied.")
    link = await ann.page.get_by_label("Link for one guest").input_value()
    assert await ann.run("navigator.clipboard.readText()") == link
    await said(ann, "Works once, until")
    assert await faults(ann) == []


async def test_a_used_link(stage: Stage) -> None:
    (ann,) = await meet(stage, ann="customer")
    await press(ann, "People")
    await press(ann, "Invite somebody")
    link = await ann.page.get_by_label("Link for one guest").input_value()
    eve = await stage.person("eve", "guest")
    await follow(eve, link.partition("#")[2])
    await ready(eve)
    await eve.page.fill("input[type=text]", "Eve")
    await press(eve, "Ask to be let in")
    await said(eve, "Waiting to be let in")
    another = await stage.person("another", "guest")
    await follow(another, link.partition("#")[2])
    await said(another, "This link was used before.")


async def test_the_lock(stage: Stage) -> None:
    ann, bob = await meet(stage, ann="customer", bob="interpreter")
    await press(ann, "People")
    await ann.page.get_by_label("Lock the meeting").check()
    for person in (ann, bob):
        await said(person, "The meeting is locked: nobody else can join.")
        await person.page.wait_for_selector(".head .chip:not([hidden])")
    await press(bob, "People")
    await bob.until("() => document.querySelector('.tools input[type=checkbox]').checked")
    await bob.page.get_by_label("Lock the meeting").uncheck()
    for person in (ann, bob):
        await said(person, "The meeting is open again.")
        await person.page.wait_for_selector(".head .chip", state="hidden")
