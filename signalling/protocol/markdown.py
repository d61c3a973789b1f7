"""Tables of docs/protocol.md; `python -m signalling.protocol.markdown FILE` renews them."""

import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from signalling import errors
from signalling.protocol.registry import EVENTS, METHODS, Role

_SECTION = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def methods() -> str:
    """Return a row for each method, with a column for each role."""
    head = ["method", *Role, "over", "what it does"]
    rows = [
        [
            f"`{method.name}`",
            *("yes" if role in method.roles else "" for role in Role),
            "socket" if method.socket_only else "both",
            method.summary,
        ]
        for method in METHODS.values()
    ]
    return _table(head, rows)


def events() -> str:
    """Return a row for each event."""
    rows = [
        [f"`{event.name}`", "yes" if event.stored else "", event.summary]
        for event in EVENTS.values()
    ]
    return _table(["event", "stored", "what it says"], rows)


def error_codes() -> str:
    """Return a row for each error."""
    kinds = sorted(errors.DragomanError.__subclasses__(), key=lambda kind: kind.code)
    rows = [
        [str(kind.code), f"`{kind.name}`", str(kind.http_status), "yes" if kind.retryable else ""]
        for kind in kinds
    ]
    return _table(["code", "name", "HTTP", "may succeed later"], rows)


TABLES: Mapping[str, Callable[[], str]] = {
    "methods": methods,
    "events": events,
    "errors": error_codes,
}


def renewed(text: str) -> str:
    """Return *text* with what stands between its table marks written anew."""
    return _SECTION.sub(lambda found: found[1] + TABLES[found[2]]() + found[3], text)


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


if __name__ == "__main__":  # pragma: no cover
    page = Path(sys.argv[1])
    page.write_text(renewed(page.read_text(encoding="utf-8")), encoding="utf-8")
