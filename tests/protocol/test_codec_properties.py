"""The two codecs against the libraries `json` and `msgpack`, and against noise."""

import json
from typing import Any

import msgpack
from hypothesis import given
from hypothesis import strategies as st

from signalling.errors import DragomanError
from signalling.protocol.codec import Codec, JsonCodec, MsgpackCodec, Request
from signalling.protocol.registry import METHODS

JSON, PACK = JsonCodec(), MsgpackCodec()
SIGNAL = METHODS["meeting.signal"]

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)
objects = st.dictionaries(texts, values, max_size=5)
TOKENS = [
    b'{"jsonrpc":"2.0","method":"meeting.signal","params":{"signal":',
    b"\x83\xa7jsonrpc\xa32.0\xa6method\xa5offer\xa6params",
    *(b"[", b"]", b"{", b"}", b'"', b"\\", b",", b":", b"1e9", b"\xff"),
    *(b"\xa3abc", b"\x81", b"\xde\x00\x02", b"\xdd", b"\xc7\x01\x05a", b"\xcb"),
]
noise = st.binary(max_size=200) | st.lists(st.sampled_from(TOKENS), max_size=40).map(b"".join)


def spell(codec: Codec, value: Any) -> bytes:
    data: bytes = json.dumps(value).encode() if codec.is_text else msgpack.packb(value)
    return data


def read(codec: Codec, data: bytes) -> Any:
    return json.loads(data) if codec.is_text else msgpack.unpackb(data)


@given(objects)
def test_what_we_encode_the_libraries_read(value: dict[str, Any]) -> None:
    for codec in (JSON, PACK):
        assert read(codec, codec.encode_event("x", value))["params"] == value
        assert read(codec, codec.encode_result(1, value))["result"] == value


@given(objects)
def test_what_the_libraries_encode_we_pass_on(value: dict[str, Any]) -> None:
    for writer in (JSON, PACK):
        whole = {"meeting": "m", "to": "p", "signal": value}
        request = writer.decode_frame(
            spell(writer, {"jsonrpc": "2.0", "method": "meeting.signal", "params": whole})
        )
        assert isinstance(request, Request)
        params = writer.decode_params(SIGNAL, request.params)
        for reader in (JSON, PACK):
            data = reader.signal_event(
                reader.signal_head("m", "p", 1), 2**40, reader.respelled(params.signal, writer)
            )
            assert read(reader, data)["params"]["signal"] == value


@given(noise)
def test_noise_raises_nothing_else(data: bytes) -> None:
    for codec in (JSON, PACK):
        for frame in (data, data.decode("latin-1")):
            try:
                decoded = codec.decode_frame(frame)
            except DragomanError:
                continue
            entries = decoded if isinstance(decoded, list) else [decoded]
            for entry in entries:
                if isinstance(entry, Request):
                    try_params(codec, entry.params)


@given(noise)
def test_noise_as_params_raises_nothing_else(data: bytes) -> None:
    for codec in (JSON, PACK):
        try_params(codec, data)
        try_params(codec, spell(codec, {"meeting": "m", "to": "p"})[:-1] + data)


def try_params(codec: Codec, raw: Any) -> None:
    for name in ("meeting.signal", "assignment.create", "session.ping"):
        try:
            codec.decode_params(METHODS[name], raw)
        except DragomanError as error:
            read(codec, codec.encode_error(None, error))
