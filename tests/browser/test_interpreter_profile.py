"""The profile at the interpreter's page: what they change, and what only staff may."""

from typing import Any

import pytest

from tests.browser.desk import interpreter, save
from tests.browser.stage import Stage
from tests.browser.visitor import faults, press, said

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def kept(stage: Stage) -> dict[str, Any]:
    http = await stage.town.http()
    found: dict[str, Any] = (await http.call("interpreter.get", interpreter="ann"))["interpreter"]
    return found


async def test_languages(stage: Stage) -> None:
    ann = await interpreter(stage, section="profile")
    await said(ann, "Category B (NO)")
    assert await ann.page.get_by_label("Language", exact=True).nth(1).input_value() == "Somali"
    await press(ann, "Add a language")
    await ann.page.get_by_label("Language", exact=True).nth(2).fill("Tigrinya")
    await ann.page.get_by_label("Level").nth(2).select_option("C2, proficient")
    await save(ann)
    skills = {skill["tag"]: skill for skill in (await kept(stage))["languages"]}
    assert skills["ti"] == {"tag": "ti", "level": "C2"}
    assert skills["so"]["qualification"]["category"] == "B"
    await press(ann, "Remove Tigrinya")
    await save(ann)
    assert {skill["tag"] for skill in (await kept(stage))["languages"]} == {"no", "so"}


async def test_a_language_that_nobody_knows(stage: Stage) -> None:
    ann = await interpreter(stage, section="profile")
    await press(ann, "Add a language")
    await ann.page.get_by_label("Language", exact=True).nth(2).fill("Quenya of Valinor")
    await press(ann, "Save")
    await ann.until("() => document.activeElement.value === 'Quenya of Valinor'")
    assert await ann.run("document.activeElement.getAttribute('aria-invalid')") == "true"
    assert await faults(ann) == []


async def test_how_and_where_one_works(stage: Stage) -> None:
    ann = await interpreter(stage, section="profile")
    await ann.context.grant_permissions(["geolocation"])
    await ann.context.set_geolocation({"latitude": 60.39291, "longitude": 5.32415})
    await ann.page.get_by_label("Name, as the others see it").fill("Ann Åsen <b>")
    await ann.page.get_by_label("Fields of work").fill("Medical, Child welfare")
    await ann.page.get_by_label("By video").uncheck()
    await press(ann, "Use where I am now")
    latitude = ann.page.get_by_label("Latitude of where you start")
    await ann.until("() => document.querySelector('[data-path$=lat]').value === '60.393'")
    assert await latitude.input_value() == "60.393"
    await ann.page.get_by_label("You travel by").select_option("Car")
    await save(ann)
    profile = await kept(stage)
    assert profile["name"] == "Ann Åsen <b>"
    assert set(profile["specialisms"]) == {"medical", "child_welfare"}
    assert profile["modes"] == ["audio", "onsite"]
    assert profile["location"] == pytest.approx({"lat": 60.393, "lon": 5.324})
    assert profile["travels_by"] == "car"


async def test_without_a_position(stage: Stage) -> None:
    ann = await interpreter(stage, section="profile")
    await press(ann, "Use where I am now")
    await said(ann, "The browser does not tell where you are.")


async def test_a_zone_that_is_none(stage: Stage) -> None:
    ann = await interpreter(stage, section="profile")
    await ann.page.get_by_label("Time zone").fill("Europe/Nowhere")
    await press(ann, "Save")
    await ann.until("() => document.activeElement.value === 'Europe/Nowhere'")
    assert (await kept(stage))["timezone"] == "Europe/Oslo"
