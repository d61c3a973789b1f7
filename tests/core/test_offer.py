"""Answers to an offer, as states.md words them: late, repeated, and other people's."""

from itertools import product
from typing import Any

import pytest
from msgspec.structs import replace

from signalling.core import events as on
from signalling.core.assignment import decide
from signalling.core.effects import Key, Tell
from signalling.core.offer import OfferState, acknowledge, answer, check_ringing
from signalling.errors import DragomanError, Gone, NotFound
from tests.core.grid import refusal, rows
from tests.core.samples import LATER, NOW, WON, assignment, moment, offer

ANSWERS: dict[str, Any] = {
    "ack": on.Ack("o1", "ann", seen=False),
    "see": on.Ack("o1", "ann", seen=True),
    "accept": on.Accept("o1", "ann", meeting="m1"),
    "decline": on.Decline("o1", "ann", "busy"),
    "undelivered": on.Undelivered("o1", "ann"),
    "due": on.Deadline(),
}
# The state of offer o1 (ann's) after an answer, while o2 still rings.
RINGING = rows("""
            made        delivered   seen        declined  expired   withdrawn undelivered
ack         delivered   =           =           Gone      Gone      Gone      Gone
see         seen        seen        =           Gone      Gone      Gone      Gone
accept      accepted    accepted    accepted    Gone      Gone      Gone      Gone
decline     declined    declined    declined    =         Gone      Gone      Gone
undelivered undelivered undelivered undelivered =         =         =         =
due         expired     expired     expired     declined  expired   withdrawn undelivered
""")
# Once accepted, the slot is held and no other offer rings.
ACCEPTED = rows("""
            accepted
ack         =
see         =
accept      =
decline     Gone
undelivered =
due         accepted
""")


@pytest.mark.parametrize(("state", "event", "want"), RINGING + ACCEPTED)
def test_row(state: str, event: str, want: str) -> None:
    """Each answer leads where the product says, or is refused."""
    first = offer("o1", "ann", OfferState(state))
    if state == "accepted":
        old = assignment("held")
    else:
        slot = replace(assignment("offering").slots[0], offers=(first, offer("o2", "bo")))
        old = assignment("offering", slots=(slot,))
    at = moment(LATER if event == "due" else NOW)

    if error := refusal(want):
        with pytest.raises(error):
            decide(old, ANSWERS[event], at)
    elif want == "=":
        assert decide(old, ANSWERS[event], at) == (old, ())
    else:
        assert decide(old, ANSWERS[event], at)[0].slots[0].offer("o1").state == want


def test_rows_are_complete() -> None:
    said = {(state, event) for state, event, _ in RINGING + ACCEPTED}

    assert set(product(map(str, OfferState), ANSWERS)) == said


LATE = [
    (OfferState.EXPIRED, None, "expired"),
    (OfferState.WITHDRAWN, "taken", "taken"),
    (OfferState.WITHDRAWN, "cancelled", "cancelled"),
    (OfferState.WITHDRAWN, "changed", "changed"),
    (OfferState.WITHDRAWN, "emergency", "emergency"),
    (OfferState.UNDELIVERED, None, "undelivered"),
    (OfferState.UNDELIVERED, "unreached", "undelivered"),
    (OfferState.DECLINED, "busy", "declined"),
    (OfferState.ACCEPTED, "not_connected", "not_connected"),
    (OfferState.ACCEPTED, "given_back", "given_back"),
]


@pytest.mark.parametrize("slot", ["searching", "offering", "held", "completed", "cancelled"])
@pytest.mark.parametrize(("state", "reason", "told"), LATE)
def test_a_late_accept_is_told_why(
    slot: str, state: OfferState, reason: str | None, told: str
) -> None:
    """Whatever the assignment does by then, a late accept hears what became of its offer."""
    late = offer("o0", "dan", state, reason)
    there = assignment(slot).slots[0]
    old = assignment(slot, slots=(replace(there, offers=(late, *there.offers)),))

    with pytest.raises(Gone) as caught:
        decide(old, on.Accept("o0", "dan", "m9"), moment())

    assert caught.value.extra == {"reason": told}


@pytest.mark.parametrize("event", ["ack", "see", "accept", "decline"])
def test_an_answer_after_the_clock_is_expired(event: str) -> None:
    """The server's clock decides, even before the deadline was fed."""
    with pytest.raises(Gone) as caught:
        decide(assignment("offering"), ANSWERS[event], moment(LATER))

    assert caught.value.extra == {"reason": "expired"}


STRANGERS: list[Any] = [
    on.Accept("o1", "eve", "m9"),
    on.Decline("o1", "eve"),
    on.Ack("o1", "eve", seen=True),
    on.Accept("o1", "bo", "m9"),
    on.Accept("o404", "ann", "m9"),
]


