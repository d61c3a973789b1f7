"""Who may call what, written out from the product's words, not from the table."""

import msgspec
import pytest

from signalling import errors
from signalling.protocol.messages.common import Event, Params
from signalling.protocol.registry import COMMON_ERRORS, EVENTS, METHODS, Role

# method: customer, interpreter, operator, app, guest; s: only over a socket
ROWS = """
session.open         C I O A G  s
session.refresh      C I O A G  s
session.ping         C I O A G  s
session.close        C I O A G  s
presence.set         . I O A .
presence.watch       C I O A .  s
presence.unwatch     C I O A .  s
presence.summary     C I O A .
presence.log         . I O . .
interpreter.put      . I O A .
interpreter.get      C I O A .
interpreter.remove   . . O A .
interpreter.calendar . I O A .
interpreter.import   . . O A .
match.search         C . O A .
match.estimate       C . O A .
match.explain        C I O A .
match.parameters     C I O A G
match.contest        C I . . .
match.contests       C I O A .
match.answer         . . O A .
assignment.create    C . O A .
assignment.get       C I O A .
assignment.list      C I O A .
assignment.update    C . O A .
assignment.cancel    C I O A .
assignment.complete  C I O A .
assignment.recommend . I O . .
assignment.interest  . I . . .
assignment.confirm   C . O A .
assignment.check_in  . I . . .
offer.list           . I O . .
offer.ack            . I . . .
offer.accept         . I . . .
offer.decline        . I . . .
meeting.create       . . O A .
meeting.get          C I O A G
meeting.join         C I O . G  s
meeting.leave        C I O . G  s
meeting.end          C I O A .
meeting.signal       C I O . G  s
meeting.update       C I O A G
meeting.message      C I O . G  s
meeting.negotiate    C I O . G  s
meeting.invite       C I O A .
meeting.remove       C I O A .
meeting.transfer     C I O A .
meeting.record       C I O A .
consent.grant        C I O . G
consent.withdraw     C I O . G
consent.list         C I O . G
feedback.rate        C I . A .
feedback.report      C I . A .
feedback.reports     C I O A .
feedback.answer      . . O A .
feedback.standing    . I O . .
webhook.put          . . O A .
webhook.list         . . O A .
webhook.remove       . . O A .
webhook.test         . . O A .
webhook.deliveries   . . O A .
webhook.redeliver    . . O A .
device.check         C I O . G
device.ice           C I O . G
rpc.discover         C I O A G
"""
TABLE = {row.split()[0]: row.split()[1:] for row in ROWS.strip().splitlines()}
LETTERS = {
    "C": Role.CUSTOMER,
    "I": Role.INTERPRETER,
    "O": Role.OPERATOR,
    "A": Role.APP,
    "G": Role.GUEST,
}


def test_every_method_has_a_row_and_every_row_a_method() -> None:
    assert list(METHODS) == list(TABLE)


@pytest.mark.parametrize("name", TABLE)
@pytest.mark.parametrize("letter", LETTERS)
def test_role_may_call(name: str, letter: str) -> None:
    assert (LETTERS[letter] in METHODS[name].roles) == (letter in TABLE[name][:5])


@pytest.mark.parametrize("name", TABLE)
def test_where(name: str) -> None:
    assert METHODS[name].socket_only == ("s" in TABLE[name][5:])


def test_only_two_methods_come_before_open() -> None:
    assert {m.name for m in METHODS.values() if m.before_open} == {"session.open", "rpc.discover"}


def test_what_creates_takes_an_idempotency_key_and_nothing_else_does() -> None:
    creating = {
        "assignment.create",
        "feedback.rate",
        "feedback.report",
        "match.contest",
        "meeting.create",
        "meeting.invite",
        "meeting.message",
        "meeting.transfer",
        "webhook.put",
    }
    assert {m.name for m in METHODS.values() if m.creates} == creating
    for method in METHODS.values():
        assert ("idempotency_key" in method.params.__struct_fields__) == method.creates


def test_names_are_keys_and_types_follow_from_them() -> None:
    for name, method in METHODS.items():
        assert method.name == name
        stem = "".join(part.title() for part in name.replace("_", ".").split("."))
        assert method.params.__name__ == f"{stem}Params"
        assert issubclass(method.params, Params)
        assert name == "rpc.discover" or method.result.__name__ == f"{stem}Result"
        assert method.summary.endswith(".")
    for name, event in EVENTS.items():
        assert event.name == name
        assert issubclass(event.params, Event)
        words = name.replace("_", ".").split(".")
        assert event.params.__name__ == "".join(word.title() for word in words) + "Event"


def test_events_and_which_of_them_are_stored() -> None:
    assert {event.name: event.stored for event in EVENTS.values()} == {
        "session.expiring": False,
        "session.draining": False,
        "presence.changed": False,
        "presence.summary": False,
        "match.contested": True,
        "match.contest_answered": True,
        "assignment.changed": True,
        "assignment.recommended": True,
        "assignment.reminder": True,
        "offer.made": True,
        "offer.withdrawn": True,
        "feedback.reported": True,
        "feedback.answered": True,
        "feedback.suspended": True,
        "meeting.changed": True,
        "meeting.signal": False,
        "meeting.message": True,
    }


def test_no_method_lists_a_common_error_again() -> None:
    for method in METHODS.values():
        assert not set(method.errors) & set(COMMON_ERRORS)
        assert len(set(method.errors)) == len(method.errors)


def test_answers_to_an_offer_may_be_gone() -> None:
    for name in ("offer.ack", "offer.accept", "offer.decline"):
        assert {errors.Gone, errors.NotFound} <= set(METHODS[name].errors)


def test_tables_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        METHODS["x"] = METHODS["session.open"]  # type: ignore[index]
    with pytest.raises(TypeError):
        EVENTS["x"] = EVENTS["offer.made"]  # type: ignore[index]


def test_results_leave_out_what_is_absent() -> None:
    result = METHODS["offer.accept"].result
    assert msgspec.json.encode(result(assignment=None)) == b'{"assignment":null}'
