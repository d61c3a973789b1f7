"""What both sides think of the work, and the no-shows that count."""

from typing import Any

import msgpack
import pytest

from signalling.core import events as on
from signalling.core.booking_events import Excuse, NoShow
from signalling.core.policy import Policy
from signalling.core.rules import Rules
from signalling.core.times import rfc3339
from signalling.core.track import DAY_MS
from signalling.errors import Conflict, Forbidden, IllegalTransition, NotEligible, NotFound
from tests.world import (
    HOSPITAL,
    TERMS,
    World,
    customer,
    interpreter,
    operator,
    request,
    staff_app,
)

# Two in ninety days pause for two weeks.
RULES = Rules(no_shows_most=2)


@pytest.fixture
async def worked(world: World) -> World:
    """Give an assignment `a1` that Ann worked for Kari, in its wrap-up."""
    await world.present("ann")
    await world.ask("a1")
    await world.ring("a1", "ann")
    await world.accept("a1", "ann")
    addresses = (customer(world).address, interpreter(world, "ann").address)
    await world.tell("assignment", "a1", on.Present("m-a1", addresses))
    await world.call("assignment.complete", interpreter(world, "ann"), assignment="a1")
    return world


async def rate(world: World, caller: Any, stars: int, **params: Any) -> dict[str, Any]:
    answer = await world.call("feedback.rate", caller, assignment="a1", stars=stars, **params)
    assert isinstance(answer, dict)
    return answer


async def completed(world: World) -> None:
    await world.call("assignment.complete", customer(world), assignment="a1")


async def test_rating(worked: World) -> None:
    """In the wrap-up or after it, by the customer or their app; again replaces."""
    first = await rate(worked, customer(worked), 2, text="late")
    assert (first["assignment"], first["interpreter"], first["stars"]) == ("a1", "ann", 2)
    await completed(worked)
    history = await worked.get("history", "ann")
    assert (history.stars, history.rated, history.customers) == (2, 1, {})
    second = await rate(worked, staff_app(worked), 5)
    assert (second["stars"], second["rated_at"] >= first["rated_at"]) == (5, True)
    history = await worked.get("history", "ann")
    assert (history.stars, history.rated, history.sessions) == (5, 1, {"no-so": 1})
    assert [count for count, _ in history.customers.values()] == [1]
    assert await worked.index("histories") == ["ann"]


async def test_the_same_key_rates_once(worked: World) -> None:
    """A late repetition does not undo what was said since."""
    kari = customer(worked)
    await rate(worked, kari, 1, idempotency_key="k")
    await rate(worked, kari, 5)
    assert (await rate(worked, kari, 1, idempotency_key="k"))["stars"] == 5
    with pytest.raises(Conflict):
        await rate(worked, kari, 2, idempotency_key="k")


async def test_only_what_was_done_is_rated(world: World) -> None:
    await world.present("ann")
    await world.ask("a1")
    with pytest.raises(IllegalTransition):
        await rate(world, customer(world), 5)
    await world.call("assignment.cancel", customer(world), assignment="a1")
    with pytest.raises(IllegalTransition):
        await rate(world, customer(world), 5, idempotency_key="k")
    assert (await world.get("assignment", "a1")).slots[0].rating is None


async def test_strangers_do_not_rate(worked: World) -> None:
    for caller in (customer(worked, "liv"), staff_app(worked, "court")):
        with pytest.raises(NotFound):
            await rate(worked, caller, 1)
    with pytest.raises(NotFound):
        await worked.call("feedback.rate", customer(worked), assignment="none", stars=1)


async def test_who_sees_it(worked: World) -> None:
    """Not the interpreter: they would know who it was."""
    await rate(worked, customer(worked), 3, text="quiet")
    for caller, shown in (
        (customer(worked), (3, "quiet")),
        (operator(worked), (3, "quiet")),
        (interpreter(worked, "ann"), (None, None)),
    ):
        seen = await worked.call("assignment.get", caller, assignment="a1")
        slot = seen["assignment"]["slots"][0]
        assert (slot.get("stars"), slot.get("comment")) == shown


