"""How the pictures of docs/pictures/ are taken: sizes, schemes, and files that stay small."""

import asyncio
import shutil
import subprocess
from pathlib import Path
from typing import Final, Literal

from tests.browser.stage import Person

MOST_BYTES: Final = 200_000
DESKTOP: Final = (1280, 800)
PHONE: Final = (390, 844)


async def frame(
    person: Person, size: tuple[int, int], scheme: Literal["light", "dark"] = "light"
) -> None:
    """Bring a page to the front, in this size."""
    await person.page.set_viewport_size({"width": size[0], "height": size[1]})
    await person.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    await person.page.bring_to_front()


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
