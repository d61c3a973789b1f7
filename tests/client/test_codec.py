"""The client's codecs say what the server's understand."""

import json

import msgpack
import pytest

from signalling.client.codec import CODECS, CodecName

MESSAGE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "x",
    "params": {"name": "Åse", "lat": 59.9, "n": None},
}


@pytest.mark.parametrize("name", ["json", "msgpack"])
def test_there_and_back(name: CodecName) -> None:
    codec = CODECS[name]
    assert codec.subprotocol == f"dragoman.v1.{name}"
    assert codec.decode(codec.encode(MESSAGE)) == MESSAGE


def test_json_is_text_and_messagepack_is_not() -> None:
    assert json.loads(CODECS["json"].encode(MESSAGE).decode()) == MESSAGE
    assert msgpack.unpackb(CODECS["msgpack"].encode(MESSAGE)) == MESSAGE
    assert CODECS["json"].is_text
    assert not CODECS["msgpack"].is_text


def test_numbers_are_finite() -> None:
    with pytest.raises(ValueError, match="JSON"):
        CODECS["json"].encode({"lat": float("nan")})
