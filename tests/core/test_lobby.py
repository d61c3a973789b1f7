"""Guests, their links and the lobby; who is put out; and one who takes over from another."""

import json
from typing import Any

import pytest
from msgspec.structs import replace

from signalling.core import events as on
from signalling.core import room_events as room
from signalling.core import views
from signalling.core.effects import Bounds, CarrierOption, Moment, Send
from signalling.core.meeting import decide
from signalling.core.policy import Policy
from signalling.core.room import Meeting
from signalling.core.room_table import Event
from signalling.errors import Forbidden, Gone, IllegalTransition, NotFound, TooLarge
from tests.core.grid import refusal, rows
from tests.core.samples import ANN, CUSTOMER, NOW
from tests.core.test_meeting import BO, GUEST, LIVE, changes

EVA = on.Party("g:m1:eva", "guest", "Eva")
OLGA, APP = "o:hospital:olga", "a:hospital"
OWN = replace(LIVE, assignment=None)  # Kari, Ann; Gro, a guest whom the app named, may come
RELAY = CarrierOption("md-1", "relay")
INVITE = room.Invite(CUSTOMER, EVA, NOW + 1000)
COMES = on.Join(EVA.address, "p-eva", "s-eva", 1)
LET_IN = room.LetIn(CUSTOMER, "p-eva")
HAND_OVER = room.HandOver(CUSTOMER, BO, ANN)
BO_COMES = on.Join(BO.address, "p-bo", "s-bo", 1)


def at(ms: int = 0, *carriers: CarrierOption, **bounds: int) -> Moment:
    return Moment(NOW + ms, Bounds(**bounds), carriers)


def after(m: Meeting, *events: Event, ms: int = 0) -> Meeting:
    for event in events:
        m, _ = decide(m, event, at(ms))
    return m


INVITED = after(OWN, INVITE)
WAITS = after(INVITED, COMES)
INSIDE = after(WAITS, LET_IN)


def states(m: Meeting) -> dict[str, str]:
    return {p.id: str(p.state) for p in m.participants}


# --- links --------------------------------------------------------------------------------

CAME = on.Join(EVA.address, "p-eva2", "s-eva", 2)
ELSEWHERE = on.Join(EVA.address, "p-eva2", "s-other", 1)
LEAVES = on.Leave(EVA.address, "s-eva")
LOCK = on.Lock(CUSTOMER, locked=True)
LINKS: dict[str, Meeting] = {
    "fresh": INVITED,
    "waits": WAITS,
    "let_in": INSIDE,
    "left_lobby": after(WAITS, LEAVES),
    "left": after(INSIDE, LEAVES),
    "removed": after(INSIDE, room.Remove(CUSTOMER, "p-eva")),
    "taken_back": after(INVITED, room.Remove(CUSTOMER, "eva")),
    "ended": after(INSIDE, on.End(CUSTOMER)),
}
# What becomes of the guest who comes with a link: over the session it was used with or another,
# before it expires or later, to a meeting that is locked.
COMING = rows("""
              own      late     other    locked
fresh         waiting  Gone     waiting  IllegalTransition
waits         waiting  waiting  Gone     waiting
let_in        joined   joined   Gone     joined
left_lobby    waiting  waiting  Gone     IllegalTransition
left          joined   joined   Gone     joined
removed       NotFound NotFound NotFound NotFound
taken_back    NotFound NotFound NotFound NotFound
ended         Gone     Gone     Gone     Gone
""")


@pytest.mark.parametrize(("how", "link", "want"), COMING)
def test_row(how: str, link: str, want: str) -> None:
    m, event = LINKS[link], ELSEWHERE if how == "other" else CAME
    if how == "locked":
        m = replace(m, locked=True)

    if error := refusal(want):
        with pytest.raises(error):
            decide(m, event, at(1000 if how == "late" else 0))
        return
    new, _ = decide(m, event, at(1000 if how == "late" else 0))

    guest = next(p for p in new.around if p.address == EVA.address)
    assert (guest.state, guest.session, guest.epoch) == (want, event.session, event.epoch)
    assert len([p for p in new.around if p.address == EVA.address]) == 1


def test_every_link_is_tried() -> None:
    assert {link for _, link, _ in COMING} == set(LINKS)


@pytest.mark.parametrize(("link", "reason"), [("fresh", "expired"), ("waits", "used")])
def test_why_a_link_opens_no_more(link: str, reason: str) -> None:
    with pytest.raises(Gone) as caught:
        decide(LINKS[link], ELSEWHERE, at(1000))

    assert caught.value.extra == {"reason": reason}


