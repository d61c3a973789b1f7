"""Events wait, in order, bounded."""

import asyncio

import pytest

from signalling.client.errors import ConnectionLost
from signalling.client.mailbox import EVENTS_MOST, Event, Mailbox


def event(number: int, method: str = "offer.made") -> Event:
    return Event(method, {"event_id": str(number)})


async def test_the_oldest_wanted_one_is_taken() -> None:
    mailbox = Mailbox()
    for one in (event(1), event(2, "meeting.changed"), event(3)):
        mailbox.put(one)
    assert await mailbox.take(lambda e: e.method == "meeting.changed") == event(
        2, "meeting.changed"
    )
    assert [await mailbox.take(lambda _: True) for _ in range(2)] == [event(1), event(3)]


async def test_several_may_wait() -> None:
    mailbox = Mailbox()
    waiting = [
        asyncio.create_task(mailbox.take(lambda e, n=n: e.event_id == n))  # type: ignore[misc]
        for n in ("2", "1")
    ]
    await asyncio.sleep(0)
    mailbox.put(event(1))
    mailbox.put(event(2))
    assert await asyncio.gather(*waiting) == [event(2), event(1)]


async def test_what_is_here_outlives_the_socket() -> None:
    mailbox = Mailbox()
    mailbox.put(event(1))
    mailbox.shut(4001, "bye")
    assert await mailbox.take(lambda _: True) == event(1)
    with pytest.raises(ConnectionLost, match="4001 bye"):
        await mailbox.take(lambda _: True)
    mailbox.reopen()
    mailbox.put(event(2))
    assert await mailbox.take(lambda _: True) == event(2)


async def test_when_full_the_oldest_goes_and_is_counted() -> None:
    mailbox = Mailbox()
    for number in range(EVENTS_MOST + 2):
        mailbox.put(event(number))
    assert mailbox.dropped == 2
    assert await mailbox.take(lambda _: True) == event(2)
