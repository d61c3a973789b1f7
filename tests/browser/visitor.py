"""People at the meeting page: how they come to it, and what they do there."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Final, Literal

from tests.browser.chrome import chromium
from tests.browser.stage import Person, Stage

AUDIT = Path(__file__).parent / "audit.js"
FAULTS = "() => audit.all()"
SCHEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")


@asynccontextmanager
async def another_browser(stage: Stage, *flags: str) -> AsyncIterator[Stage]:
    """Give the same stage to people with another browser."""
    async with chromium(*flags) as browser, AsyncExitStack() as stack:
        yield Stage(browser, stage.server, stage.town, stack)


async def arrive(
    stage: Stage, user: str, role: str = "customer", *, meeting: str, **claims: Any
) -> Person:
    """Open a link to a meeting; the person is in the lobby."""
    person = await stage.person(user, role, **claims)
    await follow(person, f"meeting={meeting}&token={person.token}")
    await person.page.wait_for_selector("main.lobby")
    return person


async def follow(person: Person, fragment: str) -> None:
    """Open the page by a link with this fragment."""
    await person.page.goto(f"/meet#{fragment}")
    await person.run(AUDIT.read_text())


async def ready(person: Person) -> None:
    """Wait until the devices of the lobby are open, or cannot be."""
    await person.until("() => !document.querySelector('.preview-buttons button').disabled")


async def enter(person: Person) -> None:
    """Press the button of the lobby; the person is in the meeting."""
    await ready(person)
    await person.page.click("button[type=submit]")
    await person.page.wait_for_selector("main.room")


async def meet(stage: Stage, **roles: str) -> list[Person]:
    """Let users by role, e.g. ann="customer", come into a new meeting one after the other."""
    meeting = await stage.meeting(**roles)
    people = []
    for user, role in roles.items():
        person = await arrive(stage, user, role, meeting=meeting, name=user.title())
        await enter(person)
        people.append(person)
    return people


async def said(person: Person, words: str) -> None:
    """Wait until the page says *words* somewhere that can be seen."""
    await person.until("(words) => document.body.innerText.includes(words)", words)


async def faults(person: Person) -> list[str]:
    """Return what is wrong with names, ids, sizes and contrast, in the light and in the dark."""
    found: list[str] = []
    for scheme in SCHEMES:
        await person.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        found += [f"{scheme}: {fault}" for fault in await person.run(FAULTS)]
    await person.page.emulate_media(color_scheme="null", reduced_motion="null")
    return found


async def press(person: Person, name: str) -> None:
    """Press the button of exactly this name."""
    await person.page.get_by_role("button", name=name, exact=True).click()


async def offered(person: Person, name: str) -> None:
    """Wait until there is a button of exactly this name."""
    await person.page.get_by_role("button", name=name, exact=True).wait_for()
