"""Every event in every state of a webhook, its secrets, and what it wants."""

from itertools import product
from typing import get_args

import pytest
from msgspec.structs import replace

from signalling.core import webhook as life
from signalling.core.effects import Hook, Tell
from signalling.core.subscriptions import KEY, Subscribe, Unsubscribe
from signalling.core.webhook import (
    ChangeWebhook,
    CreateWebhook,
    DisableWebhook,
    RemoveWebhook,
    Secret,
    Spec,
    TestWebhook,
    Webhook,
    WebhookState,
    decide,
    view,
)
from signalling.errors import IllegalTransition
from tests.core.grid import refusal, rows
from tests.core.samples import NOW, moment

DAY = 86_400_000
SPEC = Spec("https://example.org/in", ("assignment.*",), "bookings")
ENABLED = Webhook("wh1", "hospital", SPEC, (Secret("one"),), NOW)
GONE = replace(ENABLED, state=WebhookState.DISABLED, why="it answered 410 Gone")
RECORDS = {"none": None, "enabled": ENABLED, "disabled": GONE}
EVENTS: dict[str, life.Event] = {
    "create": CreateWebhook("wh1", "hospital", SPEC, "one"),
    "change": ChangeWebhook(SPEC),
    "switch_off": ChangeWebhook(replace(SPEC, disabled=True)),
    "gone": DisableWebhook("it answered 410 Gone"),
    "test": TestWebhook(),
    "remove": RemoveWebhook(),
}
ROWS = rows("""
             none     enabled  disabled
create       enabled  =        =
change       NotFound enabled  enabled
switch_off   NotFound disabled disabled
gone         none     disabled =
test         NotFound enabled  Refused
remove       none     none     none
""")


@pytest.mark.parametrize(("state", "event", "want"), ROWS)
def test_row(state: str, event: str, want: str) -> None:
    """Each event in each state leads where the product says, or is refused."""
    old = RECORDS[state]
    if error := IllegalTransition if want == "Refused" else refusal(want):
        with pytest.raises(error):
            decide(old, EVENTS[event], moment())
        return
    new, effects = decide(old, EVENTS[event], moment())
    if want == "=":
        assert (new, effects) == (old, ())
    else:
        assert (new.state if new else "none") == want


def test_rows_are_complete() -> None:
    said = {(state, type(EVENTS[event])) for state, event, _ in ROWS}
    assert set(product(("none", *map(str, WebhookState)), get_args(life.Event))) == said


def test_it_counts_among_the_webhooks_while_it_is_there() -> None:
    """Disabled or not: it may be enabled again."""
    made, removed = (
        decide(RECORDS[old], EVENTS[event], moment())[1]
        for old, event in (("none", "create"), ("disabled", "remove"))
    )
    assert made == (Tell(KEY, Subscribe("wh1", "hospital")),)
    assert removed == (Tell(KEY, Unsubscribe("wh1")),)


def test_a_trial_is_an_event_of_the_webhook_itself() -> None:
    _, effects = decide(ENABLED, TestWebhook(), moment())
    assert effects == (Hook("webhook.test", "wh1", {"webhook": "wh1"}, "hospital"),)


def test_what_it_wants() -> None:
    """The types that it names, or all; trials of its own only; disabled nothing."""
    everything = replace(ENABLED, spec=Spec("https://example.org/in"))
    assert ENABLED.wants("assignment.held", "a1")
    assert not ENABLED.wants("offer.made", "a1")
    assert everything.wants("offer.made", "a1")
    assert ENABLED.wants("webhook.test", "wh1")
    assert not everything.wants("webhook.test", "wh2")
    assert not GONE.wants("assignment.held", "a1")


def test_an_old_secret_signs_for_a_day() -> None:
    turned, _ = decide(ENABLED, ChangeWebhook(SPEC, "two"), moment())
    assert turned is not None
    assert turned.live_secrets(NOW + DAY - 1) == ("two", "one")
    assert turned.live_secrets(NOW + DAY) == ("two",)
    later, _ = decide(turned, ChangeWebhook(SPEC, "three"), moment(NOW + DAY))
    assert later is not None
    assert later.secrets == (Secret("three"), Secret("two", NOW + 2 * DAY))


def test_who_turns_often_keeps_three_secrets() -> None:
    webhook: Webhook | None = ENABLED
    for secret in ("two", "three", "four"):
        webhook, _ = decide(webhook, ChangeWebhook(SPEC, secret), moment())
    assert webhook is not None
    assert webhook.live_secrets(NOW) == ("four", "three", "two")


def test_its_app_sees_it_without_secrets() -> None:
    shown = {
        "id": "wh1",
        "state": "disabled",
        "url": "https://example.org/in",
        "types": ["assignment.*"],
        "description": "bookings",
        "created_at": "2023-11-14T22:13:20.000Z",
        "why": "it answered 410 Gone",
    }
    assert view(GONE) == shown
    assert "why" not in view(ENABLED)
    assert ENABLED.indexes == {"webhooks:a:hospital": NOW}
