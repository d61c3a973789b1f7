"""docs/protocol.md tells the truth."""

from pathlib import Path

from signalling.protocol.markdown import error_codes, events, methods, renewed
from signalling.protocol.registry import EVENTS, METHODS

PAGE = Path(__file__).parents[2] / "docs" / "protocol.md"


def test_the_tables_are_as_generated() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert renewed(text) == text, "run: python -m signalling.protocol.markdown docs/protocol.md"
    for table in (methods(), events(), error_codes()):
        assert table in text


def test_a_row_for_each() -> None:
    assert methods().count("\n") == len(METHODS) + 2
    assert events().count("\n") == len(EVENTS) + 2
    assert "| `offer.accept` |  | yes |  |  |  | both | Take the assignment" in methods()
    assert "| 1010 | `unavailable` | 503 | yes |" in error_codes()


def test_stale_tables_are_renewed() -> None:
    old = "a\n<!-- table: events -->\nold\n<!-- end -->\nb"
    assert renewed(old) == f"a\n<!-- table: events -->\n{events()}<!-- end -->\nb"
