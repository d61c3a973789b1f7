"""What the fast way takes is the usual signal and nothing else."""

from typing import Any

import msgspec
import pytest

from signalling.protocol.codec import JsonCodec, MsgpackCodec
from signalling.web.fast import FastSignals

CODECS = {"json": (JsonCodec(), msgspec.json), "msgpack": (MsgpackCodec(), msgspec.msgpack)}


def ask(signal: Any, **changes: Any) -> dict[str, Any]:
    params = {"meeting": "me-1", "to": "pa-1", "signal": signal}
    return {"jsonrpc": "2.0", "method": "meeting.signal", "params": params} | changes


@pytest.mark.parametrize("name", CODECS)
@pytest.mark.parametrize(
    ("message", "is_taken"),
    [
        (ask({"candidate": "c", "sdpMid": None, "sdpMLineIndex": 0, "end": True}), True),
        (ask({"sdp": "é"}, id=1), True),
        (ask({}), True),
        (ask({"nested": {"a": 1}}), False),
        (ask({"list": [1]}), False),
        (ask("text"), False),
        (ask([1]), False),
        (ask(None), False),
        (ask({"a": 1}, method="meeting.message", note="meeting.signal"), False),
        (ask({"a": 1}, jsonrpc="1.0"), False),
        (ask({"a": 1}, params={"meeting": 1, "to": "pa-1", "signal": {}}), False),
        (ask({"a": 1}, params={"meeting": "me-1", "to": "p", "signal": {}, "more": 1}), False),
        ([ask({"a": 1})], False),
    ],
)
def test_the_usual_signal(name: str, message: Any, is_taken: bool) -> None:
    codec, module = CODECS[name]
    data = module.encode(message)
    assert (FastSignals(codec).decode(data) is not None) is is_taken


@pytest.mark.parametrize(
    "data",
    [
        b'{"jsonrpc":"2.0","method":"meeting.signal","params":{"meeting":"m","to":"p","signal":',
        (
            b'{"jsonrpc":"2.0","method":"meeting.signal","params":{"meeting":"m","to":"p",'
            b'"signal":{"a":"\xff"}}}'
        ),
        b"[" * 100_000 + b"meeting.signal",
    ],
)
def test_what_is_broken_goes_the_regular_way(data: bytes) -> None:
    assert FastSignals(JsonCodec()).decode(data) is None
    assert FastSignals(MsgpackCodec()).decode(b"\x91" * 100_000 + b"meeting.signal") is None
