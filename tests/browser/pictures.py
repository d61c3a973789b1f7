"""Take the pictures of docs/pictures/: `python -m tests.browser.pictures [directory]`.

They show the lobby, a meeting of three, and the page of an interpreter, on a desktop and on a
phone. People are drawn (portrait.js); all else is the real page, at a real server.
"""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any, Final, Literal

from tests.browser.camera import DESKTOP, PHONE, frame, take
from tests.browser.chrome import chromium
from tests.browser.pictures_customer import customer_pictures
from tests.browser.pictures_interpreter import interpreter_pictures
from tests.browser.stage import Person, Stage, stage_at
from tests.browser.visitor import enter, follow, press, ready, said
from tests.e2e.server import serving

DIRECTORY: Final = Path(__file__).parents[2] / "docs" / "pictures"
PORTRAIT: Final = (Path(__file__).parent / "portrait.js").read_text()
HODAN: Final = {"hue": 205, "skin": "#8a5a3c", "scarf": "#274c77", "loudness": 0.3}
KARI: Final = {"hue": 32, "skin": "#e8b894", "hair": "#8a4b2a", "loudness": 0.002}
LARS: Final = {"hue": 150, "skin": "#dca987", "hair": "#4a4540", "loudness": 0.002}
GREETING: Final = (
    "Hello, I am Hodan. I interpret everything that is said, and nothing leaves this room."
)


async def come(
    stage: Stage, meeting: str, name: str, role: str, portrait: dict[str, Any]
) -> Person:
    """Bring somebody to the lobby, with the camera picture that *portrait* describes."""
    user = name.partition(" ")[0].lower()
    person = await stage.person(user, role, name=name)
    script = f"window.portrait = {json.dumps(portrait)};\n{PORTRAIT}"
    await person.page.add_init_script(script)
    await follow(person, f"meeting={meeting}&token={person.token}")
    await ready(person)
    return person


async def show(
    person: Person, size: tuple[int, int], scheme: Literal["light", "dark"] = "light"
) -> None:
    """Bring a meeting's page to the front, in this size."""
    await frame(person, size, scheme)
    await person.until("() => [...document.querySelectorAll('video')].some((v) => v.videoWidth)")


async def pictures(stage: Stage, to: Path) -> None:
    """Take all of them, as Kari sees it."""
    roles = {"kari": "customer", "hodan": "interpreter", "lars": "operator"}
    meeting = await stage.meeting(**roles)
    kari = await come(stage, meeting, "Kari Nordmann", "customer", KARI)
    for size, name in ((DESKTOP, "lobby"), (PHONE, "lobby-phone")):
        await show(kari, size)
        await take(kari, to / f"{name}.png")
    hodan = await come(stage, meeting, "Hodan Warsame", "interpreter", HODAN)
    lars = await come(stage, meeting, "Lars Berg", "operator", LARS)
    await press(lars, "Stop video")
    for person in (hodan, lars, kari):
        await enter(person)
    await press(lars, "Mute")
    await show(kari, DESKTOP)
    await kari.until("() => document.querySelector('.quality[data-level=good]')")  # Lars is silent
    await kari.until("() => document.querySelector('.tile.speaking')")
    await press(kari, "Chat")
    await press(hodan, "Chat")
    await write(hodan, GREETING)
    await said(kari, GREETING)
    await write(kari, "Thank you. Shall we begin?")
    await kari.page.get_by_label("Write a message").blur()
    await take(kari, to / "meeting.png")
    await press(kari, "Close")
    await kari.run("document.activeElement.blur()")
    await show(kari, PHONE, "dark")
    await take(kari, to / "meeting-phone.png")


async def write(person: Person, text: str) -> None:
    await person.page.get_by_label("Write a message").fill(text)
    await person.page.keyboard.press("Enter")


async def main(to: Path) -> None:
    with serving() as server:
        async with chromium() as browser, stage_at(browser, server) as stage:
            await pictures(stage, to)
            await interpreter_pictures(stage, to)
            await customer_pictures(browser, to)


if __name__ == "__main__":
    directory = Path(sys.argv[1]) if len(sys.argv) > 1 else DIRECTORY
    directory.mkdir(parents=True, exist_ok=True)
    asyncio.run(main(directory))
