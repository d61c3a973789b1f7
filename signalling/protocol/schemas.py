"""JSON Schemas of every message, shared by the two descriptions."""

from functools import cache
from typing import Any

import msgspec

from signalling import __version__
from signalling.protocol.registry import EVENTS, METHODS

INFO = {
    "title": "Dragoman",
    "version": __version__,
    "description": "Presence, matching, live offers and meeting signalling for interpreters. "
    "Times are RFC 3339 strings in UTC; durations say their unit in their name.",
    "license": {"name": "MIT", "identifier": "MIT"},
}


def of_type(kind: Any) -> dict[str, Any]:
    """Return a reference to a type's schema, or the schema itself when it has no name."""
    (schema,), _ = _components((kind,))
    return schema


@cache
def all_schemas() -> dict[str, dict[str, Any]]:
    """Return the schemas of all messages by name, for `components.schemas`; do not change it."""
    kinds = [kind for method in METHODS.values() for kind in (method.params, method.result)]
    _, components = _components((*kinds, *(event.params for event in EVENTS.values())))
    return components


@cache
def _components(kinds: tuple[Any, ...]) -> Any:
    return msgspec.json.schema_components(kinds, ref_template="#/components/schemas/{name}")
