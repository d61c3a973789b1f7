"""Nesting, and what an opaque signal may hold."""

import json
from typing import Any

import msgpack
import pytest

from signalling.protocol.bounds import json_too_deep, opaque_fault, pack_too_deep


def nested(levels: int) -> Any:
    """Return lists and maps in turn, *levels* deep."""
    value: Any = 1
    for level in range(levels):
        value = [value, 2] if level % 2 else {"a": value, "b": []}
    return value


def true_depth(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + max((true_depth(v) for v in value.values()), default=0)
    if isinstance(value, list):
        return 1 + max((true_depth(v) for v in value), default=0)
    return 0


@pytest.mark.parametrize("levels", [0, 1, 7, 8, 9, 10, 40])
def test_depth_is_exact(levels: int) -> None:
    value = nested(levels)
    deep = true_depth(value) > 8
    assert json_too_deep(json.dumps(value).encode(), 8) == deep
    assert pack_too_deep(msgpack.packb(value), 8) == deep


def test_wide_is_not_deep() -> None:
    value: Any = [{"a": [], "b": [{}]} for _ in range(500)]
    assert not json_too_deep(json.dumps(value).encode(), 4)
    assert not pack_too_deep(msgpack.packb(value), 4)


@pytest.mark.parametrize("text", ["[" * 99, '\\"[{' * 40, "]" * 99, "\\\\", '"[[[', "häß" * 99])
def test_brackets_in_strings_do_not_count(text: str) -> None:
    assert not json_too_deep(json.dumps({text: [text]}).encode(), 2)
    assert not json_too_deep(json.dumps({text: [text]}, ensure_ascii=False).encode(), 2)
    assert not pack_too_deep(msgpack.packb({text: [text]}), 2)


@pytest.mark.parametrize("data", [b"]" * 50, b"][" * 50, b"{]" * 50 + b"}}"])
def test_malformed_json_is_left_to_the_decoder(data: bytes) -> None:
    assert not json_too_deep(data, 60)


@pytest.mark.parametrize("data", [b"[" * 1000, b"[1," * 1000, b'{"a":' * 1000, b"[[]," * 1000])
def test_open_ends_are_deep(data: bytes) -> None:
    assert json_too_deep(data, 32)


@pytest.mark.parametrize("data", [
    b"\x91" * 40,  # truncated
    b"\x91" * 10 + b"\xc1" * 30,  # no such opcode
    b"\xa1\x80" * 40,  # not UTF-8
    b"\x81\x80\x01" + b"\x80" * 40,  # a map as key
])  # fmt: skip
def test_malformed_pack_is_left_to_the_decoder(data: bytes) -> None:
    assert not pack_too_deep(data, 8)


def test_deeper_than_the_interpreter_can_recurse() -> None:
    assert pack_too_deep(b"\x91" * 60_000 + b"\x01", 32)
    assert json_too_deep(b"[" * 60_000 + b"]" * 60_000, 32)


def test_a_text_of_many_high_bytes_is_not_deep() -> None:
    assert not pack_too_deep(msgpack.packb("привет" * 20), 8)


def test_depth_inside_a_key_counts() -> None:
    data = b"\x81" + b"\x91" * 40 + b"\x01" + b"\x01"
    assert pack_too_deep(data, 32)


@pytest.mark.parametrize("value", [
    {},
    {"a": None, "b": True, "c": "x", "d": 1.5, "e": -(2**63), "f": 2**64 - 1},
    {"a": [{"b": [1, "x"]}], "c": {"d": {}}},
])  # fmt: skip
def test_carried(value: dict[str, Any]) -> None:
    assert opaque_fault(value) == ""


@pytest.mark.parametrize(("value", "reason"), [
    ({"a": float("nan")}, "finite"),
    ({"a": [float("inf")]}, "finite"),
    ({"a": {1: 2}}, "keys"),
    ({"a": b"x"}, "bytes"),
    ({"a": [msgpack.Timestamp(1)]}, "bytes"),
    ({"a": 2**64}, "64 bits"),
    ({"a": -(2**63) - 1}, "64 bits"),
])  # fmt: skip
def test_not_carried(value: dict[str, Any], reason: str) -> None:
    assert reason in opaque_fault(value)
