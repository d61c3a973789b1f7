import asyncio

import msgpack
import pytest
from msgspec.structs import replace

from signalling.core.policy import USUAL, Policy
from signalling.core.rules import Rules
from signalling.errors import Conflict, InvalidParams, NotFound
from signalling.store.apps import Apps
from signalling.store.bus import Bus
from signalling.store.keys import APPS, APPS_CHANNEL, Keys
from signalling.store.store import Store


@pytest.fixture
def apps(store: Store) -> Apps:
    return Apps(store)


async def test_create(apps: Apps, keys: Keys) -> None:
    """The first app of a marketplace runs its interpreters, the second does not."""
    first = await apps.create("Hospital", keys.marketplace)
    second = await apps.create("Court", keys.marketplace)

    assert first.rights == {"interpreters"}
    assert not second.rights
    assert await apps.get(first.key) == first
    assert len(first.secrets) == 1
    assert first.secrets != second.secrets
    assert [a for a in await apps.list() if a.marketplace == keys.marketplace] == [first, second]
    assert keys.marketplace in await apps.marketplaces()


async def test_name_is_taken(apps: Apps, keys: Keys) -> None:
    """Of ten that create the same app at once, one succeeds."""
    made = await asyncio.gather(
        *(apps.create("Court", keys.marketplace) for _ in range(10)), return_exceptions=True
    )

    assert sorted(type(m).__name__ for m in made) == ["App"] + ["Conflict"] * 9


async def test_many_at_once(apps: Apps, keys: Keys) -> None:
    """Of ten different ones that are created at once, exactly one is the first."""
    made = await asyncio.gather(*(apps.create(f"app {n}", keys.marketplace) for n in range(10)))

    assert sum("interpreters" in app.rights for app in made) == 1


@pytest.mark.parametrize(("name", "marketplace"), [(" ", "no"), ("x" * 81, "no"), ("x", "NO")])
async def test_bad_names(apps: Apps, name: str, marketplace: str) -> None:
    """What cannot be a name is refused, with its path."""
    with pytest.raises(InvalidParams) as caught:
        await apps.create(name, marketplace)
    assert caught.value.path


async def test_secrets(apps: Apps, keys: Keys) -> None:
    """Two secrets hold at a time; the last is never dropped."""
    app = await apps.create("Court", keys.marketplace)
    second = await apps.rotate(app.key)
    third = await apps.rotate(app.key)
    assert second.secrets[1:] == app.secrets
    assert third.secrets[1:] == second.secrets[:1]
    assert await apps.get(app.key) == third

    left = await apps.drop_secret(app.key, second.secrets[0])
    assert left.secrets == third.secrets[:1]
    with pytest.raises(NotFound):
        await apps.drop_secret(app.key, "unknown")
    with pytest.raises(Conflict):
        await apps.drop_secret(app.key, left.secrets[0])


async def test_unknown(apps: Apps) -> None:
    """A key of no app is None, and cannot be rotated; the counter is no app."""
    assert await apps.get("0" * 16) is None
    assert await apps.get(".v") is None
    with pytest.raises(NotFound):
        await apps.rotate("0" * 16)


async def test_change_is_told(apps: Apps, store: Store, keys: Keys) -> None:
    """Running servers hear of a new marketplace."""
    heard: asyncio.Queue[bytes] = asyncio.Queue()
    async with Bus(store) as bus:
        await bus.subscribe(APPS_CHANNEL, lambda _, body: heard.put_nowait(body))
        await apps.create("Court", keys.marketplace)

        assert await asyncio.wait_for(heard.get(), 5) == keys.marketplace.encode()


async def test_how_an_app_s_meetings_are_carried(apps: Apps, keys: Keys) -> None:
    """What is not named stays; what cannot be is refused, and nothing is changed."""
    made = await apps.create("Hospital", keys.marketplace)
    assert made.policy == USUAL

    await apps.set_policy(made.key, {"topology": "relay"})
    changed = await apps.set_policy(made.key, {"mesh_most": 2, "device_check": True})

    assert changed == replace(made, policy=Policy(topology="relay", mesh_most=2, device_check=True))
    assert await apps.get(made.key) == changed
    wrongs: list[dict[str, object]] = [
        {"topology": "star"},
        {"mesh_most": 1},
        {"mesh_most": 9},
        {"ice": "none"},
    ]
    for wrong in wrongs:
        with pytest.raises(InvalidParams) as refused:
            await apps.set_policy(made.key, wrong)
        assert refused.value.path in ("policy", "policy.mesh_most")
    with pytest.raises(NotFound):
        await apps.set_policy("nokey", {"topology": "relay"})
    assert await apps.get(made.key) == changed


