"""webhook.*: where an app has its events posted, and what became of them."""

from typing import Annotated, Literal

from msgspec import Meta

from signalling.protocol.messages.common import (
    Cursor,
    Id,
    Key,
    Moment,
    PageSize,
    Params,
    Result,
    Stamp,
    doc,
)

Url = Annotated[
    str,
    Meta(
        max_length=2000,
        pattern=r"^https?://[A-Za-z0-9._~:/?\[\]@!$&'()*+,;=%-]+(?![\s\S])",
        description="An https URL, in ASCII.",
    ),
]
Pattern = Annotated[
    str,
    Meta(
        pattern=r"^[a-z_]{1,32}\.([a-z_]{1,32}|\*)(?![\s\S])",
        description="A type of event, e.g. assignment.held, or a group, e.g. assignment.*.",
    ),
]
State = Literal["pending", "delivered", "dead"]


class WebhookPutParams(Params, frozen=True):
    url: Url
    webhook: Annotated[Id | None, doc("Which one to change; absent: a new one.")] = None
    types: Annotated[
        tuple[Pattern, ...], Meta(max_length=50, description="What to post; none: everything.")
    ] = ()
    description: Annotated[str, Meta(max_length=200, description="For people.")] = ""
    disabled: Annotated[bool, doc("Post nothing for now; what happens then is not kept.")] = False
    new_secret: Annotated[bool, doc("Sign by a new secret; the old one signs too for a day.")] = (
        False
    )
    idempotency_key: Key | None = None


class Webhook(Result, frozen=True):
    """Where an app has events posted."""

    id: Id
    state: Literal["enabled", "disabled"]
    url: str
    types: Annotated[tuple[str, ...], doc("What is posted; none: everything.")]
    created_at: Stamp
    description: str = ""
    why: Annotated[str | None, doc("Why it is disabled.")] = None


class WebhookPutResult(Result, frozen=True):
    webhook: Webhook
    secret: Annotated[
        str | None, doc("What deliveries are signed with, if it is new; never shown again.")
    ] = None


class WebhookListParams(Params, frozen=True):
    pass


class WebhookListResult(Result, frozen=True):
    webhooks: Annotated[tuple[Webhook, ...], doc("All of the app, newest first.")]


class WebhookRemoveParams(Params, frozen=True):
    webhook: Id


class WebhookRemoveResult(Result, frozen=True):
    removed: bool


class WebhookTestParams(Params, frozen=True):
    webhook: Id


class WebhookTestResult(Result, frozen=True):
    pass


class WebhookDeliveriesParams(Params, frozen=True):
    webhook: Id
    state: Annotated[State | None, doc("Only those in this state.")] = None
    limit: PageSize = 50
    cursor: Cursor | None = None


class Delivery(Result, frozen=True):
    """One event on its way to a webhook; its id is the header `webhook-id`."""

    id: Id
    state: State
    type: str
    about: Annotated[Id, doc("What it happened to; order is kept for each.")]
    happened_at: Stamp
    attempts: int
    next_at: Annotated[Stamp | None, doc("When it is tried next, unless another is before it.")] = (
        None
    )
    tried_at: Annotated[Stamp | None, doc("When it was tried last.")] = None
    status: Annotated[int | None, doc("What the last attempt was answered with.")] = None
    why: Annotated[str | None, doc("Why the last attempt failed.")] = None


class WebhookDeliveriesResult(Result, frozen=True):
    deliveries: Annotated[tuple[Delivery, ...], doc("Newest first.")]
    next: Annotated[str | None, doc("Cursor of the next page.")] = None


class WebhookRedeliverParams(Params, frozen=True):
    """Either one delivery, or all that were given up since a time."""

    webhook: Id
    delivery: Annotated[Id | None, doc("Which one, in whatever state.")] = None
    dead_since: Annotated[
        Moment | None, doc("All that are dead and happened from then on, oldest first.")
    ] = None


class WebhookRedeliverResult(Result, frozen=True):
    redelivered: Annotated[int, doc("How many will be posted once more.")]
    more: Annotated[bool, doc("Whether dead ones are left: call again.")]
