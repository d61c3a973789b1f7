"""One participant's connection to the relay: what they send, and the slots that they receive on.

A leg carries what its slots are given, whoever's that is: other participants' sources in a
meeting, its own in an echo. It ends by itself when its client is not connected in time, fails or
falls silent; `close` ends it without a word.
"""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Self

from signalling.media.carrier import Place
from signalling.media.hangup import hang_up
from signalling.media.relay.answer import Incoming, Negotiated, answered
from signalling.media.relay.feedback import Feedback
from signalling.media.relay.packet import Kind, extension_of
from signalling.media.relay.slot import Slot
from signalling.media.relay.source import Source
from signalling.media.relay.starving import Second, Starving
from signalling.media.relay.wire import Wire

LEARNT_MOST: Final = 16  # SSRCs that a client did not announce
PROBE_AFTER_S: Final = 2


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a client may cost; a setting of the media node.

    *bind*: the addresses offered, empty for all of the machine's. *core*: the share of a core at
    which the relay takes no more meetings: beyond it packets begin to wait. Times are in seconds.
    """

    bind: tuple[str, ...] = ()
    participants: int = 5
    sections: int = 24
    packets_per_s: int = 1500
    rtcp_per_s: int = 300
    rtcp_bytes_per_s: int = 60_000
    connect_s: float = 12
    silence_s: float = 5
    core: float = 0.6


@dataclass(slots=True)
class Refused:
    """How many packets were dropped, and why."""

    forged: int = 0  # not encrypted with the client's key
    strays: int = 0  # an SSRC or payload type that was not negotiated, or no RTP at all
    flood: int = 0  # beyond what is allowed in a second


Take = Callable[[bytes, float], bool]


class Leg:
    """Made by `answer`; *opened* and *ended* tell of its life, each at most once."""

    def __init__(
        self,
        place: Place,
        negotiated: Negotiated,
        bounds: Bounds,
        opened: "Callable[[Leg], None]",
        ended: "Callable[[Leg, str], None]",
    ) -> None:
        self.place = place
        self.sdp = negotiated.sdp
        self.refused = Refused()
        self.open = self.over = False
        self._pc = negotiated.pc
        self._bounds = bounds
        self._opened, self._ended = opened, ended
        loop = asyncio.get_running_loop()
        self._now = loop.time
        self._wire = Wire(self._pc, self)
        send = self._wire.send_rtcp
        self.sources: dict[Kind, Source] = {
            section.kind: Source(
                place, section.kind, section.ours, send, section.level_id, section.sent_id
            )
            for section in negotiated.incoming
        }
        self.slots: dict[str, Slot] = {
            section.mid: Slot(section, self._wire.send_rtp) for section in negotiated.outgoing
        }
        self._pictures = [slot for slot in self.slots.values() if slot.kind == "video"]
        self._starving = Starving(len(self._pictures))
        self._feedback = Feedback(self.sources.values(), self.slots.values(), negotiated.cname)
        self._ours = self._pc.getTransceivers()[0].sender._ssrc  # noqa: SLF001
        self._incoming = negotiated.incoming
        self._streams: dict[bytes, tuple[int, Take]] = {}
        self._learnt = 0
        self._announced()
        self._rtp_left = self._rtcp_left = self._rtcp_bytes_left = 0
        self._allow()
        self._heard = True
        self._silent_s = 0
        self._probe: asyncio.Task[None] | None = None
        self._hang_up: asyncio.Task[None] | None = None
        late = f"not connected within {bounds.connect_s:g} s"
        self._deadline = loop.call_later(bounds.connect_s, self._end, late)
        # everybody's second at another time
        self._timer = loop.call_later(random.random(), self._second)  # noqa: S311
        self._wire.on_state(self._changed)
        self._pc.on("connectionstatechange", self._changed)

    @classmethod
    async def answer(
        cls,
        place: Place,
        sdp: object,
        bounds: Bounds,
        opened: "Callable[[Leg], None]",
        ended: "Callable[[Leg, str], None]",
    ) -> Self:
        """Answer an offer; the answer is `sdp`. Raise ValueError for an offer that is none."""
        negotiated = await answered(sdp, bounds.bind, bounds.sections)
        return cls(place, negotiated, bounds, opened, ended)

    async def close(self) -> None:
        """End the connection; nothing of it runs or is bound afterwards."""
        self._stop()
        if self._hang_up is not None:
            await asyncio.shield(self._hang_up)

    @property
    def remote(self) -> tuple[str, int] | None:
        """Return the address that the client's media comes from, once there is one."""
        return self._wire.remote

    # --- its life -----------------------------------------------------------------------------

    def _changed(self) -> None:
        if self.over:
            return
        if self._wire.secure and not self.open:
            self.open = True
            self._deadline.cancel()
            self._opened(self)
        elif self._pc.connectionState in {"failed", "closed"}:
            self._end(f"the connection {self._pc.connectionState}")

    def _end(self, reason: str) -> None:
        if not self.over:
            self._stop()
            self._ended(self, reason)

    def _stop(self) -> None:
        if self.over:
            return
        self.over = True
        self._deadline.cancel()
        self._timer.cancel()
        for slot in self.slots.values():
            slot.carry(None, 0)
        for source in self.sources.values():
            source.end()
        name = f"dragoman relay leg {self.place.participant} closing"
        self._hang_up = asyncio.create_task(self._close(), name=name)

    async def _close(self) -> None:
        if self._probe is not None:
            self._probe.cancel()
            await asyncio.gather(self._probe, return_exceptions=True)
        await hang_up(self._pc)
        self._wire.close()

    def _second(self) -> None:
        """Do what is to be done once a second."""
        now_s = self._now()
        self._timer = asyncio.get_running_loop().call_later(1.0, self._second)
        self._allow()
        self._wire.second()
        if not self.open:
            return
        for slot in self.slots.values():
            slot.second(now_s)
        for source in self.sources.values():
            source.tell_limit(now_s)
        self._feedback.report(self._ours, now_s, self._wire.send_rtcp)
        self._starve(now_s)
        self._listen()

    def _allow(self) -> None:
        """Give the client its share of another second."""
        self._rtp_left, self._rtcp_left = self._bounds.packets_per_s, self._bounds.rtcp_per_s
        self._rtcp_bytes_left = self._bounds.rtcp_bytes_per_s

    def _listen(self) -> None:
        """End a leg that says nothing, after it has been asked."""
        self._silent_s = 0 if self._heard else self._silent_s + 1
        self._heard = False
        if self._silent_s >= self._bounds.silence_s:
            self._end(f"nothing was heard for {self._silent_s} s")
        elif self._silent_s >= PROBE_AFTER_S and (self._probe is None or self._probe.done()):
            name = f"dragoman relay leg {self.place.participant} probing"
            self._probe = asyncio.create_task(self._wire.probe(), name=name)

    def _starve(self, now_s: float) -> None:
        """Pause pictures that the link has no room for, the last section first."""
        lost = [slot.lost for slot in self.slots.values() if slot.lost is not None]
        if not lost:
            return  # no report in this second
        carried = [slot for slot in self._pictures if slot.carries]
        limited = [slot for slot in carried if slot.takes_bps is not None]
        second = Second(
            pictures=len(carried),
            lost=max(lost),
            takes_bps=sum(slot.takes_bps or 0 for slot in limited) if limited else None,
            sent_bps=sum(slot.sent_bps for slot in limited),
        )
        for slot in self.slots.values():
            slot.lost = slot.takes_bps = None
        room = self._starving.after(second)
        for slot in self._pictures:
            if slot.source is None:
                continue
            if room > 0:
                slot.resume(now_s)
            else:
                slot.pause()
            room -= 1

    # --- what comes ---------------------------------------------------------------------------

    def heard(self) -> None:
        """Learn that the client lives."""
        self._heard = True

    def rtp(self, data: bytes) -> None:
        """Take an encrypted packet of the client's."""
        if self._rtp_left <= 0:
            self.refused.flood += 1
            return
        self._rtp_left -= 1
        plain = self._wire.decrypted_rtp(data)
        if plain is None:
            self.refused.forged += 1
            return
        self._heard = True
        stream = self._streams.get(plain[8:12]) or self._learn(plain)
        if stream is None or plain[1] & 0x7F != stream[0] or not stream[1](plain, self._now()):
            self.refused.strays += 1

    def rtcp(self, data: bytes) -> None:
        """Take an encrypted report or request of the client's."""
        if self._rtcp_left <= 0 or self._rtcp_bytes_left <= 0:
            self.refused.flood += 1
            return
        self._rtcp_left -= 1
        self._rtcp_bytes_left -= len(data)  # one NACK may name thousands of packets
        plain = self._wire.decrypted_rtcp(data)
        if plain is None:
            self.refused.forged += 1
            return
        self._heard = True
        if not self._feedback.take(plain, self._now()):
            self.refused.strays += 1

    def _announced(self) -> None:
        for section in self._incoming:
            for ssrc in section.ssrcs:
                self._stream(section, ssrc, section.payload_type)
            for ssrc in section.rtx_ssrcs:
                self._stream(section, ssrc, section.rtx_payload_type)

    def _stream(
        self, section: Incoming, ssrc: int, payload_type: int | None
    ) -> tuple[int, Take] | None:
        source = self.sources[section.kind]
        take = source.take if payload_type == section.payload_type else source.take_again
        if payload_type is None:
            return None
        stream = self._streams[ssrc.to_bytes(4, "big")] = (payload_type, take)
        return stream

    def _learn(self, plain: bytes) -> tuple[int, Take] | None:
        """Find whose an SSRC is that was not announced: by its mid, else by its payload type.

        A section whose SSRCs were announced has no others (RFC 8843, section 9.2).
        """
        if self._learnt >= LEARNT_MOST or len(plain) < 12:
            return None
        payload_type = plain[1] & 0x7F
        fitting = [
            section
            for section in self._incoming
            if payload_type in {section.payload_type, section.rtx_payload_type}
            and not (section.ssrcs if payload_type == section.payload_type else section.rtx_ssrcs)
        ]
        named = [s for s in fitting if extension_of(plain, s.mid_id) == s.mid.encode()]
        found = named or fitting
        if len(found) != 1:
            return None
        self._learnt += 1
        return self._stream(found[0], int.from_bytes(plain[8:12], "big"), payload_type)
