"""The datagrams of one peer connection, on a way that does not go through aiortc's queues.

aiortc hands every packet from task to task through unbounded queues and builds objects of it;
that is most of what it costs. Here the datagram itself is decrypted, encrypted and sent within
the call that the event loop makes for it. ICE and DTLS stay aiortc's.

All private names of aiortc, aioice and pylibsrtp that the relay's packets need are in this file;
tests/media/relay/test_wire.py holds them, and the versions are pinned.
"""

import contextlib
import os
import socket
import struct
from collections.abc import Callable
from typing import Any, Final, Protocol

import pylibsrtp
from aioice.stun import TransactionError
from aiortc import RTCPeerConnection
from pylibsrtp._binding import ffi, lib  # type: ignore[import-not-found]

DATAGRAM_MOST: Final = 1500
HANDSHAKE_QUEUE_MOST: Final = 64  # of aioice, unbounded otherwise
STUN_PER_S: Final = 100
# what parsing a stranger's STUN raises
STUN_ERRORS: Final = (ValueError, KeyError, IndexError, AssertionError, TypeError, struct.error)
SEND_BYTES: Final = 1 << 20
PLAIN_MOST: Final = 1500 - pylibsrtp.SRTP_MAX_TRAILER_LEN  # pylibsrtp's memory has 1,500 bytes
srtp_protect: Final = lib.srtp_protect


class Receiver(Protocol):
    """Who takes what comes, decrypted or not yet."""

    def heard(self) -> None:
        """Learn that the other end lives."""
        ...

    def rtp(self, data: bytes) -> None:
        """Take an encrypted RTP packet."""
        ...

    def rtcp(self, data: bytes) -> None:
        """Take an encrypted RTCP packet."""
        ...


