# ruff: noqa: PLC0415 -- a command imports what it needs: the small ones start fast
"""Recordings of meetings: make a key, list, export, erase."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from signalling.commands.options import settings_of

if TYPE_CHECKING:
    from signalling.media.record.catalogue import Kept
    from signalling.media.record.export import Exported

DIRECTORY = click.option(
    "--directory",
    type=click.Path(file_okay=False, path_type=Path),
    help="Directory of the recordings (default: as configured).",
)


@click.group()
def recordings() -> None:
    """List, export and erase recordings; make the key that opens them."""


@recordings.command("keygen")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def keygen(file: Path) -> None:
    """Write a new secret key to FILE, and print its public key.

    Recordings are encrypted to the public key (recording.recipients) and opened with the secret
    one alone. Make it where recordings are listened to, not on the server, and keep a copy:
    without it they are lost.
    """
    import os

    from pyrage.x25519 import Identity

    from signalling.media.record.sealed import create, write_all

    key = Identity.generate()
    public = str(key.to_public())
    made = datetime.now(UTC).isoformat(timespec="seconds")
    try:
        descriptor = create(file)
    except OSError as error:
        raise click.ClickException(f"{file}: {error.strerror}") from None
    try:
        write_all(descriptor, f"# created: {made}\n# public key: {public}\n{key}\n".encode())
    finally:
        os.close(descriptor)
    click.echo(public)


@recordings.command("list")
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a file.")
@DIRECTORY
def list_recordings(name: str | None, directory: Path | None, *, as_json: bool) -> None:
    """List the files of all recordings, or of those of NAME: a recording or a meeting.

    What is "open" is still being written, or its process died.
    """
    from signalling.media.record.catalogue import kept, of

    where = _directory(directory)
    for one in kept(where) if name is None else of(where, name):
        click.echo(_as_json(one) if as_json else _as_line(one))


@recordings.command("export")
@click.argument("name")
@click.option(
    "--identity",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="File with the secret key.",
)
@click.option(
    "--to",
    "target",
    default=".",
    show_default=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Directory to write to.",
)
@DIRECTORY
def export_recordings(name: str, identity: Path, target: Path, directory: Path | None) -> None:
    """Decrypt the recording or the meeting NAME to files that players can seek in.

    Each is decoded from end to end; a fault, or a file that cannot be read, is told and makes the
    command fail after the others.
    """
    from signalling.media.record.export import export
    from signalling.media.record.unseal import Unreadable, identities_in

    faults = 0
    try:
        identities = identities_in(identity)
    except Unreadable as error:
        raise click.ClickException(str(error)) from None
    for one in _found(_directory(directory), name):
        if one.sealed is None:
            click.echo(f"{one.stem}: its media is gone", err=True)
            faults += 1
            continue
        file = target / f"{one.recording}-{one.sealed.name.removesuffix('.age')}"
        try:
            done = export(one.sealed, identities, file)
        except (Unreadable, OSError) as error:
            click.echo(str(error), err=True)
            faults += 1
            continue
        faults += done.faults > 0
        click.echo(_told(done))
    if faults:
        raise click.exceptions.Exit(1)


@recordings.command("erase")
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@DIRECTORY
def erase_recordings(name: str, directory: Path | None, *, yes: bool) -> None:
    """Erase the recording or the meeting NAME, with its descriptions.

    A file that is being written ends. Copies and backups are not known here.
    """
    from signalling.media.record.catalogue import erase

    found = _found(_directory(directory), name)
    if not yes:
        click.confirm(f"erase {len(found)} files of {name}?", abort=True, err=True)
    click.echo(f"erased {erase(found)} files")


def _directory(named: Path | None) -> Path:
    return named or Path(settings_of().recording.directory)


def _found(directory: Path, name: str) -> "list[Kept]":
    from signalling.media.record.catalogue import of

    found = of(directory, name)
    if not found:
        raise click.ClickException(f"{directory} has no recording of {name}")
    return found


def _as_line(one: "Kept") -> str:
    known = one.known
    if known is None:
        return f"{one.recording}  {one.stem}  without a description"
    begun = datetime.fromtimestamp(known.started_ms // 1000, UTC).isoformat()
    length = "open" if known.seconds is None else f"{known.seconds:.1f} s"
    return (
        f"{one.recording}  {known.meeting}  {known.participant}  part {known.part}"
        f"  {known.container}  {begun}  {length}  {known.ended or ''}"
    ).rstrip()


def _as_json(one: "Kept") -> str:
    described = {} if one.known is None else msgspec.to_builtins(one.known)
    shown = {"file": str(one.sealed or one.stem), "recording": one.recording, **described}
    return msgspec.json.encode(shown).decode()


def _told(done: "Exported") -> str:
    words = f"{done.path}  {done.seconds:.1f} s  {done.sounds} sounds  {done.pictures} pictures"
    if done.faults:
        words += f"  {done.faults} do not decode"
    return words if done.whole else f"{words}  cut off"
