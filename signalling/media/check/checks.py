"""Device checks: one connection that gives its client back what it sends, and measures it.

The relay's own parts carry it, so that nothing is decoded: a check costs what a call of one costs.
"""

import asyncio
import dataclasses
from collections.abc import Mapping
from typing import Final

from signalling.core import quality
from signalling.core.quality import Report
from signalling.errors import InvalidParams, NotFound, Unavailable
from signalling.media.carrier import Place
from signalling.media.check.level import Levels
from signalling.media.check.path import Address, offered, taken
from signalling.media.check.verdict import Findings, Verdict, judged
from signalling.media.relay.leg import Bounds, Leg
from signalling.media.relay.packet import CLOCK_HZ, Packet
from signalling.media.relay.reception import Reception
from signalling.media.relay.slot import Slot

CHECKS_MOST: Final = 20
CHECK_S: Final = 60.0
LISTEN_S: Final = 3.0  # less than that says little
SECTIONS_MOST: Final = 4  # audio and video, there and back


class Ear:
    """A sink that measures what one source sends."""

    def __init__(self, clock_hz: int) -> None:
        self.levels = Levels()
        self.reception = Reception(clock_hz)
        self._clock_hz = clock_hz

    def packet(self, packet: Packet) -> None:
        self.reception.add(packet.sequence, packet.timestamp, packet.arrived_s)
        if packet.level_dbov is not None:
            self.levels.add(packet.level_dbov)

    def ended(self) -> None:
        """Keep what was measured."""

    @property
    def lost(self) -> float | None:
        """The share that never came, 0 to 1."""
        received = self.reception.received
        return _share(self.reception.lost, self.reception.lost + received) if received else None

    @property
    def jitter_ms(self) -> float | None:
        if not self.reception.received:
            return None
        return 1000 * self.reception.jitter / self._clock_hz


class Check:
    """One check: its leg, and what is heard of it."""

    def __init__(self, leg: Leg, candidates: Mapping[Address, str]) -> None:
        self.leg = leg
        self.candidates = candidates
        self.open_s: float | None = None
        self.remote: Address | None = None
        self.ears = {kind: Ear(CLOCK_HZ[kind]) for kind in leg.sources}
        for kind, source in leg.sources.items():
            source.add_sink(self.ears[kind])

    def opened(self, now_s: float) -> None:
        """Give the client back what it sends."""
        self.open_s = now_s
        self.remote = self.leg.remote
        for slot in self.leg.slots.values():
            slot.carry(self.leg.sources.get(slot.kind), now_s)

    def findings(self, said: Report) -> Findings:
        """Return what was measured; what the client *said* fills in what cannot be seen here."""
        ear, picture = self.ears["audio"], self.ears.get("video")
        back = next((slot for slot in self.leg.slots.values() if slot.kind == "audio"), None)
        jitters = [j for j in (ear.jitter_ms, _jitter_back_ms(back, said)) if j is not None]
        rtt_s = None if back is None else back.rtt_s
        return Findings(
            connected=self.open_s is not None,
            sounds=ear.reception.received,
            pictures=None if picture is None else picture.reception.received,
            peak_dbov=ear.levels.peak_dbov,
            speech_dbov=ear.levels.speech_dbov,
            lost_up=ear.lost,
            lost_down=_lost_back(back, said),
            jitter_ms=max(jitters, default=None),
            rtt_ms=said.rtt_ms if rtt_s is None else 1000 * rtt_s,
            path=taken(self.remote, self.candidates, said.path),
        )


class DeviceChecks:
    """The checks of one media process, bounded in number and time; ids are the caller's."""

    def __init__(self, bounds: Bounds, most: int = CHECKS_MOST, check_s: float = CHECK_S) -> None:
        self._bounds = dataclasses.replace(bounds, sections=SECTIONS_MOST)
        self._most = most
        self._check_s = check_s
        self._loop = asyncio.get_running_loop()
        self._checks: dict[str, Check] = {}
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._answering = 0
        self._closing: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._checks) + self._answering

    async def offer(self, check: str, sdp: str) -> str:
        """Begin a check with a client's offer of audio, or audio and video; return the answer.

        It ends after a minute. A second offer of the same check takes the place of the first.
        Raise InvalidParams for an offer that is none, Unavailable when too many are checked.
        """
        self._end(check)
        if len(self) >= self._most:
            raise Unavailable("too many device checks at once")
        self._answering += 1
        try:
            leg = await Leg.answer(
                Place("check", check), sdp, self._bounds, self._opened, lambda _, __: None
            )
        except ValueError as error:
            raise InvalidParams(str(error), path="offer.sdp") from error
        finally:
            self._answering -= 1
        if "audio" not in leg.sources:
            self._close(leg)
            raise InvalidParams("a device check needs a microphone", path="offer.sdp")
        self._end(check)  # the same one may have come meanwhile
        self._checks[check] = Check(leg, offered(sdp))
        self._timers[check] = self._loop.call_later(self._check_s, self._end, check)
        return leg.sdp

    def result(self, check: str, seen: Mapping[str, object] | None = None) -> Verdict:
        """Return the verdict on what has been heard so far; the check goes on.

        *seen* is the client's getStats summary (core/quality.py), believed within bounds. Raise
        NotFound for a check that is over or never was, Unavailable for one that is too young.
        """
        running = self._checks.get(check)
        if running is None:
            raise NotFound("there is no such device check")
        heard_s = 0.0 if running.open_s is None else self._loop.time() - running.open_s
        if not running.leg.over and heard_s < LISTEN_S:
            raise Unavailable(
                "the device check has not heard enough yet",
                retry_after_ms=round(1000 * (LISTEN_S - heard_s)),
            )
        return judged(running.findings(quality.heard(seen or {})))

    async def close(self) -> None:
        """End all checks; nothing of them runs afterwards."""
        for check in tuple(self._checks):
            self._end(check)
        await asyncio.gather(*self._closing)

    def _opened(self, leg: Leg) -> None:
        running = self._checks.get(leg.place.participant)
        if running is not None and running.leg is leg:
            running.opened(self._loop.time())

    def _end(self, check: str) -> None:
        if (running := self._checks.pop(check, None)) is not None:
            self._timers.pop(check).cancel()
            self._close(running.leg)

    def _close(self, leg: Leg) -> None:
        name = f"dragoman device check {leg.place.participant} ending"
        task = asyncio.create_task(leg.close(), name=name)
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)


def _lost_back(back: Slot | None, said: Report) -> float | None:
    """Return the share of the echo that the client did not get, 0 to 1."""
    if back is None or back.told is None:
        return said.loss
    return _share(back.told.packets_lost, back.packets)


def _jitter_back_ms(back: Slot | None, said: Report) -> float | None:
    if back is None or back.told is None:
        return said.jitter_ms
    return 1000 * back.told.jitter / CLOCK_HZ["audio"]


def _share(lost: int, expected: int) -> float:
    return min(1.0, max(0.0, lost / expected)) if expected else 0.0
