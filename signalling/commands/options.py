# ruff: noqa: PLC0415 -- a command imports what it needs: the small ones start fast
"""What commands have in common: their options, the settings, the store, one-line errors."""

import contextlib
from collections.abc import AsyncIterator, Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec
import uvloop

from signalling.errors import DragomanError
from signalling.settings import Settings, SettingsError, load

if TYPE_CHECKING:
    from matching.tables import Tables
    from signalling.store.store import Store

DATA = click.option(
    "--data",
    type=click.Path(path_type=Path),
    help="Directory of the embedded store (default: as configured).",
)
HOST = click.option("--host", help="Address to listen on (default: as configured).")
PORT = click.option("--port", type=click.IntRange(0, 65_535), help="Port; 0 picks a free one.")
MARKETPLACE = click.option("--marketplace", default="main", show_default=True)


class Moment(click.ParamType[int]):
    """A moment as ms since 1970, from ISO 8601; one without an offset is UTC."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no time like 2026-11-25 or 2026-11-25T14:30+01:00", param, ctx)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return round(moment.timestamp() * 1000)


def settings_of(
    host: str | None = None, port: int | None = None, data: Path | None = None
) -> Settings:
    """Return the settings with what the command line says in place of theirs."""
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


@contextlib.asynccontextmanager
async def store_of(settings: Settings) -> AsyncIterator["Store"]:
    """Open the store, whether a server runs on it or not."""
    from signalling.process import open_store

    async with open_store(settings, visiting=True) as store:
        yield store


def tables_of(settings: Settings) -> "Tables":
    """Read the tables of the configured directory."""
    from matching.errors import InvalidTables
    from matching.tables import load_tables

    try:
        return load_tables(settings.config_dir)
    except (InvalidTables, OSError) as error:
        raise click.ClickException(f"{settings.config_dir}: {error}") from None


def marketplace_named(name: str) -> str:
    """Return a marketplace's name, or refuse what can be none."""
    from signalling.store.keys import Keys

    try:
        return Keys(name).marketplace
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--marketplace") from None


def run(main: Coroutine[Any, Any, Any]) -> Any:
    """Run on uvloop; an error that the user can act on is one line, not a trace."""
    try:
        return uvloop.run(main)
    except DragomanError as error:
        raise click.ClickException(error.detail or error.message) from None
