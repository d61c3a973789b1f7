"""Which apps of a marketplace have webhooks: an event that concerns none of them is not kept.

Every commit with an event checks this record's version, and making or removing a webhook changes
it. So an event is left in the outbox exactly if a webhook of its app was there when it happened:
what is committed after webhook.put was answered is never lost.
"""

from collections.abc import Mapping
from typing import ClassVar, Final

from msgspec import Struct, field
from msgspec.structs import replace

from signalling.core.effects import Effect, Key, Moment

KEY: Final = Key("subscriptions", "all")


class Subscribe(Struct, frozen=True):
    """A webhook is made."""

    webhook: str
    app: str


class Unsubscribe(Struct, frozen=True):
    """A webhook is removed."""

    webhook: str


Event = Subscribe | Unsubscribe


class Subscriptions(Struct, frozen=True):
    """The app of each webhook, disabled ones included."""

    kind: ClassVar[str] = "subscriptions"
    schema: ClassVar[int] = 1
    ttl_ms: ClassVar[int | None] = None
    wake_at_ms: ClassVar[int | None] = None
    feed: ClassVar[None] = None
    indexes: ClassVar[Mapping[str, float]] = {}

    apps: Mapping[str, str] = field(default_factory=dict)

    def concern(self, app: str | None) -> bool:
        """Say whether an event of *app* may be for a webhook; None is for several apps."""
        return bool(self.apps) if app is None else app in self.apps.values()


def decide(old: Subscriptions, event: Event, _: Moment) -> tuple[Subscriptions, tuple[Effect, ...]]:
    """Return what is there with one webhook more or less; again is harmless."""
    match event:
        case Subscribe(webhook=webhook, app=app):
            return replace(old, apps={**old.apps, webhook: app}), ()
        case Unsubscribe(webhook=webhook):
            return replace(old, apps={w: a for w, a in old.apps.items() if w != webhook}), ()
