"""The command line: `dragoman`, also `python -m signalling`."""

import contextlib
import json
import sys
from collections.abc import AsyncIterator, Coroutine
from pathlib import Path
from typing import Any

import click
import msgspec
import uvloop

from signalling.errors import DragomanError
from signalling.settings import Settings, SettingsError, load

DATA = click.option(
    "--data",
    type=click.Path(path_type=Path),
    help="Directory of the embedded store (default: as configured).",
)
HOST = click.option("--host", help="Address to listen on (default: as configured).")
PORT = click.option("--port", type=click.IntRange(0, 65_535), help="Port; 0 picks a free one.")
ROLES = ("customer", "interpreter", "operator", "app")


@click.group()
@click.version_option(package_name="dragoman")
def main() -> None:
    """Match interpreters and set up their meetings, in real time."""


@main.command()
@HOST
@PORT
@DATA
@click.option("--demo-app", is_flag=True, help="Make a demo app and print tokens to try with.")
def serve(host: str | None, port: int | None, data: Path | None, *, demo_app: bool) -> None:
    """Run every role in one process, on the embedded store unless REDIS_URL is set."""
    _serve(_settings(host, port, data), frozenset({"web", "matcher"}), demo_app=demo_app)


@main.command()
@HOST
@PORT
def web(host: str | None, port: int | None) -> None:
    """Run sockets and HTTP only, on the store of REDIS_URL."""
    _serve(_shared(_settings(host, port, None)), frozenset({"web"}))


@main.command()
def matcher() -> None:
    """Run matching and timers only, on the store of REDIS_URL."""
    _serve(_shared(_settings(None, None, None)), frozenset({"matcher"}))


@main.group()
def apps() -> None:
    """Register apps, and their secrets."""


@apps.command("create")
@click.argument("name")
@click.option("--marketplace", default="main", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@DATA
def apps_create(name: str, marketplace: str, data: Path | None, *, as_json: bool) -> None:
    """Register an app; the first of a marketplace manages its interpreters."""

    async def create() -> None:
        async with _apps(_settings(None, None, data)) as registry:
            app = await registry.create(name, marketplace)
        if as_json:
            shown = {"key": app.key, "secret": app.secrets[0], "marketplace": app.marketplace}
            click.echo(json.dumps(shown))
        else:
            click.echo(f"key     {app.key}\nsecret  {app.secrets[0]}")

    _run(create())


@apps.command("list")
@DATA
def apps_list(data: Path | None) -> None:
    """List the apps, without their secrets."""

    async def show() -> None:
        async with _apps(_settings(None, None, data)) as registry:
            for app in await registry.list():
                click.echo(f"{app.key}  {app.marketplace}  {app.name}")

    _run(show())


@apps.command("rotate")
@click.argument("key")
@DATA
def apps_rotate(key: str, data: Path | None) -> None:
    """Add a second secret; the older of two is dropped."""

    async def rotate() -> None:
        async with _apps(_settings(None, None, data)) as registry:
            app = await registry.rotate(key)
        click.echo(f"secret  {app.secrets[0]}")

    _run(rotate())


@main.group()
def tokens() -> None:
    """Make tokens, for trying things; in production apps sign their own."""


@tokens.command("create")
@click.option("--app", "key", required=True, help="Key of the app that signs.")
@click.option("--user", required=True, help="The app's id of the user.")
@click.option("--role", type=click.Choice(ROLES), required=True)
@click.option("--name", default="", help="Shown to others.")
@click.option("--ttl", default=86_400, show_default=True, help="Seconds until it ends.")
@DATA
def tokens_create(key: str, user: str, role: str, name: str, ttl: int, data: Path | None) -> None:
    """Print a token."""

    async def create() -> None:
        from signalling.web.auth import mint

        async with _apps(_settings(None, None, data)) as registry:
            app = await registry.get(key)
        if app is None:
            raise click.ClickException(f"there is no app {key}")
        click.echo(mint(app, user, role, name=name, ttl_s=ttl))

    _run(create())


@main.command()
@click.option(
    "--export", type=click.Path(path_type=Path), help="Only write the population, NDJSON."
)
def demo(export: Path | None) -> None:
    """Play ten requests against a fresh server, with real sockets and real media."""
    from signalling.demo import population

    if export is not None:
        with export.open("wb") as file:
            click.echo(f"{population.write_ndjson(file)} interpreters in {export}")
        return
    from signalling.demo.play import play

    sys.exit(_run(play()))


def _settings(host: str | None, port: int | None, data: Path | None) -> Settings:
    try:
        settings = load()
    except SettingsError as error:
        raise click.ClickException(str(error)) from None
    server, store = settings.server, settings.store
    if host is not None:
        server = msgspec.structs.replace(server, host=host)
    if port is not None:
        server = msgspec.structs.replace(server, port=port)
    if data is not None:
        store = msgspec.structs.replace(store, data=str(data), url="")
    return msgspec.structs.replace(settings, server=server, store=store)


def _shared(settings: Settings) -> Settings:
    if not settings.store.url:
        raise click.ClickException("roles apart need a store that they share: set REDIS_URL")
    return settings


@contextlib.asynccontextmanager
async def _apps(settings: Settings) -> AsyncIterator[Any]:
    """Open the registry of apps, whether a server runs on this data or not."""
    from signalling.app import open_store
    from signalling.store.apps import Apps

    async with open_store(settings, visiting=True) as store:
        yield Apps(store)


def _serve(settings: Settings, roles: frozenset[str], *, demo_app: bool = False) -> None:
    from signalling.app import serve_forever

    _run(serve_forever(settings, roles, demo_app=demo_app))


def _run(main_: Coroutine[Any, Any, Any]) -> Any:
    """Run on uvloop; an error that the user can act on is one line, not a trace."""
    try:
        return uvloop.run(main_)
    except DragomanError as error:
        raise click.ClickException(error.detail or error.message) from None


if __name__ == "__main__":
    main(prog_name="dragoman")
