# ruff: noqa: PLC0415 -- a command imports what it needs: the small ones start fast
"""Apps, their secrets, and tokens to try things with."""

import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import click
from msgspec.structs import asdict

from signalling.commands.options import DATA, MARKETPLACE, run, settings_of, store_of

if TYPE_CHECKING:
    from signalling.store.apps import Apps

NONE = "none"
LISTS = ("reminders_min", "cancel_reasons", "excused")
ROLES = ("customer", "interpreter", "operator", "app")


@click.group()
def apps() -> None:
    """Register apps, and their secrets."""


@apps.command("create")
@click.argument("name")
@MARKETPLACE
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@DATA
def apps_create(name: str, marketplace: str, data: Path | None, *, as_json: bool) -> None:
    """Register an app; the first of a marketplace manages its interpreters."""

    async def create() -> None:
        async with _apps(data) as registry:
            app = await registry.create(name, marketplace)
        if as_json:
            shown = {"key": app.key, "secret": app.secrets[0], "marketplace": app.marketplace}
            click.echo(json.dumps(shown))
        else:
            click.echo(f"key     {app.key}\nsecret  {app.secrets[0]}")

    run(create())


@apps.command("list")
@DATA
def apps_list(data: Path | None) -> None:
    """List the apps, without their secrets."""

    async def show() -> None:
        async with _apps(data) as registry:
            for app in await registry.list():
                click.echo(f"{app.key}  {app.marketplace}  {app.name}")

    run(show())


@apps.command("rotate")
@click.argument("key")
@DATA
def apps_rotate(key: str, data: Path | None) -> None:
    """Add a second secret; the older of two is dropped."""

    async def rotate() -> None:
        async with _apps(data) as registry:
            app = await registry.rotate(key)
        click.echo(f"secret  {app.secrets[0]}")

    run(rotate())


@apps.command("set")
@click.argument("key")
@click.option(
    "--topology",
    type=click.Choice(["auto", "mesh", "relay", "janus"]),
    help="What carries its meetings.",
)
@click.option("--mesh-most", type=click.IntRange(2, 8), help="People before they are carried.")
@click.option(
    "--ice", type=click.Choice(["all", "relay"]), help="relay: by TURN alone, addresses hidden."
)
@click.option(
    "--device-check/--no-device-check",
    default=None,
    help="Whether interpreters need a passed device check to be available.",
)
@DATA
def apps_set(key: str, data: Path | None, **policy: object) -> None:
    """Set how an app's meetings are carried; what is not named stays."""
    changes = {name: value for name, value in policy.items() if value is not None}

    async def change() -> None:
        async with _apps(data) as registry:
            app = await registry.set_policy(key, changes)
        for name, value in asdict(app.policy).items():
            if name == "rules":
                continue
            click.echo(f"{name:13} {value}")

    run(change())


@apps.command("rule")
@click.argument("key")
@click.argument("changes", nargs=-1, metavar="[NAME=VALUE]...")
@DATA
def apps_rule(key: str, changes: tuple[str, ...], data: Path | None) -> None:
    """Set rules of an app's assignments, and show all; lists have commas, "none" is none."""
    said = dict(_said(change) for change in changes)

    async def change() -> None:
        async with _apps(data) as registry:
            app = await registry.set_rules(key, said)
        for name, value in asdict(app.policy.rules).items():
            click.echo(f"{name:16} {_shown(value)}")

    run(change())


def _said(change: str) -> tuple[str, object]:
    name, equals, value = change.partition("=")
    if not equals:
        raise click.UsageError(f"{change}: write it as NAME=VALUE")
    if name in LISTS:
        return name, [each.strip() for each in value.split(",") if value != NONE]
    return name, None if value == NONE else value


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return ",".join(map(str, value)) or NONE
    return NONE if value is None else str(value).lower()


@click.group()
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

        async with _apps(data) as registry:
            app = await registry.get(key)
        if app is None:
            raise click.ClickException(f"there is no app {key}")
        click.echo(mint(app, user, role, name=name, ttl_s=ttl))

    run(create())


@contextlib.asynccontextmanager
async def _apps(data: Path | None) -> AsyncIterator["Apps"]:
    """Open the registry of apps, whether a server runs on this data or not."""
    from signalling.store.apps import Apps

    async with store_of(settings_of(data=data)) as store:
        yield Apps(store)
