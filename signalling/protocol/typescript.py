"""Types of the browser's client: `python -m signalling.protocol.typescript FILE` writes them.

What the client offers is written by hand (browser.d.ts); the messages are those of the registry,
in the namespace `protocol`.
"""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from signalling.protocol.registry import EVENTS, METHODS
from signalling.protocol.schemas import all_schemas, of_type

HAND_WRITTEN: Final = Path(__file__).parent / "browser.d.ts"
HEAD: Final = "// Made by signalling/protocol/typescript.py from browser.d.ts and the messages.\n"
PLAIN: Final = {
    "string": "string",
    "integer": "number",
    "number": "number",
    "boolean": "boolean",
    "null": "null",
}
Schema = Mapping[str, Any]


def typescript() -> str:
    """Return the declarations of the whole client."""
    parts = [_interface(name, schema) for name, schema in sorted(all_schemas().items())]
    parts += [_methods(), _events()]
    inside = "\n\n".join(parts)
    indented = "\n".join(f"  {line}" if line else "" for line in inside.splitlines())
    written = HAND_WRITTEN.read_text(encoding="utf-8")
    return f"{HEAD}\n{written}\nexport namespace protocol {{\n{indented}\n}}\n"


def _methods() -> str:
    """Return what each method takes and gives."""
    rows = []
    for method in METHODS.values():
        params, result = _type(of_type(method.params)), _type(of_type(method.result))
        rows += [
            *_comment(method.summary),
            f"'{method.name}': {{ params: {params}; result: {result} }};",
        ]
    return _block("interface Methods", rows)


def _events() -> str:
    """Return the params of each event."""
    rows = []
    for event in EVENTS.values():
        rows += [*_comment(event.summary), f"'{event.name}': {_type(of_type(event.params))};"]
    return _block("interface Events", rows)


def _interface(name: str, schema: Schema) -> str:
    lead = "\n".join(_comment(schema.get("description", "")))
    block = _block(f"interface {name}", list(_members(schema)))
    return f"{lead}\n{block}" if lead else block


def _members(schema: Schema) -> Iterator[str]:
    required = schema.get("required", ())
    for name, member in schema.get("properties", {}).items():
        yield from _comment(member.get("description", ""))
        mark = "" if name in required else "?"
        yield f"{name}{mark}: {_type(member)};"


def _type(schema: Schema) -> str:
    """Return the TypeScript type of a schema."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(_type(one) for one in schema["anyOf"]))
    if "enum" in schema:
        return " | ".join(f"'{v}'" if isinstance(v, str) else str(v) for v in schema["enum"])
    if schema.get("type") == "array":
        inner = _type(schema.get("items") or {})
        return f"({inner})[]" if " | " in inner else f"{inner}[]"
    if schema.get("type") == "object":
        values = schema.get("additionalProperties")
        return f"Record<string, {_type(values) if isinstance(values, Mapping) else 'unknown'}>"
    return PLAIN.get(str(schema.get("type")), "unknown")


def _comment(text: str) -> list[str]:
    return [f"/** {text.replace('*/', '* /')} */"] if text else []


def _block(head: str, rows: list[str]) -> str:
    inside = "".join(f"  {row}\n" for row in rows)
    return f"{head} {{\n{inside}}}"


def main() -> None:
    Path(sys.argv[1]).write_text(typescript(), encoding="utf-8")


if __name__ == "__main__":
    main()
