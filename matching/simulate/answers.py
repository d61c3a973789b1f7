"""What a person does with an offer: fixed by chance beforehand, moved by how they stand then.

Common random numbers: the chance in an answer is a function of (seed, request, interpreter) alone,
so every policy that makes the same offer at the same moment gets the same answer.
"""

import math
import struct
from hashlib import blake2b
from statistics import NormalDist
from typing import NamedTuple

from matching.simulate.scenario import Answers
from matching.simulate.world import PIVOT, Ask, Person
from matching.types import Mode

NORMAL = NormalDist()
POORLY_PAID = frozenset({"health", "welfare"})
BACK_TO_BACK_MIN = 10.0
EVENING_H = 17
_FOUR = struct.Struct("<4Q")


class Fate(NamedTuple):
    """Four independent draws: three in [0, 1), and a standard normal one for the delay."""

    accept: float
    silent: float
    fail: float
    delay: float


class Standing(NamedTuple):
    """What of the moment moves an answer; `since_work_min` is infinite before any work."""

    hour: int
    worked_min: float
    since_work_min: float
    travel_min: int | None
    ghost: bool


class Answer(NamedTuple):
    """`accepts` is None for silence; `delay_s` runs from the ring; `fails` to enter the meeting."""

    accepts: bool | None
    delay_s: float
    fails: bool


SILENCE = Answer(None, math.inf, False)


def fate(seed: int, ask: str, interpreter: str) -> Fate:
    """Return the draws of one pair of a request and an interpreter."""
    text = f"{seed}/{ask}/{interpreter}".encode()
    draws = [word / 2**64 for word in _FOUR.unpack(blake2b(text, digest_size=32).digest())]
    return Fate(draws[0], draws[1], draws[2], NORMAL.inv_cdf(min(max(draws[3], 1e-12), 1 - 1e-12)))


def acceptance(answers: Answers, person: Person, ask: Ask, standing: Standing) -> float:
    """Return the hidden chance that *person* takes *ask* now; the sizes are the scenario's."""
    request = ask.request
    sessions = person.sessions.get(request.language_to, 0) if request.language_from == PIVOT else 0
    odds = person.accepts + answers.experience * math.log2(1 + sessions)
    odds += answers.long_hour * request.duration_min / 60
    odds += answers.hour_worked * standing.worked_min / 60
    if request.mode is Mode.VIDEO:
        odds += answers.video
    if request.mode is Mode.ONSITE:
        odds += answers.onsite + answers.travel * (standing.travel_min or 0)
    if ask.sector not in person.profile.specialisms:
        odds += answers.strange
    if ask.sector in POORLY_PAID:
        odds += answers.poorly_paid
    if standing.since_work_min < BACK_TO_BACK_MIN:
        odds += answers.back_to_back
    if standing.hour >= EVENING_H:
        odds += answers.after_17
    return 1 / (1 + math.exp(-odds))


def answer(
    answers: Answers, person: Person, ask: Ask, standing: Standing, drawn: Fate, offer_s: float
) -> Answer:
    """Return what *person* does with the offer; who is slower than the ring is silent."""
    if standing.ghost:
        return SILENCE
    accepts = drawn.accept < acceptance(answers, person, ask, standing)
    if not accepts and drawn.silent < person.silent:
        return SILENCE
    delay = person.delay_s * math.exp(answers.delay["offer_sigma"] * drawn.delay)
    return Answer(accepts, delay, drawn.fail < person.fails) if delay < offer_s else SILENCE
