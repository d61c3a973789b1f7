"""Which apps have webhooks."""

from signalling.core.subscriptions import Subscribe, Subscriptions, Unsubscribe, decide
from tests.core.samples import moment

BOTH = Subscriptions({"wh1": "hospital", "wh2": "court"})


def test_webhooks_come_and_go() -> None:
    """Each once, however often it is said."""
    one, _ = decide(Subscriptions(), Subscribe("wh1", "hospital"), moment())
    assert decide(one, Subscribe("wh2", "court"), moment()) == (BOTH, ())
    assert decide(BOTH, Subscribe("wh2", "court"), moment()) == (BOTH, ())
    assert decide(BOTH, Unsubscribe("wh2"), moment()) == (one, ())
    assert decide(one, Unsubscribe("wh2"), moment()) == (one, ())


def test_an_event_concerns_apps_with_a_webhook() -> None:
    """What is for several apps concerns whichever has one."""
    assert [BOTH.concern(app) for app in ("court", "school", None)] == [True, False, True]
    assert [Subscriptions().concern(app) for app in ("court", None)] == [False, False]
