"""Both codecs: envelopes, params, batches, answers, signals."""

import json
from typing import Any

import msgpack
import msgspec
import pytest

from signalling.errors import (
    DragomanError,
    Gone,
    InvalidParams,
    InvalidRequest,
    ParseError,
    TooLarge,
)
from signalling.protocol.codec import Codec, JsonCodec, MsgpackCodec, Request
from signalling.protocol.examples import EXAMPLES
from signalling.protocol.messages.offer import OfferAckParams, OfferAckResult
from signalling.protocol.registry import METHODS

JSON, PACK = JsonCodec(), MsgpackCodec()
BOTH = pytest.mark.parametrize("codec", [JSON, PACK], ids=["json", "msgpack"])
SIGNAL = METHODS["meeting.signal"]
TO = {"meeting": "m", "to": "p"}


def spell(codec: Codec, value: Any) -> bytes:
    data: bytes = json.dumps(value).encode() if codec.is_text else msgpack.packb(value)
    return data


def read(codec: Codec, data: bytes) -> Any:
    return json.loads(data) if codec.is_text else msgpack.unpackb(data)


def ask(**members: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "method": "offer.ack"} | members


def one(codec: Codec, value: Any) -> Request:
    frame = codec.decode_frame(spell(codec, value))
    assert isinstance(frame, Request)
    return frame


def params(codec: Codec, method: str, value: Any) -> Any:
    return codec.decode_params(METHODS[method], one(codec, ask(id=1, params=value)).params)


@BOTH
@pytest.mark.parametrize("id_", [1, 0, -5, "a", "", None, 1.5, 2**53])
def test_request(codec: Codec, id_: Any) -> None:
    request = one(codec, ask(id=id_, params={"offer": "f"}))
    assert (request.method, request.id) == ("offer.ack", id_)
    assert not request.is_notification
    read_params = codec.decode_params(METHODS["offer.ack"], request.params)
    assert read_params == OfferAckParams(offer="f")


@BOTH
def test_notification(codec: Codec) -> None:
    assert one(codec, ask()).is_notification


@BOTH
def test_absent_params_are_an_empty_object(codec: Codec) -> None:
    codec.decode_params(METHODS["session.ping"], one(codec, ask(id=1)).params)
    with pytest.raises(InvalidParams) as caught:
        codec.decode_params(METHODS["offer.ack"], one(codec, ask(id=1)).params)
    assert caught.value.path == "offer"


@BOTH
@pytest.mark.parametrize("value", [
    {},
    {"foo": "boo"},
    {"jsonrpc": "1.0", "method": "x"},
    {"method": "x", "id": 1},
    {"jsonrpc": "2.0", "method": 1},
    {"jsonrpc": "2.0", "id": 1, "result": {}},
    ask(id=[]),
    ask(id=True),
    1,
    "x",
    None,
    [],
])  # fmt: skip
def test_wrong_envelope(codec: Codec, value: Any) -> None:
    with pytest.raises(InvalidRequest):
        codec.decode_frame(spell(codec, value))


@BOTH
@pytest.mark.parametrize("value", [[1], [], None, "x", 5])
def test_params_must_be_an_object(codec: Codec, value: Any) -> None:
    with pytest.raises(InvalidParams):
        params(codec, "offer.ack", value)


@pytest.mark.parametrize("data", [
    b"", b" ", b"{", b"not json", b"{'a': 1}", b'{"a": NaN}', b"[1,", b"\x00",
    b'{"jsonrpc":"2.0","method":"x"} x',
    b'{"jsonrpc":"2.0","method":"\xff"}', b'{"jsonrpc":"2.0","method":"x","params":{"a":"\xff"}}',
    b'{"jsonrpc":"2.0","method":"x","params":{"a":"\\ud800"}}', b"\x81\xa1a\x01", b"[[]]]",
    '{"jsonrpc":"2.0","method":"\ud800"}',
    b'{"jsonrpc":"2.0","method":"x","params":{"a":Infinity}}',
])  # fmt: skip
def test_not_json(data: str | bytes) -> None:
    with pytest.raises(ParseError):
        JSON.decode_frame(data)


