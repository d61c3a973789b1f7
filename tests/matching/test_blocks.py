"""What is read is what was written, whole, or it is refused."""

import io

import pytest

from matching import blocks
from matching.blocks import Writer, read
from matching.errors import InvalidSnapshot

MAGIC = b"magic\n"


def written(*contents: object) -> bytes:
    file = io.BytesIO()
    writer = Writer(file, MAGIC)
    for content in contents:
        writer.write("kind", content)
    writer.end()
    return file.getvalue()


def found(data: bytes) -> list[tuple[str, object]]:
    return list(read(io.BytesIO(data), MAGIC))


def test_there_and_back() -> None:
    contents = [{"a": [1, b"\0"]}, {2: None}, "x"]
    assert found(written(*contents)) == [
        ("kind", {"a": (1, b"\0")}),
        ("kind", {2: None}),
        ("kind", "x"),
    ]
    assert found(written()) == []


def test_one_behind_the_other() -> None:
    file = io.BytesIO(written(1) + written(2) + b"rest")
    assert list(read(file, MAGIC)) == [("kind", 1)]
    assert list(read(file, MAGIC)) == [("kind", 2)]
    assert file.read() == b"rest"


def test_every_byte_counts() -> None:
    """Cut anywhere, or with any byte changed, it is refused."""
    whole = written("one", "two")
    for at in range(len(whole)):
        changed = whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]
        for data in (whole[:at], changed):
            with pytest.raises(InvalidSnapshot):
                found(data)


def test_blocks_of_another_order() -> None:
    one, two, both = written("one"), written("two"), written("one", "two")
    swapped = both[:6] + two[6:-8] + one[6:-8] + both[-8:]
    assert len(swapped) == len(both)
    with pytest.raises(InvalidSnapshot, match="changed"):
        found(swapped)


def test_what_claims_too_much_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "LARGEST", 10)
    with pytest.raises(InvalidSnapshot, match="too long"):
        found(written("a longer text"))
