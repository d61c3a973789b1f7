"""Make of each event in the outbox a delivery for every webhook that wants it."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from signalling.core.delivery import Delivery, DeliveryState, Queue, of
from signalling.core.effects import Key, Tell
from signalling.core.webhook import DisableWebhook, Webhook, of_app
from signalling.engine import Engine
from signalling.store.apps import Apps
from signalling.store.keys import Keys
from signalling.store.outbox import Entry

AT_ONCE: Final = 200  # deliveries written in one commit
WAITING_MOST: Final = 100_000  # to one webhook: some 200 MB of the store's memory


class FanOut:
    """Queues deliveries of one marketplace. Their ids follow from the event: twice is once."""

    def __init__(self, engine: Engine, marketplace: str) -> None:
        self._engine = engine
        self._apps = Apps(engine.store)
        self._marketplace = marketplace

    async def queue(self, entries: Sequence[Entry]) -> list[Delivery]:
        """Write down every delivery of these events; return them, the oldest first."""
        running = await self._running_apps() if any(e.app is None for e in entries) else set()
        webhooks = await self._webhooks(running.union(e.app for e in entries if e.app is not None))
        wanted = {q.webhook for entry in entries for q in _queues(entry, webhooks, running)}
        full = await self._full(wanted)
        webhooks = [webhook for webhook in webhooks if webhook.id not in full]
        queues = [q for entry in entries for q in _queues(entry, webhooks, running)]
        made: list[Delivery] = []
        for start in range(0, len(queues), AT_ONCE):
            tells = [Tell(Key("delivery", q.id), q) for q in queues[start : start + AT_ONCE]]
            outcome = await self._engine.handle(self._marketplace, *tells)
            made += [outcome.records[tell.key] for tell in tells]
        return made

    async def _webhooks(self, apps: Iterable[str]) -> list[Webhook]:
        names = Keys(self._marketplace)
        keys: list[Key] = []
        for app in sorted(apps):
            ids = await self._engine.store.command("ZRANGE", names.index(of_app(app)), 0, -1)
            keys += [Key("webhook", id_.decode()) for id_ in ids]
        found: list[Webhook | None] = await self._engine.read(self._marketplace, *keys)
        return [webhook for webhook in found if webhook is not None]

    async def _full(self, webhooks: Iterable[str]) -> set[str]:
        """Return those for which no more may wait, and disable them."""
        full: set[str] = set()
        for id_ in sorted(webhooks):
            waiting = Keys(self._marketplace).index(of(id_, DeliveryState.PENDING))
            if int(await self._engine.store.command("ZCARD", waiting)) >= WAITING_MOST:
                why = DisableWebhook(f"{WAITING_MOST} deliveries wait already")
                await self._engine.handle(self._marketplace, Tell(Key("webhook", id_), why))
                full.add(id_)
        return full

    async def _running_apps(self) -> set[str]:
        """Return the apps that run the marketplace's interpreters."""
        apps = await self._apps.list()
        return {
            app.key
            for app in apps
            if app.marketplace == self._marketplace and "interpreters" in app.rights
        }


def _queues(entry: Entry, webhooks: Iterable[Webhook], running: set[str]) -> Iterator[Queue]:
    told = running if entry.app is None else {entry.app}
    for webhook in webhooks:
        if webhook.app in told and webhook.wants(entry.type, entry.about):
            ms, number = entry.id
            yield Queue(
                id=f"dl-{ms}-{number}-{webhook.id.removeprefix('wh-')}",
                webhook=webhook.id,
                app=webhook.app,
                type=entry.type,
                about=entry.about,
                data=entry.data,
                sequence=entry.id,
                happened_ms=entry.at_ms,
            )
