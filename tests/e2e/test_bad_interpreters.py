"""Profiles that cannot be: each is refused by name, and the good ones are kept."""

import json
from typing import Any

import aiohttp
import pytest

from signalling.client import RemoteError
from tests.e2e.town import OSLO, Params, Town, offered, request

SOMALI = {"tag": "so", "level": "native", "qualification": "B"}
PROFILE: Params = {
    "id": "i",
    "name": "Idil",
    "languages": [{"tag": "no", "level": "C1"}, SOMALI],
    "modes": ["video"],
    "timezone": "Europe/Oslo",
    "location": OSLO,
}


def spoken(**skill: Any) -> Params:
    return {"languages": [{"level": "C1", **skill}]}


BAD: dict[str, tuple[Params, str]] = {
    "latitude": ({"location": {"lat": 91, "lon": 0}}, "interpreter.location.lat"),
    "longitude": ({"location": {"lat": 0, "lon": -180.5}}, "interpreter.location.lon"),
    "half a place": ({"location": {"lat": 0}}, "interpreter.location.lon"),
    "unknown language": (spoken(tag="qqq"), "interpreter.languages.0.tag"),
    "nonsense language": (spoken(tag="klingonese-ish"), "interpreter.languages.0.tag"),
    "macrolanguage": (spoken(tag="ku"), "interpreter.languages.0.tag"),
    "no language": ({"languages": []}, "interpreter.languages"),
    "unknown level": (spoken(tag="so", level="D7"), "interpreter.languages.0.level"),
    "cefr for a credential": (
        spoken(tag="so", qualification="C1"),
        "interpreter.languages.0.qualification",
    ),
    "cefr scale": (
        spoken(tag="so", qualification={"scale": "CEFR", "category": "C1"}),
        "interpreter.languages.0.qualification",
    ),
    "category": (
        spoken(tag="so", qualification="Z"),
        "interpreter.languages.0.qualification",
    ),
    "mode": ({"modes": ["telepathy"]}, "interpreter.modes.0"),
    "id": ({"id": "a b"}, "interpreter.id"),
    "timezone": ({"timezone": "no such zone"}, "interpreter.timezone"),
    "unknown field": ({"shoe_size": 43}, "interpreter.shoe_size"),
    "price": ({"price": {"amount": -1, "currency": "NOK"}}, "interpreter.price.amount"),
    "travel": ({"max_travel_km": "far"}, "interpreter.max_travel_km"),
}


@pytest.mark.parametrize("what", BAD)
async def test_what_cannot_be_is_refused_by_its_path(town: Town, what: str) -> None:
    change, path = BAD[what]
    staff = await town.http()
    with pytest.raises(RemoteError) as refused:
        await staff.call("interpreter.put", interpreter=PROFILE | change)
    assert (refused.value.code, refused.value.name) == (-32602, "invalid_params")
    assert (refused.value.path or "").startswith(path), refused.value.path
    with pytest.raises(RemoteError) as unknown:
        await staff.call("interpreter.get", interpreter="i")
    assert unknown.value.name == "not_found"


async def test_a_macrolanguage_is_asked_back_with_its_choices(town: Town) -> None:
    staff = await town.http()
    customer = await town.customer()
    with pytest.raises(RemoteError) as put:
        await staff.call("interpreter.put", interpreter=PROFILE | spoken(tag="ku"))
    with pytest.raises(RemoteError) as ask:
        await customer.call(
            "assignment.create", **request(languages={"from": "no", "to": "Kurdish"})
        )
    assert ask.value.path == "languages.to"
    for refused in (put.value, ask.value):
        choices = {choice["tag"]: choice["name"] for choice in refused.data["choices"]}
        assert {"kmr", "ckb"} <= choices.keys()
        assert all(choices.values())


