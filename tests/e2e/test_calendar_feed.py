"""The feed as a calendar program gets it: from one server, with its address alone."""

import aiohttp
import icalendar

from tests.e2e.town import Town, offered


async def subscribed(url: str) -> tuple[int, list[str]]:
    """Return the status, and the names of the events."""
    async with aiohttp.ClientSession() as http, http.get(url) as response:
        body = await response.read()
    if response.status != 200:
        return response.status, []
    calendar = icalendar.Calendar.from_ical(body)
    assert isinstance(calendar, icalendar.Calendar)
    return 200, [str(event["SUMMARY"]) for event in calendar.events]


async def test_from_an_accept_to_the_calendar_and_out_of_it(town: Town) -> None:
    amina = await town.interpreter("amina")
    path = (await amina.call("interpreter.calendar", action="renew"))["path"]
    assert await subscribed(town.url + path) == (200, [])

    customer = await town.customer()
    asked = await town.ask(customer)
    await amina.call("offer.accept", offer=(await offered(amina))["offer"])
    booked = "Interpreting Norwegian–Somali, by video"
    assert await subscribed(town.url + path) == (200, [booked])

    await customer.call("assignment.cancel", assignment=asked["id"])
    assert await subscribed(town.url + path) == (200, [f"Cancelled: {booked}"])

    staff = await town.http()
    shown = await staff.call("interpreter.calendar", interpreter="amina", action="revoke")
    assert (shown, await subscribed(town.url + path)) == ({}, (404, []))
