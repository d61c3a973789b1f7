"""JSON Schemas of every message, shared by the two descriptions."""

from functools import cache
from typing import Any

import msgspec

from signalling.protocol.registry import EVENTS, METHODS

Schemas = tuple[tuple[dict[str, Any], ...], dict[str, dict[str, Any]]]
PROTOCOL_VERSION = "1.0.0"
INFO = {
    "title": "Dragoman",
    "version": PROTOCOL_VERSION,
    "description": "Presence, matching, live offers and meeting signalling for interpreters. "
    "Times are RFC 3339 strings in UTC; durations say their unit in their name.",
    "license": {"name": "MIT", "identifier": "MIT"},
}


def of_type(kind: Any) -> dict[str, Any]:
    """Return a reference to a type's schema, or the schema itself when it has no name."""
    schemas, _ = _components((kind,))
    return schemas[0]


@cache
def all_schemas() -> dict[str, dict[str, Any]]:
    """Return the schemas of all messages by name, for `components.schemas`; do not change it."""
    kinds = [kind for method in METHODS.values() for kind in (method.params, method.result)]
    _, components = _components((*kinds, *(event.params for event in EVENTS.values())))
    return components


@cache
def _components(kinds: tuple[Any, ...]) -> Schemas:
    schemas, components = msgspec.json.schema_components(
        kinds, ref_template="#/components/schemas/{name}"
    )
    plain = msgspec.json.encode((schemas, components))  # defaults would be tuples
    decoded: Schemas = msgspec.json.decode(plain, type=Schemas)
    return decoded
