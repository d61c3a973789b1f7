"""The demo as a whole: a real server as a child process, real sockets, real media."""

import io
from collections.abc import Sequence
from dataclasses import replace

import pytest
from rich.console import Console

from signalling.demo.play import play
from signalling.demo.scenario import ACCEPTS, DECLINES, Answer, Scenario
from signalling.demo.script import SCRIPT

TITLES = (
    "Somali, video",
    "Ukrainian, audio",
    "Polish, audio, in court",
    "Levantine Arabic, video",
    "Tigrinya, on site in Bergen",
    "“Kurdish”, then Sorani",
    "Vietnamese, audio",
    "Dari, audio",
    "Rohingya, video, category A",
    "Russian, audio, for a public body",
)


async def played(script: Sequence[Scenario]) -> tuple[int, str]:
    """Play *script*; return the exit code and what was shown, on one line."""
    file = io.StringIO()
    code = await play(script, Console(file=file, width=300))
    return code, " ".join(file.getvalue().split())


@pytest.mark.timeout(60)
async def test_ten_requests_go_as_they_should() -> None:
    code, shown = await played(SCRIPT)
    assert code == 0, shown
    table = shown[shown.index("┏") :]
    assert all(title in table for title in TITLES)
    assert "10 of 10 requests went as they should" in shown
    assert "heard 440 Hz and 660 Hz as sent" in table
    assert "✗" not in shown


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (
            replace(SCRIPT[1], answers=(Answer(DECLINES.behaviour, "accepted"),)),
            "expected: accepted; came: declined, accepted",
        ),
        (replace(SCRIPT[1], answers=(ACCEPTS,), ends="cancelled"), "it is completed, not"),
        (replace(SCRIPT[8], answers=(ACCEPTS,)), "0 fit, 1 are needed"),
    ],
    ids=["another answer", "another end", "nobody to answer"],
)
async def test_a_step_that_is_not_as_it_should_be_fails_the_demo_with_its_reason(
    broken: Scenario, reason: str
) -> None:
    code, shown = await played([broken])
    assert code == 1
    assert reason in shown
    assert "0 of 1 requests went as they should" in shown
