"""The human page of the protocol: one HTML file without scripts, from the OpenRPC document."""

from html import escape
from itertools import groupby
from typing import Any

Json = dict[str, Any]

STYLE = """
:root { color-scheme: light dark; --ink: #1b2330; --soft: #5b6675; --line: #dfe4ea;
  --paper: #fff; --tint: #f4f6f9; --accent: #0b5cad; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6eaf0; --soft: #9aa6b5; --line: #2c3541;
  --paper: #12161c; --tint: #1a2029; --accent: #7ab7f5; } }
* { box-sizing: border-box; }
body { margin: 0; font: 16px/1.55 system-ui, sans-serif; color: var(--ink);
  background: var(--paper); }
header, main, nav { max-width: 60rem; margin: 0 auto; padding: 1rem; }
h1 { margin: 1rem 0 0; } h2 { margin-top: 3rem; } h3 { margin: 2.5rem 0 .25rem; }
h3 a, nav a { color: var(--accent); text-decoration: none; } a:hover { text-decoration: underline; }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1rem; list-style: none; padding: 0; }
code, pre { font: .875em/1.5 ui-monospace, monospace; }
pre { background: var(--tint); padding: .75rem 1rem; border-radius: 6px; overflow-x: auto; }
.meta { color: var(--soft); font-size: .875rem; margin: .25rem 0 1rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .9375rem; }
caption { text-align: left; font-weight: 600; padding: .5rem 0; }
th, td { text-align: left; vertical-align: top; padding: .35rem .75rem .35rem 0;
  border-bottom: 1px solid var(--line); }
td p { margin: 0; color: var(--soft); }
"""


def render(document: Json) -> str:
    """Return the page of an OpenRPC document."""
    info, methods, events = document["info"], document["methods"], document["x-events"]
    groups = [(tag, list(some)) for tag, some in groupby(methods, lambda m: m["tags"][0]["name"])]
    types = document["components"]["schemas"]
    shown = {name: schema for name, schema in types.items() if not _is_message(name)}
    links = "".join(
        f'<li><a href="#{escape(tag)}">{escape(tag)}</a></li>'
        for tag in (*(tag for tag, _ in groups), "events", "types", "errors")
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(info['title'])} protocol {escape(info['version'])}</title>"
        f"<style>{STYLE}</style></head><body>"
        f"<header><h1>{escape(info['title'])} protocol {escape(info['version'])}</h1>"
        f"<p>{escape(info['description'])} Also as <a href=/openrpc.json>OpenRPC</a> and "
        "<a href=/openapi.json>OpenAPI</a>.</p></header>"
        f'<nav aria-label="Groups"><ul>{links}</ul></nav><main>'
        + "".join(_group(tag, some, types) for tag, some in groups)
        + _events(events, types)
        + _types(shown)
        + _errors(methods)
        + "</main></body></html>\n"
    )


def _is_message(name: str) -> bool:
    return name.endswith(("Params", "Result", "Event"))


def _group(tag: str, methods: list[Json], types: Json) -> str:
    return f'<h2 id="{escape(tag)}">{escape(tag)}</h2>' + "".join(
        _method(method, types) for method in methods
    )


def _method(method: Json, types: Json) -> str:
    name = escape(method["name"])
    where = "WebSocket only" if method["x-socket-only"] else f"also <code>POST /v1/{name}</code>"
    fields = {field["name"]: field["schema"] for field in method["params"]}
    needed = [field["name"] for field in method["params"] if field["required"]]
    errors = ", ".join(
        f'<a href="#error-{error["code"]}">{error["code"]} {escape(error["data"]["name"])}</a>'
        for error in method["errors"]
    )
    result = _resolve(method["result"]["schema"], types)
    return (
        f'<section><h3 id="{name}"><a href="#{name}">{name}</a></h3>'
        f"<p>{escape(method['summary'])}</p>"
        f'<p class="meta">For {escape(", ".join(method["x-roles"]))}; {where}.</p>'
        + _table("Params", fields, needed)
        + _table("Result", result.get("properties", {}), result.get("required", []))
        + f'<p class="meta">Errors: {errors}</p></section>'
    )


def _events(events: list[Json], types: Json) -> str:
    parts = ['<h2 id="events">events</h2>']
    for event in events:
        schema = _resolve(event["params"], types)
        name, stored = escape(event["name"]), "" if event["x-stored"] else "Not stored. "
        parts.append(
            f'<section><h3 id="event-{name}"><a href="#event-{name}">{name}</a></h3>'
            f"<p>{escape(event['summary'])} {stored}</p>"
            + _table("Params", schema["properties"], schema["required"])
            + "</section>"
        )
    return "".join(parts)


def _types(schemas: Json) -> str:
    return '<h2 id="types">types</h2>' + "".join(
        f'<section><h3 id="type-{name}">{name}</h3><p>{escape(schema.get("description", ""))}</p>'
        + _table("Fields", schema["properties"], schema["required"])
        + "</section>"
        for name, schema in sorted(schemas.items())
    )


def _errors(methods: list[Json]) -> str:
    known = {error["code"]: error for method in methods for error in method["errors"]}
    rows = "".join(
        f'<tr id="error-{code}"><td>{code}</td><td><code>{escape(error["data"]["name"])}</code>'
        f"</td><td>{'yes' if error['data']['retryable'] else 'no'}</td></tr>"
        for code, error in sorted(known.items())
    )
    return (
        '<h2 id="errors">errors</h2><div class="scroll"><table><thead><tr><th scope="col">code'
        '<th scope="col">name<th scope="col">may succeed later</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _table(caption: str, fields: Json, needed: list[str]) -> str:
    if not fields:
        return f'<p class="meta">{caption}: none.</p>'
    rows = "".join(
        f"<tr><td><code>{escape(name)}</code>{'' if name in needed else ' <small>optional</small>'}"
        f"</td><td>{_type(schema)}<p>{escape(schema.get('description', ''))}</p></td></tr>"
        for name, schema in fields.items()
    )
    return (
        f'<div class="scroll"><table><caption>{caption}</caption><thead><tr><th scope="col">field'
        f'<th scope="col">what</tr></thead><tbody>{rows}</tbody></table></div>'
    )


def _type(schema: Json) -> str:
    """Say the type of a field in words, with links to named types."""
    match schema:
        case {"$ref": ref}:
            name = escape(ref.rpartition("/")[2])
            return f'<a href="#type-{name}">{name}</a>'
        case {"anyOf": choices}:
            some = [choice for choice in choices if choice != {"type": "null"}]
            return " or ".join(_type(choice) for choice in some)
        case {"enum": values}:
            return " | ".join(f"<code>{escape(str(value))}</code>" for value in values)
        case {"type": "array", "items": items}:
            return f"list of {_type(items)}"
        case {"type": kind}:
            low, high = schema.get("minimum"), schema.get("maximum")
            bounds = "" if low is None and high is None else f" {_bound(low)} … {_bound(high)}"
            return escape(f"{kind}{bounds}")
        case _:
            return "anything"


def _bound(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


def _resolve(schema: Json, types: Json) -> Json:
    ref = schema.get("$ref")
    resolved: Json = types[ref.rpartition("/")[2]] if ref else schema
    return resolved
