"""Whether a store is fit to be used."""

from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from signalling.store.connect import StoreUnavailable, translated
from signalling.store.store import Store


async def problems(store: Store) -> list[str]:
    """Return what speaks against this store, a sentence each; empty when it is ready."""
    try:
        await store.command("PING")
        infos = await _infos(store)
    except (StoreUnavailable, RedisError, OSError) as error:
        return [f"The store does not answer: {error}."]
    return [sentence for name, info in infos.items() for sentence in _sentences(name, info)]


async def _infos(store: Store) -> dict[str, dict[str, Any]]:
    """Return what each server that takes writes says of itself, by its name."""
    if isinstance(store.client, Redis):
        return {"The store": await store.command("INFO")}
    with translated():
        nodes = store.client.get_primaries()
        return {f"Store {node.name}": await store.client.info(target_nodes=node) for node in nodes}


def _sentences(name: str, info: dict[str, Any]) -> list[str]:
    found = []
    policy = info.get("maxmemory_policy")
    if policy != "noeviction":
        found.append(f"{name} may evict what must be kept: set maxmemory-policy to noeviction.")
    if int(info.get("aof_enabled", 0)) != 1:
        found.append(f"{name} keeps nothing over a restart: set appendonly to yes.")
    if info.get("role") != "master":
        found.append(f"{name} is a replica, which takes no writes.")
    return found
