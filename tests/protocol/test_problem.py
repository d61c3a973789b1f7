"""Errors over HTTP."""

import jsonschema  # type: ignore[import-untyped]
import pytest

from signalling import errors
from signalling.protocol.problem import problem, problem_schema


def test_problem_says_the_same_as_the_socket() -> None:
    assert problem(errors.InvalidParams("too long", path="note")) == {
        "type": "urn:dragoman:error:invalid_params",
        "title": "invalid params",
        "status": 422,
        "code": -32602,
        "name": "invalid_params",
        "retryable": False,
        "detail": "too long",
        "path": "note",
    }


@pytest.mark.parametrize("kind", errors.DragomanError.__subclasses__())
def test_every_error_keeps_to_the_schema(kind: type[errors.DragomanError]) -> None:
    jsonschema.validate(problem(kind("why", reason="x", retry_after_ms=1)), problem_schema())
