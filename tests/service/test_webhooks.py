"""Where an app has its events posted, and what it sees of them."""

from datetime import UTC, datetime
from typing import Any

import pytest

from signalling.core.delivery import Abandon, Arrived, Queue
from signalling.core.webhook import DisableWebhook
from signalling.errors import Conflict, IllegalTransition, InvalidParams, NotFound
from signalling.hooks.places import Places
from signalling.service import webhooks as module
from signalling.service.webhooks import Webhooks
from signalling.store.outbox import Outbox
from tests.hooks.receiver import Names
from tests.world import HOSPITAL, World, operator, staff_app

URL = "https://good.example.org/in"
T0 = 1_700_000_000_000


@pytest.fixture
def hooked(world: World) -> World:
    """Give a world whose names of hosts are the test's."""
    names = Names(good=["8.8.8.8"], bad=["10.0.0.1"])
    webhooks = Webhooks(world.engine, world.service.assignments.lists, Places(), names, most=3)
    world.service.handlers = {**world.service.handlers, **webhooks.handlers}
    return world


async def put(world: World, app: str = HOSPITAL, **params: Any) -> dict[str, Any]:
    answer = await world.call("webhook.put", operator(world, app), **({"url": URL} | params))
    return dict(answer)


async def listed(world: World, app: str = HOSPITAL) -> list[dict[str, Any]]:
    answer = await world.call("webhook.list", staff_app(world, app))
    return list(answer["webhooks"])


async def queued(world: World, webhook: str, number: int) -> str:
    """Let an event wait for a webhook."""
    id_ = f"dl-{number}"
    place = (T0 + number, 0)
    about, data = f"a{number}", {"n": number}
    event = Queue(
        id_, webhook, HOSPITAL, "assignment.held", about, data, place, happened_ms=T0 + number
    )
    await world.tell("delivery", id_, event)
    return id_


async def test_the_secret_is_shown_once(hooked: World) -> None:
    made = await put(hooked, types=["assignment.*", "offer.made"], description="bookings")
    webhook = made["webhook"]
    assert made["secret"].startswith("whsec_")
    assert (webhook["state"], webhook["url"], webhook["types"]) == (
        "enabled",
        URL,
        ("assignment.*", "offer.made"),
    )
    assert await listed(hooked) == [webhook]

    changed = await put(hooked, webhook=webhook["id"], disabled=True)
    assert "secret" not in changed
    assert changed["webhook"]["state"] == "disabled"
    assert changed["webhook"]["types"] == ()
    assert await listed(hooked) == [changed["webhook"]]


async def test_a_new_secret_signs_beside_the_old_one(hooked: World) -> None:
    made = await put(hooked)
    turned = await put(hooked, webhook=made["webhook"]["id"], new_secret=True)
    record = await hooked.get("webhook", made["webhook"]["id"])
    assert record.live_secrets(hooked.clock.now_ms()) == (turned["secret"], made["secret"])


async def test_the_same_key_makes_one(hooked: World) -> None:
    """And shows the same secret: who lost the first answer needs it."""
    first = await put(hooked, idempotency_key="k")
    assert await put(hooked, idempotency_key="k") == first
    assert len(await listed(hooked)) == 1
    turn = {"webhook": first["webhook"]["id"], "new_secret": True, "idempotency_key": "k2"}
    assert await put(hooked, **turn) == await put(hooked, **turn) != first
    with pytest.raises(Conflict):
        await put(hooked, idempotency_key="k", description="another")


@pytest.mark.parametrize(
    ("params", "path"),
    [
        ({"url": "http://good.example.org/"}, "url"),
        ({"url": "https://bad.example.org/"}, "url"),
        ({"url": "https://unknown.example.org/"}, "url"),
        ({"url": "https://u:p@good.example.org/"}, "url"),
        ({"types": ["assignment.*", "assignment.gone"]}, "types[1]"),
    ],
)
async def test_bad_ones_change_nothing(hooked: World, params: dict[str, Any], path: str) -> None:
    made = await put(hooked)
    for target in ({}, {"webhook": made["webhook"]["id"]}):
        with pytest.raises(InvalidParams) as refused:
            await put(hooked, **params, **target)
        assert refused.value.path == path
    assert await listed(hooked) == [made["webhook"]]


async def test_an_app_has_so_many(hooked: World) -> None:
    """However many others have; a change is none more."""
    made = [await put(hooked) for _ in range(3)]
    with pytest.raises(Conflict, match="3 webhooks at most"):
        await put(hooked)
    await put(hooked, webhook=made[0]["webhook"]["id"])
    await put(hooked, app="court")
    await hooked.call("webhook.remove", operator(hooked), webhook=made[0]["webhook"]["id"])
    await put(hooked)


