"""The same methods over HTTP; imports by the line; pages and health."""

import json
from typing import Any

import pytest

from signalling.errors import Unavailable
from signalling.store.store import Store
from signalling.web.server import build
from tests.web.client import Clients, clients
from tests.web.fake import World, world

MANY = {
    "languages": {"from": "nb", "to": "ar"},
    "mode": "audio",
    "duration_min": 30,
}


def bearer(here: World, user: str = "anna", role: str = "customer") -> dict[str, str]:
    return {"Authorization": f"Bearer {here.token(user, role)}"}


async def post(
    people: Clients, method: str, body: Any = None, headers: dict[str, str] | None = None
) -> tuple[int, dict[str, Any], Any]:
    """Call a method; return status, body and headers."""
    url = people.world.server.make_url(f"/v1/{method}")
    options = {"data": body} if isinstance(body, bytes | str) else {"json": body}
    async with people.session.post(url, headers=headers, **options) as response:
        return response.status, json.loads(await response.read()), response.headers


async def get(people: Clients, path: str) -> tuple[int, str, Any]:
    async with people.session.get(people.world.server.make_url(path)) as response:
        return response.status, await response.text(), response.headers


async def test_a_result_is_the_body(here: World, people: Clients) -> None:
    status, body, headers = await post(people, "assignment.create", MANY, bearer(here))
    assert (status, body) == (200, {"key": None})
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"


async def test_the_idempotency_key_may_be_a_header(here: World, people: Clients) -> None:
    headers = bearer(here) | {"Idempotency-Key": "k1"}
    assert (await post(people, "assignment.create", MANY, headers))[1] == {"key": "k1"}
    both = MANY | {"idempotency_key": "k2"}
    status, body, _ = await post(people, "assignment.create", both, headers)
    assert (status, body["code"], body["path"]) == (409, 1004, "idempotency_key")
    used = headers | {"Idempotency-Key": "used"}
    assert (await post(people, "assignment.create", MANY, used))[0] == 409
    endless = headers | {"Idempotency-Key": "k" * 129}
    assert (await post(people, "assignment.create", MANY, endless))[0] == 422


@pytest.mark.parametrize(
    ("method", "body", "status", "code"),
    [
        ("no.such", {}, 404, -32601),
        ("session.open", {}, 404, -32601),
        ("assignment.create", {}, 422, -32602),
        ("assignment.create", "{", 400, -32700),
        ("assignment.create", "[" * 1000, 413, 1007),
        ("assignment.create", " " * 70_000 + "{}", 413, 1007),
        ("offer.accept", {"offer": "of-1"}, 403, 1002),
        ("meeting.get", {"meeting": "me-1"}, 404, 1003),
        ("assignment.cancel", {"assignment": "as-1"}, 500, -32603),
    ],
)
async def test_errors_are_problems(
    here: World, people: Clients, method: str, body: Any, status: int, code: int
) -> None:
    headers = bearer(here) | {"Content-Type": "application/json"}
    got, problem, told = await post(people, method, body, headers)
    assert (got, problem["status"], problem["code"]) == (status, status, code)
    assert told["Content-Type"].startswith("application/problem+json")
    assert "secret of the house" not in str(problem)


async def test_who_is_not_authenticated(people: Clients) -> None:
    for headers in ({}, {"Authorization": "Basic x"}, {"Authorization": "Bearer x.y.z"}):
        status, problem, told = await post(people, "assignment.create", MANY, headers)
        assert (status, problem["code"], told["WWW-Authenticate"]) == (401, 1001, "Bearer")


async def test_only_json_is_taken(here: World, people: Clients) -> None:
    headers = bearer(here) | {"Content-Type": "text/plain"}
    status, problem, _ = await post(people, "assignment.create", "{}", headers)
    assert (status, problem["code"]) == (415, -32600)


async def test_an_app_is_rate_limited(store: Store, marketplace: str) -> None:
    async with (
        world(store, marketplace, app_requests_burst=1, app_requests_per_s=0.5) as here,
        clients(here) as people,
    ):
        assert (await post(people, "assignment.create", MANY, bearer(here)))[0] == 200
        status, problem, headers = await post(people, "assignment.create", MANY, bearer(here))
        assert (status, problem["code"]) == (429, 1006)
        assert headers["Retry-After"] in ("1", "2")


