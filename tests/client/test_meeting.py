"""Two and three aiortc ends meet over a relay in memory, on loopback alone."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest

from signalling.client import Event, LegFailed
from tests.client.people import Person
from tests.client.room import Room, peer

DEADLINE_S = 12


@asynccontextmanager
async def people(room: Room, count: int, connect_s: float = 10) -> AsyncIterator[list[Person]]:
    async with AsyncExitStack() as stack, asyncio.timeout(DEADLINE_S):
        everybody = [Person(room, number, connect_s) for number in range(1, count + 1)]
        for person in everybody:
            await stack.enter_async_context(person.peer)
        yield everybody


async def hears_and_sees(listener: Person, speaker: Person) -> None:
    observer = listener.observer(speaker.peer.participant)
    assert await observer.heard_hz() == pytest.approx(speaker.hz, abs=5)
    pictures = await observer.seen(5)
    numbers = [number for number, _ in pictures]
    assert {whose for _, whose in pictures} == {speaker.number}
    assert numbers == sorted(numbers)


async def test_two_hear_and_see_each_other() -> None:
    room = Room()
    async with people(room, 2) as (ola, kari):
        await ola.peer.join()
        await kari.peer.join()
        assert await ola.peer.connected() == kari.peer.participant
        assert await kari.peer.connected(ola.peer.participant) == ola.peer.participant
        await hears_and_sees(ola, kari)
        await hears_and_sees(kari, ola)
    offers = [(sender, s["type"]) for sender, _, s in room.relayed if s["type"] != "candidate"]
    assert offers == [("p2", "offer"), ("p1", "answer")]
    assert all(track.readyState == "ended" for track in ola.tracks + kari.tracks)


async def test_every_description_offers_loopback_alone_and_says_the_end_of_candidates() -> None:
    room = Room()
    async with people(room, 2) as (ola, kari):
        await ola.peer.join()
        await kari.peer.join()
        await kari.peer.connected()
    for _, _, signal in room.relayed:
        lines = signal.get("sdp", "").splitlines()
        hosts = {line.split()[4] for line in lines if line.startswith("a=candidate:")}
        assert hosts <= {"127.0.0.1"}
    ends = [
        sender for sender, _, s in room.relayed if s == {"type": "candidate", "candidate": None}
    ]
    assert sorted(ends) == ["p1", "p2"]


async def test_opus_and_vp8_and_nothing_else() -> None:
    room = Room()
    async with people(room, 2) as (ola, kari):
        await ola.peer.join()
        await kari.peer.join()
        await kari.peer.connected()
    codecs = {
        line.split()[1].split("/")[0].lower()
        for _, _, signal in room.relayed
        for line in signal.get("sdp", "").splitlines()
        if line.startswith("a=rtpmap:")
    }
    assert codecs == {"opus", "vp8", "rtx"}


async def test_three_hear_each_of_the_others() -> None:
    room = Room()
    async with people(room, 3) as everybody:
        for person in everybody:
            await person.peer.join()
        for listener in everybody:
            for speaker in everybody:
                if listener is not speaker:
                    await listener.peer.connected(speaker.peer.participant)
                    observer = listener.observer(speaker.peer.participant)
                    assert await observer.heard_hz() == pytest.approx(speaker.hz, abs=5)


async def test_signals_that_overtake_the_announcement_are_kept() -> None:
    room = Room()
    room.late_news = True
    async with people(room, 2) as (ola, kari):
        await ola.peer.join()
        await kari.peer.join()
        await room.until(lambda: room.told("p2", "candidate"))
        room.tell_news()
        await ola.peer.connected()
        await hears_and_sees(ola, kari)


async def test_news_between_the_join_and_its_answer_are_kept() -> None:
    room = Room()
    async with people(room, 2) as (ola, kari):
        await kari.peer.join()
        room.seats["p9"] = room.seat()
        ola.seat.before_answer = [{"meeting": room.view(), "peers": [peer("p9")]}] * 2
        await ola.peer.join()
        assert set(ola.peer.legs) == {"p1", "p9"}


async def test_who_leaves_is_hung_up_on() -> None:
    room = Room()
    async with people(room, 3) as (ola, kari, liv):
        for person in (ola, kari, liv):
            await person.peer.join()

        await ola.peer.connected("p2")
        room.announce(ola.seat, meeting=room.view(p2="left"), change="left", participant="p2")
        await room.until(lambda: "p2" not in ola.peer.legs)
        assert set(ola.peer.legs) == {"p3"}
        await ola.peer.connected("p3")


@pytest.mark.parametrize("end", [{"state": "ended"}, {"p1": "removed"}])
async def test_the_end_of_the_meeting_ends_all_media(end: dict[str, str]) -> None:
    room = Room()
    async with people(room, 2) as (ola, kari):
        await ola.peer.join()
        await kari.peer.join()
        await ola.peer.connected()
        room.announce(ola.seat, meeting=room.view(**end), change="ended")
        await ola.peer.ended.wait()
        assert ola.peer.legs == {}
        with pytest.raises(LegFailed, match="over"):
            await ola.peer.connected()


@pytest.mark.parametrize("named", [True, False])
async def test_lost_signals_are_made_good_by_negotiating_anew(named: bool) -> None:
    """Whether the server names the peers or, not knowing whose were lost, means them all."""
    room = Room()
    room.tamper = lambda signal: None if signal["type"] == "answer" else signal
    async with people(room, 2) as (ola, kari):
        await ola.peer.join()
        await kari.peer.join()
        await room.until(lambda: room.told("p1", "answer"))
        room.tamper = lambda signal: signal
        again = {"meeting": room.view(), "renegotiate": True}
        theirs, mine = [peer("p2")], [peer("p1", offers=True)]
        room.announce(ola.seat, **again, **({"peers": theirs} if named else {}))
        room.announce(kari.seat, **again, **({"peers": mine} if named else {}))
        await room.until(lambda: kari.seat.calls.count("meeting.signal") == 4)
        await kari.peer.connected()
        await ola.peer.connected()
        await hears_and_sees(ola, kari)


async def test_nobody_answers() -> None:
    room = Room()
    room.tamper = lambda _: None
    async with people(room, 2, connect_s=0.2) as (ola, kari):
        await ola.peer.join()
        await kari.peer.join()
        for person in (ola, kari):
            with pytest.raises(LegFailed, match=r"not connected within 0\.2 s"):
                await person.peer.connected()


def broken(signal: dict[str, Any]) -> dict[str, Any]:
    if signal["type"] == "offer":
        return {"type": "offer", "sdp": signal["sdp"].replace("a=mid:0", "a=mid:7")}
    return signal


@pytest.mark.parametrize(
    "tamper",
    [
        broken,
        lambda s: s | {"sdp": None},
        lambda s: s | {"sdp": "v=0"},
        lambda s: s | {"sdp": "x" * 40_000},
        lambda s: s | {"sdp": s.get("sdp", "")[:700]},
    ],
)
async def test_a_broken_description_fails_that_leg_alone(tamper: Any) -> None:
    room = Room()
    room.tamper = tamper
    async with people(room, 2, connect_s=0.3) as (ola, kari):
        await ola.peer.join()
        await kari.peer.join()
        with pytest.raises(LegFailed):
            await ola.peer.connected()


async def test_after_a_bad_bundle_group_everything_still_ends() -> None:
    room = Room()
    room.tamper = lambda s: s | {"sdp": s.get("sdp", "").replace("BUNDLE 0 1", "BUNDLE 9 1")}
    async with people(room, 2) as (ola, kari):
        await ola.peer.join()
        await kari.peer.join()
        await room.until(lambda: room.told("p2", "candidate"))
    assert all(track.readyState == "ended" for track in ola.tracks + kari.tracks)


async def test_nonsense_among_the_signals_is_ignored() -> None:
    room = Room()
    async with people(room, 2) as (ola, kari):
        await ola.peer.join()
        await kari.peer.join()
        for nonsense in (
            {"type": "what"},
            {},
            {"type": "candidate", "candidate": {"candidate": "candidate:1 1 udp x"}},
            {"type": "answer", "sdp": "v=0"},
        ):
            signal = {"meeting": "m1", "from": "p2", "signal": nonsense}
            ola.seat.deliver("meeting.signal", signal)
        ola.seat.deliver("meeting.signal", {"meeting": "m1", "from": "p2", "signal": 7})
        ola.seat.deliver("meeting.signal", {"meeting": "other", "from": "p2", "signal": {}})
        await ola.peer.connected()


async def test_a_flood_of_signals_ends_that_leg() -> None:
    room = Room()
    async with people(room, 1) as (ola,):
        await ola.peer.join()
        ola.seat.deliver("meeting.changed", {"meeting": room.view(), "peers": [peer("p2")]})
        for _ in range(200):
            signal = {"meeting": "m1", "from": "p2", "signal": {"type": "what"}}
            for observer in ola.seat.observers:
                observer(Event("meeting.signal", signal))
        with pytest.raises(LegFailed, match="too many"):
            await ola.peer.connected("p2")


async def test_closing_while_connecting_leaves_nothing() -> None:
    room = Room()
    async with people(room, 2) as (ola, kari):
        await ola.peer.join()
        await kari.peer.join()
        await room.until(lambda: room.told("p1", "answer"))
        await kari.peer.leave()
        assert kari.seat.calls[-1] == "meeting.leave"
    assert all(track.readyState == "ended" for track in ola.tracks + kari.tracks)
    assert ola.seat.observers == kari.seat.observers == []


async def test_candidates_have_an_end() -> None:
    candidate = {"candidate": "candidate:1 1 udp 1 127.0.0.1 9 typ host", "sdpMid": "0"}
    room = Room()
    async with people(room, 2) as (ola, kari):
        await ola.peer.join()
        await kari.peer.join()
        await room.until(lambda: room.told("p1", "answer"))
        for _ in range(60):
            signal = {"type": "candidate", "candidate": candidate}
            ola.seat.deliver("meeting.signal", {"meeting": "m1", "from": "p2", "signal": signal})
        await ola.peer.connected()
        await hears_and_sees(ola, kari)
