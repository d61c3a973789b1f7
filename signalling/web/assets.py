"""What runs in a browser: the modules, styles and pages of the directory `pages`, as they are.

`/pages/<path>` gives each file, `/<name>` the page `<name>.html`, `/client.js` the public client.
They are read once. A browser asks each time whether its copy is current, and is answered by the
ETag: a new release is never mixed with modules of an old one.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from aiohttp import hdrs, web

DIRECTORY: Final = Path(__file__).parent / "pages"
TYPES: Final[Mapping[str, str]] = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".ts": "text/plain",
}
# Another name of the module and not another copy: who imports both has one client.
CLIENT: Final = b'export * from "/pages/client.js";\n'
# A page runs our modules and nothing inline, and talks to this server alone. Media in elements
# come from MediaStreams, which no directive covers, and from recordings as blobs.
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' blob:; media-src 'self' blob:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
PERMISSIONS: Final = (
    "camera=(self), microphone=(self), display-capture=(self), speaker-selection=(self), "
    "autoplay=(self)"
)


class Asset:
    """One file, in memory."""

    def __init__(self, body: bytes, kind: str) -> None:
        self.body = body
        self.kind = kind
        self.etag = hashlib.sha256(body).hexdigest()[:32]

    async def serve(self, request: web.Request) -> web.Response:
        """Give the file, or 304 to who has it."""
        known = request.if_none_match or ()
        if any(tag.value in (self.etag, "*") for tag in known):
            response = web.Response(status=304)
        else:
            response = web.Response(body=self.body, content_type=self.kind, charset="utf-8")
        response.etag = self.etag
        response.headers[hdrs.CACHE_CONTROL] = "no-cache"
        if self.kind == "text/html":
            response.headers["Content-Security-Policy"] = POLICY
            response.headers["Permissions-Policy"] = PERMISSIONS
        return response


def assets(directory: Path = DIRECTORY) -> dict[str, Asset]:
    """Return what is served, by path."""
    found = {"/client.js": Asset(CLIENT, TYPES[".js"])}
    for file in sorted(directory.rglob("*")):
        if file.suffix not in TYPES:
            continue
        asset = Asset(file.read_bytes(), TYPES[file.suffix])
        found[f"/pages/{file.relative_to(directory).as_posix()}"] = asset
        if file.suffix == ".html":
            found[f"/{file.stem}"] = asset
    if "/pages/client.d.ts" in found:
        found["/client.d.ts"] = found["/pages/client.d.ts"]
    return found
