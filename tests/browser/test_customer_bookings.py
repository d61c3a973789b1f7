"""Bookings on the customer's page: who could, who comes, another time, a series, what happened."""

import pytest
from playwright.async_api import Locator

from signalling.client import RemoteError
from tests.browser.customer import answer, ask, customer, go, until
from tests.browser.stage import Person, Stage
from tests.browser.visitor import faults, press, said
from tests.later import MORNING, NOON, spelt, wall

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def book(person: Person, **choices: str) -> Locator:
    """Ask for a morning in Oslo, with what else is chosen by label; return the card."""
    page = person.page
    await page.get_by_label("Later", exact=True).check()
    await page.get_by_label("It begins").fill(wall(MORNING))
    await page.get_by_label("On the clock of").select_option("Europe/Oslo")
    for label, value in choices.items():
        await page.get_by_label(label.replace("_", " ")).select_option(value)
    return await ask(person, "Book")


async def test_a_booking_is_confirmed_and_moved(stage: Stage) -> None:
    """Whoever had accepted is asked again for another time."""
    ann = await stage.town.interpreter("ann", "so", profile={"name": "Ann Warsame"})
    kari = await customer(stage)
    await book(kari)
    await answer(ann)
    card = await until(kari, "confirmed")
    assert "Ann Warsame will come. The meeting opens on" in await card.inner_text()
    assert await faults(kari) == []

    await press(kari, "Change the time")
    dialog = kari.page.locator("dialog")
    assert await dialog.get_by_label("It begins").input_value() == wall(MORNING)
    await dialog.get_by_label("It begins").fill(wall(NOON))
    await dialog.get_by_label("How long, minutes").fill("60")
    await dialog.get_by_role("button", name="Change the time").click()
    moved = await answer(ann)
    assert moved["starts_at"].startswith(wall(NOON))
    card = await until(kari, "confirmed")
    await card.get_by_text(spelt(NOON, 60)).wait_for()
    await card.get_by_text("There (Oslo)").wait_for()


async def test_a_time_to_move_to_that_is_over(stage: Stage) -> None:
    ann = await stage.town.interpreter("ann", "so")
    kari = await customer(stage)
    await book(kari)
    await answer(ann)
    await until(kari, "confirmed")
    await press(kari, "Change the time")
    dialog = kari.page.locator("dialog")
    await dialog.get_by_label("It begins").fill("2020-01-15T13:00")
    await dialog.get_by_role("button", name="Change the time").click()
    await dialog.locator('[data-path="starts_at"][aria-invalid="true"]:focus').wait_for()


async def test_choosing_among_those_who_could(stage: Stage) -> None:
    ann = await stage.town.interpreter("ann", "so", profile={"name": "Ann Warsame"})
    bea = await stage.town.interpreter("bea", "so", profile={"name": "Bea Warsame"})
    kari = await customer(stage)
    card = await book(kari, Who_could="3600", Who_chooses="customer")
    await said(kari, "Nobody has said so yet.")
    booking = await card.get_attribute("data-id")
    for each in (ann, bea):
        await each.call("assignment.interest", assignment=booking)
    await said(kari, "2 interpreters could do it.")
    assert await faults(kari) == []
    row = kari.page.locator(".could", has_text="Bea Warsame")
    await row.get_by_role("button", name="Choose").click()
    card = await until(kari, "confirmed")
    assert "Bea Warsame will come." in await card.inner_text()


async def test_a_series_and_calling_off_the_rest(stage: Stage) -> None:
    await stage.town.register("ann", "so")
    kari = await customer(stage)
    await kari.page.get_by_label("Later", exact=True).check()
    await kari.page.get_by_label("Again").select_option("week 1")
    await kari.page.get_by_label("How many times").fill("3")
    await book(kari)
    cards = kari.page.locator(".current .card")
    await cards.nth(2).wait_for()
    texts = await cards.all_inner_texts()
    days = ("15 January", "22 January", "29 January")
    assert all(day in text for day, text in zip(days, texts, strict=True))
    await cards.nth(1).get_by_role("button", name="Call off").click()
    await kari.page.get_by_label("And all later ones of the series").check()
    await kari.page.locator("dialog").get_by_role("button", name="Call off").click()
    await kari.page.locator(".current .card").nth(1).wait_for(state="detached")
    await go(kari, "past")
    await kari.page.locator('.past .card[data-state="cancelled"]').nth(1).wait_for()


async def test_two_interpreters(stage: Stage) -> None:
    clients = [
        await stage.town.interpreter(name, "so", profile={"name": f"{name.title()} Warsame"})
        for name in ("ann", "bea")
    ]
    kari = await customer(stage)
    await kari.page.get_by_text("More wishes").click()
    await kari.page.get_by_label("How many interpreters").fill("2")
    await book(kari)
    await answer(clients[0])
    # The letter that the second may have got for the first place is over: another one comes.
    try:
        await answer(clients[1])
    except RemoteError:
        await answer(clients[1])
    card = await until(kari, "confirmed")
    await (
        card.get_by_text("Ann Warsame and Bea Warsame will come.")
        .or_(card.get_by_text("Bea Warsame and Ann Warsame will come."))
        .wait_for()
    )


async def test_what_happened(stage: Stage) -> None:
    ann = await stage.town.interpreter("ann", "so")
    kari = await customer(stage)
    await book(kari)
    await answer(ann)
    card = await until(kari, "confirmed")
    await card.get_by_text("What happened").click()
    await card.locator(".history li").nth(2).wait_for()
    history = await card.locator(".history").inner_text()
    assert "Asked for\nby you" in history
    assert "Accepted\nby the interpreter" in history
