"""The feed over HTTP: one address opens it, who has it is told so, and nobody guesses it."""

import json
from typing import Any

import pytest
from structlog.testing import capture_logs

from signalling.store.store import Store
from tests.web.client import Clients, clients
from tests.web.fake import SECRET, World, world


def path(here: World, who: str = "amina.w@example.org", secret: str = SECRET) -> str:
    return f"/v1/calendar/{here.app.marketplace}.{who}.{secret}.ics"


async def get(people: Clients, path: str, **headers: str) -> tuple[int, bytes, Any]:
    url = people.world.server.make_url(path)
    async with people.session.get(url, headers=headers) as response:
        return response.status, await response.read(), response.headers


async def test_the_address_is_all_it_takes(here: World, people: Clients) -> None:
    status, body, headers = await get(people, path(here))
    assert (status, body) == (200, here.service.bookings)
    assert headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert headers["Cache-Control"] == "private, no-cache"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert here.service.told == [("calendar", here.app.marketplace, "amina.w@example.org")]


async def test_who_has_it_is_told_so(here: World, people: Clients) -> None:
    """Until it changes."""
    _, _, first = await get(people, path(here))
    known = {"If-None-Match": first["ETag"]}
    status, body, headers = await get(people, path(here), **known)
    assert (status, body, headers["ETag"]) == (304, b"", first["ETag"])
    assert headers["Cache-Control"] == "private, no-cache"
    here.service.bookings += b"more"
    assert (await get(people, path(here), **known))[0] == 200


async def test_everything_else_is_the_same_404(here: World, people: Clients) -> None:
    right = path(here)
    answers = set()
    for wrong in (
        path(here, secret="t" * 43),
        path(here, secret="s" * 42),
        path(here, secret="s" * 44),
        path(here, who=""),
        path(here, who="%2e%2e%2f"),
        path(here, who="x" * 65),
        right.removesuffix(".ics"),
        right + "%0a",
        right.replace("web-", "WEB-"),
        "/v1/calendar/.ics",
        "/v1/calendar/" + "a." * 4000,
    ):
        status, body, headers = await get(people, wrong)
        answers.add((status, body, headers["Cache-Control"]))
    (answer,) = answers
    assert (answer[0], answer[2]) == (404, "no-store")
    assert json.loads(answer[1])["detail"] == "no such calendar"


async def test_guessing_is_slow(store: Store, marketplace: str) -> None:
    async with (
        world(store, marketplace, unopened_burst=2, unopened_per_s=0.5) as here,
        clients(here) as people,
    ):
        for _ in range(2):
            assert (await get(people, path(here, secret="t" * 43)))[0] == 404
        status, _, headers = await get(people, path(here))
        assert (status, headers["Retry-After"] in ("1", "2")) == (429, True)


async def test_no_secret_is_logged(
    here: World, people: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: str) -> bytes:
        raise RuntimeError("broken")

    monkeypatch.setattr(here.service, "calendar", fail)
    with capture_logs() as logs:
        assert (await get(people, path(here)))[0] == 500
    assert [line["path"] for line in logs] == ["/v1/calendar/{name}"]
    assert SECRET not in str([line["path"] for line in logs])
