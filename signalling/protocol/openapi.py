"""The OpenAPI document of the HTTP face: `GET /openapi.json`."""

from collections import defaultdict
from typing import Any

from signalling.errors import DragomanError
from signalling.protocol.examples import EXAMPLES
from signalling.protocol.problem import CONTENT_TYPE, problem_schema
from signalling.protocol.registry import COMMON_ERRORS, METHODS, Method
from signalling.protocol.schemas import INFO, all_schemas, of_type

IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "The same as `idempotency_key` in the body: kept 24 hours; the same key with "
    "another body is a conflict.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 128},
}
NDJSON = {"schema": {"type": "string", "description": "One interpreter a line."}}


def openapi(url: str = "/") -> dict[str, Any]:
    """Return the document; *url* is where the server is. Socket-only methods have no path."""
    over_http = [method for method in METHODS.values() if not method.socket_only]
    return {
        "openapi": "3.1.0",
        "info": INFO,
        "servers": [{"url": url}],
        "security": [{"token": []}],
        "paths": {f"/v1/{method.name}": {"post": _operation(method)} for method in over_http},
        "components": {
            "schemas": all_schemas() | {"Problem": problem_schema()},
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "HS256, signed with the app's secret; `kid` is the app's key.",
                }
            },
        },
        "x-socket-only": [method.name for method in METHODS.values() if method.socket_only],
    }


def _operation(method: Method) -> dict[str, Any]:
    example = EXAMPLES[method.name]
    body = {"schema": of_type(method.params), "example": example.params}
    answer: dict[str, Any] = {"schema": of_type(method.result)}
    if example.result is not None:
        answer["example"] = example.result
    operation: dict[str, Any] = {
        "operationId": method.name,
        "summary": method.summary,
        "tags": [method.name.partition(".")[0]],
        "requestBody": {
            "required": bool(all_schemas()[method.params.__name__]["required"]),
            "content": {"application/json": body},
        },
        "responses": {
            "200": {"description": "The result.", "content": {"application/json": answer}},
            **_problems((*method.errors, *COMMON_ERRORS)),
        },
        "x-roles": sorted(method.roles),
    }
    if method.creates:
        operation["parameters"] = [IDEMPOTENCY_KEY]
    if method.before_open:
        operation["security"] = [{}]
    if method.name == "interpreter.import":
        operation["requestBody"]["content"]["application/x-ndjson"] = NDJSON
    return operation


def _problems(kinds: tuple[type[DragomanError], ...]) -> dict[str, Any]:
    """Return one response for each HTTP status, naming every error that has it."""
    by_status: defaultdict[int, list[str]] = defaultdict(list)
    for kind in kinds:
        by_status[kind.http_status].append(f"{kind.code} {kind.name}")
    content = {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {
        str(status): {"description": ", ".join(names), "content": content}
        for status, names in sorted(by_status.items())
    }
