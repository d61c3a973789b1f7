"""What docs/offers.md shows is what is sent, and what it says can be set can be."""

import json
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from signalling.core import push
from signalling.protocol.messages.interpreter import QuietHours
from signalling.protocol.messages.offer import OfferMadeEvent, OfferWithdrawnEvent
from signalling.protocol.messages.presence import PresenceSetParams
from signalling.settings import Limits

PAGE = (Path(__file__).parents[1] / "docs" / "offers.md").read_text(encoding="utf-8")
WISH, MADE, WITHDRAWN, NIGHT = map(json.loads, re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL))


def test_what_an_interpreter_sends() -> None:
    assert msgspec.convert(WISH, PresenceSetParams).push
    assert msgspec.convert(NIGHT, QuietHours).to == "07:00"


@pytest.mark.parametrize(
    ("shown", "kind"), [(MADE, OfferMadeEvent), (WITHDRAWN, OfferWithdrawnEvent)]
)
def test_what_an_app_gets_is_the_event_and_whose_it_is(
    shown: dict[str, Any], kind: type[OfferMadeEvent | OfferWithdrawnEvent]
) -> None:
    event = {k: v for k, v in shown["data"].items() if k != "interpreter"}

    assert json.loads(msgspec.json.encode(msgspec.convert(event, kind))) == event


def test_the_hooks_carry_what_is_shown() -> None:
    data = MADE["data"]
    offer = {name: value for name, value in data.items() if name != "interpreter"}
    made = push.made("amina", data["assignment"]["id"], offer)
    over = push.withdrawn("amina", made.about, data["offer"], "taken")

    assert (made.type, made.data) == (MADE["type"], data)
    assert (over.type, over.data) == (WITHDRAWN["type"], WITHDRAWN["data"])


def test_the_times_are_settings() -> None:
    for name, value in {
        "offer_s": 20,
        "push_ack_s": 10,
        "push_lease_s": 12 * 3600,
        "pushes_unanswered": 3,
    }.items():
        assert f"`{name}`" in PAGE
        assert getattr(Limits(), name) == value
