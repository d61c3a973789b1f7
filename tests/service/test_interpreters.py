"""Profiles: who sets what, who sees what, and many at once."""

import asyncio
from typing import Any

import pytest

from signalling.core import events as on
from signalling.errors import Conflict, DragomanError, Forbidden, InvalidParams, NotFound
from tests.world import World, customer, interpreter, operator, profile, staff_app

PRIVATE = {
    *("location", "price", "max_travel_km", "clearances", "blocked_customers", "conflicts"),
    *("calendar", "travels_by", "exact_location"),
}
FULL: dict[str, Any] = {
    "price": {"amount": 600.0, "currency": "NOK"},
    "max_travel_km": 40.0,
    "clearances": ["police"],
    "blocked_customers": ["kari"],
    "conflicts": ["liv"],
    "gender": "female",
    "specialisms": ["medical"],
    "calendar": {"off": [{"from": "2026-07-01T00:00:00+02:00", "to": "2026-08-01T00:00:00Z"}]},
    "travels_by": "car",
    "exact_location": True,
}


async def put(world: World, caller: Any, who: str = "ann", **fields: Any) -> dict[str, Any]:
    version = fields.pop("version", None)
    more = {} if version is None else {"version": version}
    answer = await world.call("interpreter.put", caller, interpreter=profile(who, **fields), **more)
    assert isinstance(answer, dict)
    return answer


async def get(world: World, caller: Any, **params: Any) -> dict[str, Any]:
    answer = await world.call("interpreter.get", caller, **params)
    found: dict[str, Any] = answer["interpreter"]
    return found


async def test_staff_create_and_replace(world: World) -> None:
    """Tags and credentials come back in normal form, with the version to update by."""
    made = await put(world, operator(world))
    assert (made["created"], made["interpreter"]["version"]) == (True, 1)
    held = made["interpreter"]["languages"][1]["qualification"]
    assert held == {"scale": "NO", "category": "B"}
    changed = await put(world, staff_app(world), name="Anne", version=1)
    assert (changed["created"], changed["interpreter"]["name"]) == (False, "Anne")
    with pytest.raises(Conflict):
        await put(world, operator(world), version=1)
    assert (await get(world, operator(world), interpreter="ann"))["version"] == 2


async def test_staff_of_another_app(world: World) -> None:
    """An app without the right manages nobody, and sees what a customer sees."""
    court = operator(world, "court", frozenset())
    await put(world, operator(world), **FULL)
    for method, params in (
        ("put", {"interpreter": profile("bo")}),
        ("remove", {"interpreter": "ann"}),
        ("import", {"interpreters": [profile("bo")]}),
    ):
        with pytest.raises(Forbidden):
            await world.call(f"interpreter.{method}", court, **params)
    for caller in (court, customer(world)):
        seen = await get(world, caller, interpreter="ann")
        assert not PRIVATE & seen.keys()
        assert "version" not in seen
        assert (seen["gender"], seen["specialisms"]) == ("female", ("medical",))
    assert (await get(world, operator(world), interpreter="ann")).keys() >= PRIVATE


async def test_interpreters_see_themselves(world: World) -> None:
    await put(world, operator(world), **FULL)
    ann = await get(world, interpreter(world, "ann"))
    assert ann == await get(world, interpreter(world, "ann"), interpreter="ann")
    assert ann.keys() >= PRIVATE
    for caller, who in ((interpreter(world, "bo"), "ann"), (customer(world), "nobody")):
        with pytest.raises(NotFound):
            await get(world, caller, interpreter=who)
    with pytest.raises(NotFound):
        await get(world, customer(world))


async def test_interpreters_change_what_describes_them(world: World) -> None:
    await put(world, operator(world), **FULL)
    ann = interpreter(world, "ann")
    changed = await put(world, ann, **FULL | {"name": "Anne", "specialisms": ["legal"]})
    assert changed["interpreter"]["specialisms"] == ("legal",)
    assert changed["created"] is False
    for who in ("bo", "zoe"):
        with pytest.raises(NotFound):  # not another, and not oneself before one is registered
            await put(world, interpreter(world, "zoe"), who)


async def test_what_interpreters_get_they_can_put_back(world: World) -> None:
    """So they change their own hours without knowing what else there is: all of it comes back."""
    hours = {
        "weekly": [{"day": "monday", "start": "08:00", "end": "16:00"}],
        "dated": [{"date": "2026-12-24", "open": False}],
        **FULL["calendar"],
    }
    await put(world, operator(world), **FULL | {"calendar": hours})
    ann = interpreter(world, "ann")
    mine = await get(world, ann)
    version = mine.pop("version")
    same = await world.call("interpreter.put", ann, interpreter=mine, version=version)
    version = same["interpreter"].pop("version")
    assert same["interpreter"] == mine
    nights = ({"day": "friday", "start": "22:00", "end": "06:00"},)
    mine["calendar"] |= {"weekly": nights}
    await world.call("interpreter.put", ann, interpreter=mine, version=version)
    changed = await get(world, ann)
    assert changed.pop("version") == version + 1
    assert changed == mine


