"""Calls over HTTP."""

import json
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from signalling.client import BadAnswer, ConnectionLost, HttpClient, RemoteError
from signalling.client.http import read_answer
from signalling.errors import Gone
from signalling.protocol.problem import CONTENT_TYPE, problem
from tests.client.server import serving


async def _answer(request: web.Request) -> web.Response:
    if request.match_info["method"] == "offer.accept":
        gone = Gone("somebody else won", reason="taken")
        return web.Response(status=410, text=json.dumps(problem(gone)), content_type=CONTENT_TYPE)
    return web.json_response(
        {
            "method": request.match_info["method"],
            "token": request.headers["Authorization"],
            "type": request.content_type,
            "body": await request.text(),
        }
    )


@pytest.fixture
async def url() -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_post("/v1/{method}", _answer)
    async with serving(app) as address:
        yield address


async def test_params_go_as_the_body_and_the_result_comes_as_one(url: str) -> None:
    async with HttpClient(url, "token") as http:
        answer = await http.call("assignment.get", assignment="a1")
    assert answer == {
        "method": "assignment.get",
        "token": "Bearer token",
        "type": "application/json",
        "body": '{"assignment": "a1"}',
    }


async def test_problem_details_are_the_same_error_as_over_the_socket(url: str) -> None:
    async with HttpClient(url, "token") as http:
        with pytest.raises(RemoteError, match="somebody else won") as caught:
            await http.call("offer.accept", offer="o1")
    error = caught.value
    assert (error.code, error.name, error.message) == (1009, "gone", "gone")
    assert error.data == Gone("somebody else won", reason="taken").data()


async def test_many_interpreters_go_as_ndjson(url: str) -> None:
    async with HttpClient(url, "token") as http:
        answer = await http.import_interpreters([{"id": "a"}, {"id": "b", "name": "Åse"}])
    assert answer["method"] == "interpreter.import"
    assert answer["type"] == "application/x-ndjson"
    assert answer["body"] == '{"id": "a"}\n{"id": "b", "name": "Åse"}\n'


async def test_nobody_there(unused_tcp_port: int) -> None:
    async with HttpClient(f"http://127.0.0.1:{unused_tcp_port}", "token") as http:
        with pytest.raises(ConnectionLost):
            await http.call("admin.stats")


@pytest.mark.parametrize(
    ("status", "body"),
    [(502, b"<html>"), (200, b""), (200, b"[]"), (404, b"{}"), (500, b'{"code": "x"}')],
)
def test_what_is_not_the_protocol(status: int, body: bytes) -> None:
    with pytest.raises(BadAnswer, match=str(status)):
        read_answer(status, body)