@pytest.mark.parametrize("data", [
    b"", b"\xc1", b"\x92\x01", b"\x81\xa7jsonrpc", "{}", b"\x81\x01\x02\x03",
    msgpack.packb({"jsonrpc": "2.0", "method": "x"})[:-1],
])  # fmt: skip
def test_not_msgpack(data: str | bytes) -> None:
    with pytest.raises(DragomanError) as caught:
        MsgpackCodec().decode_frame(data)
    assert isinstance(caught.value, ParseError | InvalidRequest)


@BOTH
@pytest.mark.parametrize("levels", [33, 1000, 20_000])
def test_a_thousand_levels(codec: Codec, levels: int) -> None:
    if codec.is_text:
        deep, whole = b"[" * levels + b"]" * levels, b'{"jsonrpc":"2.0","method":"x","params":%b}'
        frames = [deep, whole % deep, b"[" * levels]
    else:
        deep = b"\x91" * levels + b"\x01"
        frames = [deep, msgpack.packb(ask(params=0))[:-1] + deep]
    for frame in frames:
        with pytest.raises(TooLarge):
            codec.decode_frame(frame)


@BOTH
def test_levels_that_are_allowed(codec: Codec) -> None:
    deep: Any = 1
    for _ in range(29):
        deep = [deep]
    params(codec, "meeting.signal", TO | {"signal": {"a": deep}})
    with pytest.raises(TooLarge):
        params(codec, "meeting.signal", TO | {"signal": {"a": [deep]}})


@BOTH
def test_a_bad_entry_does_not_spoil_the_batch(codec: Codec) -> None:
    frame = codec.decode_frame(spell(codec, [ask(id=1), 1, ask(), {"foo": "boo"}, [ask(id=2)]]))
    assert isinstance(frame, list)
    assert [type(entry) for entry in frame] == [
        Request,
        InvalidRequest,
        Request,
        InvalidRequest,
        InvalidRequest,
    ]


@BOTH
def test_a_batch_is_bounded(codec: Codec) -> None:
    frame = codec.decode_frame(spell(codec, [ask()] * 50))
    assert len(frame) == 50  # type: ignore[arg-type]
    with pytest.raises(TooLarge, match="50"):
        codec.decode_frame(spell(codec, [ask()] * 51))


def test_a_batch_may_come_after_white_space_and_as_text() -> None:
    assert isinstance(JSON.decode_frame(' \n[{"jsonrpc":"2.0","method":"x"}]'), list)
    assert isinstance(JSON.decode_frame(' \n{"jsonrpc":"2.0","method":"x"}'), Request)


@pytest.mark.parametrize("size", [1, 16, 65536])
def test_every_size_of_msgpack_array_is_a_batch(size: int) -> None:
    codec = MsgpackCodec(batch_max=10**6)
    frame = codec.decode_frame(msgpack.packb([0] * size))
    assert len(frame) == size  # type: ignore[arg-type]


@BOTH
def test_broken_batch_is_a_parse_error(codec: Codec) -> None:
    with pytest.raises(ParseError):
        codec.decode_frame(spell(codec, [ask(), ask()])[:-1])


@BOTH
def test_answers(codec: Codec) -> None:
    done = codec.encode_result(7, OfferAckResult(offer="f", state="seen"))
    failed = codec.encode_error("x", Gone("somebody was faster", reason="taken"))
    told = codec.encode_event("offer.withdrawn", {"offer": "f", "reason": "taken"})
    expected = [
        {"jsonrpc": "2.0", "result": {"offer": "f", "state": "seen"}, "id": 7},
        {
            "jsonrpc": "2.0",
            "error": {
                "code": 1009,
                "message": "gone",
                "data": {
                    "name": "gone",
                    "retryable": False,
                    "detail": "somebody was faster",
                    "reason": "taken",
                },
            },
            "id": "x",
        },
        {
            "jsonrpc": "2.0",
            "method": "offer.withdrawn",
            "params": {"offer": "f", "reason": "taken"},
        },
    ]
    assert [read(codec, data) for data in (done, failed, told)] == expected
    assert read(codec, codec.encode_batch([done, failed])) == expected[:2]


@BOTH
@pytest.mark.parametrize("name", METHODS)
def test_every_method_reads_its_example(codec: Codec, name: str) -> None:
    read_params = params(codec, name, EXAMPLES[name].params)
    assert type(read_params) is METHODS[name].params


