"""Who may know of what: spelled out by role."""

import pytest
from msgspec.structs import replace

from signalling.core.events import Party
from signalling.core.room import Invitation, Meeting
from signalling.errors import DragomanError, Forbidden, Gone, InvalidParams, NotFound
from signalling.service import access
from signalling.service.call import Call, Caller, Session
from tests.core.grid import refusal
from tests.core.samples import assignment

RIGHTS = frozenset({"interpreters"})
WHO = {
    "kari": Caller("m", "hospital", "kari", "customer", rights=RIGHTS),
    "other customer": Caller("m", "hospital", "liv", "customer", rights=RIGHTS),
    "same name elsewhere": Caller("m", "court", "kari", "customer"),
    "ann": Caller("m", "hospital", "ann", "interpreter", rights=RIGHTS),
    "bo": Caller("m", "hospital", "bo", "interpreter", rights=RIGHTS),
    "operator": Caller("m", "hospital", "olga", "operator", rights=RIGHTS),
    "app": Caller("m", "hospital", "server", "app", rights=RIGHTS),
    "other app": Caller("m", "court", "server", "app"),
    "other operator": Caller("m", "court", "olga", "operator"),
    "guest": Caller("m", "hospital", "gus", "guest", meeting="m1", rights=RIGHTS),
    "guest elsewhere": Caller("m", "hospital", "gus", "guest", meeting="m2", rights=RIGHTS),
}
HELD = assignment("held")  # Kari's of the hospital, held by Ann; Bo was asked too
MEETING = Meeting(
    id="m1",
    app="hospital",
    mode="video",
    parties=(
        Party("c:hospital:kari", "customer"),
        Party("i:ann", "interpreter"),
        Party("g:m1:gus", "guest"),
    ),
    created_ms=0,
    until_ms=1,
)


@pytest.mark.parametrize(
    ("who", "assigned", "meets"),
    [
        ("kari", True, True),
        ("other customer", False, False),
        ("same name elsewhere", False, False),
        ("ann", True, True),
        ("bo", False, False),
        ("operator", True, True),
        ("app", True, True),
        ("other app", False, False),
        ("other operator", False, False),
        ("guest", False, True),
        ("guest elsewhere", False, False),
    ],
)
def test_who_knows_of_it(who: str, *, assigned: bool, meets: bool) -> None:
    """Whoever may not is told what they would be told of one that does not exist."""
    caller = WHO[who]
    if assigned:
        assert access.check_assignment(caller, HELD) is HELD
    else:
        with pytest.raises(NotFound, match="no such assignment"):
            access.check_assignment(caller, HELD)
    if meets:
        assert access.check_meeting(caller, MEETING) is MEETING
    else:
        with pytest.raises(NotFound, match="no such meeting"):
            access.check_meeting(caller, MEETING)


@pytest.mark.parametrize(
    ("used_by", "session", "may"),
    [
        (None, None, True),
        (None, "s-gus", True),
        ("s-gus", "s-gus", True),
        ("s-gus", "s-other", False),
        ("s-gus", None, False),
    ],
)
def test_a_guest_s_link_is_for_one_session(
    used_by: str | None, session: str | None, *, may: bool
) -> None:
    link = Invitation("g:m1:gus", "i:ann", 1, session=used_by)
    m = replace(MEETING, invitations=(link,))
    over = Session(session, 1, "n1") if session else None

    assert access.check_meeting(WHO["kari"], m, over) is m
    if may:
        assert access.check_meeting(WHO["guest"], m, over) is m
        return
    with pytest.raises(Gone) as refused:
        access.check_meeting(WHO["guest"], m, over)
    assert refused.value.extra == {"reason": "used"}


def test_what_is_not_there() -> None:
    for caller in WHO.values():
        with pytest.raises(NotFound):
            access.check_assignment(caller, None)
        with pytest.raises(NotFound):
            access.check_meeting(caller, None)


@pytest.mark.parametrize(
    ("who", "named", "want"),
    [
        ("ann", None, "ann"),
        ("ann", "ann", "ann"),
        ("ann", "bo", "NotFound"),
        ("operator", "ann", "ann"),
        ("operator", None, "NotFound"),
        ("app", "ann", "ann"),
    ],
)
def test_whose_record(who: str, named: str | None, want: str) -> None:
    if error := refusal(want):
        with pytest.raises(error) as refused:
            access.own_or_staff(WHO[who], named)
        assert refused.value.path == "interpreter"
    else:
        assert access.own_or_staff(WHO[who], named) == want


def test_who_is_meant() -> None:
    """Of all but interpreters whom they name, if anybody."""
    assert access.named(WHO["ann"], None) == access.named(WHO["ann"], "ann") == "ann"
    assert [access.named(WHO["kari"], who) for who in ("bo", None)] == ["bo", None]
    with pytest.raises(NotFound):
        access.named(WHO["ann"], "bo")


def test_who_is_staff() -> None:
    staff = {"operator", "app", "other app", "other operator"}
    assert {who for who, caller in WHO.items() if caller.staff} == staff


@pytest.mark.parametrize(
    ("who", "named", "want"),
    [
        ("kari", None, "kari"),
        ("kari", "kari", "kari"),
        ("kari", "liv", "Forbidden"),
        ("operator", "liv", "liv"),
        ("app", None, None),
    ],
)
def test_for_which_customer(who: str, named: str | None, want: str | None) -> None:
    if want == "Forbidden":
        with pytest.raises(Forbidden) as refused:
            access.customer_of(WHO[who], named)
        assert refused.value.path == "customer"
    else:
        assert access.customer_of(WHO[who], named) == want


def test_who_manages_interpreters() -> None:
    """The app that runs the marketplace, not the others in it."""
    access.check_manages_interpreters(WHO["operator"])
    with pytest.raises(Forbidden):
        access.check_manages_interpreters(WHO["other operator"])


@pytest.mark.parametrize(
    ("role", "want"),
    [
        ("interpreter", "i:x"),
        ("customer", "c:hospital:x"),
        ("operator", "o:hospital:x"),
        ("guest", "g:m1:x"),
        ("app", InvalidParams),
    ],
)
def test_parties_by_role(role: str, want: str | type[DragomanError]) -> None:
    """Who is invited has the address that they will come with."""
    if not isinstance(want, str):
        with pytest.raises(want):
            access.party_address("hospital", role, "x", "m1")
        return
    assert access.party_address("hospital", role, "x", "m1") == want
    assert Caller("m", "hospital", "x", role, meeting="m1").address == want


def test_the_audience() -> None:
    seen = {who: access.audience(caller) for who, caller in WHO.items()}
    assert seen["kari"] == "customer"
    assert seen["ann"] == "interpreter"
    assert seen["operator"] == seen["app"] == "operator"
    assert WHO["app"].address == "a:hospital"


def test_what_needs_a_socket() -> None:
    session = Session("s1", 1, "n1")
    assert Call(WHO["ann"], session).require_session() is session
    with pytest.raises(InvalidParams, match="WebSocket"):
        Call(WHO["ann"]).require_session()
