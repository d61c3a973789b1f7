"""Bound what is untrusted: nesting before decoding, and opaque objects that are passed on.

msgspec recurses in C and gives up with RecursionError at about a thousand levels; long before
that nobody has a use for the message. Counting the bytes that could open a container is one
pass in C and settles nearly every frame; only where that count exceeds the limit is the depth
measured.
"""

from itertools import chain
from math import isfinite
from types import NoneType
from typing import Any

import msgspec

_JSON_REST = bytes(set(range(256)) - set(b"[{"))
_PACK_REST = bytes(set(range(256)) - {*range(0x80, 0xA0), 0xDC, 0xDD, 0xDE, 0xDF})
_JSON_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_JSON_SQUARE = bytes.maketrans(b"{}", b"[]")
_BOXES = frozenset({dict, list, tuple})  # a map's key decodes as a tuple
_PLAIN = frozenset({str, bool, NoneType})
_ANY_PACK = msgspec.msgpack.Decoder(Any)


def json_too_deep(data: bytes, depth: int) -> bool:
    """Say whether JSON nests deeper than *depth*; malformed text is left to the decoder."""
    if len(data.translate(None, _JSON_REST)) <= depth:
        return False
    unescaped = data.replace(b"\\\\", b"").replace(b'\\"', b"")
    outside_strings = b"".join(unescaped.split(b'"')[::2])
    brackets = outside_strings.translate(_JSON_SQUARE, _JSON_NOT_BRACKETS)
    if b"[" * (depth + 1) in brackets:
        return True
    for _ in range(depth):  # each round takes off exactly the innermost level
        shorter = brackets.replace(b"[]", b"")
        if len(shorter) == len(brackets):
            break
        brackets = shorter
    return brackets.startswith(b"[" * (depth + 1)) or b"[]" in brackets


def pack_too_deep(data: bytes, depth: int) -> bool:
    """Say whether MessagePack nests deeper than *depth*; malformed data is left to the decoder."""
    if len(data.translate(None, _PACK_REST)) <= depth:
        return False
    try:
        root = _ANY_PACK.decode(data)
    except RecursionError:
        return True
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError, OverflowError):
        return False
    level: list[Any] = [root] if type(root) in _BOXES else []
    for _ in range(depth):
        level = [
            child
            for box in level
            for child in (chain(box, box.values()) if type(box) is dict else box)
            if type(child) in _BOXES
        ]
        if not level:
            return False
    return True


def opaque_fault(value: dict[str, Any]) -> str:
    """Say why another codec could not carry *value*, or nothing when it could.

    What both carry: objects with string keys, arrays, strings, booleans, null, finite numbers,
    integers of 64 bits.
    """
    level: list[Any] = [value]
    while level:
        nested: list[Any] = []
        for box in level:
            if type(box) is dict:
                if not all(type(key) is str for key in box):
                    return "keys must be strings"
                items: Any = box.values()
            else:
                items = box
            for item in items:
                kind = type(item)
                if kind in _PLAIN:
                    continue
                if kind is dict or kind is list:
                    nested.append(item)
                elif kind is int:
                    if not -(2**63) <= item < 2**64:
                        return "integers must have 64 bits at most"
                elif kind is not float:
                    return "bytes and extension types are not allowed"
                elif not isfinite(item):
                    return "numbers must be finite"
        level = nested
    return ""
