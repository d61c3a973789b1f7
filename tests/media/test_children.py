"""The harness itself: it starts what it says, unprivileged, and leaves nothing behind."""

import os
import select
import socket
import subprocess
import sys
from pathlib import Path

import aiohttp
import pytest

from tests.media import children
from tests.media.children import Child, JanusChild, TurnChild, free_port, janus_running


def owner(pid: int) -> int:
    return Path(f"/proc/{pid}").stat().st_uid


async def test_a_janus_answers_and_is_started_again_on_its_port() -> None:
    with janus_running() as janus:
        for _ in range(2):
            async with (
                aiohttp.ClientSession() as http,
                http.ws_connect(janus.url, protocols=["janus-protocol"]) as ws,
            ):
                await ws.send_json({"janus": "info", "transaction": "t"})
                answer = await ws.receive_json(timeout=5)
            assert "janus.plugin.videoroom" in answer["plugins"]
            janus.kill()
            janus.start()
        folder = janus.folder
    assert not folder.exists()


def test_children_are_nobody_when_we_are_root(janus: JanusChild, turn: TurnChild) -> None:
    for child in (janus, turn):
        assert owner(child.pid) != 0
        assert child.folder.stat().st_mode & 0o077 == 0


def test_a_coturn_listens_for_both_transports(turn: TurnChild) -> None:
    with socket.create_connection(("127.0.0.1", turn.port), timeout=5):
        pass
    binding = bytes.fromhex("000100002112a442") + os.urandom(12)  # RFC 8489, section 5
    with socket.socket(type=socket.SOCK_DGRAM) as udp:
        udp.settimeout(5)
        udp.sendto(binding, ("127.0.0.1", turn.port))
        answer = udp.recv(1500)
    assert answer[:2] == b"\x01\x01"
    assert answer[8:20] == binding[8:]


def test_a_missing_program_is_named_with_its_package(tmp_path: Path) -> None:
    child = Child(tmp_path, "some-package", ("no-such-program",))
    with pytest.raises(AssertionError, match=r"no-such-program is missing.*some-package"):
        child.start()


def test_what_does_not_get_ready_is_ended_and_its_words_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(children, "READY_S", 0.2)
    child = Child(tmp_path, "coreutils", ("sleep", "60"))
    child.ready = ("never",)
    with pytest.raises(AssertionError, match="never"):
        child.start()
    with pytest.raises(AssertionError, match="does not run"):
        _ = child.pid


def test_a_child_ends_with_its_parent(tmp_path: Path) -> None:
    source = f"""
import os, pathlib
from tests.media.children import Child
child = Child(pathlib.Path({str(tmp_path)!r}), "coreutils", ("sleep", "60"))
child.start()
while pathlib.Path(f"/proc/{{child.pid}}/comm").read_text() != "sleep\\n":
    os.sched_yield()  # who drops root for it asks to end with us last of all
print(child.pid, flush=True)
os.kill(os.getpid(), 9)
"""
    parent = subprocess.run([sys.executable, "-c", source], capture_output=True, check=False)
    pid = int(parent.stdout)
    try:
        ended = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    with os.fdopen(ended) as handle:
        assert select.select([handle], [], [], 10)[0]


def test_free_ports_are_not_the_kernels_to_give() -> None:
    lowest = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    assert 10_000 <= free_port() < max(lowest, 11_000)
