"""The two encodings of the socket, by subprotocol."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal

import msgpack

CodecName = Literal["json", "msgpack"]


@dataclass(frozen=True, slots=True)
class Codec:
    """One encoding: text frames of JSON, or binary ones of MessagePack."""

    subprotocol: str
    is_text: bool
    encode: Callable[[Any], bytes]
    decode: Callable[[bytes], Any]


def _to_json(message: Any) -> bytes:
    return json.dumps(message, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


CODECS: Final[dict[CodecName, Codec]] = {
    "json": Codec("dragoman.v1.json", True, _to_json, json.loads),
    "msgpack": Codec("dragoman.v1.msgpack", False, msgpack.packb, msgpack.unpackb),
}
# What decoding raises on garbage, and reading on what is not a message.
UNREADABLE: Final = (
    *(ValueError, TypeError, KeyError, AttributeError, RecursionError),
    msgpack.UnpackException,
)