class Wire:
    """Give *receiver* all media of *pc*, whose sections share one transport.

    Make it when *pc* has gathered. `secure` says whether keys are there; until then nothing
    can be sent and what comes is dropped. Sending never waits and never queues: what the
    kernel does not take at once is lost, as on the way.
    """

    def __init__(self, pc: RTCPeerConnection, receiver: Receiver) -> None:
        self._dtls: Any = pc.getTransceivers()[0].receiver.transport
        self._ice: Any = self._dtls.transport._connection  # noqa: SLF001 - see above
        self._receiver = receiver
        self._nominated: dict[int, Any] = self._ice._nominated  # noqa: SLF001
        self._pair: Any = None
        # pylibsrtp's session: the cipher, and the memory that it works in
        self._srtp: Any = None
        self._memory: Any = None
        self._buffer: Any = None
        self._size: Any = ffi.new("int *")
        self._socket: socket.socket | None = None
        self._address: tuple[str, int] = ("", 0)
        self._stun_left = STUN_PER_S
        self.dropped = 0  # not sent: the kernel's buffer was full, or no way
        self.refused = 0  # not taken: too long, no keys yet, too many
        ice: Any = self._ice
        for protocol in ice._protocols:  # noqa: SLF001
            protocol.datagram_received = self._entrance(protocol.datagram_received)
        ice.check_incoming = self._checked(ice.check_incoming)

    @property
    def secure(self) -> bool:
        return bool(self._dtls.state == "connected")

    @property
    def remote(self) -> tuple[str, int] | None:
        """Return where the other end is, as ICE has chosen; None before it has."""
        pair = self._ice._nominated.get(1)  # noqa: SLF001
        return None if pair is None else (pair.remote_addr[0], pair.remote_addr[1])

    def on_state(self, changed: Callable[[], None]) -> None:
        """Call *changed* whenever `secure` may have."""
        self._dtls.on("statechange", changed)

    def second(self) -> None:
        """Give the other end its share of another second."""
        self._stun_left = STUN_PER_S

    async def probe(self) -> None:
        """Ask the other end whether it lives; it is heard if it does (RFC 7675's check)."""
        pair = self._ice._nominated.get(1)  # noqa: SLF001
        if pair is None:
            return
        with contextlib.suppress(TransactionError):
            await pair.protocol.request(
                self._ice.build_request(pair, nominate=False),
                pair.remote_addr,
                integrity_key=self._ice.remote_password.encode(),
                retransmissions=2,
            )
            self._receiver.heard()

    def close(self) -> None:
        """Send no more."""
        self._pair = None
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    # --- what comes ---------------------------------------------------------------------------

    def _entrance(
        self, negotiate: Callable[[bytes, tuple[Any, ...]], None]
    ) -> Callable[[bytes, tuple[Any, ...]], None]:
        """Return what a socket calls with a datagram; *negotiate* is aioice's."""
        receiver, queue = self._receiver, self._ice._queue  # noqa: SLF001

        def received(data: bytes, address: tuple[Any, ...]) -> None:
            first = data[0] if data else 255
            if 127 < first < 192 and 12 <= len(data) <= DATAGRAM_MOST:
                if not self.secure:
                    self.refused += 1
                elif 192 <= data[1] <= 223:
                    receiver.rtcp(data)
                else:
                    receiver.rtp(data)
            elif first < 4 and self._stun_left > 0:
                self._stun_left -= 1
                with contextlib.suppress(*STUN_ERRORS):
                    negotiate(data, address)
            elif 19 < first < 64 and queue.qsize() < HANDSHAKE_QUEUE_MOST:
                negotiate(data, address)
            else:
                self.refused += 1

        return received

    def _checked(self, check: Callable[..., None]) -> Callable[..., None]:
        """Return what aioice calls with a request that the other end has signed."""

        def checked(*request: Any) -> None:
            self._receiver.heard()
            check(*request)

        return checked

    def decrypted_rtp(self, data: bytes) -> bytes | None:
        """Return the packet, or None for one that the other end did not send."""
        try:
            return self._dtls._rx_srtp.unprotect(data)  # type: ignore[no-any-return]  # noqa: SLF001
        except pylibsrtp.Error:
            return None

    def decrypted_rtcp(self, data: bytes) -> bytes | None:
        """Return the packet, or None for one that the other end did not send."""
        try:
            return self._dtls._rx_srtp.unprotect_rtcp(data)  # type: ignore[no-any-return]  # noqa: SLF001
        except pylibsrtp.Error:
            return None

    # --- what goes ----------------------------------------------------------------------------

    def send_rtp(self, plain: bytes) -> None:
        """Encrypt and send an RTP packet.

        What pylibsrtp's Session.protect does, without its copies and calls: this is where the
        relay's time goes.
        """
        pair = self._nominated.get(1)
        if pair is not self._pair:
            self._follow(pair)
        size, length = self._size, len(plain)
        if self._socket is None or length > PLAIN_MOST:
            self.dropped += 1
            return
        size[0] = length
        buffer = self._buffer
        buffer[0:length] = plain
        if srtp_protect(self._srtp, self._memory, size):
            self.dropped += 1
            return
        try:
            self._socket.sendto(buffer[0 : size[0]], self._address)
        except OSError:  # the kernel takes no more
            self.dropped += 1

    def send_rtcp(self, plain: bytes) -> None:
        """Encrypt and send an RTCP packet."""
        pair = self._nominated.get(1)
        if pair is not self._pair:
            self._follow(pair)
        if self._socket is None:
            self.dropped += 1
            return
        try:
            self._socket.sendto(self._dtls._tx_srtp.protect_rtcp(plain), self._address)  # noqa: SLF001
        except (OSError, ValueError, pylibsrtp.Error):
            self.dropped += 1

    def _follow(self, pair: Any) -> None:
        """Send the way that ICE has chosen now."""
        self.close()
        session = self._dtls._tx_srtp  # noqa: SLF001
        if pair is not None and session is not None:
            self._pair = pair
            self._srtp = session._srtp[0]  # noqa: SLF001
            self._memory, self._buffer = session._cdata, session._buffer  # noqa: SLF001
            used = pair.protocol.transport.get_extra_info("socket")
            self._socket = socket.socket(fileno=os.dup(used.fileno()))
            self._socket.setblocking(False)
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BYTES)
            self._address = pair.remote_addr
