"""One attempt to make a delivery, and what is written down of it."""

from signalling.core.delivery import Abandon, Delivery, DeliveryState, Drop
from signalling.core.effects import Key, Tell
from signalling.core.webhook import DisableWebhook, Webhook, WebhookState
from signalling.engine import Engine
from signalling.hooks.lanes import Waiting
from signalling.hooks.sending import Sender


class Attempts:
    """Makes attempts in one marketplace."""

    def __init__(self, engine: Engine, sender: Sender, marketplace: str) -> None:
        self._engine = engine
        self._sender = sender
        self._marketplace = marketplace

    async def make(self, waiting: Waiting) -> int | None:
        """Try a delivery now; return when to try it again, None for no more.

        Whoever dies between the answer and its record sends it twice, under the same id.
        """
        key, at = Key("delivery", waiting.id), Key("webhook", waiting.webhook)
        delivery: Delivery | None
        webhook: Webhook | None
        delivery, webhook = await self._engine.read(self._marketplace, key, at)
        if delivery is None or delivery.state is not DeliveryState.PENDING:
            return None
        tells = await self._tells(key, at, delivery, webhook)
        outcome = await self._engine.handle(self._marketplace, *tells)
        after: Delivery | None = outcome.records[key]
        return after.due_ms if after and after.state is DeliveryState.PENDING else None

    async def _tells(
        self, key: Key, at: Key, delivery: Delivery, webhook: Webhook | None
    ) -> list[Tell]:
        if webhook is None:
            return [Tell(key, Drop())]
        if webhook.state is WebhookState.DISABLED:
            return [Tell(key, Abandon("the webhook is disabled"))]
        outcome = await self._sender.send(webhook, delivery, self._engine.clock.now_ms())
        tells = [Tell(key, outcome)]
        if isinstance(outcome, Abandon):
            tells.append(Tell(at, DisableWebhook(outcome.why)))
        return tells
