"""Modules, styles and pages for browsers: what they are, how long they are kept, what they may."""

from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from signalling.web.assets import assets
from signalling.web.http import guard

FILES = {
    "meet.html": "<!doctype html><title>a</title>",
    "client.js": "export const a = 1;",
    "client.d.ts": "export const a: number;",
    "meet.css": "body { color: red }",
    "mark.svg": "<svg/>",
    "meet/room.js": "export const b = 2;",
    "notes.txt": "not for you",
}
TYPES = {
    "/meet": "text/html",
    "/pages/meet.html": "text/html",
    "/pages/client.js": "text/javascript",
    "/client.js": "text/javascript",
    "/client.d.ts": "text/plain",
    "/pages/meet.css": "text/css",
    "/pages/mark.svg": "image/svg+xml",
    "/pages/meet/room.js": "text/javascript",
}


@pytest.fixture
def app(tmp_path: Path) -> web.Application:
    (tmp_path / "meet").mkdir()
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    app = web.Application(middlewares=[guard])
    for path, asset in assets(tmp_path).items():
        app.router.add_get(path, asset.serve)
    return app


async def test_types(app: web.Application, aiohttp_client: Any) -> None:
    client = await aiohttp_client(app)
    assert set(assets_of(app)) >= set(TYPES)
    for path, kind in TYPES.items():
        response = await client.get(path)
        assert response.status == 200, path
        assert response.headers["Content-Type"] == f"{kind}; charset=utf-8"
        assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert (await client.get("/pages/notes.txt")).status == 404


def assets_of(app: web.Application) -> list[str]:
    return [resource.canonical for resource in app.router.resources()]


async def test_who_has_it_is_told_so(app: web.Application, aiohttp_client: Any) -> None:
    client = await aiohttp_client(app)
    first = await client.get("/pages/client.js")
    assert first.headers["Cache-Control"] == "no-cache"
    again = await client.get("/pages/client.js", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status, await again.read()) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    other = await client.get("/pages/client.js", headers={"If-None-Match": '"other"'})
    assert other.status == 200


async def test_pages_run_our_modules_and_nothing_inline(
    app: web.Application,
    aiohttp_client: Any,
) -> None:
    client = await aiohttp_client(app)
    policy = (await client.get("/meet")).headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert "connect-src 'self';" in policy
    permissions = (await client.get("/meet")).headers["Permissions-Policy"]
    assert "camera=(self)" in permissions


def test_ours_hold_nothing_inline() -> None:
    """The policy would stop it: found here sooner than in a browser."""
    pages = [asset.body.decode() for asset in assets().values() if asset.kind == "text/html"]
    for page in pages:
        assert "<style" not in page
        assert "style=" not in page
        assert "<script>" not in page
        assert " onclick=" not in page
    assert "/pages/client.js" in assets()
