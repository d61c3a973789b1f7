"""A Janus that answers nonsense, or nothing: Unavailable, out of use, no trace, no hang."""

import asyncio
from contextlib import suppress
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from signalling.errors import InvalidParams, Unavailable
from signalling.media.carrier import Place
from signalling.media.janus.carrier import Janus
from tests.logs import hearing_logs
from tests.media.janus.fake import SILENCE, Answer, FakeJanus, plugin, pretending
from tests.media.janus.people import HASTY, WITHIN_S, Heard, carrying, settings

OLA = Place("m", "ola")
SDP = "v=0\r\n"
NO_ANSWERS: dict[str, Answer] = {
    "no JSON": "{",
    "not even text": b"\xff\x00",
    "no object": "[]",
    "a number": "5",
    "null": "null",
    "nothing": "",
    "deep": "[" * 20_000,
    "a huge number": '{"janus": 1e999}',
    "half of a surrogate": '"\\ud800"',
    "more than is read": '"' + "x" * (5 << 20) + '"',
    "no kind": {"data": {"id": 1}},
    "a kind that is none": {"janus": 5},
    "a sender that is none": {"janus": "success", "sender": "me"},
    "an error that is none": {"janus": "error"},
    "an error without number": {"janus": "error", "error": {"reason": "because"}},
}
NO_MADE: dict[str, Answer] = {
    "nothing made": {"janus": "success"},
    "no id": {"janus": "success", "data": {}},
    "an id in words": {"janus": "success", "data": {"id": "one"}},
    "an id of half": {"janus": "success", "data": {"id": 1.5}},
    "id zero": {"janus": "success", "data": {"id": 0}},
    "an id below": {"janus": "success", "data": {"id": -1}},
    "an id too large": {"janus": "success", "data": {"id": 1 << 60}},
}
NO_PLUGIN: dict[str, Answer] = {
    "no plugin": {"janus": "event"},
    "a plugin that is none": {"janus": "event", "plugindata": []},
    "a plugin without words": {"janus": "event", "plugindata": {"plugin": "p"}},
    "words that are none": plugin(None),
    "words that are numbers": plugin([1, 2]),
    "words without meaning": plugin({}),
    "an error in words": plugin({"error_code": "many"}),
    "a description that is none": plugin({"videoroom": "joined"}, "v=0"),
    "a description without SDP": plugin({"videoroom": "joined"}, {"type": "answer"}),
}


def cases(*tables: dict[str, Answer]) -> list[Any]:
    return [
        pytest.param(answer, id=name.replace(" ", "_"))
        for table in tables
        for name, answer in table.items()
    ]


def fresh(url: str, heard: Heard) -> Janus:
    return Janus(
        settings(url),
        published=heard.on_published,
        gone=heard.on_gone,
        lost=heard.on_lost,
        times=HASTY,
    )


async def never_used(url: str) -> None:
    """See a carrier through several attempts at a server that it must not use."""
    with hearing_logs() as logs:
        async with fresh(url, Heard()) as carrier:
            async with asyncio.timeout(WITHIN_S):
                await logs.hear("janus cannot be used")
            assert carrier.load == 1
            with pytest.raises(Unavailable):
                await carrier.offer(OLA, SDP, ())
    assert {line["event"] for line in logs.entries} == {"janus cannot be used"}


@pytest.mark.parametrize("answer", cases(NO_ANSWERS, NO_MADE))
async def test_no_session_no_use(answer: Answer) -> None:
    async with pretending(create=lambda _: answer) as fake:
        await never_used(fake.url)


@pytest.mark.parametrize("answer", cases(NO_MADE))
async def test_no_handle_no_use(answer: Answer) -> None:
    async with pretending(attach=lambda _: answer) as fake:
        await never_used(fake.url)


@pytest.mark.parametrize(
    "answer", [*cases(NO_ANSWERS, NO_PLUGIN), plugin({"list": "many"}), plugin({"list": [{}]})]
)
async def test_no_list_no_use(answer: Answer) -> None:
    async with pretending(list=lambda _: answer) as fake:
        await never_used(fake.url)


@pytest.mark.parametrize("answer", cases(NO_ANSWERS, NO_PLUGIN))
async def test_nonsense_to_an_offer_ends_its_use(answer: Answer) -> None:
    heard = Heard()
    async with (
        pretending(joinandconfigure=lambda _: answer) as fake,
        carrying(heard, fake.url, times=HASTY) as carrier,
    ):
        async with asyncio.timeout(WITHIN_S):
            with pytest.raises(Unavailable) as refused:
                await carrier.offer(OLA, SDP, ())
            await heard.until(lambda: heard.lost == ["m"])
        assert "because" not in str(refused.value.data())


