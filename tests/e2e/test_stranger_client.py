"""Clients that know nothing of us: the one of the README, and any JSON-RPC 2.0 client."""

import asyncio
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from websockets.asyncio.client import ClientConnection, connect

from tests.e2e.server import Server
from tests.e2e.town import WITHIN_S, Params, Town

README = Path(__file__).parents[2] / "README.md"
SHOWN = "http://127.0.0.1:8080"


@pytest.fixture
def readme(calm: Server) -> str:
    """Give the README as if it had been written for this server."""
    text = README.read_text()
    address = SHOWN.removeprefix("http")
    assert f"ws{address}/v1/ws" in text
    return text.replace(address, calm.url.removeprefix("http"))


def program(readme: str) -> str:
    (found,) = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)
    return str(found)


def test_the_readmes_client_is_short_and_needs_two_libraries(readme: str) -> None:
    code = program(readme)
    client = code[code.index("class Client") : code.index("async def main")]
    assert len([line for line in client.splitlines() if line.strip()]) <= 30
    imports = re.findall(r"^import (.*)$", code, re.MULTILINE)
    names = {name.strip() for line in imports for name in line.split(",")}
    assert names == {"asyncio", "sys", "msgpack", "websockets"}


async def test_what_the_readme_says_works(readme: str, calm: Server, tmp_path: Path) -> None:
    """Follow it to the letter: an app, three tokens, a profile, the whole client."""

    async def dragoman(words: str) -> str:
        return await run(sys.executable, "-m", "signalling", *words.split(), cwd=README.parent)

    name = f"hospital-{tmp_path.name}"
    data = f"--data {calm.data}"
    made = await dragoman(
        f"apps create {name} --marketplace {re.sub('[^a-z0-9]', '', name)} {data}"
    )
    key = re.findall(r"^key +(\w+)$", made, re.MULTILINE)[0]
    shown = re.findall(r"dragoman (tokens create --app KEY .*)$", readme, re.MULTILINE)
    assert [words.split()[-1] for words in shown] == ["customer", "interpreter", "app"]
    tokens = [(await dragoman(f"{words.replace('KEY', key)} {data}")).strip() for words in shown]
    path, body = re.findall(r"curl http://[^/]+(\S+) .*?-d '(.*?)'", readme, re.DOTALL)[0]
    async with aiohttp.ClientSession() as session:
        headers = {"Authorization": f"Bearer {tokens[2]}"}
        async with session.post(calm.url + path, json=json.loads(body), headers=headers) as put:
            assert put.status == 200, await put.text()
    file = tmp_path / "client.py"
    file.write_text(program(readme))
    said = await run(sys.executable, str(file), *tokens[:2], cwd=tmp_path)
    assert said.count("'participant'") >= 2
    assert "'peers': ({" in said or "'peers': [{" in said


async def run(*words: str, cwd: Path) -> str:
    done = await asyncio.to_thread(
        subprocess.run, words, cwd=cwd, capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 0, done.stderr
    return str(done.stdout)


class JsonRpc:
    """A JSON-RPC 2.0 client as the specification has it: ids are strings, batches are arrays."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.count = 0
        self.notices: list[Params] = []
        self.answers: dict[str, Params] = {}

    def request(self, method: str, params: Params | None = None) -> Params:
        self.count += 1
        message: Params = {"jsonrpc": "2.0", "id": f"r{self.count}", "method": method}
        return message if params is None else message | {"params": params}

    async def call(self, method: str, **params: Any) -> Params:
        request = self.request(method, params)
        await self.socket.send(json.dumps(request))
        answer = await self.answer(request["id"])
        found: Params = answer["result"]
        return found

    async def answer(self, id_: str) -> Params:
        while id_ not in self.answers:
            await self.read()
        return self.answers.pop(id_)

    async def read(self) -> list[Params]:
        async with asyncio.timeout(WITHIN_S):
            frame = await self.socket.recv()
        assert isinstance(frame, str)
        message = json.loads(frame)
        parts: list[Params] = message if isinstance(message, list) else [message]
        for part in parts:
            assert part["jsonrpc"] == "2.0"
            if "method" in part:
                assert "id" not in part
                self.notices.append(part)
            elif part["id"] is not None:
                assert ("result" in part) != ("error" in part)
                self.answers[part["id"]] = part
        return parts

    async def notice(self, method: str) -> Params:
        while not (found := [n for n in self.notices if n["method"] == method]):
            await self.read()
        self.notices.remove(found[0])
        params: Params = found[0]["params"]
        return params


async def opened(town: Town, user: str, role: str) -> JsonRpc:
    url = town.url.replace("http", "ws") + "/v1/ws"
    socket = await town.stack.enter_async_context(connect(url))
    client = JsonRpc(socket)
    await client.call("session.open", token=town.token(user, role))
    return client


async def test_a_plain_json_rpc_client_does_the_main_job(town: Town) -> None:
    await town.register("bea")
    bea, ann = await opened(town, "bea", "interpreter"), await opened(town, "ann", "customer")
    await bea.call("presence.set", status="available")
    pair = {"from": "no", "to": "so"}
    asked = await ann.call("assignment.create", languages=pair, mode="video", duration_min=30)
    offer = await bea.notice("offer.made")
    assert offer["assignment"]["id"] == asked["assignment"]["id"]
    won = await bea.call("offer.accept", offer=offer["offer"])
    first = await ann.call("meeting.join", meeting=won["meeting"])
    second = await bea.call("meeting.join", meeting=won["meeting"])
    assert second["peers"][0]["participant"] == first["participant"]
    signal = {"meeting": won["meeting"], "to": first["participant"], "signal": {"sdp": "v=0"}}
    await bea.socket.send(
        json.dumps({"jsonrpc": "2.0", "method": "meeting.signal", "params": signal})
    )
    assert (await ann.notice("meeting.signal"))["signal"] == {"sdp": "v=0"}
    assert (await ann.notice("meeting.changed"))["change"] == "joined"
    await ann.call("meeting.end", meeting=won["meeting"])
    done = await bea.call("assignment.complete", assignment=asked["assignment"]["id"])
    assert done["assignment"]["state"] == "completed"


async def test_batches(town: Town) -> None:
    client = await opened(town, "ann", "customer")
    good = client.request("presence.summary", {})
    also = client.request("session.ping")
    wrong = client.request("no.such.method", {})
    bad = client.request("assignment.get", {"assignment": 7})
    silent = {"jsonrpc": "2.0", "method": "session.ping"}
    await client.socket.send(json.dumps([good, silent, wrong, 1, bad, also]))
    parts = await client.read()
    found = {part["id"]: part for part in parts}
    assert len(parts) == 5
    assert "result" in found[good["id"]]
    assert "result" in found[also["id"]]
    assert found[wrong["id"]]["error"]["code"] == -32601
    assert found[bad["id"]]["error"]["code"] == -32602
    assert found[bad["id"]]["error"]["data"]["path"] == "assignment"
    assert found[None]["error"]["code"] == -32600


async def test_a_batch_of_notifications_is_not_answered_and_an_empty_one_is(town: Town) -> None:
    client = await opened(town, "ann", "customer")
    silent = {"jsonrpc": "2.0", "method": "session.ping"}
    await client.socket.send(json.dumps([silent, silent]))
    await client.socket.send("[]")
    (part,) = await client.read()
    assert part["id"] is None
    assert part["error"]["code"] == -32600
    await client.socket.send("{nonsense")
    (part,) = await client.read()
    assert part["error"]["code"] == -32700
    assert await client.call("session.ping")
