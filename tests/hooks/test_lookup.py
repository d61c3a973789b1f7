import asyncio
import socket
import threading

import pytest

from signalling.errors import InvalidParams
from signalling.hooks import lookup as module
from signalling.hooks.lookup import Lookup
from signalling.hooks.places import Places


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "2130706433", "0x7f.1", "0177.0.0.1", "localhost", "[::1]"]
)
async def test_odd_ways_to_write_this_machine(host: str) -> None:
    """The system reads numbers as it always has; what they stand for is what counts."""
    names = Lookup()
    with pytest.raises(InvalidParams, match="no public address"):
        await Places().check(f"https://{host}/in", names)
    await names.close()


async def test_a_host_that_is_slow_keeps_one_thread_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many wait for it; who gives up leaves the others waiting, and nothing behind."""
    answer, asked = threading.Event(), 0

    def slow(*_: object) -> module.Infos:
        nonlocal asked
        asked += 1
        answer.wait(10)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", 443))]

    monkeypatch.setattr(module, "_addresses", slow)
    names = Lookup()
    first, second = (asyncio.create_task(names.resolve("slow.example", 443)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    answer.set()
    assert [found["host"] for found in await second] == ["192.0.2.1"]
    assert asked == 1
    await names.resolve("slow.example", 443)
    assert asked == 2
    await names.close()


async def test_hosts_that_cannot_be() -> None:
    names = Lookup()
    for host in ("a" * 70 + ".example", "nobody.invalid"):
        with pytest.raises(OSError, match=r".+"):
            await names.resolve(host, 443)
    await names.close()
