"""Decisions as they are recorded."""

import json
from typing import Any

from matching import Population, Request
from matching.asking import Turn, ask
from matching.decisions import record
from matching.policy import WaveSize
from tests.matching.builders import NOW
from tests.matching.conftest import TABLES

ONE = TABLES.policy.waves["one_at_a_time"]


def decide(
    population: Population, wish: Request, size: WaveSize = ONE, seed: int = 1
) -> dict[str, Any]:
    """Return a decision as it was recorded, after a journey through JSON."""
    turn = Turn(wish, size, seed=seed)
    decision = record(population, turn, ask(population, turn, NOW), NOW)
    found: dict[str, Any] = json.loads(json.dumps(decision))
    return found


def rung(decision: dict[str, Any]) -> list[str]:
    return [each["interpreter"] for each in decision["candidates"] if each["rung"]]
