"""The policies of apps, remembered until one changes: they are asked for at every request."""

from collections.abc import Awaitable, Callable
from typing import Final

from signalling.core.policy import Policy

MOST: Final = 10_000


class Policies:
    """Remembers what *find* says of an app; whoever owns this calls `forget` when one changes."""

    def __init__(self, find: Callable[[str], Awaitable[Policy]]) -> None:
        self._find = find
        self._known: dict[str, Policy] = {}
        self._changes = 0

    async def of(self, app: str) -> Policy:
        """Return the policy in force for an app."""
        known = self._known.get(app)
        if known is not None:
            return known
        changes = self._changes
        policy = await self._find(app)
        if changes == self._changes and len(self._known) < MOST:  # or it may be older than that
            self._known[app] = policy
        return policy

    def forget(self) -> None:
        """Ask anew from now on: some policy has changed, or may have, unheard."""
        self._changes += 1
        self._known.clear()
