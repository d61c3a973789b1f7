from signalling.store.recent import LARGE, Recent


def test_remembers_the_latest() -> None:
    """A later version replaces an earlier one, never the other way round."""
    recent = Recent()
    recent.put("a", 2, b"two")
    recent.put("a", 1, b"one")
    recent.put("b", 3, None)

    assert recent.get("a") == (2, b"two", None)
    assert recent.get("b") == (3, None, None)
    assert recent.get("c") is None


def test_remembers_whether_it_is_plain() -> None:
    recent = Recent()
    recent.put("a", 1, b"one", plain=True)
    assert recent.get("a") == (1, b"one", True)


def test_forgets() -> None:
    recent = Recent()
    recent.put("a", 1, b"x")
    recent.forget("a")
    recent.forget("never")

    assert recent.get("a") is None


def test_is_bounded() -> None:
    """The longest unused goes first, and what is replaced counts once."""
    recent = Recent(most_bytes=10)
    for version in range(1, 5):
        recent.put("a", version, b"1234")
    recent.put("b", 1, b"1234")
    recent.get("a")
    recent.put("c", 1, b"1234")

    assert recent.get("b") is None
    assert recent.get("a") == (4, b"1234", None)
    assert recent.get("c") == (1, b"1234", None)


def test_names_count_where_there_is_nothing_else() -> None:
    """Of records that are not there as many are remembered as fit, too."""
    recent = Recent(most_bytes=10)
    for name in ("abcd", "efgh", "ijkl"):
        recent.put(name, 0, None)

    assert recent.get("abcd") is None
    assert recent.get("ijkl") == (0, None, None)


def test_what_is_large_puts_nothing_else_out() -> None:
    """Nor is it remembered as it was before."""
    recent = Recent(most_bytes=2 * LARGE)
    recent.put("a", 1, b"small")
    recent.put("b", 1, b"small")
    for version in range(2, 5):
        recent.put("b", version, bytes(LARGE + 1))
    assert recent.get("a") == (1, b"small", None)
    assert recent.get("b") is None
    recent.put("b", 5, bytes(LARGE))
    assert recent.get("b") == (5, bytes(LARGE), None)
