"""meeting.signal: straight across, through the store, kept, in order, across codecs."""

import pytest

from signalling.store.store import Store
from tests.web.client import Client, Clients, clients
from tests.web.fake import World, world

OFFER = {"type": "offer", "sdp": "v=0\r\n"}


def candidate(n: int) -> dict[str, object]:
    return {"candidate": f"candidate:{n}", "sdpMid": "0", "sdpMLineIndex": 0}


async def pair(people: Clients, *, left: bool = False, right: bool = True) -> tuple[Client, Client]:
    """Open two sockets that speak differently, both in one meeting."""
    anna = await people.open("anna", binary=left)
    bert = await people.open("bert", "interpreter", binary=right)
    for one in (anna, bert):
        await one.call("meeting.join", meeting="me-1")
    return anna, bert


@pytest.mark.parametrize("left", [False, True])
@pytest.mark.parametrize("right", [False, True])
async def test_straight_across_in_order(people: Clients, left: bool, right: bool) -> None:
    anna, bert = await pair(people, left=left, right=right)
    for n in range(20):
        params = {"meeting": "me-1", "to": "pa-bert", "signal": candidate(n)}
        await anna.send({"jsonrpc": "2.0", "method": "meeting.signal", "params": params})
    answer = await anna.call("meeting.signal", meeting="me-1", to="pa-bert", signal=OFFER)
    assert answer == {"seq": 21}
    heard = [await bert.event("meeting.signal") for _ in range(21)]
    assert [event["seq"] for event in heard] == list(range(1, 22))
    assert heard[3] == {
        "meeting": "me-1", "from": "pa-anna", "epoch": 1, "seq": 4, "signal": candidate(3),
    }  # fmt: skip
    assert heard[20]["signal"] == OFFER
    back = await bert.call("meeting.signal", meeting="me-1", to="pa-anna", signal=OFFER)
    assert back == {"seq": 1}


async def test_a_users_id_names_their_only_participant(people: Clients) -> None:
    anna, bert = await pair(people)
    await anna.call("meeting.signal", meeting="me-1", to="bert", signal=OFFER)
    assert (await bert.event("meeting.signal"))["signal"] == OFFER


async def test_between_nodes(here: World, people: Clients, store: Store) -> None:
    async with (
        world(store, here.app.marketplace, here.service) as there,
        clients(there) as others,
    ):
        anna = await people.open("anna")
        bert = await others.open("bert", "interpreter", binary=True)
        for one in (anna, bert):
            await one.call("meeting.join", meeting="me-1")
        for n in range(10):
            await anna.call("meeting.signal", meeting="me-1", to="pa-bert", signal=candidate(n))
            await bert.call("meeting.signal", meeting="me-1", to="pa-anna", signal=candidate(n))
        for one in (anna, bert):
            heard = [await one.event("meeting.signal") for _ in range(10)]
            assert [event["seq"] for event in heard] == list(range(1, 11))
            assert heard[9]["signal"] == candidate(9)


async def test_what_cannot_be_delivered_is_kept_and_comes_first(
    here: World, people: Clients
) -> None:
    anna, bert = await pair(people)
    await bert.socket.close()
    await here.service.wait_for("dropped")
    for n in range(5):
        await anna.call("meeting.signal", meeting="me-1", to="pa-bert", signal=candidate(n))
    resume = {"session": bert.opened["session"], "resume_token": bert.opened["resume_token"]}
    back = await people.open("bert", "interpreter", binary=True, resume=resume)
    for n in range(5, 10):
        await anna.call("meeting.signal", meeting="me-1", to="pa-bert", signal=candidate(n))
    heard = [await back.event("meeting.signal") for _ in range(10)]
    assert [event["seq"] for event in heard] == list(range(1, 11))
    assert [event["signal"] for event in heard] == [candidate(n) for n in range(10)]


async def test_who_resumes_counts_anew_in_a_higher_epoch(
    here: World, people: Clients, store: Store
) -> None:
    """On this node or another: a receiver can tell a restart from a loss."""
    anna, bert = await pair(people)
    to_anna = {"meeting": "me-1", "to": "pa-anna", "signal": OFFER}
    async with (
        world(store, here.app.marketplace, here.service) as there,
        clients(there) as others,
    ):
        heard = []
        for many in (people, others):
            for _ in range(2):
                await bert.call("meeting.signal", **to_anna)
                heard.append(await anna.event("meeting.signal"))
            resume = {
                "session": bert.opened["session"],
                "resume_token": bert.opened["resume_token"],
            }
            bert = await many.open("bert", "interpreter", resume=resume)
        await bert.call("meeting.signal", **to_anna)
        heard.append(await anna.event("meeting.signal"))
    assert [(e["epoch"], e["seq"]) for e in heard] == [(1, 1), (1, 2), (2, 1), (2, 2), (3, 1)]


