from signalling.hooks.room import Room


def fill(room: Room, app: str) -> int:
    """Take as many places as an app may have; return how many."""
    count = 0
    while room.has(app):
        room.take(app)
        count += 1
    return count


def test_whoever_comes_next_finds_room() -> None:
    """One alone has half; another then half of the rest, however long the first keeps its own."""
    room = Room(12)
    assert [fill(room, app) for app in ("a", "b", "c")] == [6, 3, 2]
    assert fill(room, "d") == 1


def test_those_who_wait_hear_of_room() -> None:
    """Once, and only after somebody found none."""
    room, heard = Room(2), list[str]()
    room.on_free.append(lambda: heard.append("free"))
    room.take("a")
    room.give_back("a")
    assert heard == []
    room.take("a")
    assert not room.has("a")
    room.give_back("a")
    assert heard == ["free"]
    assert room.has("a")
