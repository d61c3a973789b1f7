# ruff: noqa: PLC0415 -- a command imports what it needs: the small ones start fast
"""Learnt models: put, promote, retire."""

from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from signalling.commands.options import (
    DATA,
    FILE,
    MARKETPLACE,
    marketplace_named,
    model_files,
    run,
    settings_of,
)

if TYPE_CHECKING:
    from signalling.store.models import ModelFiles


@click.group()
def models() -> None:
    """Keep learnt models, and choose which of them ranks."""


@models.command("list")
@MARKETPLACE
@DATA
def models_list(marketplace: str, data: Path | None) -> None:
    """List the models, the newest first; an asterisk marks the one that ranks."""

    async def show() -> None:
        async with _files(marketplace, data) as files:
            for version, put_ms, current in await files.list():
                put = datetime.fromtimestamp(put_ms // 1000, UTC).isoformat()
                click.echo(f"{'*' if current else ' '} {version}  {put}")

    run(show())


@models.command("put")
@click.argument("file", type=FILE)
@MARKETPLACE
@DATA
def models_put(file: Path, marketplace: str, data: Path | None) -> None:
    """Keep a model's file and print its version; it does not rank before it is promoted."""
    from signalling.models import admit

    content = file.read_bytes()

    async def put() -> None:
        model = await admit(content)
        async with _files(marketplace, data) as files:
            await files.put(model.version, content)
        click.echo(model.version)

    run(put())


@models.command("promote")
@click.argument("version")
@MARKETPLACE
@DATA
def models_promote(version: str, marketplace: str, data: Path | None) -> None:
    """Let a model rank from now on, in every server that runs."""

    async def promote() -> None:
        async with _files(marketplace, data) as files:
            await files.promote(version)

    run(promote())


@models.command("retire")
@MARKETPLACE
@DATA
def models_retire(marketplace: str, data: Path | None) -> None:
    """Let the hand weights rank alone again; no model is removed."""

    async def retire() -> None:
        async with _files(marketplace, data) as files:
            await files.retire()

    run(retire())


def _files(marketplace: str, data: Path | None) -> AbstractAsyncContextManager["ModelFiles"]:
    name = marketplace_named(marketplace)
    return model_files(settings_of(data=data), name)
