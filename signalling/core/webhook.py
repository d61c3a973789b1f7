"""The life of a webhook: an address to which an app has events posted, and its secrets."""

from enum import StrEnum
from typing import Any, ClassVar, Final

from msgspec import Struct
from msgspec.structs import replace

from signalling.core import subscriptions
from signalling.core.effects import Effect, Hook, Moment, Tell
from signalling.core.hooks import TEST, covers
from signalling.core.subscriptions import Subscribe, Unsubscribe
from signalling.core.times import rfc3339
from signalling.errors import IllegalTransition, NotFound

SECRETS_MOST: Final = 3  # each adds a signature to every delivery


class WebhookState(StrEnum):
    ENABLED = "enabled"
    DISABLED = "disabled"


class Spec(Struct, frozen=True):
    """What an app says of its webhook; no *types* are all of them."""

    url: str
    types: tuple[str, ...] = ()
    description: str = ""
    disabled: bool = False


class CreateWebhook(Struct, frozen=True):
    id: str
    app: str
    spec: Spec
    secret: str


class ChangeWebhook(Struct, frozen=True):
    """The app says anew what it wants; a *secret* takes the place of the one before."""

    spec: Spec
    secret: str | None = None


class DisableWebhook(Struct, frozen=True):
    """Whoever answers there wants no more."""

    why: str


class TestWebhook(Struct, frozen=True):
    """The app wants to see whether an event arrives."""

    __test__: ClassVar[bool] = False  # not a test of ours


class RemoveWebhook(Struct, frozen=True):
    pass


Event = CreateWebhook | ChangeWebhook | DisableWebhook | TestWebhook | RemoveWebhook
# An absent cell refuses, unless the event only repeats what is so. None: there is no webhook then.
TABLE: Final[dict[WebhookState, dict[type[Event], WebhookState | None]]] = {
    WebhookState.ENABLED: {
        ChangeWebhook: WebhookState.ENABLED,
        DisableWebhook: WebhookState.DISABLED,
        TestWebhook: WebhookState.ENABLED,
        RemoveWebhook: None,
    },
    WebhookState.DISABLED: {
        ChangeWebhook: WebhookState.ENABLED,
        DisableWebhook: WebhookState.DISABLED,
        RemoveWebhook: None,
    },
}


class Secret(Struct, frozen=True):
    """One secret that deliveries are signed with; *until_ms* is the end of an old one."""

    value: str
    until_ms: int | None = None


class Webhook(Struct, frozen=True):
    """Where an app has which events posted. The first of its *secrets* is the newest."""

    kind: ClassVar[str] = "webhook"
    schema: ClassVar[int] = 1
    ttl_ms: ClassVar[int | None] = None
    wake_at_ms: ClassVar[int | None] = None
    feed: ClassVar[None] = None

    id: str
    app: str
    spec: Spec
    secrets: tuple[Secret, ...]
    created_ms: int
    state: WebhookState = WebhookState.ENABLED
    why: str | None = None

    @property
    def indexes(self) -> dict[str, float]:
        return {of_app(self.app): float(self.created_ms)}

    def wants(self, type_: str, about: str) -> bool:
        """Say whether an event is to be posted here; a trial is, if it is of this one."""
        if self.state is WebhookState.DISABLED:
            return False
        if type_ == TEST:
            return about == self.id
        return not self.spec.types or covers(self.spec.types, type_)

    def live_secrets(self, now_ms: int) -> tuple[str, ...]:
        """Return the secrets that hold now, the newest first."""
        return tuple(s.value for s in self.secrets if s.until_ms is None or s.until_ms > now_ms)


Decision = tuple[Webhook | None, tuple[Effect, ...]]


def of_app(app: str) -> str:
    """Name the index of an app's webhooks."""
    return f"webhooks:a:{app}"


def decide(old: Webhook | None, event: Event, at: Moment) -> Decision:
    """Return the next webhook, None once removed, and what follows: that it counts, a trial.

    Raises NotFound for what there is not, IllegalTransition for a trial of a disabled one.
    """
    if old is None:
        return _created(event, at)
    if isinstance(event, CreateWebhook):
        return old, ()  # the commit that made it was repeated
    if type(event) not in TABLE[old.state]:
        raise IllegalTransition(f"the webhook is {old.state}; got {type(event).__name__}")
    state = TABLE[old.state][type(event)]
    if state is None:
        return None, (Tell(subscriptions.KEY, Unsubscribe(old.id)),)
    match event:
        case ChangeWebhook():
            return _changed(old, event, at), ()
        case DisableWebhook():
            return replace(old, state=state, why=old.why or event.why), ()
        case _:
            return old, (Hook(TEST, old.id, {"webhook": old.id}, old.app),)


def _created(event: Event, at: Moment) -> Decision:
    match event:
        case CreateWebhook():
            secrets = (Secret(event.secret),)
            new = Webhook(event.id, event.app, event.spec, secrets, at.now_ms)
            return _as_wanted(new), (Tell(subscriptions.KEY, Subscribe(new.id, new.app)),)
        case RemoveWebhook() | DisableWebhook():
            return None, ()  # it is so
        case _:
            raise NotFound("no such webhook", path="webhook")


def _changed(old: Webhook, event: ChangeWebhook, at: Moment) -> Webhook:
    new = _as_wanted(replace(old, spec=event.spec))
    if event.secret is None:
        return new
    until_ms = at.now_ms + at.bounds.old_secret
    former = Secret(old.secrets[0].value, until_ms)
    holding = [s for s in old.secrets[1:] if s.until_ms is not None and s.until_ms > at.now_ms]
    return replace(new, secrets=(Secret(event.secret), former, *holding)[:SECRETS_MOST])


def _as_wanted(webhook: Webhook) -> Webhook:
    """Let it be enabled or not, as its app says."""
    if webhook.spec.disabled:
        return replace(webhook, state=WebhookState.DISABLED, why="as its app wants")
    return replace(webhook, state=WebhookState.ENABLED, why=None)


def view(webhook: Webhook) -> dict[str, Any]:
    """Return a webhook as its app sees it: without secrets."""
    shown: dict[str, Any] = {
        "id": webhook.id,
        "state": str(webhook.state),
        "url": webhook.spec.url,
        "types": list(webhook.spec.types),
        "description": webhook.spec.description,
        "created_at": rfc3339(webhook.created_ms),
    }
    return shown | ({"why": webhook.why} if webhook.why else {})
