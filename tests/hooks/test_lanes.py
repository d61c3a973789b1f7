"""The order in which what waits may go."""

from signalling.hooks.lanes import Lanes, Waiting


def waiting(id_: str, about: str = "a1", number: int = 0, **other: object) -> Waiting:
    fields: dict[str, object] = {"webhook": "w1", "app": "hospital", "due_ms": 0, **other}
    return Waiting(id=id_, about=about, sequence=(number, 0), **fields)  # type: ignore[arg-type]


def taken(lanes: Lanes, now_ms: int = 0) -> list[Waiting]:
    """Take all that may go."""
    found = []
    while (each := lanes.take(now_ms, lambda _: True)) is not None:
        found.append(each)
    return found


def ids(found: list[Waiting]) -> list[str]:
    return [each.id for each in found]


def test_one_of_each_about_in_order() -> None:
    """The next goes once the one before is over; others do not wait for it."""
    lanes = Lanes(9)
    for id_, about, number in (("2", "a", 2), ("1", "a", 1), ("3", "b", 3), ("4", "a", 4)):
        lanes.add(waiting(id_, about, number))
    one, three = taken(lanes)
    assert ids([one, three]) == ["1", "3"]
    lanes.put_back(one, None)
    (two,) = taken(lanes)
    assert two.id == "2"
    lanes.put_back(three, None)
    lanes.put_back(two, None)
    (four,) = taken(lanes)
    lanes.put_back(four, None)
    assert (taken(lanes), lanes.next_ms(0)) == ([], None)


def test_what_failed_holds_back_its_own_about_alone() -> None:
    lanes = Lanes(9)
    for id_, about, number in (("1", "a", 1), ("2", "a", 2), ("3", "b", 3)):
        lanes.add(waiting(id_, about, number))
    one, three = taken(lanes)
    lanes.put_back(one, 500)
    lanes.put_back(three, None)
    assert (taken(lanes, 499), lanes.next_ms(499)) == ([], 500)
    (again,) = taken(lanes, 500)
    assert again.id == "1"
    lanes.put_back(again, None)
    assert ids(taken(lanes, 500)) == ["2"]


def test_webhooks_take_turns_with_so_many_each() -> None:
    lanes = Lanes(2)
    for number in range(4):
        lanes.add(waiting(f"x{number}", f"a{number}", number, webhook="x"))
    lanes.add(waiting("y4", "a0", 4, webhook="y"))
    found = taken(lanes)
    assert ids(found) == ["x0", "y4", "x1"]
    lanes.put_back(found[0], None)
    assert ids(taken(lanes)) == ["x2"]


def test_an_app_without_room_does_not_hold_back_another() -> None:
    lanes = Lanes(2)
    lanes.add(waiting("1", webhook="x", app="full"))
    lanes.add(waiting("2", webhook="y", app="other"))
    found = lanes.take(0, lambda app: app != "full")
    assert found is not None
    assert found.id == "2"
    assert lanes.take(0, lambda app: app != "full") is None
    assert lanes.next_ms(0) is None  # it waits for room, not for time


def test_an_older_one_that_is_asked_for_again_goes_first() -> None:
    """Also where one of its about is under way, and no other of it may go."""
    lanes = Lanes(9)
    for number in (5, 6):
        lanes.add(waiting(str(number), "a", number))
    (five,) = taken(lanes)
    lanes.add(waiting("1", "a", 1))
    assert taken(lanes) == []
    lanes.put_back(five, None)
    (one,) = taken(lanes)
    assert one.id == "1"
    lanes.put_back(one, None)
    assert ids(taken(lanes)) == ["6"]


def test_what_waits_already_waits_no_longer() -> None:
    lanes = Lanes(9)
    lanes.add(waiting("1", due_ms=900))
    assert taken(lanes, 10) == []
    lanes.add(waiting("1", due_ms=5))
    assert ids(taken(lanes, 10)) == ["1"]
    assert taken(lanes, 1000) == []


def test_what_is_asked_for_while_it_is_under_way_comes_back() -> None:
    lanes = Lanes(9)
    lanes.add(waiting("1"))
    (one,) = taken(lanes)
    lanes.add(waiting("1", due_ms=5))
    assert taken(lanes, 10) == []
    lanes.put_back(one, None)
    (again,) = taken(lanes, 10)
    lanes.put_back(again, None)
    assert taken(lanes, 10) == []