def test_links_nobody_used_make_room_for_others() -> None:
    """Fifty at once: those that were used count, those that expired do not, and open no more."""

    def link(n: int) -> room.Invite:
        party = on.Party(f"g:m1:g{n}", "guest")
        return room.Invite(CUSTOMER, party, NOW + 1000)

    m = after(WAITS, *(link(n) for n in range(49)))
    with pytest.raises(TooLarge):
        decide(m, link(49), at())

    later = after(m, link(49), ms=1000)

    assert [i.address for i in later.invitations] == [EVA.address, "g:m1:g49"]
    assert later.party("g:m1:g48") is None
    assert later.party(EVA.address) is not None


def test_who_was_opened_for_never_waits() -> None:
    m = after(OWN, on.Join(GUEST.address, "p-gro", "s-gro", 1))

    assert states(m)["p-gro"] == "joined"


# --- the lobby ----------------------------------------------------------------------------


def test_who_inside_hears_of_somebody_in_the_lobby() -> None:
    """Everybody who may let them in; no guest."""
    gro = after(INVITED, on.Join(GUEST.address, "p-gro", "s-gro", 1))

    _, effects = decide(gro, COMES, at())

    assert changes(effects) == [(CUSTOMER, "waiting"), (ANN, "waiting")]


def test_letting_somebody_in() -> None:
    """They hear of it, the others how to connect; twice is once."""
    new, effects = decide(WAITS, LET_IN, at(5))

    assert changes(effects) == [
        (EVA.address, "admitted"),
        (CUSTOMER, "joined"),
        (ANN, "joined"),
    ]
    peers = [e.params.get("peers") for e in effects if isinstance(e, Send)]
    assert [p and p[0]["participant"] for p in peers] == [None, "p-eva", "p-eva"]
    assert new.inside[-1].joined_ms == NOW + 5
    assert decide(new, LET_IN, at(6)) == (new, ())


def test_letting_in_is_held_to_the_room_there_is() -> None:
    """A guest let in may be the fourth, who moves the meeting, or one too many."""
    three = after(WAITS, on.Join(GUEST.address, "p-gro", "s-gro", 1))
    four, effects = decide(three, LET_IN, at(0, RELAY))

    assert four.topology == "relay"
    moved = [who for who, change in changes(effects) if change == "topology"]
    assert moved == [CUSTOMER, ANN, GUEST.address]  # Eva learns it when she joins again
    with pytest.raises(TooLarge, match="relays"):
        decide(after(four, WAITS_2, COMES_2), LET_IN_2, at(0, RELAY, relayed=4))
    with pytest.raises(TooLarge, match="at most 2"):
        decide(WAITS, LET_IN, at(participants=2))


WAITS_2 = room.Invite(CUSTOMER, on.Party("g:m1:ed", "guest"), NOW + 1000)
COMES_2 = on.Join("g:m1:ed", "p-ed", "s-ed", 1)
LET_IN_2 = room.LetIn(CUSTOMER, "p-ed")


def test_who_waits_takes_nobody_s_place() -> None:
    """And the lobby has a bound of its own."""
    one = replace(WAITS, participants=(WAITS.participants[0], *WAITS.waiting))

    m, _ = decide(one, on.Join(ANN, "p-ann2", "s-ann2", 1), at(participants=2))

    assert len(m.around) == 3
    with pytest.raises(TooLarge, match="lobby"):
        decide(after(m, WAITS_2), COMES_2, at(participants=1))


def test_a_guest_in_the_lobby_whose_socket_is_lost() -> None:
    """They are gone in 20 s; let in meanwhile, they are reconnecting, and may come back."""
    lost = after(WAITS, on.SocketDropped("s-eva", 1))
    gone = after(lost, on.Deadline(), ms=20_000)
    assert (lost.wake_at_ms, states(gone)["p-eva"]) == (NOW + 20_000, "left")
    assert gone.participants[-1].reason == "connection_lost"

    let_in = after(lost, LET_IN, ms=10_000)

    assert states(let_in)["p-eva"] == "reconnecting"
    back = after(let_in, on.SocketResumed("s-eva", 2), ms=15_000)
    assert states(back)["p-eva"] == "joined"
    assert states(after(let_in, on.Deadline(), ms=20_000))["p-eva"] == "left"


def test_what_somebody_in_the_lobby_may_not_do() -> None:
    for event in (
        on.Media(EVA.address, "s-eva", name="Dr. Eva"),
        on.Message(EVA.address, "s-eva", "x1", "hello"),
        room.Path(EVA.address, "s-eva", "p-kari", "failed"),
        on.Message(CUSTOMER, "s-kari", "x1", "hello", "p-eva"),
    ):
        with pytest.raises(NotFound):
            decide(WAITS, event, at())


HERE = {"kari", "ann", "p-kari", "p-ann", "carrier", "md-1", "a1"}


def everything_told(m: Meeting, *events: Event, who: str = EVA.address) -> list[Any]:
    """Return all that an address is sent by those events, and its view after each."""
    told: list[Any] = [views.meeting(m, who)]
    for event in events:
        m, effects = decide(m, event, at(0, RELAY))
        told += [e.params for e in effects if isinstance(e, Send) and e.address == who]
        told.append(views.meeting(m, who))
    return told


