"""Asking on the customer's page: the form, what may be expected, what is wrong."""

import pytest

from tests.browser.customer import ask, customer, until
from tests.browser.stage import Person, Stage
from tests.browser.visitor import faults, said
from tests.later import MORNING, TWICE, spelt, wall

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def focused(person: Person) -> str:
    """Return the path of the field that has the focus."""
    return str(await person.run("document.activeElement.dataset.path ?? ''"))


async def test_who_is_available_is_shown_live(stage: Stage) -> None:
    kari = await customer(stage)
    await said(kari, "Nobody is available now, by video.")
    await stage.town.interpreter("ann", "so", profile={"modes": ["audio", "video"]})
    bea = await stage.town.interpreter("bea", "so", profile={"modes": ["video"]})
    await said(kari, "2 interpreters available now, by video.")
    await kari.page.get_by_label("Phone").check()
    await said(kari, "1 interpreter available now, by phone.")
    await kari.page.get_by_label("Video").check()
    await bea.call("presence.set", status="away")
    await said(kari, "1 interpreter available now, by video.")


async def test_an_estimate_and_what_would_work_better(stage: Stage) -> None:
    await stage.town.interpreter("ann", "so", profile={"modes": ["audio"]})
    kari = await customer(stage)
    await said(kari, "An estimate, from")
    await kari.page.get_by_role("button", name="Do that").first.click()
    assert await kari.page.get_by_label("Phone").is_checked()
    await said(kari, "1 interpreter available now, by phone.")


async def test_the_link_says_the_languages(stage: Stage) -> None:
    kari = await customer(stage, link="&languages=en,ti")
    assert await kari.page.get_by_label("You speak").input_value() == "en"
    assert await kari.page.get_by_label("The other speaks").input_value() == "ti"
    assert "token" not in kari.page.url


async def test_what_is_asked_for_arrives(stage: Stage) -> None:
    await stage.town.register("ann", "so", gender="female", specialisms=["medical"])
    kari = await customer(stage)
    page = kari.page
    await page.get_by_label("On site").check()
    await page.get_by_label("Where").select_option(label="Bergen")
    await page.get_by_label("How long, minutes").fill("45")
    await page.get_by_text("More wishes").click()
    await page.get_by_label("Medical").check()
    await page.get_by_label("Lowest category").select_option("C")
    await page.get_by_label("Gender").select_option("female")
    await page.get_by_label("An emergency").check()
    await page.get_by_label("Note").fill("At the second door.")
    card = await ask(kari)
    made = await stage.town.assignment(str(await card.get_attribute("data-id")))
    assert made["languages"] == {"from": "no", "to": "so"}
    assert (made["mode"], made["duration_min"], made["emergency"]) == ("onsite", 45, True)
    assert made["location"] == {"lat": 60.3913, "lon": 5.3221}
    wanted = made["requirements"]
    assert (wanted["specialisms"], wanted["gender"]) == (["medical"], "female")
    assert made["note"] == "At the second door."


async def test_a_booking_is_on_the_clock_of_its_zone(stage: Stage) -> None:
    kari = await customer(stage)
    await kari.page.get_by_label("Later", exact=True).check()
    await kari.page.get_by_label("It begins").fill(wall(MORNING))
    await kari.page.get_by_label("On the clock of").select_option("Europe/Oslo")
    card = await ask(kari, "Book")
    made = await stage.town.assignment(str(await card.get_attribute("data-id")))
    assert made["timezone"] == "Europe/Oslo"
    assert made["starts_at"].startswith(f"{wall(MORNING)}:00")
    text = await card.inner_text()  # the browser's own clock is UTC
    assert spelt(MORNING, 30) in text
    assert "There (Oslo)\n09:30" in text


async def test_a_time_that_comes_twice(stage: Stage) -> None:
    """In the night when the clock is set back one says which is meant."""
    kari = await customer(stage)
    await kari.page.get_by_label("Later", exact=True).check()
    await kari.page.get_by_label("On the clock of").select_option("Europe/Oslo")
    assert await kari.page.get_by_label("The second", exact=True).is_hidden()
    await kari.page.get_by_label("It begins").fill(wall(TWICE))
    await kari.page.get_by_label("The second", exact=True).check()
    assert await faults(kari) == []
    card = await ask(kari, "Book")
    made = await stage.town.assignment(str(await card.get_attribute("data-id")))
    assert made["starts_at"] == TWICE.isoformat()


