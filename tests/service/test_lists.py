"""Pages that stay put while new entries come, and cursors that nobody can forge into trouble."""

import base64

import msgpack
import pytest

from signalling.errors import InvalidParams
from signalling.service import lists as module
from signalling.service.lists import Lists, Window
from signalling.store.commit import Append, Batch, IndexChange
from tests.world import World


async def fill(world: World, **entries: float) -> None:
    changes = tuple(IndexChange("x", member, score) for member, score in entries.items())
    assert await world.store.commit(world.marketplace, Batch(indexes=changes))


async def pages(world: World, limit: int, *, oldest_first: bool = False) -> list[tuple[str, ...]]:
    """Return the pages of the whole list."""
    lists, found, cursor = Lists(world.store), list[tuple[str, ...]](), None
    while True:
        window = Window(limit=limit, cursor=cursor)
        page = await lists.page(world.marketplace, "x", window, oldest_first=oldest_first)
        found.append(page.ids)
        if page.next is None:
            return found
        cursor = page.next


async def test_an_empty_list(world: World) -> None:
    assert await pages(world, 2) == [()]


async def test_pages_of_both_orders(world: World) -> None:
    await fill(world, a=1, b=2, c=3, d=4)
    assert await pages(world, 2) == [("d", "c"), ("b", "a")]
    assert await pages(world, 3) == [("d", "c", "b"), ("a",)]
    assert await pages(world, 3, oldest_first=True) == [("a", "b", "c"), ("d",)]


async def test_entries_of_the_same_moment(world: World) -> None:
    """Ties are each shown once, whatever the page's size."""
    await fill(world, a=1, b=2, c=2, d=2, e=2, f=3)
    for limit in (1, 2, 3, 5):
        whole = [id_ for page in await pages(world, limit) for id_ in page]
        assert whole == ["f", "e", "d", "c", "b", "a"]
        back = [id_ for page in await pages(world, limit, oldest_first=True) for id_ in page]
        assert back == whole[::-1]


async def test_new_entries_do_not_shift_a_page(world: World) -> None:
    """And an entry that has gone leaves its place behind."""
    await fill(world, a=1, b=2, c=2, d=2, e=4)
    lists = Lists(world.store)
    first = await lists.page(world.marketplace, "x", Window(limit=2))
    assert first.ids == ("e", "d")
    await fill(world, f=5, dd=2)
    gone = Batch(indexes=(IndexChange("x", "d", None),))
    assert await world.store.commit(world.marketplace, gone)
    second = await lists.page(world.marketplace, "x", Window(limit=2, cursor=first.next))
    assert second.ids == ("c", "b")


async def test_the_newest_of_several(world: World) -> None:
    """Each once, though it stands in two; those of one moment in the order that pages have."""
    await fill(world, a=1, b=2, c=3)
    changes = tuple(IndexChange("y", member, 2) for member in "bdefg")
    assert await world.store.commit(world.marketplace, Batch(indexes=changes))
    newest = Lists(world.store).newest
    assert await newest(world.marketplace, ["x", "y"], 3) == ["c", "g", "f"]
    assert await newest(world.marketplace, ["x", "z"], 9) == ["c", "b", "a"]
    assert await newest(world.marketplace, [], 9) == []


async def test_a_window_of_time(world: World) -> None:
    """From *since* on, before *until*; a page stays inside."""
    await fill(world, a=1, b=2, c=3, d=4)
    lists = Lists(world.store)
    window = Window(since_ms=2, until_ms=4, limit=1)
    first = await lists.page(world.marketplace, "x", window)
    again = Window(since_ms=2, until_ms=4, limit=5, cursor=first.next)
    assert (first.ids, (await lists.page(world.marketplace, "x", again)).ids) == (("c",), ("b",))


def cursor(text: bytes) -> str:
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


@pytest.mark.parametrize(
    "forged",
    [
        "!",
        "å",
        "a",
        cursor(b"\xff\xfe"),
        cursor(b"nan a"),
        cursor(b"inf a"),
        cursor(b"-1 a"),
        cursor(b"1e3 a"),
        cursor(b"1"),
        cursor(b"1 "),
        cursor("١ a".encode()),
        cursor(b"1" * 16 + b" a"),
        cursor(b"1-1"),
        cursor(b"a"),
    ],
)
async def test_forged_cursors(world: World, forged: str) -> None:
    with pytest.raises(InvalidParams) as refused:
        await Lists(world.store).page(world.marketplace, "x", Window(cursor=forged))
    assert refused.value.path == "cursor"


@pytest.mark.parametrize(
    "forged", ["!", cursor(b"+"), cursor(b"1"), cursor(b"1-"), cursor(b"1" * 16 + b"-1")]
)
async def test_forged_cursors_of_a_log(world: World, forged: str) -> None:
    with pytest.raises(InvalidParams) as refused:
        await Lists(world.store).log(world.marketplace, "x", Window(cursor=forged))
    assert refused.value.path == "cursor"


async def test_a_log(world: World) -> None:
    """Newest first, a page at a time; what comes meanwhile does not shift it."""
    for n in range(5):
        entry = Append(world.keys.log("x"), msgpack.packb({"n": n}), 100)
        assert await world.store.commit(world.marketplace, Batch(appends=(entry,)))
    lists = Lists(world.store)
    first, more = await lists.log(world.marketplace, "x", Window(limit=2))
    assert [e["n"] for e in first] == [4, 3]
    entry = Append(world.keys.log("x"), msgpack.packb({"n": 5}), 100)
    assert await world.store.commit(world.marketplace, Batch(appends=(entry,)))
    second, more = await lists.log(world.marketplace, "x", Window(limit=3, cursor=more))
    assert ([e["n"] for e in second], more) == ([2, 1, 0], None)

    now_ms = world.clock.now_ms()
    later = Window(since_ms=now_ms + 60_000)
    assert await lists.log(world.marketplace, "x", later) == ([], None)
    earlier = Window(until_ms=now_ms - 60_000)
    assert await lists.log(world.marketplace, "x", earlier) == ([], None)
    around = Window(since_ms=now_ms - 60_000, until_ms=now_ms + 60_000)
    assert len((await lists.log(world.marketplace, "x", around))[0]) == 6


def test_scores_of_both_protocols() -> None:
    """Servers give members and scores flat (RESP2) or in pairs (RESP3)."""
    assert module._pairs([b"a", b"1", b"b", b"2"]) == [(b"a", 1.0), (b"b", 2.0)]
    assert module._pairs([[b"a", 1.0], [b"b", 2.0]]) == [(b"a", 1.0), (b"b", 2.0)]
    assert module._pairs([]) == []