async def test_another_apps_are_not_found(hooked: World) -> None:
    made = (await put(hooked))["webhook"]["id"]
    delivery = await queued(hooked, made, 1)
    court = operator(hooked, "court")
    for method, params in (
        ("webhook.put", {"url": URL}),
        ("webhook.remove", {}),
        ("webhook.test", {}),
        ("webhook.deliveries", {}),
        ("webhook.redeliver", {"delivery": delivery}),
    ):
        for id_ in (made, "wh-none"):
            caller = court if id_ == made else operator(hooked)
            with pytest.raises(NotFound) as refused:
                await hooked.call(method, caller, webhook=id_, **params)
            assert refused.value.path == "webhook"
    assert await listed(hooked, "court") == []
    mine = (await put(hooked))["webhook"]["id"]
    with pytest.raises(NotFound) as refused:
        await hooked.call("webhook.redeliver", operator(hooked), webhook=mine, delivery=delivery)
    assert refused.value.path == "delivery"


async def test_a_trial_leaves_by_the_outbox(hooked: World) -> None:
    made = (await put(hooked))["webhook"]["id"]
    await hooked.call("webhook.test", operator(hooked), webhook=made)
    (entry,) = await Outbox(hooked.store, hooked.marketplace).oldest(10)
    assert (entry.type, entry.about, entry.app) == ("webhook.test", made, HOSPITAL)
    await hooked.tell("webhook", made, DisableWebhook("it answered 410 Gone"))
    with pytest.raises(IllegalTransition):
        await hooked.call("webhook.test", operator(hooked), webhook=made)


async def test_deliveries_are_listed_by_state_in_pages(hooked: World) -> None:
    made = (await put(hooked))["webhook"]["id"]
    ids = [await queued(hooked, made, number) for number in range(4)]
    await hooked.tell("delivery", ids[1], Arrived(200))
    await hooked.tell("delivery", ids[2], Abandon("it answered 410 Gone", 410))

    async def page(**params: Any) -> tuple[list[str], str | None]:
        answer = await hooked.call("webhook.deliveries", operator(hooked), webhook=made, **params)
        return [each["id"] for each in answer["deliveries"]], answer.get("next")

    assert await page() == (ids[::-1], None)
    assert await page(state="pending") == ([ids[3], ids[0]], None)
    assert await page(state="delivered") == ([ids[1]], None)
    first, cursor = await page(limit=3)
    assert first == ids[:0:-1]
    assert await page(limit=3, cursor=cursor) == ([ids[0]], None)
    answer = await hooked.call("webhook.deliveries", operator(hooked), webhook=made, state="dead")
    (dead,) = answer["deliveries"]
    assert (dead["status"], dead["why"], dead["attempts"]) == (410, "it answered 410 Gone", 1)


async def test_redelivery_of_one_or_of_the_dead_since_a_time(
    hooked: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So many at a call: the answer says whether some are left."""
    monkeypatch.setattr(module, "PAGES", 2)
    monkeypatch.setattr(hooked.service.assignments.lists, "page_max", 2)
    made = (await put(hooked))["webhook"]["id"]
    ids = [await queued(hooked, made, number) for number in range(6)]
    for id_ in ids:
        await hooked.tell("delivery", id_, Abandon("it answered 500", 500))

    async def again(**params: Any) -> tuple[int, bool]:
        answer = await hooked.call("webhook.redeliver", operator(hooked), webhook=made, **params)
        return answer["redelivered"], answer["more"]

    assert await again(delivery=ids[0]) == (1, False)
    since = datetime.fromtimestamp((T0 + 1) / 1000, UTC).isoformat(timespec="milliseconds")
    assert await again(dead_since=since) == (4, True)
    assert await again(dead_since=since) == (1, False)
    assert await again(dead_since=since) == (0, False)
    states = [(await hooked.get("delivery", id_)).state for id_ in ids]
    assert states == ["pending"] * 6


async def test_what_cannot_be_redelivered(hooked: World) -> None:
    made = (await put(hooked))["webhook"]["id"]
    both = {"delivery": "dl-1", "dead_since": "2026-01-01T00:00:00Z"}
    for params in ({}, both):
        with pytest.raises(InvalidParams, match="either"):
            await hooked.call("webhook.redeliver", operator(hooked), webhook=made, **params)
    await put(hooked, webhook=made, disabled=True)
    with pytest.raises(Conflict, match="disabled"):
        await hooked.call("webhook.redeliver", operator(hooked), webhook=made, delivery="dl-1")
