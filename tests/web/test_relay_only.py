"""Meetings in which addresses are hidden: no signal names anybody's own, whichever way it goes."""

from typing import Any

import pytest

from tests.web.client import Clients
from tests.web.fake import World

HOST = {"candidate": "candidate:1 1 udp 2130706431 192.0.2.7 50000 typ host", "sdpMid": "0"}
TURN = {"candidate": "candidate:1 1 udp 16777215 198.51.100.9 50000 typ relay", "sdpMid": "0"}


async def refusal(client: Any, signal: dict[str, Any]) -> dict[str, Any]:
    answer = await client.ask("meeting.signal", meeting="me-1", to="pa-bert", signal=signal)
    error: dict[str, Any] = answer["error"]
    return error


@pytest.mark.parametrize("binary", [False, True])
async def test_only_turn_servers_are_named(here: World, people: Clients, binary: bool) -> None:
    here.service.ice_policy = "relay"
    anna = await people.open("anna", binary=binary)
    bert = await people.open("bert", "interpreter")
    for one in (anna, bert):
        await one.call("meeting.join", meeting="me-1")

    refused = await refusal(anna, HOST)
    assert (refused["data"]["path"], "192.0.2.7" in str(refused)) == ("signal", False)
    await anna.call("meeting.signal", meeting="me-1", to="pa-bert", signal=TURN)
    assert (await bert.event("meeting.signal"))["signal"] == TURN


async def test_a_resumed_session_hides_them_too(here: World, people: Clients) -> None:
    here.service.ice_policy = "relay"
    anna = await people.open("anna")
    await anna.call("meeting.join", meeting="me-1")
    await anna.socket.close()
    await here.service.wait_for("dropped")
    resume = {"session": anna.opened["session"], "resume_token": anna.opened["resume_token"]}
    back = await people.open("anna", resume=resume)

    assert (await refusal(back, HOST))["data"]["path"] == "signal"
