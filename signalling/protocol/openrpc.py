"""The OpenRPC document: what `rpc.discover` and `GET /openrpc.json` give."""

from typing import Any

from signalling.errors import DragomanError
from signalling.protocol.examples import EXAMPLES
from signalling.protocol.registry import COMMON_ERRORS, EVENTS, METHODS, Method
from signalling.protocol.schemas import INFO, all_schemas, of_type


def openrpc(url: str = "ws://localhost:8080/v1/ws") -> dict[str, Any]:
    """Return the document; *url* is where the socket is."""
    return {
        "openrpc": "1.3.2",
        "info": INFO,
        "servers": [{"name": "socket", "url": url}],
        "methods": [_method(method) for method in METHODS.values()],
        "components": {"schemas": all_schemas()},
        "x-events": [
            {
                "name": event.name,
                "summary": event.summary,
                "params": of_type(event.params),
                "x-stored": event.stored,
            }
            for event in EVENTS.values()
        ],
    }


def _method(method: Method) -> dict[str, Any]:
    schema = all_schemas()[method.params.__name__]
    return {
        "name": method.name,
        "summary": method.summary,
        "tags": [{"name": method.name.partition(".")[0]}],
        "paramStructure": "by-name",
        "params": [
            {"name": name, "required": name in schema["required"], "schema": field}
            | ({"description": field["description"]} if "description" in field else {})
            for name, field in schema["properties"].items()
        ],
        "result": {"name": "result", "schema": of_type(method.result)},
        "errors": [_error(kind) for kind in (*method.errors, *COMMON_ERRORS)],
        "examples": [_example(method)],
        "x-roles": sorted(method.roles),
        "x-socket-only": method.socket_only,
        "x-before-open": method.before_open,
    }


def _error(kind: type[DragomanError]) -> dict[str, Any]:
    data = {"name": kind.name, "retryable": kind.retryable}
    return {"code": kind.code, "message": kind.message, "data": data}


def _example(method: Method) -> dict[str, Any]:
    example = EXAMPLES[method.name]
    params = [{"name": name, "value": value} for name, value in example.params.items()]
    pairing: dict[str, Any] = {"name": method.name, "params": params}
    if example.result is not None:
        pairing["result"] = {"name": "result", "value": example.result}
    return pairing
