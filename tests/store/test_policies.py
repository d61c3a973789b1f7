"""Policies are remembered until one changes."""

from collections.abc import Callable

import pytest

from signalling.core.policy import Policy
from signalling.store import policies as module
from signalling.store.policies import Policies

RELAYED = Policy(topology="relay")


class Registry:
    """Counts how often it is asked; *meanwhile* happens while it answers."""

    def __init__(self) -> None:
        self.policy = Policy()
        self.asked = 0
        self.meanwhile: Callable[[], None] = lambda: None

    async def find(self, _: str) -> Policy:
        self.asked += 1
        found = self.policy
        self.meanwhile()
        return found


async def test_it_asks_once_until_something_changes() -> None:
    registry = Registry()
    policies = Policies(registry.find)
    for _ in range(3):
        assert await policies.of("a") == Policy()
    assert registry.asked == 1
    registry.policy = RELAYED
    policies.forget()
    assert await policies.of("a") == RELAYED
    assert registry.asked == 2


async def test_what_changed_while_it_was_read_is_not_remembered() -> None:
    registry = Registry()
    policies = Policies(registry.find)

    def change() -> None:
        registry.policy = RELAYED
        registry.meanwhile = lambda: None
        policies.forget()

    registry.meanwhile = change
    assert await policies.of("a") == Policy()
    assert await policies.of("a") == RELAYED


async def test_it_does_not_grow_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 2)
    registry = Registry()
    policies = Policies(registry.find)
    for app in "abcabc":
        await policies.of(app)
    assert registry.asked == 4  # c, which found no room, each time