@BOTH
@pytest.mark.parametrize("signal", [
    {"type": "offer", "sdp": "v=0\r\n"},
    {},
    {"candidate": {"sdpMLineIndex": 0, "x": [1, None, True, 2**64 - 1, 0.5]}},
])  # fmt: skip
@pytest.mark.parametrize("reader", [JSON, PACK], ids=["to json", "to msgpack"])
def test_a_signal_arrives_as_sent(codec: Codec, reader: Codec, signal: dict[str, Any]) -> None:
    sent = params(codec, "meeting.signal", TO | {"signal": signal}).signal
    head = reader.signal_head("m", "p_1", 2)
    for raw in (sent, bytes(sent)):
        data = reader.signal_event(head, 3, reader.respelled(raw, codec))
        assert read(reader, data) == {
            "jsonrpc": "2.0",
            "method": "meeting.signal",
            "params": {"meeting": "m", "from": "p_1", "epoch": 2, "seq": 3, "signal": signal},
        }
        assert (bytes(sent) in data) == (codec is reader or (signal == {} and bytes(sent) in data))


@BOTH
@pytest.mark.parametrize("signal", ["sdp", 1, None, [], [1]])
def test_a_signal_is_an_object(codec: Codec, signal: Any) -> None:
    with pytest.raises(InvalidParams) as caught:
        params(codec, "meeting.signal", TO | {"signal": signal})
    assert caught.value.path == "signal"


@pytest.mark.parametrize("signal", [
    {"a": float("nan")}, {"a": [float("-inf")]}, {"a": b"x"}, {1: 2}, {"a": {b"k": 1}},
    {"a": msgpack.Timestamp(1)}, {"a": msgpack.ExtType(5, b"x")},
])  # fmt: skip
def test_a_signal_that_json_cannot_carry(signal: Any) -> None:
    with pytest.raises(InvalidParams) as caught:
        params(PACK, "meeting.signal", TO | {"signal": signal})
    assert caught.value.path.startswith("signal")


@pytest.mark.parametrize("number", [b"1e999", b"-1e999", b"18446744073709551616", b"1" * 5000])
def test_a_signal_that_msgpack_cannot_carry(number: bytes) -> None:
    raw = b'{"meeting":"m","to":"p","signal":{"a":[%b]}}' % number
    with pytest.raises(InvalidParams) as caught:
        JSON.decode_params(SIGNAL, raw)
    assert caught.value.path == "signal"


def test_of_duplicate_keys_the_last_wins() -> None:
    method = METHODS["offer.ack"]
    assert JSON.decode_params(method, b'{"offer":"a","offer":"b"}').offer == "b"
    assert PACK.decode_params(method, b"\x82\xa5offer\xa1a\xa5offer\xa1b").offer == "b"


def test_keys_and_texts_are_not_binary() -> None:
    for raw in (b"\x81\xc4\x05offer\xa1a", b"\x81\xa5offer\xc4\x01a", b"\x81\x01\x02"):
        with pytest.raises(InvalidParams):
            PACK.decode_params(METHODS["offer.ack"], raw)


@BOTH
def test_body_of_http(codec: Codec) -> None:
    method = METHODS["offer.ack"]
    assert codec.decode_body(method, spell(codec, {"offer": "f", "seen": True})).seen
    assert codec.decode_body(METHODS["session.ping"], b"") is not None
    with pytest.raises(ParseError):
        codec.decode_body(method, spell(codec, {"offer": "f"})[:-1])
    with pytest.raises(InvalidParams):
        codec.decode_body(method, spell(codec, [1]))


@BOTH
def test_line_of_an_import(codec: Codec) -> None:
    whole = EXAMPLES["interpreter.put"].params["interpreter"]
    assert codec.decode_profile(spell(codec, whole)).id == "amina"
    with pytest.raises(InvalidParams) as caught:
        codec.decode_profile(spell(codec, whole | {"location": {"lat": 95, "lon": 0}}))
    assert caught.value.path == "location.lat"
    with pytest.raises(ParseError):
        codec.decode_profile(spell(codec, whole)[:-1])


def test_the_base_is_only_a_base() -> None:
    with pytest.raises(TypeError, match="abstract"):
        Codec()  # type: ignore[abstract]


def test_a_raw_value_of_the_same_codec_goes_through() -> None:
    assert (
        JSON.encode_result(1, msgspec.Raw(b'{"a":1}'))
        == b'{"jsonrpc":"2.0","result":{"a":1},"id":1}'
    )
