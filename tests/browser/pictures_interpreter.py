"""The pictures of the interpreter's page: what is now, an offer that rings, bookings, hours."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.browser.camera import DESKTOP, PHONE, frame, take
from tests.browser.desk import available, card, go, interpreter, ring
from tests.browser.stage import Person, Stage
from tests.browser.visitor import press
from tests.e2e.town import OSLO


async def at_the_desk(stage: Stage) -> Person:
    """Bring Hodan to her page, with bookings to answer and one in her schedule."""
    hodan = await interpreter(
        stage, "hodan", "so", "sw", specialisms=["medical", "child_welfare"], timezone="Europe/Oslo"
    )
    customer = await stage.town.http("kari", "customer")
    day = datetime.now(UTC) + timedelta(days=3)
    for hour, mode, minutes in ((9, "onsite", 60), (13, "video", 45)):
        where = {"location": {"lat": 59.936, "lon": 10.737}} if mode == "onsite" else {}
        await stage.town.ask(
            customer,
            starts_at=f"{day:%Y-%m-%d}T{hour:02}:00:00",
            timezone="Europe/Oslo",
            mode=mode,
            duration_min=minutes,
            requirements={"specialisms": ["medical"]},
            pay={"amount": 690, "currency": "NOK"},
            **where,
        )
    await card(hodan, "In person").wait_for()
    await card(hodan, "By video").wait_for()
    await card(hodan, "By video").get_by_role("button", name="Accept").click()
    await card(hodan, "By video").wait_for(state="hidden")
    return hodan


async def rings(stage: Stage, hodan: Person) -> None:
    """Let an emergency ring at her."""
    await go(hodan, "now")
    await available(hodan)
    await stage.town.ask(
        await stage.town.http("kari", "customer"),
        requirements={"specialisms": ["medical"], "min_qualification": "C"},
        emergency=True,
        location=OSLO,
        offering={"offer_s": 60},
    )
    await ring(hodan).wait_for()


async def hours(hodan: Person) -> None:
    """Show her week."""
    await go(hodan, "hours")
    await hodan.page.get_by_label("At any time").uncheck()
    for day in ("Wednesday", "Friday"):
        await press(hodan, f"Remove these hours on {day}")
    await press(hodan, "Add hours on Tuesday")
    await hodan.page.get_by_label("Tuesday from").nth(1).fill("17:00")
    await hodan.page.get_by_label("Tuesday to").nth(1).fill("20:00")
    await press(hodan, "Save")


async def interpreter_pictures(stage: Stage, to: Path) -> None:
    """Take all of them, as Hodan sees her page."""
    hodan = await at_the_desk(stage)
    await frame(hodan, DESKTOP)
    await hodan.run("scrollTo(0, 0)")
    await take(hodan, to / "interpreter.png")
    await go(hodan, "schedule")
    await frame(hodan, PHONE, "dark")
    await take(hodan, to / "interpreter-schedule-phone.png")
    await hours(hodan)
    await frame(hodan, DESKTOP)
    await hodan.run("scrollTo(0, 0)")
    await take(hodan, to / "interpreter-hours.png")
    await rings(stage, hodan)
    await frame(hodan, PHONE)
    await take(hodan, to / "interpreter-offer-phone.png")
