"""Who fits, why, and what each may read of it."""

from typing import Any

import pytest

from signalling.core import events as on
from signalling.dispatcher import Dispatcher
from signalling.errors import Forbidden, InvalidParams, NotFound
from signalling.store.bus import Bus
from tests.test_dispatcher import settled
from tests.world import World, customer, interpreter, operator, request, staff_app

NOBODY = "another rule of the marketplace"


@pytest.fixture
async def crowd(world: World) -> World:
    """Give Ann, who fits; Bo, who blocked Kari; Cy, who has a conflict; Di, who is away."""
    await world.register("ann", specialisms=["medical"])
    await world.register("bo", blocked_customers=["kari"])
    await world.register("cy", conflicts=["kari"])
    await world.register("di")
    await world.register("ed", "pl")
    await world.online("ann", "bo", "cy", "ed")
    market = await world.market()
    await world.until(lambda: market.available == 4 and len(market.profiles) == 5)
    return world


async def search(world: World, caller: Any, **terms: Any) -> dict[str, Any]:
    answer = await world.call("match.search", caller, **request(**terms))
    assert isinstance(answer, dict)
    return answer


async def explain(world: World, caller: Any, **params: Any) -> dict[str, Any]:
    answer = await world.call("match.explain", caller, **params)
    assert isinstance(answer, dict)
    return answer


def features(answer: dict[str, Any]) -> set[str]:
    return {reason["feature"] for reason in answer["reasons"]}


async def test_the_best_with_their_reasons(crowd: World) -> None:
    """A card, an exact sum of reasons, and no probability."""
    wanted = {"specialisms": ["medical"]}
    found = await search(crowd, customer(crowd), requirements=wanted)
    (match,) = found["matches"]
    assert match["interpreter"]["name"] == "Ann"
    assert [skill["tag"] for skill in match["interpreter"]["languages"]] == ["no", "so"]
    assert match["score"] == sum(reason["contribution"] for reason in match["reasons"])
    assert "specialism" in features(match)
    assert not {"p_accept", "location"} & match.keys()
    assert await crowd.index("searching") == []


async def test_why_the_list_is_thin(crowd: World) -> None:
    """Customers read how many a rule excludes, but not who blocked them; staff read it all."""
    thin = await search(crowd, customer(crowd))
    assert thin["excluded"] == {"language": 1, "not_present": 1, "not_offered": 1}
    whole = await search(crowd, operator(crowd), customer="kari")
    assert whole["excluded"] == {"language": 1, "not_present": 1, "conflict": 1, "blocked": 1}
    anybody = await search(crowd, staff_app(crowd))
    assert len(anybody["matches"]) == 3
    full = await search(crowd, customer(crowd), limit=1)
    assert (full["excluded"], full["relaxations"]) == ({}, ())
    short = await search(crowd, customer(crowd), requirements={"min_qualification": "A"})
    assert short["relaxations"][0] == {"change": "category B instead of A", "adds": 1}


async def test_refused_searches(crowd: World) -> None:
    with pytest.raises(Forbidden):
        await search(crowd, customer(crowd), customer="liv")
    with pytest.raises(InvalidParams) as refused:
        await search(crowd, customer(crowd), languages={"from": "Kurdish", "to": "no"})
    assert refused.value.path == "languages.from"


async def test_near_and_far(crowd: World) -> None:
    place = {"lat": 59.8, "lon": 10.4}
    (match,) = (await search(crowd, customer(crowd), mode="onsite", location=place))["matches"]
    assert match["distance_band"] == "15–50 km"
    assert match["travel_min"] > 0


async def dispatched(world: World, **terms: Any) -> str:
    """Return an assignment that the dispatcher has offered."""
    made = await world.call("assignment.create", customer(world), **request(**terms))
    id_ = str(made["assignment"]["id"])
    async with (
        Bus(world.store) as bus,
        Dispatcher(world.engine, bus, world.markets, "n1") as dispatcher,
    ):
        await dispatcher.watch(world.marketplace)
        await settled(dispatcher)
    return id_


