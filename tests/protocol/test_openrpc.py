"""The OpenRPC document keeps to the specification's essentials and to the registry."""

import json
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from signalling.protocol.codec import JsonCodec
from signalling.protocol.openrpc import openrpc
from signalling.protocol.registry import EVENTS, METHODS

DOCUMENT = json.loads(JsonCodec().encode_result(1, openrpc("wss://example.org/v1/ws")))["result"]

CONTENT = {
    "type": "object",
    "required": ["name", "schema"],
    "properties": {
        "name": {"type": "string"},
        "summary": {"type": "string"},
        "description": {"type": "string"},
        "required": {"type": "boolean"},
        "schema": {"type": "object"},
        "deprecated": {"type": "boolean"},
    },
    "additionalProperties": False,
}
EXAMPLE = {
    "type": "object",
    "required": ["name", "params"],
    "properties": {
        "name": {"type": "string"},
        "params": {"type": "array", "items": {"type": "object", "required": ["name", "value"]}},
        "result": {"type": "object", "required": ["name", "value"]},
    },
    "additionalProperties": False,
}
ERROR = {
    "type": "object",
    "required": ["code", "message"],
    "properties": {"code": {"type": "integer"}, "message": {"type": "string"}, "data": {}},
    "additionalProperties": False,
}
ESSENTIALS = {  # of https://meta.open-rpc.org, as far as we use it
    "type": "object",
    "required": ["openrpc", "info", "methods"],
    "properties": {
        "openrpc": {"type": "string", "pattern": "^1\\.[0-9]+\\.[0-9]+$"},
        "info": {"type": "object", "required": ["title", "version"]},
        "servers": {"type": "array", "items": {"type": "object", "required": ["url"]}},
        "components": {"type": "object"},
        "methods": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name", "params", "result"],
                "properties": {
                    "name": {"type": "string"},
                    "summary": {"type": "string"},
                    "tags": {"type": "array", "items": {"type": "object", "required": ["name"]}},
                    "paramStructure": {"enum": ["by-name", "by-position", "either"]},
                    "params": {"type": "array", "items": CONTENT},
                    "result": CONTENT,
                    "errors": {"type": "array", "items": ERROR},
                    "examples": {"type": "array", "items": EXAMPLE},
                },
                "patternProperties": {"^x-": {}},
                "additionalProperties": False,
            },
        },
    },
    "patternProperties": {"^x-": {}},
    "additionalProperties": False,
}


def with_types(schema: dict[str, Any]) -> dict[str, Any]:
    return schema | {"components": DOCUMENT["components"]}


def test_essentials() -> None:
    jsonschema.validate(DOCUMENT, ESSENTIALS)
    assert DOCUMENT["servers"][0]["url"] == "wss://example.org/v1/ws"


def test_every_method_and_event_is_there_once() -> None:
    assert [method["name"] for method in DOCUMENT["methods"]] == list(METHODS)
    assert [event["name"] for event in DOCUMENT["x-events"]] == list(EVENTS)


@pytest.mark.parametrize("method", DOCUMENT["methods"], ids=lambda method: method["name"])
def test_method(method: dict[str, Any]) -> None:
    known = METHODS[method["name"]]
    assert method["x-roles"] == sorted(known.roles)
    assert method["x-socket-only"] == known.socket_only
    codes = [error["code"] for error in method["errors"]]
    assert {-32602, 1001, 1002, 1006, 1010, -32603} <= set(codes)
    assert len(codes) == len(set(codes))
    (example,) = method["examples"]
    fields = {field["name"]: field for field in method["params"]}
    given = {param["name"]: param["value"] for param in example["params"]}
    assert {name for name, field in fields.items() if field["required"]} <= set(given)
    for name, value in given.items():
        jsonschema.validate(value, with_types(fields[name]["schema"]))
    if "result" in example:
        jsonschema.validate(example["result"]["value"], with_types(method["result"]["schema"]))


def test_every_schema_is_a_schema_and_every_reference_leads_somewhere() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    for schema in schemas.values():
        jsonschema.Draft202012Validator.check_schema(schema)
    for part in json.dumps(DOCUMENT).split('"#/components/schemas/')[1:]:
        assert part.partition('"')[0] in schemas
