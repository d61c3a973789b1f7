"""Imports point inward; core reaches for no I/O, clock or chance. Each check is shown to bite."""

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CORE = ROOT / "signalling" / "core"
PURE = {
    "__future__",
    "collections",
    "math",
    "enum",
    "functools",
    "typing",
    "msgspec",  # its structs: what it encodes, others write
    "signalling.core",
    "signalling.errors",
}
CLOCKS = {"now", "today", "utcnow"}


def breaches(source: str, *, may_know_dates: bool = False) -> set[str]:
    """Return what a file of core reaches for: impure modules, coroutines, clocks."""
    allowed = PURE | ({"datetime"} if may_know_dates else set())
    found = set()
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                found |= {a.name for a in names if not _within(a.name, allowed)}
            case ast.ImportFrom(module=module, level=level):
                name = module if level == 0 and module else "." * level
                found |= set() if _within(name, allowed) else {name}
            case ast.AsyncFunctionDef() | ast.Await() | ast.AsyncFor() | ast.AsyncWith():
                found.add("async")
            case ast.Attribute(attr=attr) if attr in CLOCKS:
                found.add(attr)
            case ast.Name(id="__import__" | "open" | "input" | "print" as name):
                found.add(name)
    return found


def _within(name: str, allowed: set[str]) -> bool:
    return any(name == a or name.startswith(f"{a}.") for a in allowed)


def test_core_is_pure() -> None:
    """Errors, itself, structs, the pure part of the standard library; dates in times.py alone."""
    found = {
        p.name: breaches(p.read_text(), may_know_dates=p.name == "times.py")
        for p in CORE.glob("**/*.py")
    }

    assert {name: what for name, what in found.items() if what} == {}
    assert len(found) > 10


BITES = [
    ("import time", {"time"}),
    ("import os.path", {"os.path"}),
    ("from random import choice", {"random"}),
    ("from datetime import datetime", {"datetime"}),
    ("from signalling.store import keys", {"signalling.store"}),
    ("import signalling.corex", {"signalling.corex"}),
    ("from signalling import engine", {"signalling"}),
    ("from . import slot", {"."}),
    ("async def f(): ...", {"async"}),
    ("def f(clock): return clock.now()", {"now"}),
    ("__import__('time')", {"__import__"}),
    ("from signalling.core import events\nfrom msgspec import Struct", set()),
]


@pytest.mark.parametrize(("source", "want"), BITES)
def test_the_check_bites(source: str, want: set[str]) -> None:
    assert breaches(source) == want


def test_only_times_may_know_dates() -> None:
    assert breaches("from datetime import UTC, datetime", may_know_dates=True) == set()


def lint(root: Path) -> subprocess.CompletedProcess[str]:
    """Hold the packages under *root* against the contracts of its pyproject.toml."""
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"]
    return subprocess.run(
        [*command, "--no-cache"], cwd=root, capture_output=True, text=True, timeout=60, check=False
    )


def test_the_contracts_hold() -> None:
    result = lint(ROOT)

    assert result.returncode == 0, result.stdout
    assert "0 broken" in result.stdout


# A file, the import planted in it, and the contract that it breaks.
PLANTED = [
    ("matching/__init__.py", "import signalling.errors", "matching is a library"),
    ("signalling/web/server.py", "import matching.types", "matching is known to those who"),
    ("signalling/core/slot.py", "import signalling.store", "core is pure"),
    ("signalling/store/__init__.py", "import signalling.media", "store and media never import"),
    ("signalling/service/__init__.py", "import signalling.app", "nobody imports app"),
    ("signalling/errors.py", "import signalling.core", "imports point inward"),
    ("signalling/engine.py", "import signalling.dispatcher", "imports point inward"),
    ("signalling/market.py", "import signalling.snapshots", "imports point inward"),
]


@pytest.mark.parametrize(("path", "planted", "contract"), PLANTED)
def test_the_contracts_bite(tmp_path: Path, path: str, planted: str, contract: str) -> None:
    """A planted import in a copy of the tree breaks the contract that forbids it."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for package in ("signalling", "matching"):
        ignored = shutil.ignore_patterns("__pycache__", "pages", "*.lua")
        shutil.copytree(ROOT / package, tmp_path / package, ignore=ignored)
    file = tmp_path / path
    file.write_text(f"{file.read_text()}\n{planted}\n")

    result = lint(tmp_path)

    broken = [line for line in result.stdout.splitlines() if line.endswith("BROKEN")]
    assert result.returncode == 1, result.stdout
    assert any(line.startswith(contract) for line in broken), broken