def profile(id_: str, **more: Any) -> dict[str, Any]:
    return {
        "id": id_,
        "name": "Nora",
        "languages": [{"tag": "nb", "level": "native"}],
        "modes": ["audio"],
        "timezone": "Europe/Oslo",
    } | more


async def import_(here: World, people: Clients, lines: list[Any]) -> tuple[int, Any]:
    body = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    headers = bearer(here, "boss", "operator") | {"Content-Type": "application/x-ndjson"}
    status, answer, _ = await post(people, "interpreter.import", body.encode(), headers)
    return status, answer


async def test_an_import_keeps_the_good_lines(here: World, people: Clients) -> None:
    lines: list[Any] = [profile(f"in-{n}") for n in range(1200)]
    lines[3:3] = ["{", profile("x", location={"lat": 91, "lon": 0}), "", profile("bad")]
    status, answer = await import_(here, people, lines)
    assert status == 200
    assert (answer["imported"], answer["failed"]) == (1200, 3)
    assert [failure["line"] for failure in answer["failures"]] == [4, 5, 7]
    assert answer["failures"][1]["path"] == "location.lat"
    parts = [told[1] for told in here.service.told if told[0] == "imported"]
    assert parts == [499, 500, 201]


async def test_an_import_is_bounded(store: Store, marketplace: str) -> None:
    async with (
        world(store, marketplace, import_lines_max=2, import_bytes_max=100_000) as here,
        clients(here) as people,
    ):
        three = [profile(f"in-{n}") for n in range(3)]
        assert (await import_(here, people, three))[0] == 413
        assert (await import_(here, people, [profile("in-1", name="x" * 70_000)]))[0] == 413
        assert (await import_(here, people, [""] * 150_000))[0] == 413
        assert (await import_(here, people, three[:2]))[0] == 200


async def test_an_import_is_for_staff(here: World, people: Clients) -> None:
    headers = bearer(here) | {"Content-Type": "application/x-ndjson"}
    assert (await post(people, "interpreter.import", b"{}", headers))[0] == 403


async def test_pages_need_no_script(people: Clients) -> None:
    for path in ("/", "/docs"):
        status, text, headers = await get(people, path)
        assert status == 200
        assert "<script" not in text
        policy = headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; style-src 'sha256-")
        assert '<html lang="en">' in text
        assert "width=device-width" in text


async def test_descriptions(people: Clients) -> None:
    for path, key in (("/openrpc.json", "openrpc"), ("/openapi.json", "openapi")):
        status, text, headers = await get(people, path)
        assert status == 200
        assert key in json.loads(text)
        assert headers["Content-Type"].startswith("application/json")
    status, found, _ = await post(people, "rpc.discover")
    assert (status, found["openrpc"][0]) == (200, "1")


async def test_health_readiness_and_metrics(people: Clients) -> None:
    assert (await get(people, "/healthz"))[0] == 200
    assert (await get(people, "/readyz"))[0] == 200
    anna = await people.open()
    await anna.ask("session.ping")
    await anna.ask("no.such")
    _, text, _ = await get(people, "/metrics")
    assert 'dragoman_requests_total{code="0",method="session.ping"} 1.0' in text
    assert 'dragoman_requests_total{code="-32601",method="unknown"} 1.0' in text
    assert "dragoman_sockets 1.0" in text


async def test_not_ready_while_the_store_is_not(
    here: World, people: Clients, aiohttp_client: Any
) -> None:
    async def unready() -> None:
        raise Unavailable("the store does not answer")

    here.node.hub.bus = type(here.node.hub.bus)(here.store, here.node.hub.on_gap)
    client = await aiohttp_client(build(here.node, unready))
    response = await client.get("/readyz")
    assert response.status == 503
    assert (await response.json(content_type=None))["detail"] == "the store does not answer"
    assert response.headers["Retry-After"] == "1"
    assert (await client.get("/healthz")).status == 200
    assert people.world is here


async def test_unknown_paths_and_verbs(people: Clients) -> None:
    status, text, headers = await get(people, "/nowhere")
    assert (status, json.loads(text)["code"]) == (404, 1003)
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    status, text, _ = await get(people, "/v1/assignment.create")
    assert status in (404, 405)
    assert json.loads(text)["status"] in (404, 405)
