"""Which of several decisions explains somebody."""

from typing import Any

import pytest

from signalling.core import events as on
from signalling.core.effects import Key
from signalling.errors import RateLimited
from signalling.service import match
from tests.dispatching import dispatching, looked, ringing, settled
from tests.service.test_match import explain, in_category
from tests.world import World, interpreter, operator


@pytest.fixture
async def decisions(world: World) -> list[str]:
    """Give the two decisions for `a1`: Al was asked and declined, then Zo was.

    Bo and Cy blocked Kari, Di was away; Cy left before the second decision.
    """
    await world.register("al", languages=in_category("A"))
    await world.register("zo", languages=in_category("D"))
    for who in ("bo", "cy"):
        await world.register(who, blocked_customers=["kari"])
    await world.register("di")
    await world.online("al", "zo", "bo", "cy")
    market = await world.market()
    await world.until(lambda: market.available == 4 and "di" in market.profiles)
    await world.ask("a1", strategy="one_at_a_time")
    async with dispatching(world, lot=lambda: 1) as dispatcher:
        await settled(dispatcher)
        (offer,) = (await world.get("assignment", "a1")).slot("1").ringing
        assert offer.interpreter == "al"
        await world.tell("availability", "cy", on.SetStatus("busy"))
        await world.until_status("cy", "busy")
        await world.tell("assignment", "a1", on.Decline(offer.id, "al"))
        await looked(world, dispatcher)
    assert await ringing(world, "a1") == ["zo"]
    return list((await world.get("assignment", "a1")).decisions)


@pytest.mark.parametrize("at_once", [1, 2, 5])
@pytest.mark.parametrize(
    ("who", "want"),
    [
        ("zo", (1, 1, [])),  # ranked by both
        ("al", (0, 1, [])),  # not ranked once they were asked
        ("bo", (1, None, ["blocked"])),
        ("cy", (0, None, ["blocked"])),  # who was not there any more
        ("di", (1, None, ["not_present"])),
    ],
)
async def test_which_decision_explains(
    world: World,
    decisions: list[str],
    monkeypatch: pytest.MonkeyPatch,
    who: str,
    want: tuple[int, int | None, list[str]],
    at_once: int,
) -> None:
    """The newest that ranked them, else that had them before it, else the newest."""
    monkeypatch.setattr(match, "AT_ONCE", at_once)
    answer = await explain(world, operator(world), assignment="a1", interpreter=who)
    assert len(decisions) == 2
    rules = [each["rule"] for each in answer["excluded"]]
    assert (decisions.index(answer["decision"]), answer.get("rank"), rules) == want


async def test_decisions_are_read_until_one_explains(
    world: World, decisions: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A long search has many, of up to 150 KB."""
    monkeypatch.setattr(match, "AT_ONCE", 1)
    read: list[str] = []
    engine_read = world.engine.read

    async def note(marketplace: str, *keys: Key) -> list[Any]:
        read.extend(key.id for key in keys if key.kind == "decision")
        return await engine_read(marketplace, *keys)

    monkeypatch.setattr(world.engine, "read", note)
    await explain(world, operator(world), assignment="a1", interpreter="zo")
    assert read == decisions[1:]


async def test_a_long_search_is_not_read_to_its_beginning(
    world: World, decisions: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """But for the decision by which somebody was asked: who was not, is told by the newest."""
    monkeypatch.setattr(match, "LOOKED_AT", 1)
    for who, decision in zip(("al", "cy"), decisions, strict=True):
        answer = await explain(world, operator(world), assignment="a1", interpreter=who)
        assert answer["decision"] == decision


@pytest.mark.usefixtures("decisions")
async def test_nobody_has_things_explained_all_day(world: World) -> None:
    """But for staff, who answer to many."""
    al, asked = interpreter(world, "al"), {"assignment": "a1"}
    for _ in range(match.EXPLAINED_AT_ONCE):
        await explain(world, al, **asked)
        await explain(world, operator(world), interpreter="al", **asked)
    with pytest.raises(RateLimited):
        await explain(world, al, **asked)
    await explain(world, operator(world), interpreter="al", **asked)
