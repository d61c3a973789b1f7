"""Take the pictures of docs/pictures/: `python -m tests.browser.pictures [directory]`.

They show the lobby and a meeting of three, on a desktop and on a phone. People are drawn
(portrait.js); all else is the real page, at a real server.
"""

import asyncio
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Final, Literal

from tests.browser.chrome import chromium
from tests.browser.stage import Person, Stage, stage_at
from tests.browser.visitor import enter, follow, press, ready, said
from tests.e2e.server import serving

DIRECTORY: Final = Path(__file__).parents[2] / "docs" / "pictures"
PORTRAIT: Final = (Path(__file__).parent / "portrait.js").read_text()
MOST_BYTES: Final = 200_000
DESKTOP: Final = (1280, 800)
PHONE: Final = (390, 844)
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
    """Bring a page to the front, in this size."""
    await person.page.set_viewport_size({"width": size[0], "height": size[1]})
    await person.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    await person.page.bring_to_front()
    await person.until("() => [...document.querySelectorAll('video')].some((v) => v.videoWidth)")


async def take(person: Person, path: Path) -> None:
    """Write what the page shows; with fewer colours if it is too large."""
    await person.until("() => !document.querySelector('.toast')")
    shown = await person.page.screenshot()
    await asyncio.to_thread(keep, shown, path)


def keep(picture: bytes, path: Path) -> None:
    path.write_bytes(picture)
    if len(picture) > MOST_BYTES:
        squeeze(path)
    assert path.stat().st_size <= MOST_BYTES, path


def squeeze(path: Path) -> None:
    """Reduce a picture to 256 colours."""
    ffmpeg = shutil.which("ffmpeg")
    assert ffmpeg, "the pictures need ffmpeg on the PATH"
    fewer = path.with_suffix(".less.png")
    palette = "split[a][b];[a]palettegen=stats_mode=full[p];[b][p]paletteuse=dither=bayer"
    words = [ffmpeg, "-v", "error", "-y", "-i", str(path), "-vf", palette, str(fewer)]
    subprocess.run(words, check=True)
    fewer.replace(path)


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
    await kari.until("() => document.querySelectorAll('.quality[data-level=good]').length === 2")
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


if __name__ == "__main__":
    directory = Path(sys.argv[1]) if len(sys.argv) > 1 else DIRECTORY
    directory.mkdir(parents=True, exist_ok=True)
    asyncio.run(main(directory))