async def test_removing_an_interpreter_removes_their_history(worked: World) -> None:
    """And what is rated afterwards makes none."""
    await completed(worked)
    assert await worked.get("history", "ann") is not None
    await worked.call("interpreter.remove", operator(worked), interpreter="ann")
    assert await worked.get("history", "ann") is None
    await rate(worked, customer(worked), 1)
    assert await worked.get("history", "ann") is None
    assert await worked.index("histories") == []


async def test_the_lines_of_the_log(worked: World) -> None:
    """In the order in which it happened, beside the feed that the population follows."""
    await completed(worked)
    await rate(worked, customer(worked), 4)
    found = await worked.store.command("XRANGE", worked.keys.log("decisions"), "-", "+")
    lines = [msgpack.unpackb(fields[b"e"]) for _, fields in found]
    assert [line["kind"] for line in lines] == ["online", "offer", "work", "rating"]
    assert [line["interpreter"] for line in lines] == ["ann"] * 4
    assert (lines[1]["decision"], lines[1]["state"]) == ("d1", "accepted")
    assert (lines[2]["state"], lines[2]["fault"], lines[2]["minutes"]) == ("completed", "nobody", 0)
    assert ("history", "ann") in await worked.feed()


# --- the interpreter's side ---------------------------------------------------------------


async def test_an_interpreter_rates_the_customers_side(worked: World) -> None:
    """For staff alone: the customer neither sees nor hears of it."""
    ann = interpreter(worked, "ann")
    answer = await rate(worked, ann, 2, text="nobody had told them", idempotency_key="k")
    assert "interpreter" not in answer
    assert answer["stars"] == 2
    await rate(worked, ann, 2, text="x")
    slot = (await worked.get("assignment", "a1")).slots[0]
    assert (slot.rating, slot.their_rating.stars, slot.their_rating.text) == (None, 2, "x")
    seen = await worked.call("assignment.get", customer(worked), assignment="a1")
    mails = await worked.mails(customer(worked).address)
    for shown in (seen, mails):
        assert "stars" not in str(shown)
        assert "nobody had told them" not in str(shown)
    assert (await worked.get("history", "ann")) is None


async def test_who_was_not_in_it_rates_nothing(worked: World) -> None:
    """Nor does an interpreter rate somebody else's work."""
    await worked.present("bo")
    for who, params in (("bo", {}), ("ann", {"interpreter": "bo"})):
        with pytest.raises(NotFound):
            await rate(worked, interpreter(worked, who), 1, **params)
    with pytest.raises(NotFound) as refused:
        await rate(worked, customer(worked), 1, interpreter="bo")
    assert refused.value.path == "interpreter"
    assert (await worked.get("assignment", "a1")).slots[0].rating is None


# --- no-shows -----------------------------------------------------------------------------


async def miss(world: World, *assignments: str, who: str = "ann") -> None:
    for id_ in assignments:
        missed = NoShow(who, id_, HOSPITAL, RULES, counted=False)
        await world.tell("interpreter", who, missed)


async def standing(world: World, caller: Any, **params: Any) -> dict[str, Any]:
    return dict(await world.call("feedback.standing", caller, **params))


