"""Who fits, why, and what each may read of it."""

from typing import Any

import pytest

from matching.eligibility import Rule
from matching.model import Hazard, Head, Model, Step, versioned
from matching.scoring import Scorer
from matching.types import Track
from signalling.core import events as on
from signalling.errors import Forbidden, InvalidParams, NotFound
from signalling.service.match import published
from tests.dispatching import dispatching, settled
from tests.world import TABLES, World, customer, interpreter, operator, request, staff_app

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
    """Return an assignment that the dispatcher has offered, without exploring."""
    made = await world.call("assignment.create", customer(world), **request(**terms))
    id_ = str(made["assignment"]["id"])
    async with dispatching(world, lot=lambda: 1) as dispatcher:
        await settled(dispatcher)
    return id_


async def test_why_somebody_was_asked(crowd: World) -> None:
    """From the recorded decision; preferring is not named to them, chances not to customers."""
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
    assert not {"p_accept", "propensity"} & seen["customer"].keys()
    assert "propensity" not in seen["interpreter"]
    assert 0 < seen["operator"]["p_accept"] < 1
    assert seen["interpreter"]["p_accept"] == seen["operator"]["p_accept"]
    assert seen["operator"]["propensity"] == 1.0
    assert {role: answer.get("contest") for role, answer in seen.items()} == {
        "customer": "match.contest", "interpreter": "match.contest", "operator": None
    }  # fmt: skip
    (decision,) = (await crowd.get("assignment", id_)).decisions
    assert {role: answer.get("decision") for role, answer in seen.items()} == {
        "customer": None, "interpreter": None, "operator": decision
    }  # fmt: skip
    assert {answer["parameters"] for answer in seen.values()} == {"/parameters"}
    assert [*seen["interpreter"]["counterfactual"]] == []
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


async def test_their_own_chances_tell_nothing_of_the_customer(crowd: World) -> None:
    """Worked out as if nobody preferred or knew them, whatever a model makes of that."""
    market = await crowd.market()
    market.population.use_model(liking())
    ids = [await dispatched(crowd)]
    await crowd.tell("assignment", ids[0], on.Cancel(customer(crowd).address))
    await crowd.until_status("ann", "available")
    ids.append(await dispatched(crowd, preferences={"preferred": ["ann"]}))
    plain, named = [await explain(crowd, interpreter(crowd, "ann"), assignment=i) for i in ids]
    assert named["p_accept"] == plain["p_accept"]
    chance = {
        each["contribution"]
        for answer in (plain, named)
        for each in answer["reasons"]
        if each["feature"] == "p_accept"
    }
    assert len(chance) == 1
    whole = [await explain(crowd, operator(crowd), assignment=i, interpreter="ann") for i in ids]
    assert whole[0]["p_accept"] < whole[1]["p_accept"]


def liking() -> Model:
    """Return a model that has learnt that who is preferred accepts more."""
    steps = {"preference": Step((0.5,), (0.0, 1.0), 0.0), "tier": Step((0.1,), (0.0, 0.5), 0.0)}
    hazard = Hazard(-1.0, steps, ends_s=(20.0,), by_period=(0.0,))
    return versioned(hazard, Head(2.0, {}), {})


async def test_why_somebody_was_not(crowd: World) -> None:
    """By the rules of then; who blocked whom is named to staff alone."""
    id_ = await dispatched(crowd)
    await crowd.register("bo")  # without the block that there was
    await crowd.register("cy")
    for who, rule in (("bo", "blocked"), ("cy", "conflict")):
        hidden = [{"rule": "not_offered", "text": NOBODY}]
        for caller in (customer(crowd), interpreter(crowd, who)):
            answer = await explain(crowd, caller, assignment=id_, interpreter=who)
            assert (answer["eligible"], list(answer["excluded"])) == (False, hidden)
            assert rule not in str(answer["counterfactual"])
            (change,) = answer["counterfactual"]
            assert (change["change"], change["rank"], change["asked"]) == (
                "that rule of the marketplace met",
                1,
                True,
            )
        answer = await explain(crowd, staff_app(crowd), assignment=id_, interpreter=who)
        assert [reason["rule"] for reason in answer["excluded"]] == [rule]
        (change,) = answer["counterfactual"]
        assert answer["excluded"][0]["text"] == f"needed: {change['change']}"
        assert "score" not in answer
    other = await explain(crowd, operator(crowd), assignment=id_, interpreter="ed")
    assert [reason["rule"] for reason in other["excluded"]] == ["language"]
    assert (other["score"], other["reasons"]) == (0, ())
    assert "decision" not in other  # it is from the rules as they are now


