"""One request, played: ask, let people answer, meet, and check all of it.

A scenario says who is online, how the best of the ranking answer, and what must come of it. The
ranking is asked for beforehand (`match.search`), so "the best declines" holds whoever is best.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from signalling.client import ClientError
from signalling.demo import actors
from signalling.demo.actors import SETTLED, Actor, Behaviour, Customer, Ring, Unmet
from signalling.demo.casting import Casting
from signalling.demo.stage import Stage

SCENE_S: Final = 25.0
TOLD_S: Final = 5.0
RANKED: Final = 20

Step = Callable[["Scene"], Awaitable[None]]


async def nothing(_: "Scene") -> None:
    """Do no more than every scenario does."""


@dataclass(frozen=True, slots=True)
class Answer:
    """How one of the ranking answers, and what must become of their offer."""

    behaviour: Behaviour
    becomes: str


ACCEPTS: Final = Answer(actors.accept, "accepted")
DECLINES: Final = Answer(actors.decline, "declined")
IGNORES: Final = Answer(actors.ignore, "expired")
TOO_SLOW: Final = Answer(actors.ignore, "taken")
DROPS: Final = Answer(actors.drop, "undelivered")
RETURNS: Final = Answer(actors.drop_and_return, "accepted")


@dataclass(frozen=True, slots=True)
class Scenario:
    """One request. *answers* are by rank; *meet* is what those do who have found each other."""

    title: str
    customer: str
    terms: Mapping[str, Any]
    online: tuple[Casting, ...]
    answers: tuple[Answer, ...]
    ends: str
    meet: Step = nothing
    before: Step = nothing
    check: Step = nothing


@dataclass(slots=True)
class Scene:
    """A scenario while it plays, and what it has come to."""

    scenario: Scenario
    stage: Stage
    customer: Customer
    asked_at: float = 0.0
    search: dict[str, Any] = field(default_factory=dict)
    record: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    heard_at: float | None = None

    @property
    def tag(self) -> str:
        return self.scenario.online[0].tag

    @property
    def id(self) -> str:
        return str(self.record["id"])

    @property
    def asked(self) -> list[tuple[Actor, str]]:
        """Who was asked, in order, and what became of it; as the server has it."""
        return [
            (self.stage.actors[offer["interpreter"]], _fate(offer))
            for offer in self.record.get("offers", ())
        ]

    @property
    def rings(self) -> list[Ring]:
        """What rang, in the same order, as those saw it who were asked."""
        offers = [
            (self.stage.actors[o["interpreter"]], o["offer"]) for o in self.record.get("offers", ())
        ]
        return [actor.rings[offer] for actor, offer in offers if offer in actor.rings]

    @property
    def winner(self) -> Actor:
        return next(actor for actor, fate in self.asked if fate == "accepted")

    def require(self, holds: bool, otherwise: str) -> None:
        if not holds:
            raise Unmet(otherwise)


def _fate(offer: Mapping[str, Any]) -> str:
    return str(offer["reason"] if offer["state"] == "withdrawn" else offer["state"])


@dataclass(frozen=True, slots=True)
class Played:
    """What a scenario came to; times in ms, None where there was nothing to measure."""

    title: str
    asked: tuple[tuple[str, str, str], ...]  # name, category, fate
    notes: tuple[str, ...]
    state: str
    ask_to_offer: float | None = None
    offer_to_accept: float | None = None
    accept_to_audio: float | None = None
    problem: str | None = None


async def play_scenario(stage: Stage, scenario: Scenario) -> Played:
    """Play one; what goes wrong is in the result, not raised."""
    async with stage.customer(scenario.customer) as customer:
        scene = Scene(scenario, stage, customer)
        problem = None
        try:
            async with asyncio.timeout(SCENE_S):
                await _play(scene)
        except TimeoutError:
            problem = f"not over within {SCENE_S:g} s"
        except (Unmet, ClientError) as error:
            problem = str(error)
        failures = [actor.failure for actor, _ in scene.asked if actor.failure]
        return _played(scene, "; ".join([*([problem] if problem else []), *failures]) or None)


async def _play(scene: Scene) -> None:
    scenario = scene.scenario
    await scenario.before(scene)
    await _rank(scene)
    scene.asked_at = asyncio.get_running_loop().time()
    created = await scene.customer.client.call("assignment.create", **scenario.terms)
    scene.record = created["assignment"]
    await scene.customer.until(scene.id, SETTLED)
    scene.record = await scene.stage.record(scene.id)
    await asyncio.gather(*(actor.answered() for actor, _ in scene.asked))
    _check_answers(scene)
    await scenario.meet(scene)
    scene.record = await scene.stage.record(scene.id)
    scene.require(
        scene.record["state"] == scenario.ends,
        f"it is {scene.record['state']}, not {scenario.ends}",
    )
    await scenario.check(scene)
    await _check_told(scene)


async def _rank(scene: Scene) -> None:
    """Ask for the ranking, and let the best of it answer as the scenario has it."""
    scenario = scene.scenario
    search = await scene.customer.client.call("match.search", **scenario.terms, limit=RANKED)
    ranking = [scene.stage.actors[match["interpreter"]["id"]] for match in search["matches"]]
    scene.search = search
    found, needed = len(ranking), len(scenario.answers)
    scene.require(found >= needed, f"{found} fit, {needed} are needed")
    for actor, answer in zip(ranking, scenario.answers, strict=False):
        actor.behaviour = answer.behaviour


def _check_answers(scene: Scene) -> None:
    """Hold who was asked, in which order and with what result, to the ranking and the script."""
    ranking = [match["interpreter"]["id"] for match in scene.search["matches"]]
    answers = scene.scenario.answers
    expected = [(id_, a.becomes) for id_, a in zip(ranking, answers, strict=False)]
    found = [(actor.id, fate) for actor, fate in scene.asked]
    if found == expected:
        return
    if [fate for _, fate in found] == [fate for _, fate in expected]:
        raise Unmet("asked in another order than the ranking's")
    wanted = ", ".join(a.becomes for a in answers) or "nobody asked"
    came = ", ".join(fate for _, fate in found) or "nobody asked"
    raise Unmet(f"expected: {wanted}; came: {came}")


async def _check_told(scene: Scene) -> None:
    """Everybody whose offer is over was told why; no offer tells who the customer is."""
    for (actor, fate), ring in zip(scene.asked, scene.rings, strict=True):
        name = actor.profile["name"]
        secret = scene.scenario.customer not in str(ring.params)
        scene.require(secret, f"the offer to {name} names the customer")
        if fate == "accepted":
            continue
        try:
            async with asyncio.timeout(TOLD_S):
                told = await asyncio.shield(ring.over)
        except TimeoutError:
            raise Unmet(f"{name} was never told: {fate}") from None
        scene.require(told == fate, f"{name} was told {told}, not {fate}")


def _played(scene: Scene, problem: str | None) -> Played:
    rings = scene.rings
    won = next((ring for ring in rings if ring.accepted_at is not None), None)
    first = min((ring.made_at for ring in rings), default=None)
    return Played(
        title=scene.scenario.title,
        asked=tuple((a.profile["name"], a.category(scene.tag), fate) for a, fate in scene.asked),
        notes=tuple(scene.notes),
        state=str(scene.record.get("state", "not asked")),
        ask_to_offer=_ms(scene.asked_at, first),
        offer_to_accept=_ms(won.made_at, won.accepted_at) if won else None,
        accept_to_audio=_ms(won.accepted_at, scene.heard_at) if won else None,
        problem=problem,
    )


def _ms(start_s: float | None, end_s: float | None) -> float | None:
    return None if start_s is None or end_s is None else (end_s - start_s) * 1000