@pytest.fixture
async def strict(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """Give Ann and Bo, and an app whose rules pause after two no-shows."""

    async def policy_of(_: str) -> Policy:
        return Policy(rules=RULES)

    monkeypatch.setattr(world.service.groups.feedback, "policy_of", policy_of)
    await world.present("ann", "bo")
    return world


async def test_the_standing_says_what_counts(strict: World) -> None:
    ann = interpreter(strict, "ann")
    blank = {"no_shows": (), "counted": 0, "most": 2, "appeal": "feedback.report"}
    assert await standing(strict, ann) == blank
    await miss(strict, "a1", "a2", "a3")
    await strict.tell("standing", "ann", Excuse("a2"))
    found = await standing(strict, operator(strict), interpreter="ann")
    assert found == await standing(strict, ann)
    assert [(m["assignment"], m["excused"]) for m in found["no_shows"]] == [
        ("a3", False),
        ("a2", True),
        ("a1", False),
    ]
    until = (await strict.get("standing", "ann")).suspended_until_ms
    assert (found["counted"], found["suspended_until"]) == (2, rfc3339(until))
    assert abs(until - strict.clock.now_ms() - 14 * DAY_MS) < 60_000
    await strict.tell("standing", "ann", Excuse("a1"))
    assert "suspended_until" not in await standing(strict, ann)


async def test_whose_standing_one_may_see(strict: World) -> None:
    """One's own; staff of an app that runs the interpreters see everybody's."""
    court = operator(strict, "court", rights=frozenset())
    for caller, params, error in (
        (interpreter(strict, "bo"), {"interpreter": "ann"}, NotFound),
        (interpreter(strict, "zoe"), {}, NotFound),
        (operator(strict), {}, NotFound),
        (operator(strict), {"interpreter": "nobody"}, NotFound),
        (court, {"interpreter": "ann"}, Forbidden),
    ):
        with pytest.raises(error):
            await standing(strict, caller, **params)


async def test_a_pause_has_teeth_and_ends_with_an_excuse(strict: World) -> None:
    """No work for now, no bookings; and why is told to them and to staff, not to customers."""
    ann = interpreter(strict, "ann")
    await miss(strict, "a1", "a2")
    assert (await strict.get("availability", "ann")).status == "away"
    with pytest.raises(NotEligible, match="no new offers until"):
        await strict.call("presence.set", ann, status="available")
    mails = [params for method, params in await strict.mails(ann.address) if "suspended" in method]
    assert [m["assignment"] for m in mails[0]["no_shows"]] == ["a2", "a1"]
    assert mails[0]["appeal"] == "feedback.report"

    population = (await strict.market()).population
    await strict.until(lambda: "ann" in population.suspended)
    later = request(starts_at=rfc3339(strict.clock.now_ms() + DAY_MS), limit=5)
    for caller, reason in ((operator(strict), "suspended"), (customer(strict), "not_offered")):
        answer = await strict.call("match.search", caller, **later, customer="kari")
        assert [m["interpreter"]["id"] for m in answer["matches"]] == ["bo"]
        assert answer["excluded"] == {reason: 1}

    await strict.tell("standing", "ann", Excuse("a1"))
    await strict.until(lambda: "ann" not in population.suspended)
    await strict.tell("availability", "ann", on.SetStatus("available"))
    assert (await strict.get("availability", "ann")).counts.failed == pytest.approx(1, rel=0.001)


async def test_who_is_suspended_reads_why_and_customers_do_not(strict: World) -> None:
    await strict.ask("a9")
    await miss(strict, "a1", "a2")
    population = (await strict.market()).population
    await strict.until(lambda: "ann" in population.suspended)
    asked = {"assignment": "a9", "interpreter": "ann"}
    for caller, rule in (
        (interpreter(strict, "ann"), "suspended"),
        (operator(strict), "suspended"),
        (customer(strict), "not_offered"),
    ):
        found = await strict.call("match.explain", caller, **asked)
        assert rule in [each["rule"] for each in found["excluded"]]
        assert ("suspended" in str(found["excluded"])) is (rule == "suspended")


async def test_who_is_suspended_neither_offers_to_come_nor_is_chosen(strict: World) -> None:
    """Whoever had said before that they could is chosen when the pause is over, or not at all."""
    now_ms = strict.clock.now_ms()
    terms = TERMS | {"start_ms": now_ms + DAY_MS, "starts_at": rfc3339(now_ms + DAY_MS)}
    for id_ in ("b1", "b2"):
        create = on.Create(id_, HOSPITAL, "kari", terms, interest_until_ms=now_ms + 3_600_000)
        await strict.tell("assignment", id_, create)
    market, ann = await strict.market(), interpreter(strict, "ann")
    await strict.until(lambda: len(market.profiles) == 2)
    await strict.call("assignment.interest", ann, assignment="b1")
    await miss(strict, "a1", "a2")
    await strict.until(lambda: "ann" in market.population.suspended)
    with pytest.raises(NotEligible, match="no new offers"):
        await strict.call("assignment.interest", ann, assignment="b2")
    chosen = {"assignment": "b1", "interpreter": "ann"}
    with pytest.raises(NotEligible) as refused:
        await strict.call("assignment.confirm", customer(strict), **chosen)
    assert "suspended" not in str(refused.value.data())
    await strict.tell("standing", "ann", Excuse("a1"))
    await strict.until(lambda: "ann" not in market.population.suspended)
    await strict.call("assignment.confirm", customer(strict), **chosen)
    assert (await strict.get("assignment", "b1")).slots[0].interpreter == "ann"
