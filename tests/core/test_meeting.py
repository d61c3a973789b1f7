"""Every event in every state of a meeting and of a participant, as states.md words it."""

from itertools import product
from typing import Any, get_args

import pytest
from msgspec.structs import replace

from signalling.core import events as on
from signalling.core import room_events as room
from signalling.core.effects import CarrierOption, Effect, Key, Send, Tell
from signalling.core.meeting import decide
from signalling.core.quality import Report
from signalling.core.room import Invitation, Meeting, MeetingState, Participant, ParticipantState
from signalling.core.room_table import TABLE, Event
from signalling.errors import Gone, IllegalTransition, NotFound, TooLarge
from tests.core.grid import refusal, rows
from tests.core.samples import ANN, CUSTOMER, NOW, moment

KARI = on.Party(CUSTOMER, "customer", "Kari")
INTERPRETER = on.Party(ANN, "interpreter", "Ann")
GUEST = on.Party("g:m1:gro", "guest", "Gro")
HOURS_4 = NOW + 4 * 3_600_000


def participant(party: on.Party, **changes: Any) -> Participant:
    """Return somebody who joined over their first socket."""
    user = party.address.rsplit(":", 1)[-1]
    joined = Participant(
        id=f"p-{user}",
        address=party.address,
        role=party.role,
        name=party.name,
        session=f"s-{user}",
        epoch=1,
        single_offerer=False,
        joined_ms=NOW,
    )
    return replace(joined, **changes)


GUS = on.Party("g:m1:gus", "guest", "Gus")
BO = on.Party("i:bo", "interpreter", "Bo")
WAITING = participant(GUS, state=ParticipantState.WAITING)
RELAY = CarrierOption("md-1", "relay")
OPEN = Meeting(
    id="m1",
    app="hospital",
    mode="video",
    parties=(KARI, INTERPRETER, GUEST),
    created_ms=NOW,
    until_ms=HOURS_4,
    assignment="a1",
    participants=(participant(KARI),),
)
BOTH = (participant(KARI), participant(INTERPRETER))
LIVE = replace(OPEN, state=MeetingState.LIVE, live_ms=NOW, participants=BOTH)
ENDED = replace(
    LIVE, state=MeetingState.ENDED, ended_ms=NOW, reason="ended", alone_ms=None, participants=()
)


def with_lobby(m: Meeting) -> Meeting:
    """Return the meeting with Gus waiting in its lobby."""
    invited = Invitation(GUS.address, CUSTOMER, NOW + 1000, session=WAITING.session)
    return replace(
        m,
        parties=(*m.parties, GUS),
        participants=(*m.participants, WAITING),
        invitations=(invited,),
    )


MEETINGS = {"open": with_lobby(OPEN), "live": with_lobby(LIVE), "ended": ENDED}