async def test_an_older_epoch_is_refused(here: World, people: Clients) -> None:
    anna, bert = await pair(people)
    event = {"meeting": "me-1", "from": "pa-bert", "signal": OFFER}
    channel = here.keys.to("me-1", "pa-anna")
    for epoch, seq in ((2, 1), (1, 7), (2, 2)):
        await here.post(channel, "meeting.signal", event | {"epoch": epoch, "seq": seq})
    heard = [await anna.event("meeting.signal") for _ in range(2)]
    assert [(e["epoch"], e["seq"]) for e in heard] == [(2, 1), (2, 2)]
    refused = await bert.ask("meeting.signal", meeting="me-1", to="pa-anna", signal=OFFER)
    assert refused["error"]["code"] == 1003


async def test_what_still_queues_of_an_older_epoch_is_refused(here: World, people: Clients) -> None:
    anna, _ = await pair(people)
    here.node.seats.rooms[here.app.marketplace, "me-1"].epochs["pa-anna"] = 2
    refused = await anna.ask("meeting.signal", meeting="me-1", to="bert", signal=OFFER)
    assert refused["error"]["code"] == 1005


@pytest.mark.parametrize(("signal", "many"), [(candidate(0), 3), ({"sdp": "x" * 500}, 2)])
async def test_how_much_is_kept_is_a_setting(
    store: Store, marketplace: str, signal: dict[str, object], many: int
) -> None:
    async with (
        world(store, marketplace, pending_signals=2, pending_signal_bytes=1024) as here,
        clients(here) as people,
    ):
        anna, bert = await pair(people)
        await bert.socket.close()
        await here.service.wait_for("dropped")
        for _ in range(many):
            assert anna.events == []
            await anna.call("meeting.signal", meeting="me-1", to="pa-bert", signal=signal)
        assert (await anna.event("meeting.changed"))["renegotiate"] is True


async def test_too_much_to_keep_means_renegotiating(here: World, people: Clients) -> None:
    anna, bert = await pair(people)
    await bert.socket.close()
    await here.service.wait_for("dropped")
    for n in range(31):
        await anna.call("meeting.signal", meeting="me-1", to="pa-bert", signal=candidate(n))
    assert (await anna.event("meeting.changed"))["renegotiate"] is True
    resume = {"session": bert.opened["session"], "resume_token": bert.opened["resume_token"]}
    back = await people.open("bert", "interpreter", binary=True, resume=resume)
    assert (await back.event("meeting.changed"))["renegotiate"] is True


async def test_who_has_not_joined_sends_nothing(people: Clients) -> None:
    anna, bert = await pair(people)
    eve = await people.open("eve")
    refused = await eve.ask("meeting.signal", meeting="me-1", to="pa-bert", signal=OFFER)
    assert refused["error"]["code"] == 1003
    unknown = await anna.ask("meeting.signal", meeting="me-1", to="pa-nobody", signal=OFFER)
    assert (unknown["error"]["code"], unknown["error"]["data"]["path"]) == (1003, "to")
    oneself = await anna.ask("meeting.signal", meeting="me-1", to="pa-anna", signal=OFFER)
    assert oneself["error"]["code"] == 1003
    assert bert.events == []


async def test_leaving_ends_it(here: World, people: Clients) -> None:
    anna, bert = await pair(people)
    await bert.call("meeting.leave", meeting="me-1")
    refused = await bert.ask("meeting.signal", meeting="me-1", to="pa-anna", signal=OFFER)
    assert refused["error"]["code"] == 1003
    left = here.service.meeting("me-1")
    assert [p.user for p in left.participants] == ["anna"]
    assert await anna.call("session.ping")


async def test_the_end_of_a_meeting_takes_the_seats_away(here: World, people: Clients) -> None:
    anna, bert = await pair(people)
    over = {"id": "me-1", "state": "ended", "participants": []}
    await here.mail(f"c:{here.app.key}:anna", "meeting.changed", {"meeting": over})
    await anna.event("meeting.changed")
    assert here.node.seats.rooms == {}
    refused = await bert.ask("meeting.signal", meeting="me-1", to="pa-anna", signal=OFFER)
    assert refused["error"]["code"] == 1003


@pytest.mark.parametrize("signal", ["text", 1, None, [OFFER]])
async def test_a_signal_is_an_object(people: Clients, signal: object) -> None:
    anna, _ = await pair(people)
    refused = await anna.ask("meeting.signal", meeting="me-1", to="pa-bert", signal=signal)
    assert (refused["error"]["code"], refused["error"]["data"]["path"]) == (-32602, "signal")


async def test_a_large_signal_is_refused(people: Clients) -> None:
    anna, _ = await pair(people)
    big = {"sdp": "x" * 33_000}
    refused = await anna.ask("meeting.signal", meeting="me-1", to="pa-bert", signal=big)
    assert refused["error"]["code"] == 1007


async def test_dropping_tells_which_meetings(here: World, people: Clients) -> None:
    anna, _ = await pair(people)
    await anna.socket.close()
    _, caller, _, meetings = await here.service.wait_for("dropped")
    assert (caller.user, meetings) == ("anna", frozenset({"me-1"}))
