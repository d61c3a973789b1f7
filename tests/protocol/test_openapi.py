"""The OpenAPI document is valid, and says what HTTP offers."""

import json
from typing import Any

from openapi_spec_validator import OpenAPIV31SpecValidator

from signalling.protocol.codec import JsonCodec
from signalling.protocol.openapi import openapi
from signalling.protocol.registry import METHODS

DOCUMENT: dict[str, Any] = json.loads(JsonCodec().encode_result(1, openapi()))["result"]


def operation(name: str) -> dict[str, Any]:
    found: dict[str, Any] = DOCUMENT["paths"][f"/v1/{name}"]["post"]
    return found


def test_it_is_valid() -> None:
    OpenAPIV31SpecValidator(DOCUMENT).validate()


def test_paths_are_the_methods_that_work_over_http() -> None:
    over_http = {f"/v1/{m.name}" for m in METHODS.values() if not m.socket_only}
    assert set(DOCUMENT["paths"]) == over_http
    assert set(DOCUMENT["x-socket-only"]) == {m.name for m in METHODS.values() if m.socket_only}


def test_problems_are_problem_documents() -> None:
    for path in DOCUMENT["paths"].values():
        for status, response in path["post"]["responses"].items():
            kind = "application/json" if status == "200" else "application/problem+json"
            assert list(response["content"]) == [kind]
    assert set(operation("offer.accept")["responses"]) == {
        "200", "401", "403", "404", "409", "410", "413", "422", "429", "500", "503",
    }  # fmt: skip


def test_what_creates_takes_the_header() -> None:
    headers = [p["name"] for p in operation("assignment.create")["parameters"]]
    assert headers == ["Idempotency-Key"]
    assert "parameters" not in operation("assignment.get")


def test_bearer_is_needed_except_to_discover() -> None:
    assert DOCUMENT["security"] == [{"token": []}]
    assert DOCUMENT["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    assert operation("rpc.discover")["security"] == [{}]
    assert "security" not in operation("assignment.create")


def test_import_takes_lines() -> None:
    content = operation("interpreter.import")["requestBody"]["content"]
    assert set(content) == {"application/json", "application/x-ndjson"}


def test_a_body_is_required_where_a_field_is() -> None:
    assert operation("assignment.create")["requestBody"]["required"]
    assert not operation("device.ice")["requestBody"]["required"]
