"""What the types accept and refuse."""

import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from signalling.protocol.examples import EXAMPLES
from signalling.protocol.messages.assignment import AssignmentCreateParams
from signalling.protocol.messages.common import Qualification, milliseconds, stamp
from signalling.protocol.messages.interpreter import InterpreterProfile
from signalling.protocol.messages.meeting import MeetingMessageEvent
from signalling.protocol.registry import METHODS

ASK: dict[str, Any] = {
    "languages": {"from": "nb", "to": "so"},
    "mode": "audio",
    "duration_min": 30,
}
PROFILE = EXAMPLES["interpreter.put"].params["interpreter"]


@pytest.mark.parametrize(("ms", "text"), [
    (0, "1970-01-01T00:00:00.000Z"),
    (1_772_438_400_007, "2026-03-02T08:00:00.007Z"),
])  # fmt: skip
def test_stamp(ms: int, text: str) -> None:
    assert stamp(ms) == text
    assert milliseconds(datetime.fromisoformat(text)) == ms


def test_milliseconds_round_down() -> None:
    assert milliseconds(datetime(1970, 1, 1, 0, 0, 1, 999, tzinfo=UTC)) == 1000


@pytest.mark.parametrize("name", METHODS)
def test_example_is_valid_in_both_directions(name: str) -> None:
    method, example = METHODS[name], EXAMPLES[name]
    msgspec.json.decode(json.dumps(example.params), type=method.params)
    if example.result is not None:
        result = msgspec.json.decode(json.dumps(example.result), type=method.result)
        assert json.loads(msgspec.json.encode(result)) == example.result


@pytest.mark.parametrize("name", METHODS)
def test_params_refuse_an_unknown_field(name: str) -> None:
    text = json.dumps(EXAMPLES[name].params | {"colour": 1})
    with pytest.raises(msgspec.ValidationError, match="unknown field `colour`"):
        msgspec.json.decode(text, type=METHODS[name].params)


@pytest.mark.parametrize("change", [
    {"duration_min": 0},
    {"duration_min": 1441},
    {"duration_min": "30"},
    {"duration_min": True},
    {"mode": "telepathy"},
    {"languages": {"from": "nb"}},
    {"languages": {"from": "n", "to": "so"}},
    {"languages": {"from": "nb", "to": "so\n"}},
    {"customer": ""},
    {"customer": "a" * 65},
    {"customer": "ward 7"},
    {"customer": "ward-7\n"},
    {"starts_at": "2026-03-02"},
    {"starts_at": "tomorrow"},
    {"timezone": "../../etc/passwd\x00"},
    {"location": {"lat": 90.01, "lon": 0}},
    {"location": {"lat": 0, "lon": -180.5}},
    {"location": {"lat": float("nan"), "lon": 0}},
    {"location": {"lat": 0}},
    {"priority": 10},
    {"interpreters_needed": 0},
    {"preferences": {"blocked": ["x"] * 51}},
    {"requirements": {"specialisms": ["x"] * 9}},
    {"requirements": {"min_qualification": {"scale": "norway"}}},
    {"note": "x" * 2001},
    {"idempotency_key": ""},
])  # fmt: skip
def test_ask_refuses(change: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(ASK | change, AssignmentCreateParams)


def test_ask_defaults() -> None:
    ask = msgspec.convert(ASK | {"starts_at": "2026-03-02T09:00:00+01:00"}, AssignmentCreateParams)
    assert ask.starts_at == "2026-03-02T09:00:00+01:00"
    assert (ask.strategy, ask.interpreters_needed, ask.priority) == (None, 1, 5)
    assert not ask.public_body
    assert not ask.emergency
    assert ask.requirements.specialisms == ()


def test_qualification_is_an_object_or_a_norwegian_category() -> None:
    whole = {"scale": "naati", "category": "CI", "evidence": "CPN1"}
    for given, read in (("B", "B"), (whole, Qualification(**whole))):
        languages = [{"tag": "so", "level": "native", "qualification": given}]
        profile = msgspec.convert(PROFILE | {"languages": languages}, InterpreterProfile)
        assert profile.languages[0].qualification == read


@pytest.mark.parametrize("change", [
    {"location": {"lat": 91, "lon": 0}},
    {"max_travel_km": -1},
    {"max_travel_km": float("nan")},
    {"max_travel_km": float("inf")},
    {"price": {"amount": float("nan"), "currency": "NOK"}},
    {"price": {"amount": 500, "currency": "kr"}},
    {"languages": []},
    {"languages": [{"tag": "so", "level": "fluent"}]},
    {"modes": ["audio"] * 4},
    {"id": "amina\n"},
    {"gender": "x"},
    {"travels_by": "bus"},
    {"calendar": {"weekly": [{"day": "Monday", "start": "08:00", "end": "16:00"}]}},
    {"calendar": {"weekly": [{"day": "monday", "start": "8:00", "end": "16:00"}]}},
    {"calendar": {"weekly": [{"day": "monday", "start": "24:00", "end": "16:00"}]}},
    {"calendar": {"weekly": [{"day": "monday", "start": "08:00", "end": "16:00"}] * 51}},
    {"calendar": {"dated": [{"date": "24.12.2026", "open": False}]}},
    {"calendar": {"off": [{"from": "2026-07-01", "to": "2026-07-02T00:00:00Z"}]}},
])  # fmt: skip
def test_profile_refuses(change: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(PROFILE | change, InterpreterProfile)


def test_every_number_of_params_is_bounded_on_both_sides() -> None:
    """A number without bounds would let NaN in from MessagePack, and nonsense from both."""
    pending = [msgspec.inspect.type_info(method.params) for method in METHODS.values()]
    seen = set()
    while pending:
        match pending.pop():
            case msgspec.inspect.IntType() | msgspec.inspect.FloatType() as number:
                assert number.ge is not None
                assert number.le is not None or isinstance(number, msgspec.inspect.IntType)
            case msgspec.inspect.StructType() as struct if struct.cls not in seen:
                seen.add(struct.cls)
                pending += [field.type for field in struct.fields]
            case msgspec.inspect.UnionType() as union:
                pending += union.types
            case msgspec.inspect.VarTupleType() as items:
                assert items.max_length is not None
                pending.append(items.item_type)
            case msgspec.inspect.StrType() as text:
                assert text.pattern or text.max_length
            case msgspec.inspect.Metadata() as inner:
                pending.append(inner.type)
            case _:
                pass
    assert len(seen) > 40


def test_words_that_are_python_keywords_keep_their_name_on_the_wire() -> None:
    event = MeetingMessageEvent(meeting="m", message="x", from_="p", text="hi", sent_at=stamp(0))
    assert msgspec.to_builtins(event)["from"] == "p"
