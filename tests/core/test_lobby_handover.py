"""One interpreter takes over from another: both are there for a while, and then one is out."""

import pytest
from msgspec.structs import replace

from signalling.core import events as on
from signalling.core import room_events as room
from signalling.core.effects import Effect, Key, Tell
from signalling.core.meeting import decide
from signalling.core.room import Meeting, ParticipantState
from signalling.errors import IllegalTransition, NotFound
from tests.core.samples import ANN, CUSTOMER, NOW
from tests.core.test_lobby import APP, BO_COMES, HAND_OVER, LOCK, OWN, after, at, states
from tests.core.test_meeting import BO, GUEST, LIVE, changes


def ann_and(m: Meeting) -> list[str]:
    return [p.address for p in m.parties if p.role == "interpreter"]


def heard(effects: tuple[Effect, ...], change: str) -> list[str]:
    return [who for who, what in changes(effects) if what == change]


ASKED = after(OWN, HAND_OVER)
BOTH_IN = after(ASKED, BO_COMES, ms=1_000)
BO_CONNECTED = room.Path(BO.address, "s-bo", "p-kari", "connected")


def test_a_successor_is_told_and_the_other_stays() -> None:
    new, effects = decide(OWN, HAND_OVER, at())

    assert heard(effects, "transfer") == [CUSTOMER, ANN, BO.address]
    assert (ann_and(new), states(new)["p-ann"]) == ([ANN, BO.address], "joined")
    assert decide(new, HAND_OVER, at()) == (new, ())


def test_the_overlap_ends_once_the_successor_is_connected() -> None:
    assert states(BOTH_IN) == {"p-kari": "joined", "p-ann": "joined", "p-bo": "joined"}

    new, effects = decide(BOTH_IN, BO_CONNECTED, at(2_000))

    assert (states(new)["p-ann"], ann_and(new), new.handovers) == ("removed", [BO.address], ())
    assert new.participant("p-ann") == replace(
        BOTH_IN.participants[1],
        state=ParticipantState.REMOVED,
        reason="handed_over",
        left_ms=NOW + 2_000,
    )
    assert set(heard(effects, "removed")) == {CUSTOMER, ANN, BO.address}
    with pytest.raises(NotFound):
        decide(new, on.Join(ANN, "p-ann2", "s-ann", 2), at())


def test_the_overlap_ends_in_time_where_nobody_says_so() -> None:
    assert BOTH_IN.wake_at_ms == NOW + 31_000
    assert states(after(BOTH_IN, on.Deadline(), ms=30_999))["p-ann"] == "joined"

    assert states(after(BOTH_IN, on.Deadline(), ms=31_000))["p-ann"] == "removed"


def test_a_successor_who_leaves_again_takes_nobody_s_place() -> None:
    """The time begins anew when they come back."""
    alone = after(BOTH_IN, on.Leave(BO.address, "s-bo"), ms=2_000)
    assert (alone.handovers[0].until_ms, states(alone)["p-ann"]) == (None, "joined")
    assert states(after(alone, on.Deadline(), ms=60_000))["p-ann"] == "joined"

    again = after(alone, on.Join(BO.address, "p-bo2", "s-bo", 2), ms=60_000)

    assert again.handovers[0].until_ms == NOW + 90_000


def test_a_successor_who_is_there_already() -> None:
    """Connected, they take over at once; nobody tells them of it as of something new."""
    parties = (*OWN.parties, BO)
    m = after(replace(OWN, parties=parties), BO_COMES, BO_CONNECTED)

    new, effects = decide(m, HAND_OVER, at())

    assert states(new)["p-ann"] == "removed"
    assert heard(effects, "transfer") == [CUSTOMER, ANN, BO.address]


def test_another_successor_instead() -> None:
    """The first comes no more, unless they are inside, or were to be in it anyway."""
    cy = room.HandOver(CUSTOMER, on.Party("i:cy", "interpreter", "Cy"), ANN)
    invited = replace(OWN, parties=(*OWN.parties, BO))

    assert ann_and(after(ASKED, cy)) == [ANN, "i:cy"]
    assert ann_and(after(BOTH_IN, cy)) == [ANN, BO.address, "i:cy"]
    assert ann_and(after(invited, HAND_OVER, cy)) == [ANN, BO.address, "i:cy"]
    assert [h.coming for h in after(ASKED, cy).handovers] == ["i:cy"]


def test_one_after_the_other() -> None:
    """Bo takes over from Ann, and Cy from Bo."""
    cy = on.Party("i:cy", "interpreter", "Cy")
    m = after(BOTH_IN, room.HandOver(BO.address, cy, BO.address), BO_CONNECTED)
    m = after(m, on.Join("i:cy", "p-cy", "s-cy", 1))
    m = after(m, room.Path("i:cy", "s-cy", "p-kari", "connected"))

    assert (ann_and(m), m.handovers) == (["i:cy"], ())
    assert [p.id for p in m.inside] == ["p-kari", "p-cy"]


def test_a_lock_is_not_for_a_successor() -> None:
    locked = after(ASKED, LOCK)

    assert states(after(locked, BO_COMES))["p-bo"] == "joined"
    with pytest.raises(IllegalTransition):
        decide(locked, on.Join(GUEST.address, "p-gro", "s-gro", 1), at())


@pytest.mark.parametrize("who", ["p-bo", "p-ann"])
def test_a_hand_over_whose_end_was_put_out_is_off(who: str) -> None:
    m = after(BOTH_IN, room.Remove(APP, who))

    assert m.handovers == ()
    assert len(m.inside) == 2


def test_an_assignment_hears_who_took_over() -> None:
    admit = room.Admit(BO, replaces=ANN)
    m = after(LIVE, admit, BO_COMES)

    _, effects = decide(m, BO_CONNECTED, at())

    told = on.HandedOver("m1", ANN, BO.address)
    assert Tell(Key("assignment", "a1"), told) in effects


def test_one_who_left_by_themselves_is_replaced_all_the_same() -> None:
    m = after(BOTH_IN, on.Leave(ANN, "s-ann"), BO_CONNECTED)

    assert (ann_and(m), states(m)["p-ann"]) == ([BO.address], "left")
