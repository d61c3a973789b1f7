"""A mapping that unpacks what it holds."""

import pytest

from signalling.kept import Kept


def test_a_mapping_of_bodies() -> None:
    kept = Kept(int)
    for id_, body in (("a", b"1"), ("b", b"3"), ("b", b"2"), ("c", b"4"), ("c", None), ("d", None)):
        kept.put(id_, body)
    assert kept == {"a": 1, "b": 2}
    assert (len(kept), "a" in kept, "c" in kept, kept.get("c")) == (2, True, False, None)
    with pytest.raises(KeyError):
        kept["c"]


def test_what_it_cannot_read() -> None:
    kept = Kept(int)
    kept.put("a", b"x")
    assert "a" in kept
    with pytest.raises(ValueError, match="invalid literal"):
        kept["a"]
