"""Paths that a caller can find in what they sent."""

import json
from typing import Any

import msgspec
import pytest

from signalling.errors import ParseError
from signalling.protocol.examples import EXAMPLES
from signalling.protocol.faults import DETAIL_MAX, PATH_MAX, invalid_params, malformed
from signalling.protocol.registry import METHODS

ASK = EXAMPLES["assignment.create"].params
PUT = EXAMPLES["interpreter.put"].params["interpreter"]


@pytest.mark.parametrize(("name", "params", "path", "reason"), [
    ("assignment.create", ASK | {"languages": {"to": "so"}}, "languages.from", "missing"),
    ("assignment.create", ASK | {"languages": 3}, "languages", "got `int`"),
    ("assignment.create", {"mode": "audio"}, "languages", "missing"),
    ("assignment.create", ASK | {"colour": 1}, "colour", "unknown"),
    ("assignment.create", ASK | {"requirements": {"x": 1}}, "requirements.x", "unknown"),
    ("assignment.create", ASK | {"duration_min": "30"}, "duration_min", "got `str`"),
    ("assignment.create", ASK | {"location": {"lat": 91, "lon": 0}}, "location.lat", "<= 90"),
    ("assignment.create", [1], "", "Expected `object`, got `array`"),
    ("assignment.create", None, "", "Expected `object`, got `null`"),
    (
        "interpreter.put",
        {"interpreter": PUT | {"modes": ["audio", 7]}},
        "interpreter.modes.1",
        "got `int`",
    ),
    (
        "interpreter.import",
        {"interpreters": [PUT, PUT | {"languages": [{"tag": "so"}]}]},
        "interpreters.1.languages.0.level",
        "missing",
    ),
])  # fmt: skip
def test_path(name: str, params: Any, path: str, reason: str) -> None:
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.json.decode(json.dumps(params), type=METHODS[name].params)
    error = invalid_params(caught.value)
    assert error.path == path
    assert reason in error.detail
    assert " at `" not in error.detail


def test_a_map_key_is_named_by_its_map() -> None:
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.msgpack.decode(b"\x81\xa1a\x81\x01\x02", type=dict[str, dict[str, int]])
    assert invalid_params(caught.value).path == "*"


def test_what_is_echoed_is_bounded() -> None:
    error = invalid_params(msgspec.ValidationError(f"Object contains unknown field `{'x' * 9999}`"))
    assert len(error.detail) == DETAIL_MAX
    assert len(error.path) == PATH_MAX
    assert len(malformed(ValueError("y" * 9999)).detail) == DETAIL_MAX


def test_malformed_is_a_parse_error() -> None:
    assert isinstance(malformed(RecursionError("too deep")), ParseError)
