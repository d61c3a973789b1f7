"""Ways that lose packets, and ways through a TURN server alone."""

import random
import time
from itertools import pairwise
from typing import Any

import pytest
from aiortc import RTCIceServer

from signalling.media.relay.leg import Leg
from signalling.media.relay.relay import Relay
from signalling.media.relay.source import Source
from signalling.media.turn import ice_servers
from tests.media.children import TurnChild
from tests.media.relay.arrivals import until
from tests.media.relay.people import BOUNDS, Person, gather_all, people
from tests.media.relay.rtp import Listener

LOST = 0.08


class Lossy:
    """A socket that loses a share of what it is given to send."""

    def __init__(self, socket: Any) -> None:
        self._socket = socket
        self._chance = random.Random(5)
        self.lost = 0

    def sendto(self, data: bytes, address: Any) -> int:
        if self._chance.random() < LOST:
            self.lost += 1
            return len(data)
        return int(self._socket.sendto(data, address))

    def close(self) -> None:
        self._socket.close()


async def lose_what_goes(leg: Leg) -> Lossy:
    """Lose what the relay sends on a leg from now on."""
    await until(lambda: leg._wire._socket is not None)
    lossy = Lossy(leg._wire._socket)
    leg._wire._socket = lossy  # type: ignore[assignment]
    return lossy


def lose_what_comes(leg: Leg) -> list[bytes]:
    """Lose a share of what comes to the relay on a leg; return what was lost."""
    chance, lost = random.Random(7), []
    for protocol in leg._wire._ice._protocols:
        usual = protocol.datagram_received

        def received(data: bytes, address: Any, usual: Any = usual) -> None:
            if chance.random() < LOST:
                lost.append(data)
            else:
                usual(data, address)

        protocol.datagram_received = received
    return lost


def missing(listener: Listener) -> set[int]:
    numbers = [packet.sequence for packet in listener.packets]
    span = (numbers[-1] - numbers[0]) & 0xFFFF
    return {(numbers[0] + n) & 0xFFFF for n in range(span)} - set(numbers)


async def test_what_is_lost_on_the_way_to_the_relay_is_asked_for_and_comes_again() -> None:
    relay = Relay(BOUNDS)
    async with people(relay, 1, ("video",), slots=0) as (ola,):
        await ola.offer()
        await ola.connected()
        source: Source | None = relay.source(ola.place, "video")
        assert source is not None
        listener = Listener()
        source.add_sink(listener)
        lost = lose_what_comes(ola.leg)
        await until(lambda: len(lost) > 4)
        came = len(listener.packets)
        await until(lambda: len(listener.packets) > came + 20 and len(missing(listener)) <= 2)
    await relay.close()


async def test_what_is_lost_on_the_way_to_a_receiver_is_sent_again() -> None:
    relay = Relay(BOUNDS)
    async with people(relay, 2, slots=1) as (ola, kari):
        await gather_all([ola, kari])
        await ola.observer(0, "video").seen(2)
        lossy = await lose_what_goes(ola.leg)
        slot = next(slot for slot in ola.leg.slots.values() if slot.kind == "video")
        await until(lambda: lossy.lost > 4 and slot.again > 2)
        seen = len(ola.observer(0, "video").pictures)
        pictures = ola.observer(0, "video").pictures
        await until(lambda: len(pictures) > seen + 30)
        numbers = [number for number, _ in pictures[seen:]]
        steps = [(b - a) % 256 for a, b in pairwise(numbers)]
        assert sum(step == 1 for step in steps) >= 0.9 * len(steps)
        assert await ola.observer(0).heard_hz() == pytest.approx(kari.hz, abs=5)
    await relay.close()


async def test_loss_that_can_be_made_good_takes_no_pictures_away() -> None:
    relay = Relay(BOUNDS)
    async with people(relay, 2, slots=1) as (ola, kari):
        await gather_all([ola, kari])
        await lose_what_goes(ola.leg)
        slot = next(slot for slot in ola.leg.slots.values() if slot.kind == "video")
        await until(lambda: slot.packets > 60)
        assert not slot.paused
    await relay.close()


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_who_comes_through_a_turn_server_alone(turn: TurnChild, transport: str) -> None:
    (server,) = ice_servers(turn.settings(transport), "c:north:ola", time.time(), "m1")
    relay = Relay(BOUNDS)
    async with people(relay, 2, slots=1) as (_, kari):
        ola = Person(relay, 0, slots=1, turn=RTCIceServer(**server))
        await ola.offer("p1")
        await kari.offer("p0")
        for listener, speaker in ((ola, kari), (kari, ola)):
            await listener.connected()
            assert await listener.observer(0).heard_hz() == pytest.approx(speaker.hz, abs=5)
        hosts = {line.split()[7] for line in ola.candidates()}
        assert hosts == {"relay"}
        await ola.close()
    await relay.close()
