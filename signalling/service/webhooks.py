"""webhook.*: an app's staff say where events are posted, and look after deliveries."""

import base64
import secrets
from typing import Final

import msgspec
from aiohttp.abc import AbstractResolver

from signalling.core import delivery as deliveries
from signalling.core import webhook as life
from signalling.core.delivery import Delivery, DeliveryState, Redeliver
from signalling.core.effects import Key, Tell
from signalling.core.hooks import check_types
from signalling.core.webhook import (
    ChangeWebhook,
    CreateWebhook,
    RemoveWebhook,
    Spec,
    TestWebhook,
    Webhook,
    WebhookState,
)
from signalling.engine import Engine
from signalling.errors import Conflict, InvalidParams, NotFound
from signalling.hooks.places import Places
from signalling.ids import mint
from signalling.protocol.messages import webhook as wm
from signalling.protocol.messages.common import milliseconds
from signalling.service.call import Call, Caller, Handler
from signalling.service.idempotency import Idempotency, Remembering
from signalling.service.lists import Lists, Window

PAGES: Final = 5  # of dead deliveries, redelivered by one call


class Webhooks:
    """Handlers of webhook.*; an app has *most* of them, and they lead where *places* let them."""

    def __init__(
        self, engine: Engine, lists: Lists, places: Places, resolver: AbstractResolver, most: int
    ) -> None:
        self.engine = engine
        self.lists = lists
        self.places = places
        self.resolver = resolver
        self.most = most
        self.idempotency = Idempotency(engine)
        self.handlers: dict[str, Handler] = {
            "webhook.put": self.put,
            "webhook.list": self.list,
            "webhook.remove": self.remove,
            "webhook.test": self.test,
            "webhook.deliveries": self.deliveries,
            "webhook.redeliver": self.redeliver,
        }

    async def put(self, call: Call, params: wm.WebhookPutParams) -> wm.WebhookPutResult:
        """Make or change a webhook; repeated by the same key it shows the same secret."""
        caller = call.caller

        async def create(remember: Remembering) -> str:
            return await self._write(caller, params, remember)

        id_ = await self.idempotency.once(caller, "webhook.put", params, create)
        webhook = await self._own(caller, id_)
        is_new = params.webhook is None or params.new_secret
        return wm.WebhookPutResult(
            webhook=_shown(webhook), secret=webhook.secrets[0].value if is_new else None
        )

    async def list(self, call: Call, _: wm.WebhookListParams) -> wm.WebhookListResult:
        caller = call.caller
        page = await self.lists.page(caller.marketplace, life.of_app(caller.app))
        keys = [Key("webhook", id_) for id_ in page.ids]
        found: list[Webhook | None] = await self.engine.read(caller.marketplace, *keys)
        shown = tuple(_shown(each) for each in found if each is not None)
        return wm.WebhookListResult(webhooks=shown)

    async def remove(self, call: Call, params: wm.WebhookRemoveParams) -> wm.WebhookRemoveResult:
        await self._tell(call.caller, params.webhook, RemoveWebhook())
        return wm.WebhookRemoveResult(removed=True)

    async def test(self, call: Call, params: wm.WebhookTestParams) -> wm.WebhookTestResult:
        await self._tell(call.caller, params.webhook, TestWebhook())
        return wm.WebhookTestResult()

    async def deliveries(
        self, call: Call, params: wm.WebhookDeliveriesParams
    ) -> wm.WebhookDeliveriesResult:
        """Return one page of a webhook's deliveries."""
        caller = call.caller
        webhook = await self._own(caller, params.webhook)
        name = deliveries.of(webhook.id, params.state)
        window = Window(limit=params.limit, cursor=params.cursor)
        page = await self.lists.page(caller.marketplace, name, window)
        keys = [Key("delivery", id_) for id_ in page.ids]
        found: list[Delivery | None] = await self.engine.read(caller.marketplace, *keys)
        shown = tuple(
            msgspec.convert(deliveries.view(each), wm.Delivery)
            for each in found
            if each is not None
        )
        return wm.WebhookDeliveriesResult(deliveries=shown, next=page.next)

    async def redeliver(
        self, call: Call, params: wm.WebhookRedeliverParams
    ) -> wm.WebhookRedeliverResult:
        """Have one delivery made again, or the dead ones since a time."""
        caller = call.caller
        if (params.delivery is None) == (params.dead_since is None):
            raise InvalidParams("name either a delivery or a time", path="delivery")
        webhook = await self._own(caller, params.webhook)
        if webhook.state is WebhookState.DISABLED:
            raise Conflict("the webhook is disabled")
        if params.dead_since is not None:
            return await self._dead(caller, webhook, milliseconds(params.dead_since))
        key = Key("delivery", params.delivery or "")
        found: Delivery | None
        (found,) = await self.engine.read(caller.marketplace, key)
        if found is None or found.webhook != webhook.id:
            raise NotFound("no such delivery", path="delivery")
        await self.engine.handle(caller.marketplace, Tell(key, Redeliver()))
        return wm.WebhookRedeliverResult(redelivered=1, more=False)

    async def _dead(
        self, caller: Caller, webhook: Webhook, since_ms: int
    ) -> wm.WebhookRedeliverResult:
        name = deliveries.of(webhook.id, DeliveryState.DEAD)
        window = Window(since_ms=max(0, since_ms))
        count = 0
        for _ in range(
            PAGES
        ):  # those of one page are not in the list any more when it is read again
            page = await self.lists.page(caller.marketplace, name, window, oldest_first=True)
            tells = [Tell(Key("delivery", id_), Redeliver()) for id_ in page.ids]
            if tells:
                await self.engine.handle(caller.marketplace, *tells)
            count += len(tells)
            if page.next is None:
                return wm.WebhookRedeliverResult(redelivered=count, more=False)
        return wm.WebhookRedeliverResult(redelivered=count, more=True)

    async def _write(
        self, caller: Caller, params: wm.WebhookPutParams, remember: Remembering
    ) -> str:
        check_types(params.types)
        await self.places.check(params.url, self.resolver)
        spec = Spec(params.url, params.types, params.description, params.disabled)
        if params.webhook is not None:
            await self._own(caller, params.webhook)
            secret = fresh_secret() if params.new_secret else None
            key = Key("webhook", params.webhook)
            tell = Tell(key, ChangeWebhook(spec, secret))
            await self.engine.handle(caller.marketplace, tell, *remember(key.id))
            return key.id
        if await self.lists.count(caller.marketplace, life.of_app(caller.app)) >= self.most:
            raise Conflict(f"an app has {self.most} webhooks at most")
        key = Key("webhook", mint("wh"))
        event = CreateWebhook(key.id, caller.app, spec, fresh_secret())
        await self.engine.handle(
            caller.marketplace, Tell(key, event), *remember(key.id), fresh=(key,)
        )
        return key.id

    async def _own(self, caller: Caller, id_: str) -> Webhook:
        """Return a webhook of the caller's app; NotFound for any other."""
        found: Webhook | None
        (found,) = await self.engine.read(caller.marketplace, Key("webhook", id_))
        if found is None or found.app != caller.app:
            raise NotFound("no such webhook", path="webhook")
        return found

    async def _tell(self, caller: Caller, id_: str, event: object) -> None:
        await self._own(caller, id_)
        await self.engine.handle(caller.marketplace, Tell(Key("webhook", id_), event))


def fresh_secret() -> str:
    """Return a new secret as Standard Webhooks write them, of 256 random bits."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def _shown(webhook: Webhook) -> wm.Webhook:
    return msgspec.convert(life.view(webhook), wm.Webhook)
