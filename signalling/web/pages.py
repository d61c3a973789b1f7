"""What people see: the start page, the protocol and what counts. None needs a script."""

import base64
import hashlib
import re
from html import escape

from aiohttp import web

from signalling.protocol import page
from signalling.protocol.openrpc import openrpc
from signalling.web.node import Node

STYLE = """
:root { color-scheme: light dark; --ink: #1b2330; --soft: #5b6675; --line: #dfe4ea;
  --paper: #fff; --tint: #f4f6f9; --accent: #0b5cad; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6eaf0; --soft: #9aa6b5; --line: #2c3541;
  --paper: #12161c; --tint: #1a2029; --accent: #7ab7f5; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 44rem; padding: 2rem 1.25rem 3rem; color: var(--ink);
  background: var(--paper); font: 17px/1.6 system-ui, sans-serif; }
h1 { font-size: 2.25rem; line-height: 1.15; margin: 0; letter-spacing: -.02em; }
h2 { font-size: 1.125rem; margin: 2.5rem 0 .5rem; }
p { margin: .5rem 0; } .lead { color: var(--soft); font-size: 1.125rem; }
a { color: var(--accent); } a:focus-visible { outline: 3px solid; outline-offset: 2px; }
ul, dl { margin: 0; padding: 0; list-style: none; border-top: 1px solid var(--line); }
li, dl div { padding: .6rem 0; border-bottom: 1px solid var(--line); display: flex;
  flex-wrap: wrap; gap: 0 1rem; justify-content: space-between; }
li span, dt { color: var(--soft); } dd { margin: 0; font-variant-numeric: tabular-nums; }
pre { background: var(--tint); padding: .9rem 1rem; border-radius: 8px; overflow-x: auto; }
code { font: .875em/1.5 ui-monospace, monospace; }
"""

LINKS = (
    ("/docs", "The protocol", "every method and event, for people"),
    ("/parameters", "How the ranking decides", "what counts, and how much"),
    ("/openrpc.json", "OpenRPC", "the same for WebSocket clients"),
    ("/openapi.json", "OpenAPI", "the same for HTTP clients"),
    ("/healthz", "Health", "this process is alive"),
    ("/readyz", "Readiness", "it and its store can serve"),
    ("/metrics", "Metrics", "for Prometheus"),
)


def start(node: Node, host: str, *, secure: bool) -> str:
    """Return the start page, as seen under *host* over HTTP or HTTPS."""
    links = "".join(
        f'<li><a href="{path}">{title}</a><span>{text}</span></li>' for path, title, text in LINKS
    )
    numbers = (
        ("Sockets open here", len(node.connections) - node.census.unopened),
        ("Requests answered", sum(node.metrics.requests.values())),
        ("Signals relayed", node.metrics.signals),
        ("Events delivered", node.metrics.events),
    )
    rows = "".join(f"<div><dt>{name}</dt><dd>{count:,}</dd></div>" for name, count in numbers)
    opening = '{"jsonrpc": "2.0", "id": 1, "method": "session.open", "params": {"token": "…"}}'
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Dragoman</title><style>{STYLE}</style></head><body><main>"
        "<h1>Dragoman</h1>"
        '<p class="lead">Finds the right interpreter, asks them live, and connects the meeting.</p>'
        "<h2>Connect</h2><p>Open a WebSocket and send one message first:</p>"
        f"<pre><code>{'wss' if secure else 'ws'}://{escape(host)}/v1/ws\n{escape(opening)}</code></pre>"
        "<p>Or call any method over HTTP: <code>POST /v1/&lt;method&gt;</code> "
        "with a bearer token.</p>"
        f"<h2>Read on</h2><ul>{links}</ul>"
        f"<h2>This server, since it started</h2><dl>{rows}</dl>"
        "</main></body></html>\n"
    )


def html(text: str) -> web.Response:
    """Return a page that may use its own styles and nothing else."""
    styles = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    hashes = " ".join(f"'sha256-{_sha256(style)}'" for style in styles)
    response = web.Response(text=text, content_type="text/html")
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src {hashes}; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    )
    return response


def protocol() -> str:
    """Return the page of the protocol."""
    return page.render(openrpc())


def _sha256(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