async def test_who_was_away(crowd: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """They would have been asked, or not; that they are here now does not change it."""
    await crowd.register("di", languages=in_category("A"))
    id_ = await dispatched(crowd, strategy="one_at_a_time")
    await crowd.online("di")
    market = await crowd.market()
    await crowd.until(lambda: "di" in market._free)
    away = await explain(crowd, interpreter(crowd, "di"), assignment=id_)
    assert [reason["rule"] for reason in away["excluded"]] == ["not_present"]
    assert (away["eligible"], away["offered"]) == (False, False)
    (change,) = away["counterfactual"]
    assert (change["change"], change["asked"]) == ("availability at that moment", True)
    monkeypatch.setattr("matching.counterfactual.MOST_ONLINE", 1)  # so who was here is not known
    now = await explain(crowd, interpreter(crowd, "di"), assignment=id_)
    assert (now["eligible"], now["excluded"], now["counterfactual"]) == (True, (), ())


async def test_below_the_floor_of_then(crowd: World) -> None:
    """The record has the floor; the profile may have another category since."""
    await crowd.register("al", languages=in_category("A"))
    await crowd.online("al")
    market = await crowd.market()
    await crowd.until(lambda: market.available == 5)
    id_ = await dispatched(crowd, requirements={"min_qualification": "A"})
    await crowd.register("ann", languages=in_category("A"))
    answer = await explain(crowd, interpreter(crowd, "ann"), assignment=id_)
    needed = "at least the qualification asked for, in this pair of languages: A"
    assert list(answer["excluded"]) == [{"rule": "qualification", "text": f"needed: {needed}"}]
    assert answer["counterfactual"][0]["change"] == needed


def in_category(letter: str) -> list[dict[str, Any]]:
    return [
        {"tag": "no", "level": "C1"},
        {"tag": "so", "level": "native", "qualification": letter},
    ]


async def test_what_would_have_had_them_asked(crowd: World) -> None:
    """The smallest single changes; of a policy or model that is gone, only what was missing."""
    await crowd.register("al")
    await crowd.register("zo", languages=in_category("D"))
    await crowd.online("al", "zo")
    market = await crowd.market()
    await crowd.until(lambda: market.available == 6)
    id_ = await dispatched(crowd, strategy="one_at_a_time")
    mine = await explain(crowd, interpreter(crowd, "zo"), assignment=id_)
    assert (mine["rank"], mine["offered"]) == (2, False)
    first = {each["change"]: each for each in mine["counterfactual"]}["category A instead of D"]
    assert (first["rank"], first["asked"]) == (1, True)
    assert first["text"] == "with category A instead of D: place 1 instead of 2"
    market.population.use_model(liking())
    later = await explain(crowd, interpreter(crowd, "zo"), assignment=id_)
    (change,) = later["counterfactual"]
    assert "no longer in use" in change["text"]
    assert "p_accept" not in later
    assert later["reasons"] != ()


async def test_customers_do_not_read_who_lets_offers_ring(crowd: World) -> None:
    """What counts through a chance is for staff, and for everybody of themselves."""
    await crowd.register("al")
    await crowd.online("al", "di")
    market = await crowd.market()
    await crowd.until(lambda: market.available == 6)
    market.population.set_track("al", Track(silent=3.0))
    id_ = await dispatched(crowd, strategy="one_at_a_time")
    for caller, told in (
        (customer(crowd), False),
        (operator(crowd), True),
        (interpreter(crowd, "al"), True),
    ):
        answer = await explain(crowd, caller, assignment=id_, interpreter="al")
        changes = [each["change"] for each in answer["counterfactual"]]
        assert any("offers" in change for change in changes) is told
        assert changes


async def test_beyond_those_whose_reasons_are_recorded(
    crowd: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The codes say as much; where the model is gone, or not even they are there, less is said."""
    await crowd.present(*(f"x{number:02}" for number in range(20)), "z")
    market = await crowd.market()
    await crowd.until(lambda: market.available == 25)
    id_ = await dispatched(crowd, strategy="one_at_a_time")
    ask = {"assignment": id_, "interpreter": "z"}
    found = await explain(crowd, operator(crowd), **ask)
    assert found["eligible"]
    assert found["rank"] == 21
    assert found["score"] == sum(reason["contribution"] for reason in found["reasons"]) != 0
    market.population.use_model(liking())
    found = await explain(crowd, operator(crowd), **ask)
    assert (found["rank"], found["reasons"]) == (21, ())
    assert "score" not in found
    market.population.use_model(None)
    monkeypatch.setattr("matching.decisions.MOST_CANDIDATES", 1)
    id_ = await dispatched(crowd, strategy="one_at_a_time")
    told = await explain(crowd, operator(crowd), assignment=id_, interpreter="x05")
    assert told["rank"] > 1
    assert told["score"] == sum(reason["contribution"] for reason in told["reasons"]) != 0
    assert "propensity" not in told
    # Ann alone has a rare skill, which this work does not need.
    last = await explain(crowd, operator(crowd), assignment=id_, interpreter="ann")
    assert (last["eligible"], last["excluded"], "rank" in last) == (True, (), False)


async def test_what_counts_is_for_everybody_to_read(crowd: World) -> None:
    for caller in (customer(crowd), interpreter(crowd, "ann"), operator(crowd), staff_app(crowd)):
        told = await crowd.call("match.parameters", caller)
        policy = TABLES.policy
        assert (told["policy"], told["model"]) == (policy.version, "hand")
        weights = {each["name"]: each.get("weight") for each in told["parameters"]}
        assert {name: w for name, w in weights.items() if w is not None} == dict(policy.weights)
        assert [each["rule"] for each in told["rules"]] == list(Rule)
        assert told["explored"] == policy.exploration.share
        assert {each["name"] for each in told["strategies"]} == {*policy.waves}
    (await crowd.market()).population.use_model(liking())
    told = await crowd.call("match.parameters", operator(crowd))
    assert told["model"] == liking().version
    (one,) = [each for each in told["parameters"] if each["name"] == "preference"]
    assert one["accept"] == {"lowest": 0.0, "highest": 1.0}
    assert "interpreter" not in one["told"]


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


async def test_parameters_are_worked_out_once(
    crowd: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until another model ranks: anybody may ask for them, as often as they like."""
    market, scorers = await crowd.market(), list[object]()

    def note(scorer: Scorer) -> object:
        scorers.append(scorer)
        return published(scorer)

    monkeypatch.setattr("signalling.service.match.published", note)
    first, again = [await crowd.call("match.parameters", customer(crowd)) for _ in range(2)]
    assert first == again
    market.population.use_model(liking())
    other = await crowd.call("match.parameters", customer(crowd))
    assert (first["model"], other["model"]) == ("hand", liking().version)
    assert len(scorers) == 2
