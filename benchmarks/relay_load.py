"""The generator of benchmarks.relay: pairs of sockets that send each other prebuilt frames."""

import asyncio
from dataclasses import dataclass
from functools import partial
from typing import Any, Self

import aiohttp
import msgspec

from benchmarks.offer_server import Server

HANDSHAKE = (
    "GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Protocol: {subprotocol}\r\n\r\n"
)
TEXT, BINARY, CLOSE = 0x81, 0x82, 0x88
SETTLE_S = 0.2
MASK = bytes((0x37, 0xFA, 0x21, 0x3D))


@dataclass(frozen=True)
class Meeting:
    """Where a pair meets; without tokens the server asks for none."""

    id: str
    tokens: tuple[str, ...] = ()


async def invited(server: Server, count: int) -> list[Meeting]:
    """Make meetings over HTTP, each of two customers."""
    meetings = []
    headers = {"Authorization": f"Bearer {server.token('bench', 'app')}"}
    async with aiohttp.ClientSession(server.url, headers=headers) as http:
        for n in range(count):
            users = (f"u{2 * n}", f"u{2 * n + 1}")
            body = {"participants": [{"user": user, "role": "customer"} for user in users]}
            async with http.post("/v1/meeting.create", json=body) as answer:
                made = await answer.json()
            tokens = tuple(server.token(user, "customer") for user in users)
            meetings.append(Meeting(made["meeting"]["id"], tokens))
    return meetings


def frame_of(payload: bytes, *, opcode: int) -> bytes:
    """Return a masked WebSocket frame."""
    size = len(payload)
    if size < 126:
        header = bytes((opcode, 0x80 | size))
    else:
        header = bytes((opcode, 0x80 | 126)) + size.to_bytes(2, "big")
    mask = int.from_bytes((MASK * (size // 4 + 1))[:size], "big")
    masked = (int.from_bytes(payload, "big") ^ mask).to_bytes(size, "big") if size else b""
    return header + MASK + masked


def message(size: int, to: str, meeting: str, *, binary: bool) -> bytes:
    """Return a meeting.signal notification of exactly *size* bytes."""
    encode = msgspec.msgpack.encode if binary else msgspec.json.encode
    text = "candidate:842163049 1 udp 1677729535 203.0.113.7 46154 typ srflx"
    kind: dict[str, Any] = {"candidate": text, "sdpMid": "0", "sdpMLineIndex": 0}
    if size > 1000:
        kind = {"type": "offer", "sdp": text}
    padded = "candidate" if "candidate" in kind else "sdp"

    def build(pad: int) -> bytes:
        signal = kind | {padded: kind[padded] + ("a=mid:0\r\n" * (pad // 9 + 1))[:pad]}
        params = {"meeting": meeting, "to": to, "signal": signal}
        return encode({"jsonrpc": "2.0", "method": "meeting.signal", "params": params})

    low, high = 0, size
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if len(build(middle)) <= size else (low, middle - 1)
    return build(low)


def request(method: str, params: dict[str, Any], *, binary: bool) -> bytes:
    """Return the frame of a request."""
    module = msgspec.msgpack if binary else msgspec.json
    body = module.encode({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
    return frame_of(body, opcode=BINARY if binary else TEXT)


class Peer(asyncio.Protocol):
    """One socket: counts data frames, and sends its own frame back for each."""

    def __init__(self, load: "Load", path: str, subprotocol: str) -> None:
        self.load = load
        self.hello = HANDSHAKE.format(path=path, subprotocol=subprotocol)
        self.frame = b""
        self.goodbye = frame_of((1000).to_bytes(2, "big"), opcode=CLOSE)
        self.buffer = b""
        self.is_open = False
        self.answers: asyncio.Queue[bytes] | None = asyncio.Queue()

    def connection_made(self, transport: Any) -> None:
        self.transport: asyncio.Transport = transport
        transport.write(self.hello.encode())

    def data_received(self, data: bytes) -> None:
        data = self.buffer + data if self.buffer else data
        if not self.is_open:
            head, found, data = data.partition(b"\r\n\r\n")
            if not found:
                self.buffer = head
                return
            assert b" 101 " in head, head
            self.is_open = True
            assert self.answers is not None
            self.answers.put_nowait(b"")
        at, end = 0, len(data)
        while end - at >= 2:
            size, start = data[at + 1], at + 2
            if size == 126:
                size, start = int.from_bytes(data[at + 2 : at + 4], "big"), at + 4
            elif size == 127:
                size, start = int.from_bytes(data[at + 2 : at + 10], "big"), at + 10
            if end < start + size or end < start:
                break
            self.heard(data[at] & 15, data[start : start + size])
            at = start + size
        self.buffer = data[at:]

    def heard(self, opcode: int, payload: bytes) -> None:
        if opcode == 9:
            self.transport.write(bytes((0x8A, 0x80)) + MASK)
        elif self.answers is not None:
            self.answers.put_nowait(payload)
        elif opcode in (1, 2):
            self.load.received += 1
            if self.load.is_running:
                self.transport.write(self.frame)

    async def call(self, method: str, params: dict[str, Any], *, binary: bool) -> Any:
        module = msgspec.msgpack if binary else msgspec.json
        self.transport.write(request(method, params, binary=binary))
        assert self.answers is not None
        while "id" not in (answer := module.decode(await self.answers.get())):
            pass
        assert "result" in answer, answer
        return answer["result"]


def _same(peer: Peer) -> Peer:
    return peer


class Load:
    """Pairs of sockets; *received* counts what arrived at all of them."""

    def __init__(self) -> None:
        self.received = 0
        self.is_running = False
        self.peers: list[Peer] = []

    @classmethod
    async def connect(cls, port: int, meetings: list[Meeting], size: int, *, binary: bool) -> Self:
        """Open two sockets a meeting; with tokens, open sessions and join."""
        load, loop = cls(), asyncio.get_running_loop()
        subprotocol = "dragoman.v1.msgpack" if binary else "dragoman.v1.json"
        for meeting in meetings:
            ids = [f"pa-{n:024d}" for n in range(2)]
            pair = []
            for n in range(2):
                path = "/v1/ws" if meeting.tokens else f"/ws?room={meeting.id}"
                peer = Peer(load, path, subprotocol)
                await loop.create_connection(partial(_same, peer), "127.0.0.1", port)
                assert peer.answers is not None
                await peer.answers.get()
                if meeting.tokens:
                    token = {"token": meeting.tokens[n]}
                    await peer.call("session.open", token, binary=binary)
                    inside = await peer.call("meeting.join", {"meeting": meeting.id}, binary=binary)
                    ids[n] = inside["participant"]
                    peer.goodbye = request("session.close", {}, binary=binary)
                pair.append(peer)
            for n, peer in enumerate(pair):
                body = message(size, ids[n ^ 1], meeting.id, binary=binary)
                peer.frame = frame_of(body, opcode=BINARY if binary else TEXT)
            load.peers += pair
        await asyncio.sleep(SETTLE_S)
        for peer in load.peers:
            peer.answers = None
        return load

    def begin(self) -> None:
        """Put one message a pair in flight; each that arrives is answered with another."""
        self.is_running = True
        for peer in self.peers[::2]:
            peer.transport.write(peer.frame)

    async def close(self) -> None:
        """Let what is in flight arrive, then hang up."""
        self.is_running = False
        await asyncio.sleep(SETTLE_S)
        for peer in self.peers:
            peer.transport.write(peer.goodbye)
        await asyncio.sleep(SETTLE_S)
        for peer in self.peers:
            peer.transport.abort()
