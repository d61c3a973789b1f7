"""The files of learnt models, and which of them ranks.

A version is named after its content, so a file never changes; none is removed, since decisions
that name it are replayed with it.
"""

from typing import NamedTuple

from signalling.errors import NotFound
from signalling.store.keys import Keys
from signalling.store.store import Script, Store

PROMOTE = Script("promote")


class Listed(NamedTuple):
    """A model's version, when it was put, ms since 1970, and whether it ranks now."""

    version: str
    put_ms: int
    current: bool


class ModelFiles:
    """The models of one marketplace. Who reads a file checks that it is what it says."""

    def __init__(self, store: Store, marketplace: str) -> None:
        self._store = store
        self._keys = Keys(marketplace)
        self.channel = self._keys.current_model  # tells the version that ranks from now on

    async def put(self, version: str, data: bytes) -> None:
        """Keep a file; the same again changes nothing, not even when it was put."""
        put_ms = await self._store.time_ms()
        # The file first: whatever is listed can be read.
        await self._store.command("SET", self._keys.model(version), data)
        await self._store.command("ZADD", self._keys.models, "NX", put_ms, version)

    async def read(self, version: str) -> bytes | None:
        """Return a file, None if there is none of that version."""
        found: bytes | None = await self._store.command("GET", self._keys.model(version))
        return found

    async def current(self) -> str | None:
        """Return the version that ranks now, None where the hand weights do."""
        found = await self._store.command("GET", self._keys.current_model)
        return None if found is None else found.decode()

    async def list(self) -> list[Listed]:
        """Return all versions, the one put last first."""
        current = await self.current()
        found = await self._store.command("ZREVRANGE", self._keys.models, 0, -1, "WITHSCORES")
        put = zip((v.decode() for v in found[::2]), map(float, found[1::2]), strict=True)
        return [Listed(version, int(at_ms), version == current) for version, at_ms in put]

    async def promote(self, version: str) -> None:
        """Let a version rank from now on; raise NotFound if it was never put."""
        if not version or not await self._set(version):  # "" would retire
            raise NotFound(f"there is no model {version}")

    async def retire(self) -> None:
        """Let the hand weights rank alone."""
        await self._set("")

    async def _set(self, version: str) -> bool:
        keys = [self._keys.current_model, self._keys.model(version)]
        return bool(await self._store.run(PROMOTE, keys, [version]))
