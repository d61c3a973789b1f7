"""The same request twice makes one thing (protocol.md: idempotency_key)."""

import hashlib
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from signalling.core.effects import Key, Tell
from signalling.core.events import Remember
from signalling.core.profile import AlreadyAnswered
from signalling.service.call import Caller

_encode = msgspec.json.Encoder(order="deterministic").encode


def remembrance(caller: Caller, method: str, params: Any, created: str) -> tuple[Tell, ...]:
    """Return what to commit beside a creation, if its params carry an idempotency key.

    The key counts within (app, user, method); the body is compared by its SHA-256.
    """
    key = params.idempotency_key
    if key is None:
        return ()
    body = _encode(msgspec.structs.replace(params, idempotency_key=None))
    scope = f"{caller.address}\n{caller.app}\n{method}\n{key}"
    name = hashlib.sha256(scope.encode()).hexdigest()[:40]
    return (Tell(Key("answer", name), Remember(hashlib.sha256(body).hexdigest(), created)),)


async def once(create: Callable[[], Awaitable[str]]) -> str:
    """Return the id that *create* made, or that the same request made before."""
    try:
        return await create()
    except AlreadyAnswered as before:
        return before.created
