"""`dragoman` as it is typed: what it prints, and how it ends."""

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import jwt
import pytest
from click.testing import CliRunner, Result

from signalling.__main__ import main
from signalling.demo.company import PEOPLE
from signalling.store.embedded import Embedded
from tests.commands.typed import CLEAN


def run(*words: str, **environ: str) -> Result:
    return CliRunner().invoke(main, words, env={**CLEAN, **environ})


def said(*words: str) -> str:
    """Return what a command that went well has printed."""
    result = run(*words)
    assert result.exit_code == 0, (result.output, result.exception)
    return result.stdout


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a data directory on which no server runs."""
    return tmp_path_factory.mktemp("cli") / "data"


@pytest.fixture(params=["alone", "beside a server"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """Give a data directory without and with somebody who serves it."""
    data = tmp_path / "data"
    if request.param == "alone":
        yield data
        return
    store = Embedded(data)
    store.start()
    try:
        yield data
    finally:
        store.stop()


def test_apps_and_tokens(place: Path) -> None:
    """The same on a data directory that is served, or not."""
    at = ("--data", str(place))
    made = json.loads(said("apps", "create", "hospital", "--json", *at))
    assert set(made) == {"key", "secret", "marketplace"}
    assert made["marketplace"] == "main"
    assert said("apps", "list", *at) == f"{made['key']}  main  hospital\n"
    secret = said("apps", "rotate", made["key"], *at).split()[1]
    assert secret != made["secret"]

    who = ("--app", made["key"], "--user", "kari", "--role", "customer", "--name", "Kari N.")
    token = said("tokens", "create", *who, *at).strip()
    claims = jwt.decode(token, secret, algorithms=["HS256"], audience="dragoman")
    assert (claims["sub"], claims["role"], claims["name"]) == ("kari", "customer", "Kari N.")
    assert 86_000 < claims["exp"] - time.time() <= 86_401
    assert jwt.get_unverified_header(token)["kid"] == made["key"]


def test_apps_for_people(data: Path) -> None:
    shown = said("apps", "create", "court", "--marketplace", "south", "--data", str(data))
    assert [line.split()[0] for line in shown.splitlines()] == ["key", "secret"]


def test_how_an_app_s_meetings_are_carried(data: Path) -> None:
    """What is not named stays as it was."""
    at = ("--data", str(data))
    key = json.loads(said("apps", "create", "clinic", "--json", *at))["key"]

    def policy(*words: str) -> dict[str, str]:
        lines = said("apps", "set", key, *words, *at).splitlines()
        return dict(line.split() for line in lines)

    usual = {"topology": "auto", "mesh_most": "3", "ice": "all", "device_check": "False"}
    assert policy() == usual
    changed = policy("--topology", "relay", "--mesh-most", "2")
    assert changed == usual | {"topology": "relay", "mesh_most": "2"}
    assert policy("--ice", "relay", "--device-check") == changed | {
        "ice": "relay",
        "device_check": "True",
    }
    assert policy("--no-device-check")["device_check"] == "False"


def test_the_rules_of_an_app(data: Path) -> None:
    """What is not named stays; lists have commas, and none is none."""
    at = ("--data", str(data))
    key = json.loads(said("apps", "create", "rules", "--json", *at))["key"]

    def rules(*words: str) -> dict[str, str]:
        lines = said("apps", "rule", key, *words, *at).splitlines()
        return dict(line.split(maxsplit=1) for line in lines)

    usual = rules()
    assert (usual["version"], usual["reminders_min"]) == ("1", "1440,60")
    assert (usual["offer_s"], usual["cancel_reasons"], usual["backstop"]) == (
        "none",
        "none",
        "false",
    )
    change = ("reminders_min=2880, 60", "backstop=true", "excused=none", "no_shows_most=3")
    changed = rules(*change)
    assert changed == usual | {
        "version": "2",
        "reminders_min": "2880,60",
        "backstop": "true",
        "excused": "none",
        "no_shows_most": "3",
    }
    assert rules("no_shows_most=none")["no_shows_most"] == "none"
    refused = run("apps", "rule", key, "late_min=600", *at)
    assert (refused.exit_code, "late_min: from 0 to 120" in refused.stderr) == (1, True)
    assert run("apps", "rule", key, "late_min", *at).exit_code == 2


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("apps", "rule", "nokey"), "no app has the key"),
        (("apps", "set", "nokey", "--ice", "relay"), "no app has the key"),
        (("apps", "create", "court", "--marketplace", "Not One"), "marketplace"),
        (("apps", "create", " "), "1 to 80 characters"),
        (("apps", "rotate", "nokey"), "no app has the key"),
        (("tokens", "create", "--app", "nokey", "--user", "x", "--role", "app"), "no app nokey"),
    ],
)
def test_refusals_are_one_line(data: Path, words: tuple[str, ...], error: str) -> None:
    result = run(*words, "--data", str(data))
    assert result.exit_code == 1
    assert error in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert result.stdout == ""


@pytest.mark.parametrize(
    ("words", "environ", "error"),
    [
        (("web",), {}, "set REDIS_URL"),
        (("matcher",), {}, "set REDIS_URL"),
        (("media",), {}, "set REDIS_URL"),
        (("media",), {"REDIS_URL": "redis://127.0.0.1:1"}, "does not answer"),
        (("serve",), {"DRAGOMAN_SERVER__PORT": "abc"}, "DRAGOMAN_SERVER__PORT: server.port"),
        (("serve",), {"DRAGOMAN_SERVER__NONE": "1"}, "server.none is not a setting"),
        (("serve",), {"DRAGOMAN_CONFIG": "/none"}, "/none is not a directory"),
        (("serve",), {"REDIS_URL": "foo"}, "no address of a store"),
        (("web",), {"REDIS_URL": "redis://127.0.0.1:1"}, "does not answer"),
        (("serve", "--data", "/proc/none"), {}, "/proc/none cannot be used"),
    ],
)
def test_wrong_settings_are_one_line(
    words: tuple[str, ...], environ: dict[str, str], error: str
) -> None:
    result = run(*words, **environ)
    assert result.exit_code == 1
    assert error in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_an_address_that_cannot_be_listened_on(tmp_path: Path) -> None:
    result = run("serve", "--host", "192.0.2.1", "--port", "0", "--data", str(tmp_path / "data"))
    assert result.exit_code == 1
    assert "cannot listen on 192.0.2.1:0" in result.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("serve", "--port", "70000"),
        ("tokens", "create"),
        ("media", "--node", "md.1"),
        ("media", "--node", "m" * 41),
        ("apps", "set", "key", "--mesh-most", "9"),
        ("apps", "set", "key", "--topology", "star"),
        ("dance",),
    ],
)
def test_wrong_words(words: tuple[str, ...]) -> None:
    assert run(*words).exit_code == 2


def test_the_population_is_exported(tmp_path: Path) -> None:
    path = tmp_path / "people.ndjson"
    assert said("demo", "--export", str(path)).startswith("2194 interpreters")
    assert len(path.read_text().splitlines()) == 2194


@asynccontextmanager
async def serving(data: Path, *words: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run `dragoman serve`, and see to it that it has ended."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "signalling", "serve", "--port", "0", "--data", str(data)),
        *words,
        env={k: v for k, v in os.environ.items() if k not in CLEAN},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def line_of(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    return (await asyncio.wait_for(process.stdout.readline(), 30)).decode().strip()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_serving(tmp_path: Path, number: signal.Signals) -> None:
    """It says where it listens, serves an app made beside it, and ends well when asked to."""
    data = tmp_path / "data"
    async with serving(data, "--demo-app") as process:
        listening = await line_of(process)
        assert listening.startswith("listening on http://127.0.0.1:")
        assert (await line_of(process)).startswith("begin at")
        url = listening.split()[-1]
        made = json.loads(
            await asyncio.to_thread(said, "apps", "create", "x", "--json", "--data", str(data))
        )
        who = ("--app", made["key"], "--user", "kari", "--role", "customer", "--data", str(data))
        token = (await asyncio.to_thread(said, "tokens", "create", *who)).strip()
        headers = {"Authorization": f"Bearer {token}"}
        async with (
            aiohttp.ClientSession(url, headers=headers) as http,
            http.post("/v1/presence.summary", json={}) as answer,
        ):
            assert answer.status == 200
            assert (await answer.json())["available"] <= len(PEOPLE)
        process.send_signal(number)
        assert await asyncio.wait_for(process.wait(), 30) == 0
    # The data directory is free again.
    assert made["key"] in await asyncio.to_thread(said, "apps", "list", "--data", str(data))
