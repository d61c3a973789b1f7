# ruff: noqa: PLC0415 -- a command imports what it needs: the small ones start fast
"""Run the server, whole or one role of it, and the demo of it."""

import re
import secrets
import sys
from pathlib import Path

import click

from signalling.commands.options import (
    DATA,
    HOST,
    MADE,
    PORT,
    TLS_CERT,
    TLS_KEY,
    run,
    settings_of,
    sink,
)
from signalling.settings import Settings


@click.command()
@HOST
@PORT
@TLS_CERT
@TLS_KEY
@DATA
@click.option(
    "--demo-app",
    is_flag=True,
    help="A server to try things on: a start page, a demo app, simulated interpreters.",
)
def serve(data: Path | None, *, demo_app: bool, **server: str | int | Path | None) -> None:
    """Run every role, on the embedded store unless REDIS_URL is set."""
    roles = frozenset({"web", "matcher", "media"})
    settings = settings_of(server, data)
    if not demo_app:
        _serve(settings, roles)
        return
    from signalling.app import serve_forever
    from signalling.demo.company import company

    run(serve_forever(settings, roles, company=company))


@click.command()
@HOST
@PORT
@TLS_CERT
@TLS_KEY
def web(**server: str | int | Path | None) -> None:
    """Run sockets and HTTP only, on the store of REDIS_URL."""
    _serve(_shared(settings_of(server)), frozenset({"web"}))


@click.command()
def matcher() -> None:
    """Run matching and timers only, on the store of REDIS_URL."""
    _serve(_shared(settings_of()), frozenset({"matcher"}))


def _named(_: click.Context, __: click.Parameter, name: str | None) -> str | None:
    """Refuse a name that ids of carriers and channels could not have."""
    if name is not None and not re.fullmatch(r"[A-Za-z0-9-]{1,40}", name):
        raise click.BadParameter("a node's name has 1 to 40 letters, digits and -")
    return name


@click.command()
@click.option("--node", default=None, callback=_named, help="Name it; otherwise by chance.")
@click.option("--attached", is_flag=True, help="End when standard input does.")
def media(node: str | None, *, attached: bool) -> None:
    """Carry the media of meetings only, on the store of REDIS_URL."""
    from signalling.media_role import serve_media

    name = node or f"md-{secrets.token_hex(6)}"
    run(serve_media(_shared(settings_of()), name, attached=attached))


@click.command()
@click.option("--export", type=MADE, help="Only write the population, NDJSON or .gz.")
def demo(export: Path | None) -> None:
    """Play ten requests against a fresh server, with real sockets and real media."""
    from signalling.demo import population

    if export is not None:
        with sink(export) as file:
            click.echo(f"{population.write_ndjson(file)} interpreters in {export}")
        return
    from signalling.demo.play import play

    sys.exit(run(play()))


def _shared(settings: Settings) -> Settings:
    if not settings.store.url:
        raise click.ClickException("roles apart need a store that they share: set REDIS_URL")
    return settings


def _serve(settings: Settings, roles: frozenset[str]) -> None:
    from signalling.app import serve_forever

    run(serve_forever(settings, roles))
