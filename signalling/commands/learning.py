# ruff: noqa: PLC0415 -- a command imports what it needs: the small ones start fast
"""Learn from the decision log, and judge what was learnt."""

import contextlib
import gzip
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

import click

from signalling.commands.decisions import export_into
from signalling.commands.options import (
    DATA,
    FILE,
    MADE,
    MARKETPLACE,
    REPORT,
    marketplace_named,
    model_files,
    run,
    settings_of,
    tables_of,
    written,
)
from signalling.commands.screen import steps
from signalling.settings import Settings

if TYPE_CHECKING:
    from matching.evaluate.findings import Findings
    from matching.model import Model
    from matching.policy import Policy
    from matching.train.training import Verdict


LOG = click.option("--log", type=FILE, help="Exported log, NDJSON or .gz (default: the store's).")
WORSE: Final = 3  # the exit code of a model that should not serve
T = TypeVar("T")
Progress = Callable[[str, int], None]


@click.command()
@MARKETPLACE
@LOG
@click.option("--out", type=MADE, help="Write the model's file.")
@REPORT
@click.option("--promote", is_flag=True, help="Keep it and let it rank, unless it is worse.")
@DATA
def train(
    marketplace: str,
    log: Path | None,
    out: Path | None,
    report: Path | None,
    data: Path | None,
    *,
    promote: bool,
) -> None:
    """Learn a model from the decision log.

    Exit code 3 if it is worse, by its own report, than what serves now; then it is not promoted.
    With --log and without --promote, what serves now is taken to be the hand weights.
    """
    from matching.model import dump
    from matching.train import training

    settings, name = settings_of(data=data), marketplace_named(marketplace)
    policy = tables_of(settings).policy
    current = _current(settings, name) if promote or log is None else None
    now_ms = round(time.time() * 1000)
    with _log(settings, name, log) as lines:
        trained = _judged(
            lambda progress: training.train(
                lines, policy=policy, current=current, now_ms=now_ms, progress=progress
            )
        )
    content = dump(trained.model)
    if out is not None:
        with written(out) as file:
            file.write(content)
    _tell(trained.model, trained.findings, trained.verdict, policy, trained.current, report)
    if not trained.verdict.promoted:
        sys.exit(WORSE)
    if promote:
        run(_promote(settings, name, trained.model.version, content))
        click.echo(f"{trained.model.version} ranks now in {name}")


@click.command()
@MARKETPLACE
@LOG
@click.option("--model", type=FILE, help="File of the model (default: the one that ranks).")
@REPORT
@DATA
def evaluate(
    marketplace: str, log: Path | None, model: Path | None, report: Path | None, data: Path | None
) -> None:
    """Judge a model by what was offered after it had learnt.

    It is held against what ranks now, or against the hand weights if that is the model itself.
    Exit code 3 if it is worse.
    """
    from matching.evaluate.findings import examine
    from matching.train.training import verdict
    from signalling.models import admit

    settings, name = settings_of(data=data), marketplace_named(marketplace)
    policy = tables_of(settings).policy
    given = None if model is None else run(admit(model.read_bytes()))
    current = _current(settings, name) if given is None or log is None else None
    judged = given or current
    if judged is None:
        raise click.ClickException(f"the hand weights rank in {name}: give a file with --model")
    if current is not None and current.version == judged.version:
        current = None
    with _log(settings, name, log) as lines:
        findings = _judged(
            lambda progress: examine(
                lines, model=judged, current=current, policy=policy, progress=progress
            )
        )
    found = verdict(findings)
    against = policy.version if current is None else current.version
    _tell(judged, findings, found, policy, against, report)
    if not found.promoted:
        sys.exit(WORSE)


def _current(settings: Settings, marketplace: str) -> "Model | None":
    """Return the model that ranks in a marketplace, None for the hand weights."""
    from signalling.models import current

    async def read() -> "Model | None":
        async with model_files(settings, marketplace) as files:
            return await current(files)

    found: Model | None = run(read())
    return found


async def _promote(settings: Settings, marketplace: str, version: str, content: bytes) -> None:
    async with model_files(settings, marketplace) as files:
        await files.put(version, content)
        await files.promote(version)


@contextlib.contextmanager
def _log(settings: Settings, marketplace: str, log: Path | None) -> Iterator[Iterable[bytes]]:
    """Give the lines of an exported log, or of the store's, which is exported first."""
    if log is None:
        with tempfile.TemporaryFile() as file:
            run(export_into(file, settings, marketplace))
            file.seek(0)
            yield file
        return
    try:
        with gzip.open(log) if log.suffix == ".gz" else log.open("rb") as file:
            yield file
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise click.ClickException(f"{log}: {error}") from None


def _judged(work: Callable[[Progress], T]) -> T:
    """Do long work with its steps shown; what it refuses is one line."""
    from matching.errors import MatchingError

    try:
        with steps() as progress:
            return work(progress)
    except MatchingError as error:
        raise click.ClickException(error.detail) from None


def _tell(
    model: "Model",
    findings: "Findings",
    verdict: "Verdict",
    policy: "Policy",
    current: str,
    report: Path | None,
) -> None:
    word = "may serve" if verdict.promoted else "should not serve"
    click.echo(f"{model.version} {word}, beside {current}\n{verdict.reason}")
    for what, judged in (("accepting", findings.accept), ("completing", findings.complete)):
        if judged is not None:
            losses = ", ".join(f"{name} {loss.value:.4f}" for name, loss in judged.loss.items())
            click.echo(f"log loss of {what}: {losses}")
    if report is not None:
        from matching.evaluate.report import write_report

        page = write_report(model, findings, verdict, policy=policy, current=current)
        with written(report) as file:
            file.write(page.encode())