async def test_quiet_hours_are_their_own_affair(world: World) -> None:
    """They set and clear them; customers do not read them."""
    await put(world, operator(world), **FULL)
    ann, night = interpreter(world, "ann"), {"from": "22:00", "to": "07:00"}
    changed = await put(world, ann, **FULL | {"quiet": night})
    assert changed["interpreter"]["quiet"] == night
    assert "quiet" not in await get(world, customer(world), interpreter="ann")
    assert "quiet" not in (await put(world, ann, **FULL))["interpreter"]


SOMALI = {"tag": "so", "level": "native", "qualification": "B"}
NORSK = {"tag": "no", "level": "C1"}


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"languages": [NORSK, SOMALI | {"qualification": "A"}]}, "languages.1.qualification"),
        ({"languages": [SOMALI | {"qualification": None}]}, "languages.0.qualification"),
        ({"languages": [NORSK, SOMALI | {"tag": "ti"}]}, "languages.1.qualification"),
        ({"clearances": []}, "clearances"),
        ({"clearances": ["police", "court"]}, "clearances"),
        ({"languages": [NORSK | {"level": "C2"}, SOMALI, {"tag": "en", "level": "C1"}]}, None),
        ({"languages": [SOMALI, SOMALI | {"dialect": "maay"}]}, None),
        ({"languages": [NORSK]}, None),
    ],
)
async def test_credentials_are_staffs(
    world: World, fields: dict[str, Any], path: str | None
) -> None:
    """Nobody raises, drops or invents their own credentials; languages without are theirs."""
    await put(world, operator(world), **FULL)
    if path is None:
        await put(world, interpreter(world, "ann"), **FULL | fields)
        return
    with pytest.raises(Forbidden) as refused:
        await put(world, interpreter(world, "ann"), **FULL | fields)
    assert refused.value.path == f"interpreter.{path}"
    assert await world.version("interpreter", "ann") == 1


async def test_a_language_named_twice(world: World) -> None:
    """One with a credential and one without, of two dialects: both stay as they are."""
    twice = [SOMALI, {"tag": "so", "level": "B2", "dialect": "maay"}]
    await put(world, operator(world), languages=twice)
    await put(world, interpreter(world, "ann"), languages=twice, name="Anne")
    assert await world.version("interpreter", "ann") == 2


async def test_a_credential_taken_meanwhile(world: World) -> None:
    """An interpreter's change that was checked against an older profile is not written."""
    await put(world, operator(world))
    lower = [NORSK, SOMALI | {"qualification": "D"}]
    done = await asyncio.gather(
        *(put(world, interpreter(world, "ann"), name=f"Ann {n}") for n in range(5)),
        put(world, operator(world), languages=lower),
        *(put(world, interpreter(world, "ann"), name=f"Ann {n}") for n in range(5)),
        return_exceptions=True,
    )
    assert {type(e) for e in done if isinstance(e, DragomanError)} <= {Conflict, Forbidden}
    ann = await get(world, operator(world), interpreter="ann")
    assert ann["languages"][1]["qualification"]["category"] == "D"


async def test_a_refused_profile_names_the_field(world: World) -> None:
    with pytest.raises(InvalidParams) as refused:
        await put(world, operator(world), languages=[{"tag": "Kurdish", "level": "C1"}])
    assert refused.value.path == "interpreter.languages.0.tag"
    assert [c["tag"] for c in refused.value.extra["choices"]] == ["kmr", "ckb", "sdh"]


async def test_removing(world: World) -> None:
    """Who is ringing stays; who is gone is gone, and so is their availability."""
    await world.present("ann")
    await world.ask("a1")
    await world.ring("a1", "ann")
    with pytest.raises(DragomanError, match="ringing"):
        await world.call("interpreter.remove", operator(world), interpreter="ann")
    await world.tell("assignment", "a1", on.Decline("a1.ann", "ann"))
    answers = [
        await world.call("interpreter.remove", operator(world), interpreter="ann") for _ in range(2)
    ]
    assert answers == [{"removed": True}, {"removed": False}]
    assert await world.get("interpreter", "ann") is None
    assert (await world.get("availability", "ann")).sessions == ()


async def test_many_at_once(world: World) -> None:
    """What is right is kept; of the rest the line, the field and the reason are told."""
    people = [profile(f"p{n}") for n in range(230)]
    people[3] = profile("p3", languages=[{"tag": "Kurdish", "level": "C1"}])
    people[9] = profile("p9", languages=[SOMALI | {"qualification": "Q"}])
    result = await world.call("interpreter.import", staff_app(world), interpreters=people)
    assert (result["imported"], result["failed"]) == (228, 2)
    first, second = result["failures"]
    assert (first["line"], first["id"], first["path"]) == (4, "p3", "languages.0.tag")
    assert (second["line"], second["path"]) == (10, "languages.0.qualification")
    assert len(await world.index("interpreters")) == 228
    wrong = [profile(f"q{n}", languages=[{"tag": "Kurdish", "level": "C1"}]) for n in range(150)]
    result = await world.call("interpreter.import", staff_app(world), interpreters=wrong)
    assert (result["imported"], result["failed"], len(result["failures"])) == (0, 150, 100)