@pytest.mark.parametrize("event", STRANGERS, ids=repr)
@pytest.mark.parametrize("state", ["searching", "offering", "held", "unfilled"])
def test_an_offer_of_somebody_else_is_not_found(state: str, event: Any) -> None:
    with pytest.raises(NotFound):
        decide(assignment(state), event, moment())


@pytest.mark.parametrize("event", [on.Undelivered("o1", "eve"), on.CouldNotRing("o404")], ids=repr)
def test_the_machine_s_own_strays_are_ignored(event: Any) -> None:
    old = assignment("offering")

    assert decide(old, event, moment()) == (old, ())


def test_accepting_twice_is_accepting_once() -> None:
    once, _ = decide(assignment("offering"), ANSWERS["accept"], moment())

    assert decide(once, on.Accept("o1", "ann", meeting="m2"), moment(NOW + 5)) == (once, ())


def test_declining_twice_is_declining_once() -> None:
    """The last to decline ends the wave, and may say it again."""
    once, _ = decide(assignment("offering"), ANSWERS["decline"], moment())
    twice, _ = decide(once, on.Decline("o2", "bo"), moment())

    assert twice.state == "searching"
    assert decide(twice, on.Decline("o2", "bo"), moment()) == (twice, ())


def test_acknowledgements_keep_their_times() -> None:
    """Seen implies delivered; what was seen is not merely delivered again."""
    arrived = acknowledge(offer("o1", "ann"), seen=False, now_ms=NOW + 1)
    seen = acknowledge(arrived, seen=True, now_ms=NOW + 2)
    at_once = acknowledge(offer("o1", "ann"), seen=True, now_ms=NOW + 3)

    assert (seen.delivered_ms, seen.seen_ms) == (NOW + 1, NOW + 2)
    assert (at_once.delivered_ms, at_once.seen_ms) == (NOW + 3, NOW + 3)
    assert acknowledge(seen, seen=False, now_ms=NOW + 4) == seen


def test_an_answered_offer_forgets_its_text() -> None:
    over = answer(offer("o1", "ann"), OfferState.DECLINED, NOW + 7, "busy")

    assert (over.made, over.answered_ms, over.reason) == ({}, NOW + 7, "busy")


def test_a_withdrawal_without_a_reason_still_has_one() -> None:
    with pytest.raises(DragomanError, match="withdrawn"):
        check_ringing(offer("o1", "ann", OfferState.WITHDRAWN), NOW)


def test_who_was_asked() -> None:
    """Nobody is asked twice under the same terms, but who lost or never got it was not asked."""
    slot = replace(
        assignment("searching").slots[0],
        offers=(
            *(offer(f"p{n}", f"p{n}", state) for n, state in enumerate(OfferState)),
            offer("q", "loser", OfferState.WITHDRAWN, "taken"),
        ),
    )

    asked = {str(state) for n, state in enumerate(OfferState) if f"p{n}" in slot.asked}
    assert asked == {
        "made",
        "delivered",
        "seen",
        "accepted",
        "declined",
        "expired",
        "withdrawn",
    }
    assert "loser" not in slot.asked
    assert replace(slot, stale_wave=1).asked == frozenset()
    assert [o.id for o in replace(slot, offers=WON).ringing] == []


WAS_ASKED = [
    (OfferState.DECLINED, "busy", True),
    (OfferState.EXPIRED, None, True),
    (OfferState.UNDELIVERED, None, False),
    (OfferState.UNDELIVERED, "unreached", True),
    (OfferState.WITHDRAWN, "taken", False),
    (OfferState.WITHDRAWN, "cancelled", True),
]


@pytest.mark.parametrize(("state", "reason", "want"), WAS_ASKED)
def test_who_was_asked_and_is_not_asked_again(
    state: OfferState, reason: str | None, want: bool
) -> None:
    """Not who lost their socket; but who did not answer to a push: others wait meanwhile."""
    assert offer("o1", "ann", state, reason).counts is want


@pytest.mark.parametrize(("state", "want"), [("made", True), ("delivered", False), ("seen", False)])
def test_only_the_first_acknowledgement_is_news(state: str, want: bool) -> None:
    """To the interpreter's availability, which waits for it after a push."""
    slot = replace(assignment("offering").slots[0], offers=(offer("o1", "ann", OfferState(state)),))

    _, effects = decide(assignment("offering", slots=(slot,)), ANSWERS["see"], moment())

    acked = Tell(Key("availability", "ann"), on.Acked("o1"))
    assert (acked in effects) is want


def test_a_push_that_reached_nobody_says_so() -> None:
    missed = on.Undelivered("o1", "ann", "unreached")

    new, _ = decide(assignment("offering"), missed, moment())

    found = new.slots[0].offer("o1")
    assert (found.state, found.reason) == ("undelivered", "unreached")