async def test_an_answer_without_description_is_no_answer() -> None:
    async with (
        pretending(joinandconfigure=lambda _: plugin({"videoroom": "joined"})) as fake,
        carrying(Heard(), fake.url, times=HASTY) as carrier,
    ):
        with pytest.raises(Unavailable):
            await carrier.offer(OLA, SDP, ())
        assert fake.asked[-1] == "detach"


async def test_a_room_that_is_not_made_is_made_elsewhere() -> None:
    def refuse(_: Any) -> Answer:
        return plugin({"error_code": 499, "error": "no"})

    async with pretending() as good:
        bad = FakeJanus()
        bad_room = lambda asked: refuse(asked) if asked["janus"] == "message" else bad._sense(asked)  # noqa: E731
        async with (
            pretending(create=bad_room) as other,
            carrying(Heard(), other.url, good.url, times=HASTY) as carrier,
        ):
            assert await carrier.offer(OLA, SDP, ()) == "v=0\r\n"
            assert [set(server.rooms) for server in carrier.servers] == [set(), {"m"}]


@pytest.mark.parametrize("silent", ["attach", "joinandconfigure"])
async def test_silence_is_not_waited_for_long(silent: str) -> None:
    heard = Heard()
    async with (
        pretending() as fake,
        carrying(heard, fake.url, times=HASTY) as carrier,
    ):
        fake.nonsense = {silent: lambda _: SILENCE}
        started = asyncio.get_running_loop().time()
        with pytest.raises(Unavailable):
            await carrier.offer(OLA, SDP, ())
        assert asyncio.get_running_loop().time() - started < 3
        assert carrier.load < 1, "its other answers show that it lives"


async def test_a_session_that_times_out_is_lost() -> None:
    heard = Heard()
    async with (
        pretending() as fake,
        carrying(heard, fake.url, times=HASTY) as carrier,
    ):
        await carrier.offer(OLA, SDP, ())
        fake.nonsense = {"list": lambda _: '{"janus": "timeout", "session_id": 1}'}
        await heard.until(lambda: heard.lost == ["m"])


async def test_a_handle_that_came_too_late_is_given_up() -> None:
    async with (
        pretending() as fake,
        carrying(Heard(), fake.url, times=HASTY) as carrier,
    ):
        held: list[Any] = []

        def hold(asked: Any) -> Answer:
            held.append(asked["transaction"])
            return SILENCE

        fake.nonsense = {"attach": hold}
        with pytest.raises(Unavailable):
            await carrier.offer(OLA, SDP, ())
        late = {"janus": "success", "transaction": held[0], "data": {"id": 77}}
        given_up = asyncio.Event()

        def detach(asked: Any) -> Answer:
            if asked["handle_id"] == 77:
                given_up.set()
            return {"janus": "success"}

        fake.nonsense = {"list": lambda _: late, "detach": detach}
        async with asyncio.timeout(WITHIN_S):
            await given_up.wait()


@pytest.mark.parametrize(
    ("code", "error"), [(465, InvalidParams), (437, InvalidParams), (432, Unavailable)]
)
async def test_only_a_bad_description_is_the_clients_fault(
    code: int, error: type[Exception]
) -> None:
    def refuse(_: Any) -> Answer:
        return {"janus": "error", "error": {"code": code, "reason": "because"}}

    async with (
        pretending(joinandconfigure=refuse) as fake,
        carrying(Heard(), fake.url, times=HASTY) as carrier,
    ):
        with pytest.raises(error) as refused:
            await carrier.offer(OLA, SDP, ())
        assert "because" not in str(refused.value)


async def test_events_about_nobody_are_nothing() -> None:
    heard = Heard()
    async with (
        pretending() as fake,
        carrying(heard, fake.url, times=HASTY) as carrier,
    ):
        await carrier.offer(OLA, SDP, ())
        events = iter(
            ('{"janus": "hangup", "sender": 999}', '{"janus": "webrtcup"}', '{"janus": "?"}')
        )
        seen = asyncio.Event()

        def talk(_: Any) -> Answer:
            if (event := next(events, None)) is None:
                seen.set()
            return event

        fake.nonsense = {"list": talk}
        async with asyncio.timeout(WITHIN_S):
            await seen.wait()
        assert (heard.gone, heard.published, heard.lost) == ([], [], [])


async def test_a_web_server_is_no_janus() -> None:
    async with TestServer(web.Application()) as server:
        await never_used(str(server.make_url("/")).replace("http", "ws", 1))


async def test_one_that_only_accepts_is_no_janus() -> None:
    async def mute(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        writer.close()

    server = await asyncio.start_server(mute, "127.0.0.1", 0)
    async with server:
        await never_used(f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}")


@pytest.mark.parametrize(
    "url", ["ws://127.0.0.1:1", "ws://no.such.host.invalid", "nonsense://x", ""]
)
async def test_no_server_there(url: str) -> None:
    await never_used(url)
