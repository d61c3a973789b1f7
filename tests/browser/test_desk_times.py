"""Times in a named zone, as the pages read and write them, against zoneinfo."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.browser.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")

WALLS = """async ([zone, moments]) => {
    const { wall, momentOf } = await import('/pages/desk/times.js');
    const shown = moments.map((at) => wall(at, zone));
    return { shown, back: shown.map((text) => Date.parse(momentOf(text, zone))) };
}"""
ZONES = ("Europe/Oslo", "Asia/Kathmandu", "Australia/Lord_Howe", "America/St_Johns", "UTC")


@pytest.mark.parametrize("zone", ZONES)
async def test_walls_and_moments(stage: Stage, zone: str) -> None:
    """Every half hour of two years, but those that come twice: of them the first is meant."""
    ann = await stage.person()
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    moments = [begin + timedelta(minutes=30 * n) for n in range(2 * 365 * 48)]
    found = await ann.run(WALLS, [zone, [int(m.timestamp() * 1000) for m in moments]])
    here = [m.astimezone(ZoneInfo(zone)) for m in moments]
    assert found["shown"] == [f"{m:%Y-%m-%dT%H:%M}" for m in here]
    assert found["back"] == [int(m.replace(fold=0).timestamp() * 1000) for m in here]


async def test_a_time_that_is_left_out(stage: Stage) -> None:
    ann = await stage.person()
    script = """async () => {
        const { momentOf } = await import('/pages/desk/times.js');
        return momentOf('2026-03-29T02:30', 'Europe/Oslo');
    }"""
    assert await ann.run(script) == "2026-03-29T01:30:00.000Z"


async def test_every_moment_of_a_time(stage: Stage) -> None:
    """None of one that is left out, two of one that comes twice."""
    ann = await stage.person()
    script = """async () => {
        const { momentsOf } = await import('/pages/desk/times.js');
        const of = (shown) => momentsOf(shown, 'Europe/Oslo').map((ms) => new Date(ms).toJSON());
        return ['2027-03-28T02:30', '2027-10-31T02:30', '2027-06-01T02:30', ''].map(of);
    }"""
    assert await ann.run(script) == [
        [],
        ["2027-10-31T00:30:00.000Z", "2027-10-31T01:30:00.000Z"],
        ["2027-06-01T00:30:00.000Z"],
        [],
    ]


async def test_words(stage: Stage) -> None:
    ann = await stage.person()
    script = """async () => {
        const { lasting, left, span, clock, alike, city } = await import('/pages/desk/times.js');
        return [
            lasting(45), lasting(60), lasting(90), left(-5), left(59_001), left(3_723_000),
            span('2031-11-26T13:30:00Z', 60, 'Europe/Oslo'),
            span('2031-11-26T22:30:00Z', 60, 'Europe/Oslo'),
            clock('2031-11-26T13:30:00Z', 'No/Such'),
            alike('2031-07-01T12:00:00Z', 'Europe/Oslo', 'Europe/Berlin'),
            alike('2031-07-01T12:00:00Z', 'Europe/Oslo', 'Europe/London'),
            city('America/St_Johns'),
        ];
    }"""
    found = await ann.run(script)
    spans = [text.replace(",", "") for text in found[6:8]]  # browsers differ in commas
    assert found[:6] == ["45 min", "1 h", "1 h 30 min", "0:00", "1:00", "1:02:03"]
    assert spans == [
        "Wednesday 26 November 2031 14:30–15:30",
        "Wednesday 26 November 2031 23:30–Thursday 27 November 2031 00:30",
    ]
    assert len(found[8]) == 5  # in the browser's own zone
    assert found[9:] == [True, False, "St Johns"]
