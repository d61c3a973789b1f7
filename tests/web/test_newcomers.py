"""Identities on the spot: what a newcomer gets, and what is refused."""

import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from aiohttp.test_utils import TestClient, TestServer

from signalling.errors import InvalidParams
from signalling.protocol.messages import interpreter as im
from signalling.protocol.messages import meeting as mm
from signalling.service.call import Call
from signalling.web import newcomers
from signalling.web.newcomers import Newcomers
from signalling.web.server import build
from tests.web.fake import STAMP, World

CUSTOMER = {"role": "customer", "name": "Kari", "languages": ["no", "so"]}
INTERPRETER = {
    "role": "interpreter",
    "name": "Linh",
    "languages": ["vi"],
    "qualification": "B",
    "modes": ["video"],
}
Door = TestClient[Any, Any]


@pytest.fixture
async def put(here: World) -> list[tuple[Call, im.InterpreterPutParams]]:
    """Give what was put, and by whom; a meeting can be made, too."""
    taken: list[tuple[Call, im.InterpreterPutParams]] = []

    async def take(call: Call, params: im.InterpreterPutParams) -> Any:
        if params.interpreter.languages[0].tag == "Kurdish":
            path = "interpreter.languages.0.tag"
            raise InvalidParams("which?", path=path, choices=["kmr", "ckb"])
        taken.append((call, params))

    async def make(_: Call, params: mm.MeetingCreateParams) -> mm.MeetingCreateResult:
        here.service.inside["me-1"] = {each.user: each.role for each in params.participants}
        return mm.MeetingCreateResult(meeting=here.service.meeting("me-1"))

    here.service.handlers = {
        **here.service.handlers,
        "interpreter.put": take,
        "meeting.create": make,
    }
    return taken


@pytest.fixture
async def door(here: World, put: list[Any]) -> AsyncIterator[Door]:  # noqa: ARG001
    """Run the same node with a door for newcomers."""
    server = TestServer(build(here.node, newcomers=Newcomers(here.node, here.app.key)))
    async with TestClient(server) as client:
        yield client


async def post(
    door: Door, what: str, body: Any = None, **headers: str
) -> tuple[int, dict[str, Any]]:
    sent = {"Content-Type": "application/json", **headers}
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    async with door.post(f"/demo/{what}", data=data, headers=sent) as answer:
        return answer.status, await answer.json(content_type=None)


def claims(here: World, link: str) -> dict[str, Any]:
    (token,) = parse_qs(urlsplit(link).fragment)["token"]
    found: dict[str, Any] = jwt.decode(
        token, here.app.secrets[0], algorithms=["HS256"], audience="dragoman"
    )
    return found


async def test_a_customer(here: World, door: Door, put: list[Any]) -> None:
    status, made = await post(door, "identity", CUSTOMER)
    assert status == 200
    link = urlsplit(made["link"])
    assert (link.path, parse_qs(link.fragment)["languages"]) == ("/customer", ["no,so"])
    said = claims(here, made["link"])
    assert (said["role"], said["name"]) == ("customer", "Kari")
    assert put == []


async def test_an_interpreter_with_a_profile(here: World, door: Door, put: list[Any]) -> None:
    status, made = await post(door, "identity", INTERPRETER)
    assert status == 200
    assert urlsplit(made["link"]).path == "/interpreter"
    said = claims(here, made["link"])
    ((call, params),) = put
    assert (call.caller.role, call.caller.app) == ("app", here.app.key)
    assert params.interpreter.id == said["sub"]
    assert params.interpreter.modes == ("video",)
    held = {skill.tag: skill.qualification for skill in params.interpreter.languages}
    assert held == {"vi": "B", "no": None, "en": None}


async def test_nobody_is_made_twice(here: World, door: Door) -> None:
    links = [(await post(door, "identity", CUSTOMER))[1]["link"] for _ in range(2)]
    assert len({claims(here, link)["sub"] for link in links}) == 2


async def test_a_meeting_of_two(here: World, door: Door) -> None:
    status, made = await post(door, "meeting")
    assert status == 200
    who = {claims(here, link)["sub"]: claims(here, link)["role"] for link in made["links"]}
    assert sorted(who.values()) == ["customer", "interpreter"]
    assert here.service.inside["me-1"] == who
    assert all("meeting=me-1&" in link for link in made["links"])


async def test_who_is_available(door: Door) -> None:
    async with door.get("/demo/available") as answer:
        assert await answer.json() == {"pairs": [], "available": 7, "server_time": STAMP}


async def test_the_start_page_takes_the_place_of_the_other(here: World, door: Door) -> None:
    async with door.get("/") as answer:
        assert "/pages/start.js" in await answer.text()
    async with TestClient(TestServer(build(here.node))) as usual:
        async with usual.get("/") as answer:
            assert "Connect" in await answer.text()
        for path in ("/start", "/demo/available"):
            async with usual.get(path) as answer:
                assert answer.status == 404


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"role": "operator"}, "role"),
        ({"name": ""}, "name"),
        ({"languages": []}, "languages"),
        ({"languages": ["so"] * 9}, "languages"),
        ({"languages": ["Kurdish"]}, "languages.0"),
        ({"modes": ["shout"]}, "modes.0"),
        ({"admin": True}, "admin"),
    ],
)
async def test_a_field_that_is_wrong_is_named(
    door: Door, put: list[Any], change: dict[str, Any], path: str
) -> None:
    status, problem = await post(door, "identity", INTERPRETER | change)
    assert (status, problem["path"]) == (422, path)
    assert put == []


@pytest.mark.parametrize(
    ("body", "status"), [(b"{", 400), (b'{"name": "' + b"x" * 5_000 + b'"}', 413), (b"[]", 422)]
)
async def test_a_body_that_is_none(door: Door, body: bytes, status: int) -> None:
    assert (await post(door, "identity", body))[0] == status


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
        {"Content-Type": "text/plain"},
    ],
)
async def test_another_sites_page_gets_nothing(door: Door, headers: dict[str, str]) -> None:
    status, problem = await post(door, "identity", CUSTOMER, **headers)
    assert status in {400, 403}, problem


async def test_the_servers_own_page_may(door: Door) -> None:
    origin = str(door.make_url("/")).rstrip("/")
    headers = {"Origin": origin, "Sec-Fetch-Site": "same-origin"}
    assert (await post(door, "identity", CUSTOMER, **headers))[0] == 200


async def test_one_address_cannot_ask_for_ever(here: World, door: Door) -> None:
    for _ in range(int(newcomers.AT_ONCE)):
        assert (await post(door, "identity", CUSTOMER))[0] == 200
    status, problem = await post(door, "identity", CUSTOMER)
    assert (status, problem["name"]) == (429, "rate_limited")
    here.offset_s += 2 / newcomers.PER_S
    assert (await post(door, "identity", CUSTOMER))[0] == 200


async def test_all_of_them_together_neither(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(newcomers, "MOST", 2)
    said = [(await post(door, what, CUSTOMER))[0] for what in ("identity", "meeting", "identity")]
    assert said == [200, 200, 429]
