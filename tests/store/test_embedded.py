import asyncio
import fcntl
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from signalling.store.commit import Batch, Write
from signalling.store.embedded import (
    DataDirInUse,
    DataDirUnusable,
    Embedded,
    attach,
    socket_of,
)
from signalling.store.keys import Keys
from signalling.store.store import Store

KEYS = Keys("no")
# Owns a store and writes records one after another, telling of each once it is acknowledged.
WRITER = """
import asyncio, pathlib, sys
from signalling.store.commit import Batch, Write
from signalling.store.embedded import Embedded
from signalling.store.keys import Keys
from signalling.store.store import Store

async def main():
    async with Embedded(pathlib.Path(sys.argv[1])) as own, Store(own.url) as store:
        print("pid", own.pid, flush=True)
        for n in range(1_000_000):
            key = Keys("no").record("meeting", str(n))
            await store.commit("no", Batch(writes=(Write(key, 0, b"x"),)))
            print(n, flush=True)

asyncio.run(main())
"""


def free(data: Path) -> bool:
    """Say whether no Valkey lives in *data* (a zombie still has its pid, but no lock)."""
    with (data / "valkey" / "lock").open("r+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def mode(path: Path) -> int | None:
    return stat.S_IMODE(path.stat().st_mode) if path.exists() else None


async def write(url: str, id_: str) -> None:
    async with Store(url) as store:
        batch = Batch(writes=(Write(KEYS.record("meeting", id_), 0, b"x"),))
        assert await store.commit("no", batch) is not None


async def read(url: str, *ids: str) -> list[tuple[int, bytes | None]]:
    async with Store(url) as store:
        return await store.load([KEYS.record("meeting", id_) for id_ in ids])


async def test_kept_over_a_restart(tmp_path: Path) -> None:
    """What was written is there after a clean restart; nothing of the process is left between."""
    data = tmp_path / "deep" / "data"
    async with Embedded(data) as own:
        assert mode(data) == 0o700
        socket = Path(own.url.removeprefix("unix://"))
        assert mode(socket.parent) == 0o700
        assert mode(socket) == 0o700
        await write(own.url, "1")
        assert not free(data)
    assert free(data)
    assert mode(socket.parent) is None
    assert socket_of(data) is None

    async with Embedded(data) as own:
        assert await read(own.url, "1") == [(1, b"x")]


async def test_locked(tmp_path: Path) -> None:
    """A second server is refused, with the first one's process named."""
    async with Embedded(tmp_path):
        with pytest.raises(DataDirInUse, match=f"process {os.getpid()}"):
            Embedded(tmp_path).start()


async def test_long_path(tmp_path: Path) -> None:
    """A data directory deeper than a socket path may be works all the same."""
    async with Embedded(tmp_path / ("d" * 120)) as own:
        assert len(own.url) < 107
        await write(own.url, "1")


@pytest.mark.parametrize("both", [False, True], ids=["server", "server and Valkey"])
async def test_sigkill(tmp_path: Path, both: bool) -> None:
    """After SIGKILL of the server, or of its Valkey too, all that was acknowledged is there."""
    writer = subprocess.Popen(  # noqa: ASYNC220 - nothing else runs
        [sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    with writer:
        assert writer.stdout is not None
        pid = int(writer.stdout.readline().split()[1])
        acknowledged = [writer.stdout.readline() for _ in range(50)]
        writer.kill()
        if both:
            os.kill(pid, signal.SIGKILL)
        acknowledged += writer.stdout.readlines()
    ids = [line.strip() for line in acknowledged if line.endswith("\n")]

    async with Embedded(tmp_path) as own:
        assert (own.pid == pid) != both
        assert set(await read(own.url, *ids)) == {(1, b"x")}
    assert free(tmp_path)


async def test_silent_left_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A left-over Valkey that does not answer is refused, and not killed."""
    monkeypatch.setattr("signalling.store.embedded.START_S", 0.1)
    monkeypatch.setattr("signalling.store.embedded.STOP_S", 0.1)
    async with Embedded(tmp_path) as own:
        os.kill(own.pid, signal.SIGSTOP)
        (tmp_path / "lock").unlink()  # as if its parent had gone
        try:
            with pytest.raises(DataDirInUse, match="left behind"):
                Embedded(tmp_path).start()
        finally:
            os.kill(own.pid, signal.SIGCONT)
        monkeypatch.undo()
        assert await read(own.url, "1") == [(0, None)]


async def test_broken_file(tmp_path: Path) -> None:
    """A Valkey that cannot read its files is said not to start, and where to look."""
    async with Embedded(tmp_path) as own:
        await write(own.url, "1")
    for manifest in (tmp_path / "valkey" / "appendonlydir").glob("*.manifest"):
        manifest.write_text("nonsense\n")
    with pytest.raises(DataDirUnusable, match=r"valkey\.log says why"):
        Embedded(tmp_path).start()
    assert free(tmp_path)


async def test_file_in_the_way(tmp_path: Path) -> None:
    """A path that is no directory is refused with a sentence."""
    (tmp_path / "data").write_text("")
    with pytest.raises(DataDirUnusable, match="cannot be used"):
        Embedded(tmp_path / "data").start()


def test_unwritable(tmp_path: Path) -> None:
    """A directory that this user may not write is refused with a sentence."""
    if os.getuid() != 0:
        pytest.skip("changes the user, which only root may")
    code = (
        "import os, sys; from pathlib import Path\n"
        "from signalling.store.embedded import Embedded, DataDirUnusable\n"
        "os.setuid(65534)\n"
        "try: Embedded(Path(sys.argv[1])).start()\n"
        "except DataDirUnusable as error: print(error.detail)\n"
    )
    for parent in (tmp_path, *tmp_path.parents[:2]):
        parent.chmod(0o755)
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == (f"{tmp_path} cannot be used: Permission denied\n", "")


async def test_attach_alone(tmp_path: Path) -> None:
    """Without a server the store is started for the moment."""
    async with attach(tmp_path) as url:
        await write(url, "1")
    async with Embedded(tmp_path) as own:
        assert await read(own.url, "1") == [(1, b"x")]


async def test_attach_to_a_server(tmp_path: Path) -> None:
    """With a server its store is used, and left running."""
    async with Embedded(tmp_path) as own:
        async with attach(tmp_path) as url:
            assert url == own.url
            await write(url, "1")
        assert await read(own.url, "1") == [(1, b"x")]


async def test_server_waits_for_a_visitor(tmp_path: Path) -> None:
    """A server that starts while the command line is at work starts after it."""
    server = Embedded(tmp_path)
    async with attach(tmp_path) as url:
        await write(url, "1")
        starting = asyncio.create_task(asyncio.to_thread(server.start))
    await starting
    try:
        assert await read(server.url, "1") == [(1, b"x")]
    finally:
        await asyncio.to_thread(server.stop)


def test_no_orphan(tmp_path: Path) -> None:
    """A process that ends without stopping its store leaves no Valkey behind."""
    code = (
        "import sys; from pathlib import Path\n"
        "from signalling.store.embedded import Embedded\n"
        "own = Embedded(Path(sys.argv[1])); own.start()\n"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True)
    assert free(tmp_path)