async def test_an_app_of_before(apps: Apps, store: Store, keys: Keys) -> None:
    """Registered when apps had no policy."""
    made = await apps.create("Hospital", keys.marketplace)
    old = msgpack.unpackb(await store.command("HGET", APPS, made.key))
    del old["policy"]
    await store.command("HSET", APPS, made.key, msgpack.packb(old))

    assert await apps.get(made.key) == made


async def test_who_runs_the_interpreters_says_what_no_shows_lead_to(apps: Apps, keys: Keys) -> None:
    """For every app of their marketplace; whatever else an app says of its own work holds."""
    first, other = [await apps.create(name, keys.marketplace) for name in ("Hospital", "Court")]
    strict = {"no_shows_most": 2, "no_shows_days": 30, "pause_days": 7}
    await apps.set_rules(first.key, strict)
    await apps.set_rules(other.key, {"no_shows_most": 1, "late_min": 10})

    assert [app.key for app in await apps.managers(keys.marketplace)] == [first.key]
    assert (await apps.policy_of(first.key)).rules == Rules(
        version=2, no_shows_most=2, no_shows_days=30, pause_days=7
    )
    assert (await apps.policy_of(other.key)).rules == Rules(
        version=2, no_shows_most=2, no_shows_days=30, pause_days=7, late_min=10
    )
    assert await apps.policy_of("nokey") == USUAL


async def test_the_rules_of_an_app(apps: Apps, keys: Keys) -> None:
    """Read from text in their own types; each change is a new version, and none is none."""
    made = await apps.create("Hospital", keys.marketplace)
    said: dict[str, object] = {
        "strategy": "broadcast",
        "offer_s": "45",
        "target": "0.9",
        "backstop": "true",
        "reminders_min": ["2880", "60"],
        "cancel_reasons": [],
        "no_shows_most": None,
    }
    changed = await apps.set_rules(made.key, said)
    assert changed.policy.rules == Rules(
        version=2,
        strategy="broadcast",
        offer_s=45,
        target=0.9,
        backstop=True,
        reminders_min=(2880, 60),
    )
    assert await apps.set_rules(made.key, {}) == changed
    assert await apps.get(made.key) == changed


WRONG: dict[str, list[object]] = {
    "strategy": ["auction", None],
    "offer_s": ["4", "86401", "soon"],
    "target": ["0", "1", "nan"],
    "largest": ["0", "51", "2.5"],
    "preferred_first": ["perhaps", None],
    "interest_s": ["-1", "2592001"],
    "reminders_min": [["0"], ["43201"], ["60", "60"], ["1", "2", "3", "4", "5", "6"], ["x"]],
    "early_min": ["-1", "121"],
    "late_min": ["-1", "16"],
    "no_show_min": ["4", "241"],
    "cancel_free_min": ["-1", "43201"],
    "cancel_reasons": [[" "], ["x" * 81], ["a", "a"], [f"r{n}" for n in range(21)]],
    "excused": [["a", "a"]],
    "no_shows_most": ["0", "101"],
    "no_shows_days": ["0", "731"],
    "pause_days": ["0", "366"],
    "version": ["7"],
    "mood": ["good"],
}


@pytest.mark.parametrize("name", WRONG)
async def test_a_rule_that_goes_too_far(apps: Apps, keys: Keys, name: str) -> None:
    """Refused by its name, and nothing changes; late_min is tried against the usual no_show_min."""
    made = await apps.create("Hospital", keys.marketplace)
    for value in WRONG[name]:
        with pytest.raises(InvalidParams) as refused:
            await apps.set_rules(made.key, {"early_min": 0, name: value})
        expected = "no_show_min" if (name, value) == ("late_min", "16") else name
        assert (refused.value.path, name in refused.value.detail) == (expected, expected == name)
    assert await apps.get(made.key) == made
