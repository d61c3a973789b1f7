"""The decision log of a simulated market: the NDJSON that the server exports and training reads."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import msgspec

from matching.blocks import Sink
from matching.model import Model
from matching.simulate.market import Job, Market, Offer, Open, Run
from matching.simulate.policies import Waves
from matching.simulate.scenario import Scenario
from matching.simulate.world import make_world, norwegian_places
from matching.tables import Tables, load_tables


def write_log(
    file: Sink,
    scenario: Scenario,
    seed: int,
    days: int | None = None,
    model: Model | None = None,
    tables: Tables | None = None,
) -> int:
    """Play a world of so many working days and write its log; return the number of lines.

    Policy, model and exploration are those of the tables and of *model*. Take a seed that no
    evaluation uses, or the model is asked about people it knows.
    """
    tables = tables or load_tables()
    if days is not None:
        scenario = replace(scenario, days=days)
    world = make_world(scenario, seed, tables, norwegian_places())
    lines = 0

    def write(line: Mapping[str, Any]) -> None:
        nonlocal lines
        file.write(msgspec.json.encode(line) + b"\n")
        lines += 1

    def decided(decision: str, open_: Open, body: dict[str, Any]) -> None:
        identity = {"id": decision, "assignment": _assignment(seed, open_), "slot": "s1"}
        write({"kind": "decision", **identity, "strategy": "waves", **body})

    run = Market(world, tables, Waves(model=model, log=decided)).run()
    for line in outcomes(run):
        write(line)
    return lines


def outcomes(run: Run) -> Iterator[dict[str, Any]]:
    """Yield what became of the offers of a run, the work that followed, and who was online."""
    seed = run.world.seed
    for open_ in run.opens:
        for offer in open_.offers:
            yield _offer_line(seed, offer)
    for job in run.jobs:
        yield _work_line(seed, job)
    for spell in run.world.spells:
        times = {"from_ms": spell.from_ms, "to_ms": spell.to_ms}
        yield {"kind": "online", "interpreter": spell.interpreter, **times}


def _assignment(seed: int, open_: Open) -> str:
    return f"{seed}-{open_.ask.id}"


def _offer_id(seed: int, offer: Offer) -> str:
    return f"{_assignment(seed, offer.open)}-{offer.interpreter}"


def _offer_line(seed: int, offer: Offer) -> dict[str, Any]:
    return {
        "kind": "offer",
        "offer": _offer_id(seed, offer),
        "decision": offer.decision,
        "assignment": _assignment(seed, offer.open),
        "interpreter": offer.interpreter,
        "wave": offer.wave,
        "made_ms": offer.made_ms,
        "expires_ms": offer.expires_ms,
        "delivered_ms": offer.delivered_ms,
        "seen_ms": None if offer.ghost else offer.delivered_ms,
        "answered_ms": offer.answered_ms,
        "state": offer.state,
        "reason": None,
    }


def _work_line(seed: int, job: Job) -> dict[str, Any]:
    completed = job.started_ms is not None
    return {
        "kind": "work",
        "assignment": _assignment(seed, job.offer.open),
        "interpreter": job.offer.interpreter,
        "offer": _offer_id(seed, job.offer),
        "accepted_ms": job.accepted_ms,
        "started_ms": job.started_ms,
        "ended_ms": job.ended_ms,
        "minutes": job.minutes,
        "state": "completed" if completed else "failed",
        "fault": "nobody" if completed else "interpreter",
    }