EVENTS: dict[str, Event] = {
    "open": room.Open("m1", "hospital", "video", (KARI, INTERPRETER, GUEST), "a1"),
    "admit": room.Admit(on.Party("i:bo", "interpreter", "Bo")),
    "admit_again": room.Admit(KARI),
    "revoke": room.Revoke(CUSTOMER, "not_connected"),
    "join": on.Join(GUEST.address, "p-gro", "s-gro", 1),
    "join_again": on.Join(CUSTOMER, "p-9", "s-kari", 1),
    "join_stranger": on.Join("i:eve", "p-eve", "s-eve", 1),
    "leave": on.Leave(CUSTOMER, "s-kari"),
    "leave_stranger": on.Leave("i:eve", None),
    "drop": on.SocketDropped("s-kari", 1),
    "resume": on.SocketResumed("s-kari", 2),
    "media": on.Media(CUSTOMER, "s-kari", {"audio": False}),
    "media_stranger": on.Media("i:eve", None, {"audio": False}),
    "message": on.Message(CUSTOMER, "s-kari", "x1", "hello"),
    "message_stranger": on.Message("i:eve", None, "x1", "hello"),
    "lock": on.Lock(CUSTOMER, locked=True),
    "lock_stranger": on.Lock("i:eve", locked=True),
    "end": on.End(CUSTOMER),
    "invite": room.Invite(CUSTOMER, on.Party("g:m1:eva", "guest", "Eva"), NOW + 1000),
    "let_in": room.LetIn(CUSTOMER, "p-gus"),
    "let_in_nobody": room.LetIn(CUSTOMER, "p-9"),
    "let_in_stranger": room.LetIn("i:eve", "p-gus"),
    "remove": room.Remove(CUSTOMER, "gro"),
    "remove_nobody": room.Remove(CUSTOMER, "p-9"),
    "hand_over": room.HandOver(CUSTOMER, BO, ANN),
    "connected": room.Path(CUSTOMER, "s-kari", "p-ann", "connected"),
    "connected_to_the_lobby": room.Path(CUSTOMER, "s-kari", "p-gus", "connected"),
    "lock_guest": on.Lock(GUEST.address, locked=True),
    "hand_over_guest": room.HandOver(GUEST.address, BO, ANN),
    "hand_over_stranger": room.HandOver("i:eve", BO, ANN),
    "hand_over_to_oneself": room.HandOver(CUSTOMER, INTERPRETER, ANN),
    "invite_stranger": room.Invite("i:eve", GUS, NOW + 1000),
    "path_stranger": room.Path("i:eve", "s-eve", "p-kari", "failed"),
    "quality": room.Quality(CUSTOMER, "s-kari", Report(rtt_ms=20)),
    "lost_elsewhere": room.CarrierLost("md-1.7", "gone"),
    "published": room.Published("p-9"),
    "record": room.Record(CUSTOMER, on=True, id="r1"),
    "stop": room.Record(CUSTOMER, on=False),
    "consent": room.Consent(CUSTOMER, given=True),
    "consent_no_more": room.Consent(CUSTOMER, given=False),
    "recorder": room.Recorder("r1", "failed", "no disk"),
    "early": on.Deadline(),
    "too_long": on.Deadline(),
}
ROWS = rows("""
                 open     live     ended
open             =        =        =
admit            open     live     Gone
admit_again      =        =        Gone
revoke           open     live     =
join             live     live     Gone
join_again       =        =        Gone
join_stranger    NotFound NotFound Gone
leave            open     live     =
leave_stranger   =        =        =
drop             open     live     =
resume           open     live     =
media            open     live     Gone
media_stranger   NotFound NotFound Gone
message          says     says     Gone
message_stranger NotFound NotFound Gone
lock             open     live     Gone
lock_stranger    NotFound NotFound Gone
end              ended    ended    =
invite           open     live     Gone
let_in           live     live     Gone
let_in_nobody    NotFound NotFound Gone
let_in_stranger  NotFound NotFound Gone
remove           open     live     Gone
remove_nobody    NotFound NotFound Gone
hand_over        open     live     Gone
connected        =        live     =
connected_to_the_lobby = = =
lock_guest       Forbidden Forbidden Gone
hand_over_guest  Forbidden Forbidden Gone
hand_over_stranger NotFound NotFound Gone
hand_over_to_oneself IllegalTransition IllegalTransition Gone
invite_stranger  NotFound NotFound Gone
path_stranger    NotFound NotFound =
quality          open     live     =
lost_elsewhere   =        =        =
published        =        =        =
record           open     live     Gone
stop             =        =        Gone
consent          Gone     Gone     Gone
consent_no_more  =        =        Gone
recorder         =        =        =
early            =        =        =
too_long         ended    ended    =
""")


@pytest.mark.parametrize(("state", "event", "want"), ROWS)
def test_row(state: str, event: str, want: str) -> None:
    """Each event in each state leads where the product says, or is refused."""
    old = MEETINGS[state]
    at = replace(moment(HOURS_4 - (event != "too_long")), carriers=(RELAY,))

    if error := refusal(want):
        with pytest.raises(error):
            decide(old, EVENTS[event], at)
        return
    new, effects = decide(old, EVENTS[event], at)
    if want == "=":
        assert (new, effects) == (old, ())
    elif want == "says":
        assert new == old
        assert effects
    else:
        assert (new.state, new == old) == (want, False)


def test_rows_are_complete() -> None:
    """No state or event was added without saying what it does."""
    said = {(state, type(EVENTS[event])) for state, event, _ in ROWS}

    assert set(product(map(str, MeetingState), get_args(Event))) == said


# What becomes of the customer in the meeting, who is in each of the states.
PEOPLE = rows("""
         waiting  joined       reconnecting left removed
join     waiting  joined       joined       left removed
let_in   reconnecting joined       reconnecting NotFound NotFound
drop     waiting  reconnecting reconnecting left removed
resume   waiting  joined       joined       left removed
leave    left     left         left         left removed
revoke   removed  removed      removed      left removed
remove   removed  removed      removed      left removed
end      left     left         left         left removed
due      left     joined       left         left removed
""")
TO_PEOPLE: dict[str, Event] = {
    "join": on.Join(CUSTOMER, "p-9", "s-kari", 3),
    "drop": on.SocketDropped("s-kari", 2),
    "resume": on.SocketResumed("s-kari", 3),
    "leave": on.Leave(CUSTOMER, "s-kari"),
    "revoke": room.Revoke(CUSTOMER, "removed"),
    "let_in": room.LetIn(ANN, "p-kari"),
    "remove": room.Remove("o:hospital:olga", "p-kari"),
    "end": on.End(None),
    "due": on.Deadline(),
}


@pytest.mark.parametrize(("state", "event", "want"), PEOPLE)
def test_participant_row(state: str, event: str, want: str) -> None:
    gone = {"tell_ms": NOW + 3_000} if state == "reconnecting" else {}
    gone |= {"gone_ms": NOW + 20_000} if state in ("reconnecting", "waiting") else {}
    kari = participant(KARI, state=ParticipantState(state), **gone)
    old = replace(LIVE, assignment=None, participants=(kari, BOTH[1]), alone_ms=NOW + 120_000)
    if state in ("joined", "reconnecting"):
        old = replace(old, alone_ms=None)

    if error := refusal(want):
        with pytest.raises(error):
            decide(old, TO_PEOPLE[event], moment(NOW + 20_000))
        return
    new, _ = decide(old, TO_PEOPLE[event], moment(NOW + 20_000))

    assert next(p for p in new.participants if p.id == "p-kari").state == want


