"""The command line: `dragoman`, also `python -m signalling`."""

import click

from signalling.commands.apps import apps, tokens
from signalling.commands.decisions import decisions, replay
from signalling.commands.learning import evaluate, train
from signalling.commands.models import models
from signalling.commands.recordings import recordings
from signalling.commands.serving import demo, matcher, media, serve, web
from signalling.commands.simulation import simulate, simulated_log


@click.group()
@click.version_option(package_name="dragoman")
def main() -> None:
    """Match interpreters and set up their meetings, in real time."""


for command in (
    *(serve, web, matcher, media, apps, tokens),
    *(decisions, replay, train, evaluate, simulate, models),
    *(recordings, demo),
):
    main.add_command(command)
decisions.add_command(simulated_log)


if __name__ == "__main__":
    main(prog_name="dragoman")
