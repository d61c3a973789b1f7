"""Sets of spans, and what is open when they overlap."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from matching.openings import WEEK_MS, Openings, Spans, join
from matching.zones import DAY_MS, Span, zone

HOUR_MS = 60 * 60 * 1000
MONDAY_MS = 4 * DAY_MS  # 5 January 1970
SPANS = st.lists(st.tuples(st.integers(0, 40), st.integers(1, 9)), max_size=6).map(
    lambda drawn: [(start, start + length) for start, length in drawn]
)


def held(spans: list[Span]) -> set[int]:
    return {each for start, end in spans for each in range(start, end)}


@given(SPANS)
def test_joined_spans_hold_the_same_and_stand_apart(spans: list[Span]) -> None:
    joined = join(spans)
    assert held(joined) == held(spans)
    for one, other in pairwise(joined):
        assert one[1] < other[0]


@given(SPANS, st.integers(-2, 52), st.integers(1, 9))
def test_spans_meet_what_holds_an_instant_of_theirs(
    spans: list[Span], start: int, length: int
) -> None:
    meets = Spans(spans).meets(start, start + length)
    assert meets == bool(held(spans) & set(range(start, start + length)))


@given(SPANS, st.integers(-2, 52))
def test_a_reach_is_the_first_instant_that_is_not_held(spans: list[Span], at: int) -> None:
    end = at
    while end in held(spans):
        end += 1
    assert Spans(spans).reach(at) == end


def test_weekly_and_extra_hours_go_on_in_one_another() -> None:
    openings = Openings(
        zone("UTC"),
        weekly=[(8 * HOUR_MS, 12 * HOUR_MS)],
        extra=[(MONDAY_MS + 12 * HOUR_MS, MONDAY_MS + 14 * HOUR_MS)],
    )
    monday = MONDAY_MS
    assert openings.open_during(monday + 8 * HOUR_MS, monday + 14 * HOUR_MS)
    assert not openings.open_during(monday + 8 * HOUR_MS, monday + 14 * HOUR_MS + 1)
    assert not openings.open_during(monday + WEEK_MS + 8 * HOUR_MS, monday + WEEK_MS + 13 * HOUR_MS)


def test_time_off_wins_over_extra_hours() -> None:
    noon = MONDAY_MS + 12 * HOUR_MS
    openings = Openings(
        zone("UTC"), weekly=[], extra=[(noon, noon + 2 * HOUR_MS)], off=[(noon, noon + HOUR_MS)]
    )
    assert not openings.open_during(noon, noon + 2 * HOUR_MS)
    assert openings.open_during(noon + HOUR_MS, noon + 2 * HOUR_MS)
    assert not openings.open_during(noon + HOUR_MS - 1, noon + 2 * HOUR_MS)


def test_the_first_time_that_is_open_so_long() -> None:
    monday, day = MONDAY_MS, 24 * HOUR_MS
    openings = Openings(
        zone("UTC"),
        weekly=[(8 * HOUR_MS, 10 * HOUR_MS)],
        extra=[(monday + day, monday + day + 4 * HOUR_MS)],
        closed=[(monday + day, monday + day + HOUR_MS)],
        off=[(monday, monday + 9 * HOUR_MS)],
    )

    def first(length_h: int, from_ms: int = monday, until_ms: int = monday + WEEK_MS) -> int | None:
        return openings.first_open(from_ms, until_ms, length_h * HOUR_MS)

    assert first(1) == monday + 9 * HOUR_MS
    assert first(1, monday + 9 * HOUR_MS) == monday + 9 * HOUR_MS
    assert first(2) == monday + day + HOUR_MS
    assert first(3, until_ms=monday + day + HOUR_MS) is None
    assert first(4) is None
    assert first(2, until_ms=monday + 9 * WEEK_MS, from_ms=monday + 3 * day) == (
        monday + WEEK_MS + 8 * HOUR_MS
    )
