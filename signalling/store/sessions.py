"""What it takes to resume a session. Tokens are kept as hashes only."""

import hashlib
import hmac

from signalling.store.keys import Keys
from signalling.store.store import Script, Store, Value

SAVE = Script("session")


class Sessions:
    """The resumable sessions of one marketplace."""

    def __init__(self, store: Store, marketplace: str) -> None:
        self._store = store
        self._keys = Keys(marketplace)

    async def save(
        self,
        session: str,
        token: str,
        body: bytes,
        ttl_ms: int,
        *,
        replaces: str | None = None,
        node: str | None = None,
    ) -> bool:
        """Keep a session under *token* for *ttl_ms*.

        With *replaces*, only if that is its token now: of two who resume with one token, one
        gets True. With *node*, which holds its lease, others find it should that node die.
        """
        expected = "" if replaces is None else _hash(replaces)
        keys = [self._keys.session(session)]
        args: list[Value] = [expected, _hash(token), body, ttl_ms]
        if node is not None:
            keys.append(self._keys.node_sessions(node))
            args.append(session)
        return bool(await self._store.run(SAVE, keys, args))

    async def load(self, session: str, token: str) -> bytes | None:
        """Return the body; None when the session has expired or *token* is not its token."""
        saved, body = await self._store.command(
            "HMGET", self._keys.session(session), "token", "body"
        )
        if saved is None or not hmac.compare_digest(saved, _hash(token).encode()):
            return None
        return bytes(body)

    async def touch(self, session: str, ttl_ms: int) -> bool:
        """Keep a session for *ttl_ms* from now; False when it has expired."""
        return bool(await self._store.command("PEXPIRE", self._keys.session(session), ttl_ms))

    async def delete(self, session: str) -> None:
        await self._store.command("DEL", self._keys.session(session))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
