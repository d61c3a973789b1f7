"""Rows in blocks: every row is visited, and no block holds more than was said."""

from random import Random

import numpy as np
import pytest

from matching.roster import Roster


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("matching.roster.BLOCK", 4)
    monkeypatch.setattr("matching.roster.BLOCKS_AT_FIRST", 1)


def check(roster: Roster, known: dict[int, float]) -> None:
    """Hold a roster to its slots and their bases."""
    assert set(roster.slots[: roster.n].tolist()) == known.keys()
    left, tops, visited = set(known), [], 0
    for at, top in roster.parts():
        assert all(known[slot] <= top for slot in left)
        left -= set(roster.slots[at].tolist())
        visited += at.size
        tops.append(top)
    assert (left, visited) == (set(), len(known))
    assert tops == sorted(tops, reverse=True)


def test_a_lived_in_roster_never_says_too_little() -> None:
    draw, roster = Random(1), Roster()
    known: dict[int, float] = {}
    for step in range(300):
        places = {slot: row for row, slot in enumerate(roster.slots[: roster.n].tolist())}
        what, base = draw.random(), float(draw.randint(-9, 9))
        if what < 0.6 or not known:
            assert roster.append(step, draw.choice([0, 1 << 20]), base) == len(known)
            known[step] = base
        elif what < 0.75:
            slot = draw.choice(sorted(known))
            del known[slot]
            roster.drop(places[slot])
        else:
            slot = draw.choice(sorted(known))
            known[slot] = base
            roster.set_base(places[slot], base)
        if step % 50 == 49:
            check(roster, known)
            roster.sort()
            assert roster.changed == 0
            check(roster, known)
    best_first = [known[slot] for slot in roster.slots[: roster.n].tolist()]
    assert best_first == sorted(best_first, reverse=True)


def test_the_best_are_visited_first_though_they_came_last() -> None:
    roster = Roster()
    for slot in range(40):
        roster.append(slot, 0, float(slot))
    first, top = next(roster.parts())
    assert (roster.slots[first].tolist(), top) == ([36, 37, 38, 39], 39.0)
    roster.sort()
    first, _ = next(roster.parts())
    assert roster.slots[first].tolist() == [39, 38, 37, 36]


def test_all_are_replaced_at_once() -> None:
    roster = Roster()
    roster.set_all_bases(np.empty(0, np.float32))
    for slot in range(6):
        roster.append(slot, 0, 9.0)
    roster.set_all_bases(np.array([1, 2, 3, 4, 5, 6], np.float32))
    check(roster, {slot: slot + 1.0 for slot in range(6)})
    assert roster.changed == 6


def test_a_row_that_moves_is_told_by_its_slot() -> None:
    roster = Roster()
    for slot in range(3):
        roster.append(slot, 1 << 20 + slot, 0.0)
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
    assert list(roster.parts()) == []
