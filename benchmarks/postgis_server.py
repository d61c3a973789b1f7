"""Run PostgreSQL with PostGIS for a benchmark: a cluster of its own, gone afterwards.

Debian's packages are installed by apt if they are missing and this is root. The cluster lives in a
temporary directory, belongs to an unprivileged user, listens on a Unix socket there and nowhere
else, and is a child of this process, stopped by its pid.
"""

import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.common import progress

LIBRARIES = Path("/usr/lib/postgresql")
SHARES = Path("/usr/share/postgresql")
USER = "postgres"  # whom Debian's packages make
START_S = 60
STOP_S = 60

# For reads of a table that fits in memory, one at a time, on one core. Nothing runs in the
# background while the clock does, and planning is left to the statements themselves.
SETTINGS = {
    "listen_addresses": "",
    "shared_buffers": "2GB",
    "effective_cache_size": "8GB",
    "work_mem": "64MB",
    "maintenance_work_mem": "512MB",
    "random_page_cost": "1.1",
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
    "max_parallel_maintenance_workers": "0",
    "autovacuum": "off",  # VACUUM ANALYZE follows the load
    "fsync": "off",  # the load need not survive
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "8GB",
    "huge_pages": "try",
    "plan_cache_mode": "force_generic_plan",  # planning each time costs more than it gains
    "track_activities": "off",
}


class NoPostgis(SystemExit):
    """PostgreSQL with PostGIS is not here and cannot be installed: said to the user."""


def binaries() -> Path | None:
    """Return the directory of the newest PostgreSQL that has PostGIS, None if there is none."""
    found = [
        path
        for path in LIBRARIES.glob("*/bin")
        if (path / "initdb").exists()
        and (SHARES / path.parent.name / "extension" / "postgis.control").exists()
    ]
    return max(found, key=lambda path: int(path.parent.name), default=None)


def install() -> Path:
    """Return the directory of PostgreSQL's programs, installing them first if need be."""
    if (path := binaries()) is not None:
        return path
    packages = "postgresql postgresql-postgis"
    if shutil.which("apt-get") is None:
        raise NoPostgis(f"needs PostgreSQL with PostGIS; on Debian: apt-get install {packages}")
    if os.geteuid() != 0:
        raise NoPostgis(f"needs PostgreSQL with PostGIS: sudo apt-get install {packages}")
    progress(f"installing {packages} by apt")
    # At this run level Debian's scripts start no service.
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    for step in ("update", f"install --yes --no-install-recommends {packages}"):
        done = subprocess.run(
            ["apt-get", "--quiet", *step.split()],
            env=quiet,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise NoPostgis(f"apt-get {step} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    path = binaries()
    if path is None:
        raise NoPostgis(f"{packages} are installed, but no PostgreSQL here has PostGIS")
    return path


@contextmanager
def cluster() -> Iterator[str]:
    """Run a new cluster, yielding how to connect as its superuser (a conninfo string).

    It inherits the cores this process may use.
    """
    programs = install()
    home = Path(tempfile.mkdtemp(prefix="dragoman-pg-"))  # 0700, so the socket is nobody else's
    try:
        owner = _owner(home)
        log = home / "log"
        _initialise(programs, home / "data", owner)
        with log.open("w") as written:
            process = subprocess.Popen(
                [programs / "postgres", "-D", home / "data", "-k", home, *_options()],
                stdout=written,
                stderr=written,
                cwd=home,
                **owner,
            )
        try:
            conninfo = f"host={home} user={USER} dbname=postgres"
            _wait(process, conninfo, log)
            yield conninfo
        finally:
            process.send_signal(signal.SIGINT)  # fast shutdown: sessions are ended
            process.wait(STOP_S)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def describe(connection: psycopg.Connection[Any]) -> str:
    """Return the versions and every setting that is not the default, in words."""
    row = connection.execute("select version(), postgis_lib_version()").fetchone()
    assert row is not None
    version = re.match(r"PostgreSQL [\d.]+", row[0])
    settings = ", ".join(f"{name} = {value or '(none)'}" for name, value in SETTINGS.items())
    return f"{version[0] if version else row[0]}, PostGIS {row[1]}; {settings}"


def _options() -> list[str]:
    return [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]


def _owner(home: Path) -> dict[str, Any]:
    """Return whom to run as, for `subprocess`: PostgreSQL refuses to be root."""
    if os.geteuid() != 0:
        return {}
    entry = pwd.getpwnam(USER)
    os.chown(home, entry.pw_uid, entry.pw_gid)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _initialise(programs: Path, data: Path, owner: dict[str, Any]) -> None:
    subprocess.run(
        [
            *(programs / "initdb", "--pgdata", data, "--username", USER, "--auth", "trust"),
            *("--no-locale", "--encoding", "UTF8", "--no-sync"),
        ],
        check=True,
        stdout=subprocess.DEVNULL,
        cwd=data.parent,
        **owner,
    )


def _wait(process: subprocess.Popen[bytes], conninfo: str, log: Path) -> None:
    """Return once the cluster takes connections."""
    until = time.monotonic() + START_S
    while True:
        try:
            psycopg.connect(conninfo).close()
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > until:
                raise NoPostgis(f"PostgreSQL did not start:\n{log.read_text()[-2000:]}") from None
            time.sleep(0.1)
        else:
            return