async def test_interpreters_change_themselves_but_not_their_credentials(town: Town) -> None:
    staff = await town.http()
    await staff.call("interpreter.put", interpreter=PROFILE | {"clearances": ["police"]})
    own = await town.http("i", "interpreter")
    mine = PROFILE | {"clearances": ["police"], "name": "Idil H.", "specialisms": ["medical"]}
    changed = await own.call("interpreter.put", interpreter=mine)
    assert not changed["created"]
    assert changed["interpreter"]["name"] == "Idil H."
    better = [{"tag": "no", "level": "C1"}, SOMALI | {"qualification": "A"}]
    none = [{"tag": "no", "level": "C1"}, {"tag": "so", "level": "native"}]
    more = [*mine["languages"], {"tag": "ti", "level": "C1", "qualification": "E"}]
    proof = SOMALI | {"qualification": {"scale": "NO", "category": "B", "evidence": "forged"}}
    for change, path in (
        ({"languages": better}, "interpreter.languages.1.qualification"),
        ({"languages": none}, "interpreter.languages.1.qualification"),
        ({"languages": more}, "interpreter.languages.2.qualification"),
        ({"languages": [proof]}, "interpreter.languages.0.qualification"),
        ({"clearances": ["police", "military"]}, "interpreter.clearances"),
        ({"clearances": []}, "interpreter.clearances"),
    ):
        with pytest.raises(RemoteError) as refused:
            await own.call("interpreter.put", interpreter=mine | change)
        assert refused.value.name in ("forbidden", "invalid_params"), (change, refused.value)
        assert refused.value.path == path, change
    kept = await staff.call("interpreter.get", interpreter="i")
    assert kept["interpreter"]["languages"] == changed["interpreter"]["languages"]
    for other in ("somebody", "new-one"):
        with pytest.raises(RemoteError) as stranger:
            await own.call("interpreter.put", interpreter=mine | {"id": other})
        assert stranger.value.name == "not_found"


async def test_an_import_keeps_the_good_lines_and_names_the_bad(town: Town) -> None:
    good = [PROFILE | {"id": f"good-{n}"} for n in range(230)]
    bad = [PROFILE | {"id": f"bad-{n}"} | change for n, (change, _) in enumerate(BAD.values())]
    lines: list[bytes] = []
    expected: list[int] = []
    for n, person in enumerate(good):
        lines.append(json.dumps(person).encode())
        if n % 13 == 0 and bad:
            lines.append(json.dumps(bad.pop(), ensure_ascii=False).encode())
            expected.append(len(lines))
    for garbage in (b"{", b"[]", b"\xff\xfe", b"null", b'{"id": NaN}', b"[" * 2000):
        lines.append(garbage)
        expected.append(len(lines))
    lines += [b"", b"  "]
    result = await import_lines(town, b"\r\n".join(lines))
    assert (result["imported"], result["failed"]) == (230, len(expected))
    assert [f["line"] for f in result["failures"]] == expected
    assert all(f["detail"] for f in result["failures"])
    staff = await town.http()
    for n in (0, 115, 229):
        assert await staff.call("interpreter.get", interpreter=f"good-{n}")
    again = await import_lines(town, b"\n".join(lines))
    assert (again["imported"], again["failed"]) == (230, len(expected))


async def import_lines(town: Town, body: bytes) -> Params:
    headers = {
        "Authorization": f"Bearer {town.token('staff', 'app')}",
        "Content-Type": "application/x-ndjson",
    }
    url = f"{town.url}/v1/interpreter.import"
    async with (
        aiohttp.ClientSession() as session,
        session.post(url, data=body, headers=headers) as response,
    ):
        found: Params = await response.json(content_type=None)
        assert response.status == 200, found
        return found


async def test_who_was_imported_is_asked(town: Town) -> None:
    line = json.dumps(PROFILE | {"id": "idil"}).encode()
    await import_lines(town, line + b"\n" + b"not json\n")
    idil = await town.connect("idil", "interpreter")
    await idil.call("presence.set", status="available")
    asked = await town.ask(await town.customer())
    assert (await offered(idil))["assignment"]["id"] == asked["id"]


async def test_who_is_engaged_is_not_removed(town: Town) -> None:
    interpreter = await town.interpreter("busy")
    staff = await town.http()
    await town.ask(await town.customer())
    offer = await offered(interpreter)
    with pytest.raises(RemoteError) as refused:
        await staff.call("interpreter.remove", interpreter="busy")
    assert refused.value.code == 1005
    await interpreter.call("offer.decline", offer=offer["offer"])
    assert await staff.call("interpreter.remove", interpreter="busy") == {"removed": True}
    assert await staff.call("interpreter.remove", interpreter="busy") == {"removed": False}
