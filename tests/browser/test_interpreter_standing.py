"""Standing at the interpreter's page: what counts, appeals, reports and their answers."""

import pytest

from tests.browser.desk import available, card, go, interpreter, ring
from tests.browser.stage import Person, Stage
from tests.browser.visitor import faults, press, said

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_all_is_well(stage: Stage) -> None:
    ann = await interpreter(stage, section="standing")
    await said(ann, "All is well: no absence counts against you.")
    assert await faults(ann) == []


async def absent(stage: Stage) -> Person:
    """Let an interpreter take work and not come to it, where one absence leads to a pause."""
    await stage.policy(rules={"late_min": 0, "no_shows_most": 1})
    ann = await interpreter(stage)
    await available(ann)
    customer = await stage.town.customer("kari")
    assignment = await stage.town.ask(customer)
    await ring(ann).get_by_role("button", name="Accept").click()
    await said(ann, "It is yours")
    await customer.call(
        "feedback.report", assignment=assignment["id"], kind="no_show", text="Nobody was there."
    )
    await ring(ann).get_by_role("button", name="Close").click()
    return ann


async def answer(stage: Stage, outcome: str) -> None:
    """Let staff answer what was appealed."""
    http = await stage.town.http("olga", "operator")
    reports = (await http.call("feedback.reports"))["reports"]
    (appeal,) = [report for report in reports if report["kind"] == "appeal"]
    text = "The bus was late indeed."
    await http.call("feedback.answer", report=appeal["id"], outcome=outcome, text=text)


async def test_an_absence_is_appealed_and_excused(stage: Stage) -> None:
    ann = await absent(stage)
    await go(ann, "standing")
    await said(ann, "1 of 1 absence: then you get no new offers for a while.")
    await said(ann, "You get no new offers until")
    assert await faults(ann) == []
    await press(ann, "Appeal")
    await ann.page.get_by_label("What happened?").fill("The bus did not come.")
    dialog = ann.page.locator("dialog[open]")
    assert await faults(ann) == []
    await dialog.get_by_role("button", name="Appeal").click()
    await said(ann, "Your appeal is with the staff.")
    await card(ann, "Waiting for an answer").wait_for()
    await answer(stage, "excused")
    await said(ann, "Staff have answered what you reported.")
    await card(ann, "Excused: it counts no more").wait_for()
    await said(ann, "The bus was late indeed.")
    await said(ann, "All is well: no absence counts against you.")
    await go(ann, "now")
    await available(ann)


async def test_while_one_is_paused_one_cannot_be_available(stage: Stage) -> None:
    ann = await absent(stage)
    await press(ann, "Available")
    await ann.until("() => document.querySelector('.status .problem').innerText")
    assert await faults(ann) == []


async def test_a_report_needs_words(stage: Stage) -> None:
    ann = await absent(stage)
    await go(ann, "standing")
    await press(ann, "Appeal")
    dialog = ann.page.locator("dialog[open]")
    await dialog.get_by_role("button", name="Appeal").click()
    await ann.until("() => document.activeElement.dataset.path === 'text'")
    assert await ann.run("document.activeElement.getAttribute('aria-invalid')") == "true"