async def test_what_is_wrong_is_said_at_its_field(stage: Stage) -> None:
    kari = await customer(stage)
    page = kari.page
    await page.get_by_label("How long, minutes").fill("0")
    await page.get_by_role("button", name="Ask now").click()
    await page.locator('[data-path="duration_min"][aria-invalid="true"]').wait_for()
    assert await focused(kari) == "duration_min"
    await said(kari, "1 at least.")
    await page.get_by_label("How long, minutes").fill("30")
    await page.get_by_text("More wishes").click()
    await page.get_by_label("How many interpreters").fill("9")
    await page.get_by_text("More wishes").click()
    await page.get_by_role("button", name="Ask now").click()
    # the field was folded away: it is unfolded, and has the focus
    await page.locator('[data-path="interpreters_needed"][aria-invalid="true"]').wait_for()
    assert await focused(kari) == "interpreters_needed"
    await said(kari, "8 at most.")
    assert await page.locator(".current .card").count() == 0


async def test_nobody_meets_what_is_asked_for(stage: Stage) -> None:
    """It ends at once, and says who was left out and what would have helped."""
    await stage.town.interpreter("ann", "so", profile={"gender": "male"})
    kari = await customer(stage)
    await kari.page.get_by_text("More wishes").click()
    await kari.page.get_by_label("Gender").select_option("female")
    card = await ask(kari)
    await card.get_by_text("Nobody who is registered meets what was asked for.").wait_for()
    text = await card.inner_text()
    assert "1 of another gender" in text
    assert "(1 interpreter more)" in text
    await card.get_by_role("button", name="Ask again").click()
    await kari.page.locator(".ask h1:focus").wait_for()


async def test_a_time_that_is_over(stage: Stage) -> None:
    kari = await customer(stage)
    await kari.page.get_by_label("Later", exact=True).check()
    await kari.page.get_by_label("It begins").fill("2020-01-01T10:00")
    await kari.page.get_by_role("button", name="Book").click()
    await kari.page.locator('[data-path="starts_at"][aria-invalid="true"]').wait_for()
    await said(kari, "In the past.")
    await kari.page.get_by_label("It begins").fill("")
    await kari.page.get_by_role("button", name="Book").click()
    await said(kari, "Please fill this in.")


async def test_asking_by_keyboard_alone(stage: Stage) -> None:
    await stage.town.register("ann", "es")
    kari = await customer(stage)
    page = kari.page
    await page.get_by_label("You speak").focus()
    for key in ("Tab", "ArrowDown", "Tab", "ArrowLeft", "Tab", "Tab", "Tab", "Tab"):
        await page.keyboard.press(key)
    assert await kari.run("document.activeElement.textContent") == "Ask now"
    await page.keyboard.press("Enter")
    await until(kari, "searching")
    await kari.page.locator('.card[data-state="searching"]:focus').wait_for()


@pytest.mark.parametrize("width", [360, 1280])
async def test_nothing_is_missed_and_nothing_is_wider_than_the_page(
    stage: Stage, width: int
) -> None:
    kari = await customer(stage)
    await kari.page.set_viewport_size({"width": width, "height": 780})
    await kari.page.get_by_label("Later", exact=True).check()
    await kari.page.get_by_text("More wishes").click()
    assert await faults(kari) == []
    for section in ("ask", "current", "past"):
        await kari.page.click(f'nav.rail a[href="#{section}"]')
        assert await kari.run("document.documentElement.scrollWidth") == width
        assert await faults(kari) == []


async def test_without_a_link(stage: Stage) -> None:
    ann = await stage.person("ann", path="/customer")
    await said(ann, "This page needs your personal link")
    await ann.page.goto("/customer#token=none")
    await ann.page.get_by_text("This link does not work any more").wait_for()
