"""A mapping that unpacks what it holds."""

import pytest

from signalling.kept import Kept


def test_a_mapping_of_bodies() -> None:
    kept = Kept(int)
    kept.bodies.update({"a": b"1", "b": b"2"})
    assert kept == {"a": 1, "b": 2}
    assert (len(kept), "a" in kept, "c" in kept, kept.get("c")) == (2, True, False, None)
    with pytest.raises(KeyError):
        kept["c"]


def test_what_it_cannot_read() -> None:
    kept = Kept(int)
    kept.bodies["a"] = b"x"
    assert "a" in kept
    with pytest.raises(ValueError, match="invalid literal"):
        kept["a"]
