"""What recording needs of whatever carries a meeting: packets, and where they come from.

The relay, its sources and its packets are what is meant; nothing here knows how packets arrive.
"""

from collections.abc import Iterable
from typing import Protocol

from signalling.media.carrier import Kind, Place


class Packet(Protocol):
    """One RTP packet of Opus or VP8, decrypted and never changed again.

    *sequence* has 16 bits, *timestamp* 32 at 48 or 90 kHz; *arrived_s* is the loop's clock.
    """

    @property
    def kind(self) -> Kind: ...
    @property
    def ssrc(self) -> int: ...
    @property
    def sequence(self) -> int: ...
    @property
    def timestamp(self) -> int: ...
    @property
    def marker(self) -> int: ...
    @property
    def payload(self) -> bytes: ...
    @property
    def arrived_s(self) -> float: ...


class Sink(Protocol):
    """Who is given every packet of a source, on the event loop, and must not keep it waiting."""

    def packet(self, packet: Packet, /) -> None: ...

    def ended(self) -> None:
        """Learn that no more will come."""
        ...


class Source(Protocol):
    """One participant's audio or video, as long as they publish it."""

    @property
    def place(self) -> Place: ...
    @property
    def kind(self) -> Kind: ...

    def add_sink(self, sink: Sink, /) -> None: ...

    def remove_sink(self, sink: Sink, /) -> None: ...

    def request_key_frame(self, now_s: float, /) -> None:
        """Ask the publisher for a key frame; the source bounds how often."""
        ...


class Publications(Protocol):
    """Who publishes what in a meeting at this moment."""

    def sources(self, meeting: str, /) -> Iterable[Source]:
        """Return everything that is published in the meeting."""
        ...
