"""How long work took, as somebody says it was."""

import pytest

from signalling.core.hours import Hours


@pytest.mark.parametrize(("ms", "minutes"), [(0, 0), (29_999, 0), (30_001, 1), (5_400_000, 90)])
def test_minutes_are_rounded(ms: int, minutes: int) -> None:
    assert Hours(1_000, 1_000 + ms, "interpreter").minutes == minutes
