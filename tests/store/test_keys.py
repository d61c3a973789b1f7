import pytest

from signalling.store.keys import Keys, marketplace_of, record_of

KEYS = Keys("no")


@pytest.mark.parametrize(
    ("name", "want"),
    [
        (KEYS.record("assignment", "x"), "{no}:assignment:x"),
        (KEYS.timers, "{no}:timers"),
        (KEYS.inbox("c:app:eva"), "{no}:inbox:c:app:eva"),
        (KEYS.epoch("i:ola"), "{no}:inbox:i:ola:epoch"),
        (KEYS.feed, "{no}:feed"),
        (KEYS.index("open"), "{no}:index:open"),
        (KEYS.log("presence:ola"), "{no}:log:presence:ola"),
        (KEYS.nodes, "{no}:nodes"),
        (KEYS.node_sessions("n1"), "{no}:node:n1:sessions"),
        (KEYS.session("s1"), "{no}:session:s1"),
        (KEYS.pending("m1", "p1"), "{no}:pending:m1:p1"),
        (KEYS.to("m1", "p1"), "{no}:to:m1:p1"),
        (KEYS.presence("ola"), "{no}:presence:ola"),
        (KEYS.summary, "{no}:summary"),
        (KEYS.work, "{no}:work"),
        (KEYS.hooks, "{no}:hooks"),
        (KEYS.untold, "{no}:untold"),
        (KEYS.lease("pl-no"), "{no}:lease:pl-no"),
        (KEYS.model("learnt-1"), "{no}:model:learnt-1"),
        (KEYS.current_model, "{no}:model"),
        (KEYS.models, "{no}:models"),
    ],
)
def test_name(name: str, want: str) -> None:
    """Every name is the one in docs/architecture.md, and leads back to its marketplace."""
    assert name == want
    assert marketplace_of(name) == "no"


@pytest.mark.parametrize("marketplace", ["", "NO", "a}b", "a:b", "a" * 41])
def test_bad_marketplace(marketplace: str) -> None:
    """A name that would move the hash tag is refused."""
    with pytest.raises(ValueError, match="marketplace"):
        Keys(marketplace)


def test_record_of() -> None:
    """A record's key gives its kind and id back."""
    assert record_of(KEYS.record("meeting", "a:b")) == ("meeting", "a:b")


@pytest.mark.parametrize("key", ["dragoman:apps", "{no}:", "{NO}:x"])
def test_foreign_key(key: str) -> None:
    """A key of no marketplace is refused."""
    with pytest.raises(ValueError, match="not a key"):
        marketplace_of(key)
