"""Hours, exceptions and time off, as an interpreter sets them by hand."""

from typing import Any

import pytest

from tests.browser.desk import interpreter, save
from tests.browser.stage import Stage
from tests.browser.visitor import faults, press, said

pytestmark = pytest.mark.asyncio(loop_scope="session")

WEEK = (
    {"day": "monday", "start": "08:00", "end": "16:00"},
    {"day": "friday", "start": "18:00", "end": "24:00"},
)


async def kept(stage: Stage, user: str = "ann") -> dict[str, Any]:
    """Return the calendar that the server keeps."""
    http = await stage.town.http()
    profile = (await http.call("interpreter.get", interpreter=user))["interpreter"]
    found: dict[str, Any] = profile.get("calendar", {})
    return found


async def test_hours_of_every_week(stage: Stage) -> None:
    ann = await interpreter(stage, section="hours")
    await ann.page.get_by_label("At any time").uncheck()
    for day in ("Tuesday", "Wednesday", "Thursday", "Friday"):
        await press(ann, f"Remove these hours on {day}")
    await press(ann, "Add hours on Friday")
    await ann.page.get_by_label("Friday from").fill("18:00")
    await ann.page.get_by_label("Friday to").fill("00:00")
    assert await faults(ann) == []
    await save(ann)
    assert (await kept(stage))["weekly"] == list(WEEK)
    await ann.page.reload()
    assert await ann.page.get_by_label("Friday from").input_value() == "18:00"
    await ann.page.get_by_label("At any time").check()
    await save(ann)
    assert "weekly" not in await kept(stage)


async def test_what_is_wrong_is_said_beside_it(stage: Stage) -> None:
    ann = await interpreter(stage, section="hours", calendar={"weekly": list(WEEK)})
    await ann.page.get_by_label("Friday to").fill("18:00")
    await press(ann, "Save")
    await ann.until("() => document.activeElement.ariaLabel === 'Friday to'")
    described = "document.activeElement.getAttribute('aria-describedby')"
    assert await ann.run(f"document.getElementById({described}).innerText.length > 10")
    assert await ann.run("document.activeElement.getAttribute('aria-invalid')") == "true"
    assert await faults(ann) == []
    assert (await kept(stage))["weekly"] == list(WEEK)
    await ann.page.get_by_label("Friday to").fill("20:00")
    await save(ann)
    assert await ann.page.locator(".problem:visible").count() == 0


async def test_single_dates_and_time_off(stage: Stage) -> None:
    """Times are those of the clock where the interpreter lives, not of the browser's."""
    ann = await interpreter(stage, section="hours", timezone="Asia/Kathmandu")
    await said(ann, "by the clock in Kathmandu")
    await press(ann, "Add a date")
    await ann.page.get_by_label("Date", exact=True).fill("2031-12-24")
    await press(ann, "Add time off")
    off = ann.page.locator("fieldset", has_text="Time off")
    await off.get_by_label("From").fill("2031-07-01T08:00")
    await off.get_by_label("To").fill("2031-07-15T20:00")
    await save(ann)
    calendar = await kept(stage)
    (dated,) = calendar["dated"]
    assert (dated["date"], dated["open"]) == ("2031-12-24", False)
    (away,) = calendar["off"]
    assert away["from"].startswith("2031-07-01T02:15:00")
    assert away["to"].startswith("2031-07-15T14:15:00")
    await ann.page.reload()
    assert await off.get_by_label("From").input_value() == "2031-07-01T08:00"
    await press(ann, "Remove this time off")
    await press(ann, "Remove this date")
    await save(ann)
    assert await kept(stage) == {}


async def test_a_time_that_is_missing(stage: Stage) -> None:
    ann = await interpreter(stage, section="hours")
    await press(ann, "Add time off")
    await press(ann, "Save")
    await said(ann, "Please fill in all dates and times.")
    assert await kept(stage) == {}


async def test_it_was_changed_elsewhere(stage: Stage) -> None:
    ann = await interpreter(stage, section="hours")
    await stage.town.register("ann", name="Ann Berg")
    await press(ann, "Add a date")
    await ann.page.get_by_label("Date", exact=True).fill("2031-12-24")
    await press(ann, "Save")
    await said(ann, "It was changed elsewhere meanwhile. Look at it again.")
    await ann.until("() => !document.querySelector('.hours input[type=date]')")


async def test_the_address_for_calendar_programs(stage: Stage) -> None:
    ann = await interpreter(stage, section="hours")
    await said(ann, "There is no address yet.")
    await press(ann, "Make an address")
    address = ann.page.get_by_label("Address for your calendar program")
    await address.wait_for()
    url = await address.input_value()
    assert url.startswith(f"{stage.town.url}/v1/calendar/")
    assert (await ann.page.request.get(url)).status == 200
    assert await faults(ann) == []
    await ann.page.reload()
    await said(ann, "It is shown only when it is made.")
    await press(ann, "Make a new one")
    await address.wait_for()
    assert (await ann.page.request.get(url)).status == 404
    await press(ann, "Stop it")
    await said(ann, "There is no address yet.")


async def test_quiet_hours(stage: Stage) -> None:
    ann = await interpreter(stage, section="hours")
    await ann.page.get_by_label("Send me no offers of bookings at night").check()
    quiet = ann.page.locator("fieldset", has_text="Quiet hours")
    await quiet.get_by_label("From").fill("21:30")
    await save(ann)
    http = await stage.town.http()
    profile = (await http.call("interpreter.get", interpreter="ann"))["interpreter"]
    assert profile["quiet"] == {"from": "21:30", "to": "07:00"}
    await ann.page.get_by_label("Send me no offers of bookings at night").uncheck()
    await save(ann)
    profile = (await http.call("interpreter.get", interpreter="ann"))["interpreter"]
    assert "quiet" not in profile
