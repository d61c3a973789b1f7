"""The types of the browser's client: current, and of what there is."""

import re
from pathlib import Path

import pytest

from signalling.protocol import typescript as ts
from signalling.protocol.registry import EVENTS, METHODS
from signalling.web.assets import DIRECTORY

WRITTEN = (DIRECTORY / "client.d.ts").read_text(encoding="utf-8")


def test_the_file_is_current(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Renew it with `python -m signalling.protocol.typescript signalling/web/pages/client.d.ts`."""
    made = tmp_path / "client.d.ts"
    monkeypatch.setattr("sys.argv", ["typescript", str(made)])
    ts.main()
    assert made.read_text(encoding="utf-8") == WRITTEN


def test_every_method_and_event_is_there() -> None:
    for name in METHODS:
        assert f"'{name}': {{ params: " in WRITTEN
    for name in EVENTS:
        assert f"    '{name}': " in WRITTEN


def test_every_type_that_is_named_is_declared() -> None:
    inside = WRITTEN.partition("export namespace protocol")[2]
    code = re.sub(r"/\*\*.*?\*/", "", inside)
    named = set(re.findall(r"[:|(<] *\(?([A-Z]\w+)", code)) - {"Record"}
    assert named <= set(re.findall(r"interface (\w+)", code))


def test_what_schemas_become() -> None:
    """Absent members are optional, sections of unions in lists are kept together."""
    assert "participant: string;\n" in WRITTEN
    assert re.search(r"carrier\?: Carrier \| null;", WRITTEN)
    assert re.search(r"modes: \('audio' \| 'onsite' \| 'video'\)\[\];", WRITTEN)
    assert re.search(r"excluded: Record<string, number>;", WRITTEN)


API = {
    "client.js": ("Client", ("join", "checkDevice")),
    "session.js": ("Client", ("open", "call", "refresh", "close")),
    "meeting.js": ("Meeting", ("mute", "camera", "useStream", "useDevice", "leave", "stats")),
    "requests.js": (
        "Meeting",
        ("say", "admit", "remove", "lock", "invite", "record", "consent", "end"),
    ),
}


@pytest.mark.parametrize("module", API)
def test_what_is_declared_is_written(module: str) -> None:
    kind, methods = API[module]
    source = (DIRECTORY / module).read_text(encoding="utf-8")
    declared = WRITTEN.partition(f"export class {kind} {{")[2].partition("\n}\n")[0]
    for method in methods:
        assert re.search(rf"^  (async )?{method}\(", source, re.MULTILINE), method
        assert re.search(rf"^  {method}[(<]", declared, re.MULTILINE), method