def test_participant_rows_are_complete() -> None:
    assert {(s, e) for s, e, _ in PEOPLE} == set(product(map(str, ParticipantState), TO_PEOPLE))


def test_the_table_holds_the_handlers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A handler that leads elsewhere than its cell says is refused."""
    monkeypatch.setitem(TABLE[MeetingState.OPEN], on.Join, (MeetingState.OPEN,))

    with pytest.raises(IllegalTransition):
        decide(OPEN, EVENTS["join"], moment())


@pytest.mark.parametrize("state", MeetingState)
def test_live_states_have_a_wake(state: MeetingState) -> None:
    """A meeting that runs is bounded; one that is over wakes no more and stands in no list."""
    m = MEETINGS[state]

    assert (m.wake_at_ms is not None) == (state != "ended")
    assert set(m.indexes) == (
        set() if state == "ended" else {f"meetings:{p.address}" for p in m.parties}
    )


@pytest.mark.parametrize("event", [e for e in EVENTS if e != "open"])
def test_nothing_happens_to_what_is_not_there(event: str) -> None:
    with pytest.raises(NotFound):
        decide(None, EVENTS[event], moment())


def test_opening() -> None:
    new, effects = decide(None, EVENTS["open"], moment())

    assert (new, effects) == (replace(OPEN, participants=()), ())


def test_who_comes_late_hears_how_it_ended() -> None:
    with pytest.raises(Gone) as caught:
        decide(replace(ENDED, reason="no_show"), EVENTS["join"], moment())

    assert caught.value.extra == {"reason": "no_show"}


# --- what the others and the assignment are told ------------------------------------------


def changes(effects: tuple[Effect, ...]) -> list[tuple[str, Any]]:
    """Return to whom which change was sent."""
    return [
        (e.address, e.params["change"])
        for e in effects
        if isinstance(e, Send) and e.method == "meeting.changed"
    ]


def present(effects: tuple[Effect, ...]) -> list[tuple[str, ...]]:
    return [
        e.event.addresses
        for e in effects
        if isinstance(e, Tell) and isinstance(e.event, on.Present)
    ]


def test_a_join_is_told_with_how_to_negotiate() -> None:
    new, effects = decide(OPEN, on.Join(ANN, "p-ann", "s-ann", 1, "Ann B."), moment(NOW + 1))

    (send,) = [e for e in effects if isinstance(e, Send)]
    assert (send.address, send.params["change"], send.params["participant"]) == (
        CUSTOMER,
        "joined",
        "p-ann",
    )
    assert [p["participant"] for p in send.params["peers"]] == ["p-ann"]
    assert present(effects) == [(CUSTOMER, ANN)]
    assert (new.state, new.live_ms, new.inside[1].name) == ("live", NOW + 1, "Ann B.")


def test_a_second_device_is_nobody_new_to_the_assignment() -> None:
    new, effects = decide(LIVE, on.Join(CUSTOMER, "p-kari-2", "s-kari-2", 1), moment())

    assert len(new.inside) == 3
    assert present(effects) == []


def test_an_end_is_told_to_every_party_and_to_the_assignment() -> None:
    new, effects = decide(LIVE, on.End(CUSTOMER, "done"), moment(NOW + 9))

    assert changes(effects) == [(p.address, "ended") for p in LIVE.parties]
    over = on.MeetingOver("m1", "done", CUSTOMER)
    assert Tell(Key("assignment", "a1"), over) in effects
    assert [(p.state, p.reason, p.left_ms) for p in new.participants] == [
        ("left", "done", NOW + 9)
    ] * 2


def test_a_meeting_of_its_own_has_nobody_else_to_tell() -> None:
    own = replace(LIVE, assignment=None)

    for event in (EVENTS["end"], EVENTS["join"], EVENTS["leave"]):
        _, effects = decide(own, event, moment())
        assert [e for e in effects if isinstance(e, Tell)] == []


def test_a_full_meeting() -> None:
    crowd = tuple(participant(KARI, id=f"p{n}", session=f"s{n}") for n in range(50))

    with pytest.raises(TooLarge):
        decide(replace(LIVE, participants=crowd), EVENTS["join"], moment())


def test_who_left_is_remembered_to_a_bound() -> None:
    m = OPEN
    for n in range(60):
        m, _ = decide(m, on.Join(GUEST.address, f"p{n}", f"s{n}", 1), moment())
        m, _ = decide(m, on.Leave(GUEST.address, f"s{n}"), moment())

    assert [p.id for p in m.participants][:2] == ["p-kari", "p9"]
    assert len(m.participants) == 52