async def test_why_somebody_was_asked(crowd: World) -> None:
    """From the recorded decision; preferring is not named to them, probabilities to staff only."""
    id_ = await dispatched(crowd, preferences={"preferred": ["ann"]})
    seen = {
        caller.role: await explain(crowd, caller, assignment=id_, interpreter="ann")
        for caller in (customer(crowd), interpreter(crowd, "ann"), operator(crowd))
    }
    for answer in seen.values():
        assert (answer["eligible"], answer["offered"], answer["rank"]) == (True, True, 1)
        assert answer["wave"] == 1
        assert answer["policy"].startswith("hand-")
        assert answer["score"] == sum(reason["contribution"] for reason in answer["reasons"])
    assert "preference" in features(seen["customer"]) & features(seen["operator"])
    assert "preference" not in features(seen["interpreter"])
    assert seen["interpreter"]["score"] < seen["operator"]["score"]
    for role in ("customer", "interpreter"):
        assert not {"p_accept", "propensity"} & seen[role].keys()
    assert 0 < seen["operator"]["p_accept"] < 1
    assert seen["operator"]["propensity"] == 1.0
    mine = await explain(crowd, interpreter(crowd, "ann"), assignment=id_)
    assert mine == seen["interpreter"]


async def test_who_was_ranked_and_not_asked(crowd: World) -> None:
    """The newest decision that ranked them explains it."""
    await crowd.register("al", specialisms=["medical"])
    await crowd.online("al")
    market = await crowd.market()
    await crowd.until(lambda: market.available == 5)
    id_ = await dispatched(crowd, strategy="one_at_a_time")
    a = await crowd.get("assignment", id_)
    (asked,) = [o.interpreter for o in a.slot("1").offers]
    other = ({"al", "ann"} - {asked}).pop()
    answer = await explain(crowd, operator(crowd), assignment=id_, interpreter=other)
    assert (answer["offered"], answer["rank"], answer["eligible"]) == (False, 2, True)
    assert "wave" not in answer
    assert answer["propensity"] == pytest.approx(0.0, abs=0.05)
    assert "p_accept" in answer


async def test_why_somebody_was_not(crowd: World) -> None:
    """By the rules as they are now; who blocked whom is named to staff alone."""
    id_ = await dispatched(crowd)
    for who, rule in (("bo", "blocked"), ("cy", "conflict")):
        hidden = [{"rule": "not_offered", "text": NOBODY}]
        for caller in (customer(crowd), interpreter(crowd, who)):
            answer = await explain(crowd, caller, assignment=id_, interpreter=who)
            assert (answer["eligible"], list(answer["excluded"])) == (False, hidden)
        answer = await explain(crowd, staff_app(crowd), assignment=id_, interpreter=who)
        assert [reason["rule"] for reason in answer["excluded"]] == [rule]
    away = await explain(crowd, interpreter(crowd, "di"), assignment=id_)
    assert [reason["rule"] for reason in away["excluded"]] == ["not_present"]
    assert away["offered"] is False
    other = await explain(crowd, operator(crowd), assignment=id_, interpreter="ed")
    assert [reason["rule"] for reason in other["excluded"]] == ["language"]
    assert (other["score"], other["reasons"]) == (0, ())


async def test_an_offer_without_a_ranking(crowd: World) -> None:
    """A decision that is gone is answered from the rules, with what is known of the offer."""
    await crowd.ask("a1")
    await crowd.ring("a1", "ann")
    await crowd.until_status("ann", "ringing")
    answer = await explain(crowd, operator(crowd), assignment="a1", interpreter="ann")
    assert answer["offered"] is True
    assert [reason["rule"] for reason in answer["excluded"]] == ["not_present"]
    gone = await crowd.get("decision", "d1")
    assert gone is None


async def test_about_whom(crowd: World) -> None:
    """Strangers learn nothing; interpreters ask about themselves only."""
    await crowd.ask("a1")
    for caller, params, error in (
        (customer(crowd, "liv"), {"assignment": "a1", "interpreter": "ann"}, NotFound),
        (staff_app(crowd, "court"), {"assignment": "a1", "interpreter": "ann"}, NotFound),
        (customer(crowd), {"assignment": "a1"}, InvalidParams),
        (operator(crowd), {"assignment": "a1", "interpreter": "nobody"}, NotFound),
        (interpreter(crowd, "ann"), {"assignment": "a1", "interpreter": "bo"}, NotFound),
        (interpreter(crowd, "ann"), {"assignment": "none"}, NotFound),
        (interpreter(crowd, "zoe"), {"assignment": "a1"}, NotFound),
        (interpreter(crowd, "ed"), {"assignment": "a1"}, NotFound),  # not their languages
    ):
        with pytest.raises(error):
            await explain(crowd, caller, **params)
    await crowd.tell("assignment", "a1", on.Cancel(customer(crowd).address))
    own = await explain(crowd, interpreter(crowd, "ann"), assignment="a1")
    assert own["interpreter"] == "ann"
