"""What docs/webhooks.md tells whoever receives is true."""

import re
from pathlib import Path
from typing import Any

import pytest

from signalling.core.hooks import TYPES
from signalling.settings import Limits
from tests.hooks.receiver import SECRET, Receiver, delivering, happens, webhook
from tests.world import World

PAGE = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text(encoding="utf-8")


async def test_the_receiver_of_the_page(
    world: World,
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """It takes in what is signed by its secret, once, and nothing else."""
    (source,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    monkeypatch.setenv("WEBHOOK_SECRET", SECRET)
    names: dict[str, Any] = {}
    exec(source, names)  # noqa: S102 - it is our own page
    receiver.answer = names["receive"]
    await webhook(world, receiver.url)
    async with delivering(world) as one:
        await happens(world, ("a1", 1), ("a1", 2))
        await one.until("delivered", 2)
        names["webhook"] = names["Webhook"]("whsec_" + "QUJD" * 8)
        await happens(world, ("a1", 3))
        (refused,) = await one.until("pending", 1)
        await receiver.until(3)
    assert capsys.readouterr().out == "assignment.held {'n': 1}\nassignment.held {'n': 2}\n"
    assert refused.data == {"n": 3}


def test_every_event_is_on_the_page() -> None:
    rows = dict(re.findall(r"^\| `([a-z_.]+)` \| (.+) \|$", PAGE, re.MULTILINE))
    assert rows == TYPES


def test_the_numbers_are_the_defaults() -> None:
    limits = Limits()
    for text, number in (
        (r"at most (\d+)\.", limits.webhooks_per_app),
        (r"2xx within (\d+) seconds", limits.webhook_timeout_s),
        (r"after (\d+) seconds at most", limits.webhook_retry_s),
        (r"at most (\d+) deliveries to one", limits.webhook_at_once),
    ):
        assert re.findall(text, PAGE) == [str(number)]
    hours = limits.webhook_retry_most_s, limits.webhook_give_up_s, limits.webhook_keep_s
    assert hours == (3600, 24 * 3600, 7 * 24 * 3600)
