"""Recording at the meeting page: everybody is asked, all see that it runs, and may stop it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from click.testing import CliRunner
from playwright.async_api import Browser

from signalling.commands.recordings import keygen
from tests.browser.stage import LOOPBACK, Stage, stage_at
from tests.browser.visitor import faults, meet, offered, press, said
from tests.e2e.carried import media_server

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def recorded(browser: Browser, tmp_path: Path) -> AsyncIterator[Stage]:
    """Give a stage whose server can record."""
    public = CliRunner().invoke(keygen, [str(tmp_path / "key")]).stdout.split()[-1]
    environ = LOOPBACK | {
        "DRAGOMAN_RECORDING__RECIPIENTS": public,
        "DRAGOMAN_RECORDING__DIRECTORY": str(tmp_path / "recordings"),
    }
    with media_server(environ) as server:
        async with stage_at(browser, server) as stage:
            yield stage


async def test_only_with_the_consent_of_all(recorded: Stage) -> None:
    ann, bob = await meet(recorded, ann="customer", bob="interpreter")
    await press(ann, "Record")
    await said(ann, "Recording starts only when all have agreed.")
    assert await faults(ann) == []
    await press(ann, "Ask everybody")
    await offered(ann, "Waiting for consent")
    await said(bob, "May this meeting be recorded?")
    assert await faults(bob) == []
    await press(ann, "Waiting for consent")
    await said(ann, "Waiting for Bob to agree.")
    await press(ann, "Close")
    await press(bob, "I agree to be recorded")
    for person in (ann, bob):
        await said(person, "Connection rerouted through the server.")
        await offered(person, "Recording")
        await said(person, "Recording has started. Everybody has agreed.")
        await person.hears_and_sees_more()
    await press(bob, "Recording")
    await said(bob, "You have agreed.")
    await press(bob, "Withdraw my consent")
    for person in (ann, bob):
        await offered(person, "Recording paused")
    await press(bob, "Recording paused")
    await press(bob, "I agree to be recorded")
    await offered(ann, "Recording")
    await press(ann, "Record")
    await press(ann, "Stop the recording")
    for person in (ann, bob):
        await said(person, "The recording has stopped.")
        await person.page.wait_for_selector(".rec", state="hidden")


async def test_who_says_no_is_not_recorded_nor_asked_again(recorded: Stage) -> None:
    ann, bob = await meet(recorded, ann="customer", bob="interpreter")
    await press(ann, "Record")
    await press(ann, "Ask everybody")
    await said(bob, "May this meeting be recorded?")
    await bob.page.keyboard.press("Escape")
    await bob.page.wait_for_selector("dialog", state="detached")
    await offered(bob, "Waiting for consent")
    await press(bob, "Waiting for consent")
    await said(bob, "You have not agreed.")
    await press(bob, "Close")
    await press(ann, "Waiting for consent")
    await press(ann, "Do not record after all")
    await bob.page.wait_for_selector(".rec", state="hidden")


async def test_the_question_goes_when_it_is_taken_back(recorded: Stage) -> None:
    ann, bob = await meet(recorded, ann="customer", bob="interpreter")
    await press(ann, "Record")
    await press(ann, "Ask everybody")
    await said(bob, "May this meeting be recorded?")
    await press(ann, "Waiting for consent")
    await press(ann, "Do not record after all")
    await bob.page.wait_for_selector("dialog", state="detached")


async def test_a_server_that_does_not_record_says_so(stage: Stage) -> None:
    (ann,) = await meet(stage, ann="customer")
    await press(ann, "Record")
    await press(ann, "Ask everybody")
    await said(ann, "Recording is not set up on this server.")
