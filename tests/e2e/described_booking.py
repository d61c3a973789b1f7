"""A booking from the wish to the appeal, for test_described."""

from datetime import UTC, datetime, timedelta

from tests.e2e.described_meeting import Caller
from tests.e2e.town import OSLO, WITHIN_S, request


async def the_booking(ann: Caller, bea: Caller, staff: Caller) -> None:
    """Ask for work on site in half an hour, choose, check in, finish, and have it looked at."""
    starts_at = (datetime.now(UTC) + timedelta(minutes=30)).isoformat()
    terms = request(
        mode="onsite",
        location=OSLO,
        starts_at=starts_at,
        timezone="Europe/Oslo",
    )
    await ann.call("match.estimate", **terms)
    more = {"pay": {"amount": 600, "currency": "NOK"}, "confirm": "customer"}
    asked = await ann.call("assignment.create", **terms, **more, interest_s=600)
    booking = {"assignment": asked["assignment"]["id"]}
    await bea.client.next_event("assignment.recommended", WITHIN_S)
    await bea.call("assignment.recommend")
    await bea.call("assignment.interest", **booking)
    await ann.call("assignment.get", **booking)
    await ann.call("assignment.confirm", **booking, interpreter="i")
    await bea.call("assignment.check_in", **booking, position=OSLO)
    await bea.call("assignment.complete", **booking)
    await bea.call("feedback.rate", **booking, stars=5)
    report = await ann.call("feedback.report", **booking, kind="times", text="longer", minutes=40)
    await ann.call("feedback.reports")
    await staff.call(
        "feedback.answer",
        report=report["report"]["id"],
        text="so it was",
        outcome="changed",
        minutes=40,
    )
    await ann.client.next_event("feedback.answered", WITHIN_S)
    await bea.call("feedback.standing")
    await bea.call("interpreter.calendar", action="renew")
    for caller in (ann, bea, staff):
        await caller.call("assignment.get", **booking, history=True)
