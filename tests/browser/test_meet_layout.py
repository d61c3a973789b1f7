"""How tiles are laid out, in numbers."""

import itertools
from typing import Any

import pytest

from tests.browser.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")

ARRANGE = """async ([count, width, height, aspect]) => {
    const { arrange } = await import('/pages/meet/layout.js');
    return arrange(count, { width, height }, { width: 170, height: 130 }, aspect, 8);
}"""
SCREENS = ((1280, 680), (374, 700), (830, 290), (900, 900))


async def test_tiles_fit_and_leave_the_corner_free(stage: Stage) -> None:
    ann = await stage.person()
    for count in (1, 2, 3, 4, 5, 6, 9, 16):
        for (width, height), aspect in itertools.product(SCREENS, (4 / 3, 16 / 9)):
            laid = await ann.run(ARRANGE, [count, width, height, aspect])
            rows = -(-count // laid["columns"])
            across = laid["columns"] * (laid["width"] + 8) - 8
            down = rows * (laid["height"] + 8) - 8
            assert across <= width - laid["right"]
            assert down <= height - laid["bottom"]
            assert laid["width"] / laid["height"] == pytest.approx(aspect, rel=0.05)
            assert min(laid["width"], laid["height"]) > 40
            assert count == 1 or not _covered(laid, count, width, height)


def _covered(laid: dict[str, Any], count: int, width: int, height: int) -> bool:
    """Whether the corner of 170 × 130 lies on the last tile."""
    rows = -(-count // laid["columns"])
    last = count - (rows - 1) * laid["columns"]
    across = last * (laid["width"] + 8) - 8
    down = rows * (laid["height"] + 8) - 8
    right = (width - laid["right"] + across) / 2
    bottom = (height - laid["bottom"] + down) / 2
    return bool(right > width - 170 and bottom > height - 130)


async def test_one_other_person_has_all_the_room(stage: Stage) -> None:
    ann = await stage.person()
    laid = await ann.run(ARRANGE, [1, 1280, 680, 16 / 9])
    assert (laid["width"], laid["height"]) == (1208, 679)
    assert (laid["right"], laid["bottom"]) == (0, 0)
