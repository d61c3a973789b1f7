"""The same request twice makes one thing (protocol.md: idempotency_key)."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from typing import Any
from weakref import WeakValueDictionary

import msgspec

from signalling.core.effects import Key, Tell
from signalling.core.profile import AlreadyAnswered, Answer, Remember
from signalling.engine import Engine
from signalling.errors import Conflict
from signalling.service.call import Caller

_encode = msgspec.json.Encoder(order="deterministic").encode

# What to commit beside a creation, given the id of what it creates.
Remembering = Callable[[str], tuple[Tell, ...]]


class Idempotency:
    """Lets a creation happen once for each key; the key counts within (app, user, method).

    Repeats that come at once wait for the first here, so that they cost nothing; between
    processes the commit decides. The body is compared by its SHA-256.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._busy: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def once(
        self,
        caller: Caller,
        method: str,
        params: Any,
        create: Callable[[Remembering], Awaitable[str]],
    ) -> str:
        """Return the id that *create* made, or that the same request made before."""
        if params.idempotency_key is None:
            return await create(lambda _: ())
        digest = _digest(msgspec.structs.replace(params, idempotency_key=None))
        scope = f"{caller.address}\n{caller.app}\n{method}\n{params.idempotency_key}"
        answer = Key("answer", hashlib.sha256(scope.encode()).hexdigest()[:40])
        lock = self._busy.setdefault(f"{caller.marketplace} {answer.id}", asyncio.Lock())
        async with lock:
            before: Answer | None
            (before,) = await self.engine.read(caller.marketplace, answer)
            if before is not None:
                if before.digest != digest:
                    raise Conflict(
                        "this idempotency key came with another body", path="idempotency_key"
                    )
                return before.created
            try:
                return await create(lambda made: (Tell(answer, Remember(digest, made)),))
            except AlreadyAnswered as meanwhile:
                return meanwhile.created


def _digest(body: Any) -> str:
    return hashlib.sha256(_encode(body)).hexdigest()
