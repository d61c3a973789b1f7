import asyncio
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signalling.store.commit import Batch, Mail
from signalling.store.inbox import Inbox, Resumed, parse_event_id, parse_message
from signalling.store.keys import INBOX_LENGTH, Keys
from signalling.store.store import Store
from tests.store.conftest import COUNTER

LOOP_STEPS = st.lists(
    st.one_of(st.integers(1, 90).map(lambda n: ("mail", n)), st.just(("expire", 0))), max_size=6
)


async def mail(store: Store, keys: Keys, count: int, address: str = "i:ola") -> list[str]:
    done = await store.commit(
        keys.marketplace, Batch(mails=tuple(Mail(address, b"%d" % n) for n in range(count)))
    )
    assert done is not None
    return list(done.event_ids)


async def test_resume(store: Store, keys: Keys) -> None:
    """A client gets exactly what came after its last event."""
    ids = await mail(store, keys, 3)
    inbox = Inbox(store, keys.marketplace)

    assert await inbox.read("i:ola", ids[0]) == Resumed(
        recovered=True, events=((ids[1], b"1"), (ids[2], b"2")), last=ids[2]
    )
    assert await inbox.read("i:ola", ids[2]) == Resumed(recovered=True, last=ids[2])


async def test_nothing_to_resume(store: Store, keys: Keys) -> None:
    """Without a last event, or an inbox, there is a snapshot to take."""
    inbox = Inbox(store, keys.marketplace)
    assert await inbox.read("i:ola", "abc.1-0") == Resumed(recovered=False)

    ids = await mail(store, keys, 1)
    want = Resumed(recovered=False, last=ids[0])
    assert await inbox.read("i:ola", None) == want
    for forged in ("", "nonsense", ids[0] + "9" * 30, "ab.1-1 x", f"ff.{ids[0].split('.')[1]}"):
        assert await inbox.read("i:ola", forged) == want
    ahead = parse_event_id(ids[0])
    assert ahead is not None
    assert await inbox.read("i:ola", f"{ahead.epoch}.{ahead.order[0] + 10**9}-0") == want


@pytest.mark.parametrize("behind", [INBOX_LENGTH - 1, INBOX_LENGTH])
async def test_trimmed(store: Store, keys: Keys, behind: int) -> None:
    """A client that missed as many events as an inbox keeps cannot be sure of them all."""
    ids = await mail(store, keys, 100)
    last = ids[-1 - behind]
    resumed = await Inbox(store, keys.marketplace).read("i:ola", last)

    assert resumed.recovered == (behind < INBOX_LENGTH)
    assert len(resumed.events) == (behind if resumed.recovered else 0)


@settings(max_examples=40)
@given(steps=LOOP_STEPS, data=st.data())
def test_against_a_model(valkey: str, steps: list[tuple[str, int]], data: Any) -> None:
    """Whatever was mailed, trimmed and expired: recovered means that nothing is missing."""
    keys = Keys(f"model-{next(COUNTER)}")

    async def run() -> tuple[list[str], int]:
        """Return all event ids ever, and how many belong to inboxes that have expired."""
        ids: list[str] = []
        dead = 0
        async with Store(valkey) as store:
            for step, count in steps:
                if step == "mail":
                    ids += await mail(store, keys, count)
                else:
                    await store.command("DEL", keys.inbox("i:ola"), keys.epoch("i:ola"))
                    dead = len(ids)
        return ids, dead

    async def read(after: str | None) -> Resumed:
        async with Store(valkey) as store:
            return await Inbox(store, keys.marketplace).read("i:ola", after)

    ids, dead = asyncio.run(run())
    at = data.draw(st.integers(0, len(ids)))  # the client has seen the first `at` events
    resumed = asyncio.run(read(ids[at - 1] if at else None))

    kept = ids[max(dead, len(ids) - INBOX_LENGTH) :]
    assert resumed.recovered == (at > 0 and ids[at - 1] in kept)
    assert resumed.last == (ids[-1] if kept else None)
    assert [event_id for event_id, _ in resumed.events] == (ids[at:] if resumed.recovered else [])


def test_parse() -> None:
    """Ids have an epoch and an order; messages an id and a body, which may hold spaces."""
    first, second = parse_event_id("ab.9-1"), parse_event_id("ab.10-0")
    assert first is not None
    assert second is not None
    assert first.order < second.order
    assert first.stream_id == "9-1"
    assert parse_message(b"ab.9-1 a b") == ("ab.9-1", b"a b")
