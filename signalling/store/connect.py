"""Clients of the two kinds of store: one server, or a Cluster."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from redis import exceptions as redis_errors
from redis.asyncio import BlockingConnectionPool, Redis, RedisCluster
from redis.asyncio.connection import AbstractConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from signalling.errors import Unavailable

Client = Redis | RedisCluster

# What a server says when it cannot serve now, whatever the request.
_NOT_NOW = re.compile(
    r"(MISCONF|NOREPLICAS|LOADING|CLUSTERDOWN|MASTERDOWN|READONLY|OOM|UNBLOCKED|BUSY)\b"
)
LOST = (
    redis_errors.ConnectionError,
    redis_errors.TimeoutError,
    redis_errors.ClusterError,
    redis_errors.RedisClusterException,
    redis_errors.OutOfMemoryError,
    redis_errors.ReadOnlyError,
    redis_errors.TryAgainError,
    redis_errors.AskError,
    OSError,
)


class StoreUnavailable(Unavailable):
    """The store did not answer: whether the request took effect is unknown."""


@contextmanager
def translated() -> Iterator[None]:
    """Turn a client's errors about connections and servers into `StoreUnavailable`."""
    try:
        yield
    except LOST as error:
        raise StoreUnavailable("the store does not answer") from error
    except redis_errors.ResponseError as error:
        if _NOT_NOW.match(str(error)):
            raise StoreUnavailable("the store cannot serve now") from error
        raise


def open_client(url: str, connections: int, timeout_s: float) -> Client:
    """Make a client that never sends a command twice: a script sent twice runs twice.

    `redis+cluster://` (or `rediss+cluster://`) names any node of a Cluster; `unix://`, `redis://`
    and `rediss://` name one server.
    """
    never = Retry(NoBackoff(), 0)
    if url.startswith(("redis+cluster://", "rediss+cluster://")):
        return RedisCluster.from_url(
            url.replace("+cluster", "", 1),
            max_connections=connections,
            retry=never,
            socket_timeout=timeout_s,
            socket_connect_timeout=timeout_s,
            protocol=2,
        )
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=connections,
        timeout=timeout_s,
        retry=never,
        socket_timeout=timeout_s,
        socket_connect_timeout=timeout_s,
        protocol=2,
    )
    return Redis.from_pool(pool)


def owner_of(client: Client, name: str) -> str:
    """Return the address of the server that serves a key or channel ("" when there is one)."""
    if isinstance(client, Redis):
        return ""
    with translated():
        node = client.get_node_from_key(name)
    if node is None:
        raise StoreUnavailable("no server of the Cluster serves this key now")
    return str(node.name)


def connection_to(client: Client, address: str) -> AbstractConnection:
    """Make a connection of its own, outside the pool, not yet opened."""
    if isinstance(client, Redis):
        pool = client.connection_pool
        return pool.connection_class(**pool.connection_kwargs)
    node = client.get_node(node_name=address)
    if node is None:
        raise StoreUnavailable(f"{address} has left the Cluster")
    return node.connection_class(**node.connection_kwargs)


async def refresh_topology(client: Client) -> None:
    """Ask a Cluster again which server serves what."""
    if isinstance(client, RedisCluster):
        with translated():
            await client.nodes_manager.initialize()
