# ruff: noqa: PLC0415 -- a command imports what it needs: the small ones start fast
"""What commands have in common: their options, the settings, the store, one-line errors."""

import contextlib
import gzip
import sys
import tempfile
from collections.abc import AsyncIterator, Coroutine, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click
import msgspec
import uvloop

from signalling.errors import DragomanError
from signalling.settings import Settings, SettingsError, load

if TYPE_CHECKING:
    from matching.blocks import Sink
    from matching.tables import Tables
    from signalling.store.models import ModelFiles
    from signalling.store.store import Store


class Made(click.Path):
    """A file to be written where one can be: known before the work begins."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        path = Path(str(super().convert(value, param, ctx)))
        if path.is_dir():
            self.fail(f"{path} is a directory", param, ctx)
        if not path.parent.is_dir():
            raise click.ClickException(f"{path.parent} is no directory")
        if not (self.allow_dash and str(path) == "-") and not _is_device(path):
            with _refusing(path.parent), tempfile.TemporaryFile(dir=path.parent):
                pass
        return path


DATA = click.option(
    "--data",
    type=click.Path(path_type=Path),
    help="Directory of the embedded store (default: as configured).",
)
HOST = click.option("--host", help="Address to listen on (default: as configured).")
PORT = click.option("--port", type=click.IntRange(0, 65_535), help="Port; 0 picks a free one.")
FILE = click.Path(path_type=Path, dir_okay=False)
TLS_CERT = click.option("--tls-cert", type=FILE, help="Certificate and chain, PEM: serve https.")
TLS_KEY = click.option("--tls-key", type=FILE, help="Its key, PEM, without a password.")
MARKETPLACE = click.option("--marketplace", default="main", show_default=True)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
MADE = Made(dir_okay=False, writable=True)
REPORT = click.option("--report", type=MADE, help="Write an HTML page.")


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
    server: Mapping[str, str | int | Path | None] | None = None, data: Path | None = None
) -> Settings:
    """Return the settings with what the command line says in place of theirs.

    *server* holds keys of its section; None leaves one as configured.
    """
    try:
        settings = load()
    except SettingsError as error:
        raise click.ClickException(str(error)) from None
    store = settings.store
    said = {
        key: str(value) if isinstance(value, Path) else value
        for key, value in (server or {}).items()
        if value is not None
    }
    if data is not None:
        store = msgspec.structs.replace(store, data=str(data), url="")
    listening = msgspec.structs.replace(settings.server, **said)
    return msgspec.structs.replace(settings, server=listening, store=store)


@contextlib.asynccontextmanager
async def store_of(settings: Settings) -> AsyncIterator["Store"]:
    """Open the store, whether a server runs on it or not."""
    from signalling.process import open_store

    async with open_store(settings, visiting=True) as store:
        yield store


@contextlib.asynccontextmanager
async def model_files(settings: Settings, marketplace: str) -> AsyncIterator["ModelFiles"]:
    """Open the models of a marketplace."""
    from signalling.store.models import ModelFiles

    async with store_of(settings) as store:
        yield ModelFiles(store, marketplace)


@contextlib.contextmanager
def written(path: Path) -> Iterator[BinaryIO]:
    """Open a file to be written, which has its name once it is whole; errors are one line."""
    if _is_device(path):
        with _refusing(path), path.open("wb") as file:
            yield file
        return
    part = path.with_name(path.name + ".part")
    with _refusing(path):
        try:
            with part.open("wb") as file:
                yield file
            part.replace(path)
        finally:
            with contextlib.suppress(OSError):
                part.unlink()


@contextlib.contextmanager
def sink(out: Path) -> Iterator["Sink"]:
    """Open what lines are written to: standard output, a file, or a gzipped one."""
    if str(out) == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    with written(out) as raw:
        if out.suffix == ".gz":
            with gzip.GzipFile(out.stem, "wb", fileobj=raw) as file:
                yield file
        else:
            yield raw


@contextlib.contextmanager
def _refusing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise click.ClickException(f"{error.filename or path}: {error.strerror}") from None


def _is_device(path: Path) -> bool:
    """Say whether it is a device or a pipe, which nothing is to take the place of."""
    return path.exists() and not path.is_file()


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
