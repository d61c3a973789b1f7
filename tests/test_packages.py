"""What `make test` installs: only what is missing, only as root, and no server that stays."""

import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("packages.sh")
PROGRAMS = ("chromium", "janus", "turnserver", "ffmpeg", "age", "khal")
TOOLS = ("apt-get", "service", "update-rc.d")


class Machine:
    """A PATH with chosen programs alone, which write down what they are told."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder / "log"

    def has(self, *names: str) -> None:
        for name in names:
            self._script(name, f'echo "{name} $*" >> {self.log}')

    def is_run_by(self, uid: int) -> None:
        self._script("id", f"echo {uid}")

    def _script(self, name: str, line: str) -> None:
        path = self.folder / name
        path.write_text(f"#!/bin/sh\n{line}\n")
        path.chmod(0o755)

    def run(self) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["/bin/sh", SCRIPT],
            env={"PATH": str(self.folder)},
            capture_output=True,
            text=True,
            check=False,
            timeout=10,
        )

    @property
    def done(self) -> list[str]:
        return self.log.read_text().splitlines() if self.log.exists() else []


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    machine = Machine(tmp_path)
    machine.is_run_by(0)
    return machine


def test_nothing_is_touched_when_everything_is_there(machine: Machine) -> None:
    machine.has(*PROGRAMS, *TOOLS)
    assert machine.run().returncode == 0
    assert machine.done == []


def test_root_installs_what_is_missing_and_stops_the_servers(machine: Machine) -> None:
    machine.has(*TOOLS, "ffmpeg", "turnserver", "age")
    assert machine.run().returncode == 0
    assert machine.done == [
        "apt-get -qq update",
        "apt-get -qq install --no-install-recommends chromium janus khal",
        "service janus stop",
        "update-rc.d janus disable",
    ]


def test_others_are_told_the_packages(machine: Machine) -> None:
    machine.has(*TOOLS, "chromium")
    machine.is_run_by(1000)
    ended = machine.run()
    assert ended.returncode == 1
    assert "apt-get install --no-install-recommends janus coturn ffmpeg" in ended.stderr
    assert machine.done == []


def test_so_is_root_of_another_system(machine: Machine) -> None:
    machine.has("chromium", "janus", "turnserver")
    ended = machine.run()
    assert ended.returncode == 1
    assert "these Debian packages: ffmpeg" in ended.stderr


def test_a_failed_installation_fails(machine: Machine) -> None:
    machine._script("apt-get", "exit 100")
    assert machine.run().returncode == 100