def test_who_is_not_inside_learns_nothing_of_the_others() -> None:
    """Whatever happens before they are let in, after they left, and at the end."""
    happens: tuple[Event, ...] = (
        on.Media(CUSTOMER, "s-kari", {"audio": True}, "Kari"),
        on.Message(ANN, "s-ann", "x1", "kari, hello"),
        on.Lock(CUSTOMER, locked=True),
        on.Lock(CUSTOMER, locked=False),
        room.Path(CUSTOMER, "s-kari", "p-ann", "failed"),
        room.Record(CUSTOMER, on=True, id="r1"),
        room.Consent(ANN, given=True),
        on.SocketDropped("s-ann", 1),
    )
    agrees = room.Consent(EVA.address, given=True)
    with_work = replace(LIVE, policy=Policy(topology="relay"))
    waits = after(with_work, INVITE, COMES)
    told = everything_told(waits, *happens, agrees, on.End(CUSTOMER))
    told += everything_told(with_work, INVITE, *happens, who=GUEST.address)
    told += everything_told(waits, room.Remove(CUSTOMER, "p-eva"), *happens)
    told += everything_told(after(waits, LET_IN, LEAVES), *happens, agrees)
    text = json.dumps(told)

    assert [word for word in HERE if f'"{word}' in text.lower()] == []
    assert '"p-eva"' in text
    assert '"on"' in text  # that it is recorded may be known: they will be asked
    inside = json.dumps(everything_told(after(waits, LET_IN), happens[0]))
    assert '"p-kari"' in inside


def test_guests_do_not_lock() -> None:
    for m, who in ((INSIDE, EVA.address), (WAITS, EVA.address)):
        with pytest.raises(Forbidden):
            decide(m, on.Lock(who, locked=True), at())


# --- who may ------------------------------------------------------------------------------

BY: dict[str, Any] = {
    "invite": room.Invite("", on.Party("g:m1:ed", "guest"), NOW + 1000),
    "let_in": room.LetIn("", "p-eva"),
    "remove_guest": room.Remove("", "p-eva"),
    "take_back": room.Remove("", "eva"),
    "remove_named_guest": room.Remove("", "gro"),
    "remove_customer": room.Remove("", "p-kari"),
    "remove_interpreter": room.Remove("", "p-ann"),
    "remove_nobody": room.Remove("", "p-none"),
    "hand_over": room.HandOver("", BO, ANN),
    "hand_over_from_nobody": room.HandOver("", BO, "i:cy"),
}
MAY = rows("""
                      customer  interpreter operator guest     waiting   stranger
invite                ok        ok          ok       Forbidden Forbidden NotFound
let_in                ok        ok          ok       Forbidden Forbidden NotFound
remove_guest          ok        ok          ok       Forbidden Forbidden NotFound
take_back             ok        ok          ok       Forbidden Forbidden NotFound
remove_named_guest    ok        ok          ok       Forbidden Forbidden NotFound
remove_customer       Forbidden Forbidden   ok       Forbidden Forbidden NotFound
remove_interpreter    Forbidden Forbidden   ok       Forbidden Forbidden NotFound
remove_nobody         NotFound  NotFound    NotFound Forbidden Forbidden NotFound
hand_over             ok        ok          ok       Forbidden Forbidden NotFound
hand_over_from_nobody NotFound  NotFound    NotFound Forbidden Forbidden NotFound
""")
ADDRESSES = {
    "customer": CUSTOMER,
    "interpreter": ANN,
    "operator": OLGA,
    "guest": GUEST.address,
    "waiting": EVA.address,
    "stranger": "i:eve",
}


@pytest.mark.parametrize(("who", "act", "want"), MAY)
def test_who_may(who: str, act: str, want: str) -> None:
    event = replace(BY[act], by=ADDRESSES[who])

    if error := refusal(want):
        with pytest.raises(error):
            decide(WAITS, event, at())
    else:
        assert decide(WAITS, event, at())[0] != WAITS


def test_an_assignment_s_own_people_are_not_put_out() -> None:
    for who in ("p-kari", "p-ann"):
        with pytest.raises(IllegalTransition, match="assignment"):
            decide(LIVE, room.Remove(APP, who), at())


def test_who_is_put_out_may_not_come_back() -> None:
    """They and the others hear why; nothing of theirs is left but the history."""
    out, effects = decide(INSIDE, room.Remove(CUSTOMER, "p-eva", "noise"), at())

    assert changes(effects) == [
        (CUSTOMER, "removed"),
        (ANN, "removed"),
        (EVA.address, "removed"),
    ]
    assert (out.participants[-1].state, out.participants[-1].reason) == ("removed", "noise")
    assert (out.party(EVA.address), out.invitation(EVA.address)) == (None, None)
    with pytest.raises(NotFound):
        decide(out, room.Remove(CUSTOMER, "p-eva"), at())
