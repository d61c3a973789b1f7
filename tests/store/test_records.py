from collections.abc import Mapping
from enum import StrEnum
from typing import Any, ClassVar

import msgpack
import msgspec
import pytest
from msgspec import field
from msgspec.structs import replace

from signalling.core.profile import MatchDecision
from signalling.errors import Unavailable
from signalling.store.records import pack, unpack


class Colour(StrEnum):
    RED = "red"


class Part(msgspec.Struct, frozen=True):
    id: str
    size: int = 0


class Whole(msgspec.Struct, frozen=True):
    schema: ClassVar[int] = 2
    id: str
    colour: Colour = Colour.RED
    main: Part | None = None
    parts: tuple[Part, ...] = ()
    named: Mapping[str, Part] = field(default_factory=dict)
    tags: frozenset[str] = frozenset()
    counts: Mapping[str, int] = field(default_factory=dict)
    raw: bytes = b""


WHOLE = Whole(
    "w",
    main=Part("m", 1),
    parts=(Part("a", 1), Part("b", 2)),
    named={"z": Part("x"), "n": Part("y")},
    tags=frozenset({"t", "s"}),
    counts={"one": 1, "two": 2},
    raw=b"\x00\xff",
)


def stored(**more: Any) -> bytes:
    body: bytes = msgpack.packb({**msgpack.unpackb(pack(WHOLE, 2)), **more})
    return body


def test_there_and_back() -> None:
    """A record is what it was, and its body names its schema."""
    assert unpack(Whole, pack(WHOLE, 2))[0] == WHOLE
    assert msgpack.unpackb(pack(WHOLE, 2))["schema"] == 2


def test_it_is_what_msgpack_writes() -> None:
    """The faster way of writing gives the same bytes as the codec of the store, sizes and all."""
    many = {str(n): n * 10**n for n in range(18)}
    for record in (WHOLE, Whole("long" * 100, counts=many), Whole("", raw=bytes(300))):
        built = msgspec.to_builtins(record, builtin_types=(bytes,))
        assert pack(record, 2) == msgpack.packb({**built, "schema": 2})


def test_unknown_fields_stay() -> None:
    """An older node's rewrite keeps what a newer one wrote, at every depth."""
    body = stored(
        new=1,
        main={"id": "m", "size": 1, "new": 2},
        parts=[{"id": "a", "size": 1, "new": 3}, {"id": "b", "size": 2, "new": 4}],
        named={"z": {"id": "x", "size": 0, "new": 5}, "n": {"id": "y", "size": 0}},
    )
    record, base = unpack(Whole, body)
    changed = replace(record, parts=(Part("b", 20), Part("c", 30)), main=Part("m", 10))
    after = msgpack.unpackb(pack(changed, 2, base))

    assert after["new"] == 1
    assert after["main"] == {"id": "m", "size": 10, "new": 2}
    assert after["parts"] == [{"id": "b", "size": 20, "new": 4}, {"id": "c", "size": 30}]
    assert after["named"]["z"] == {"id": "x", "size": 0, "new": 5}
    assert unpack(Whole, pack(record, 2, base))[0] == record


@pytest.mark.parametrize(
    "more",
    [
        {"new": 1},
        {"main": {"id": "m", "size": 1, "new": 1}},
        {"named": {"z": {"id": "x", "size": 0, "new": 1}, "n": {"id": "y", "size": 0}}},
    ],
)
def test_strange_is_what_the_type_does_not_have(more: dict[str, Any]) -> None:
    _, base = unpack(Whole, stored(**more))
    assert base.plain is None  # nobody has looked
    pack(WHOLE, 2, base)
    assert base.plain is False


@pytest.mark.parametrize("tags", [["s", "t"], ["t", "s"]])
def test_plain_is_what_holds_nothing_strange(tags: list[str]) -> None:
    """A set is what it is in any order: which one is a matter of the process's hashes."""
    _, base = unpack(Whole, stored(tags=tags))
    body = pack(WHOLE, 2, base)
    assert base.plain
    assert unpack(Whole, body, plain=True)[1].plain


def test_plain_is_what_older_nodes_wrote() -> None:
    _, base = unpack(Whole, msgpack.packb({"id": "w", "schema": 1}))
    pack(Whole("w"), 2, base)
    assert base.plain


def test_what_was_removed_is_gone() -> None:
    """An entry taken out of a plain map does not come back from the base."""
    record, base = unpack(Whole, stored())
    after = msgpack.unpackb(pack(replace(record, counts={"two": 3}, main=None, parts=()), 2, base))

    assert after["counts"] == {"two": 3}
    assert after["main"] is None
    assert after["parts"] == []


def test_older_body() -> None:
    """A field that an older node did not write takes its default."""
    assert unpack(Whole, msgpack.packb({"id": "w", "schema": 1}))[0] == Whole("w")


def test_newer_schema_is_refused() -> None:
    """A record whose schema is newer is left to nodes that know it."""
    with pytest.raises(Unavailable, match="needs a newer node"):
        unpack(Whole, stored(schema=3))


def test_a_large_kind_is_kept_squeezed_and_read_as_it_was() -> None:
    decision = MatchDecision({"online": {"excluded": [0, 3, 0] * 5_000}, "id": "de-1"})
    body = pack(decision, MatchDecision.schema)
    assert len(body) < 2_000
    read, base = unpack(MatchDecision, body)
    assert read == decision
    strange = msgpack.packb({**msgpack.unpackb(base.body), "of_tomorrow": 1})
    again = pack(decision, MatchDecision.schema, unpack(MatchDecision, strange)[1])
    assert msgpack.unpackb(unpack(MatchDecision, again)[1].body)["of_tomorrow"] == 1


def test_a_decision_of_before_is_read_too() -> None:
    plain = msgpack.packb({"schema": 1, "body": {"id": "de-1"}})
    assert unpack(MatchDecision, plain)[0] == MatchDecision({"id": "de-1"})
