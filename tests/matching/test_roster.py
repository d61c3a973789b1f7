"""Rows in blocks: every row is visited, and no block holds more than was said."""

from random import Random

import pytest

from matching.roster import ONSITE, REMOTE, Roster


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("matching.roster.BLOCK", 4)
    monkeypatch.setattr("matching.roster.BLOCKS_AT_FIRST", 1)


def check(roster: Roster, known: dict[int, tuple[float, float]]) -> None:
    """Hold a roster to its slots and their bases."""
    assert set(roster.slots[: roster.n].tolist()) == known.keys()
    for which in (REMOTE, ONSITE):
        visited: list[int] = []
        tops = []
        for at, top in roster.parts(which):
            visited += roster.slots[at].tolist()
            tops.append(top)
            rest = known.keys() - set(visited) | set(roster.slots[at].tolist())
            assert all(known[slot][which] <= top for slot in rest)
        assert sorted(visited) == sorted(known)
        assert tops == sorted(tops, reverse=True)


def test_a_lived_in_roster_never_says_too_little() -> None:
    draw, roster = Random(1), Roster()
    known: dict[int, tuple[float, float]] = {}
    for step in range(300):
        places = {slot: row for row, slot in enumerate(roster.slots[: roster.n].tolist())}
        what = draw.random()
        bases = float(draw.randint(-9, 9)), float(draw.randint(-9, 9))
        if what < 0.6 or not known:
            assert roster.append(step, draw.choice([0, 1 << 20]), bases) == len(known)
            known[step] = bases
        elif what < 0.75:
            slot = draw.choice(sorted(known))
            del known[slot]
            roster.drop(places[slot])
        else:
            slot = draw.choice(sorted(known))
            known[slot] = bases
            roster.set_bases(places[slot], bases)
        if step % 50 == 49:
            check(roster, known)
            roster.sort()
            assert roster.changed == 0
            check(roster, known)
    best_first = [known[slot][REMOTE] for slot in roster.slots[: roster.n].tolist()]
    assert best_first == sorted(best_first, reverse=True)


def test_the_best_are_visited_first_though_they_came_last() -> None:
    roster = Roster()
    for slot in range(40):
        roster.append(slot, 0, (float(slot), 0.0))
    first, top = next(roster.parts(REMOTE))
    assert (roster.slots[first].tolist(), top) == ([36, 37, 38, 39], 39.0)
    roster.sort()
    first, _ = next(roster.parts(REMOTE))
    assert roster.slots[first].tolist() == [39, 38, 37, 36]


def test_a_row_that_moves_is_told_by_its_slot() -> None:
    roster = Roster()
    for slot in range(3):
        roster.append(slot, 1 << 20 + slot, (0.0, 0.0))
    assert roster.rare[0] == 0b111 << 20
    assert roster.drop(0) == 2
    assert roster.drop(1) == 1
    roster.set_caps(0, 1 << 30)
    roster.set_caps(0, 1 << 30)
    assert roster.rare[0] == 1 << 30
    assert (roster.n, roster.caps[0]) == (1, 1 << 30)


def test_nobody_is_no_part() -> None:
    roster = Roster()
    roster.sort()
    assert list(roster.parts(REMOTE)) == []
