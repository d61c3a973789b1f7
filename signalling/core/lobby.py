"""Who is let into a meeting beside those it was opened for: guests, successors; and who is put out.

Everything that decides it lives in this file.
"""

from typing import Final

from msgspec.structs import replace

from signalling.core import address, views
from signalling.core import events as base
from signalling.core import room_events as on
from signalling.core.carriage import check_room
from signalling.core.effects import Effect, Moment, Send
from signalling.core.events import Party
from signalling.core.room import Handover, Invitation, Meeting, Participant, ParticipantState
from signalling.core.room_notices import changed, others, to_inside
from signalling.errors import Forbidden, Gone, IllegalTransition, NotFound, TooLarge

Decision = tuple[Meeting, tuple[Effect, ...]]
INVITATIONS_MOST: Final = 50
STAFF: Final = frozenset({"operator", "app"})


def invite(m: Meeting, event: on.Invite, at: Moment) -> Decision:
    """Make a link for a guest. Those that nobody used in time make room."""
    _check_host(m, event.by)
    open_ = tuple(i for i in m.invitations if i.session or i.expires_ms > at.now_ms)
    if len(open_) >= INVITATIONS_MOST:
        raise TooLarge(f"a meeting has at most {INVITATIONS_MOST} invitations")
    kept = {i.address for i in open_}
    stale = {i.address for i in m.invitations} - kept
    parties = tuple(p for p in m.parties if p.address not in stale)
    invitation = Invitation(event.guest.address, event.by, event.expires_ms)
    return replace(m, parties=(*parties, event.guest), invitations=(*open_, invitation)), ()


def entered(m: Meeting, event: base.Join, at: Moment) -> tuple[Meeting, ParticipantState]:
    """Return the meeting with the link used, and whether its guest has to wait.

    Who was opened for never waits. Raise Gone for a link that was used or has expired,
    IllegalTransition where the meeting is locked, TooLarge where it is full.
    """
    invitation = m.invitation(event.address)
    if invitation is not None:
        check_link(invitation, event.session, at.now_ms)
    if m.locked and not _is_awaited(m, event.address):
        raise IllegalTransition("the meeting is locked: nobody else may join")
    if invitation is not None and not invitation.let_in:
        if len(m.waiting) >= at.bounds.participants:
            raise TooLarge(f"at most {at.bounds.participants} may wait in the lobby")
        return _with(m, replace(invitation, session=event.session)), ParticipantState.WAITING
    check_room(m, at)
    return m, ParticipantState.JOINED


def check_link(invitation: Invitation, session: str, now_ms: int) -> None:
    """Refuse a link that has expired, or that another session has used."""
    if invitation.session is None and invitation.expires_ms <= now_ms:
        raise Gone("the invitation has expired", reason="expired")
    if invitation.session not in (None, session):
        raise Gone("the invitation was used", reason="used")


def _is_awaited(m: Meeting, who: str) -> bool:
    """Say whether a lock is not for them: who was inside, or is sent to interpret."""
    invitation = m.invitation(who)
    if invitation is not None:
        return invitation.let_in
    sent = m.assignment is not None and address.role(who) == "interpreter"
    back = any(p.address == who for p in m.participants)
    return sent or back or any(h.coming == who for h in m.handovers)


def let_in(m: Meeting, event: on.LetIn, at: Moment) -> Decision:
    """Take somebody from the lobby inside. Twice is once."""
    _check_host(m, event.by)
    guest = m.participant(event.participant)
    if guest is not None and guest in m.inside:
        return m, ()
    if guest is None or guest not in m.waiting:
        raise NotFound("nobody waits under this id", path="admit")
    check_room(m, at)
    lost = guest.gone_ms is not None
    state = ParticipantState.RECONNECTING if lost else ParticipantState.JOINED
    inside = replace(guest, state=state, joined_ms=at.now_ms)
    invitation = m.invitation(guest.address)
    if invitation is not None:
        m = _with(m, replace(invitation, let_in=True))
    new = m.with_participant(inside)
    return new, (changed(new, inside, "admitted", inside), *joined(new, inside))


def joined(m: Meeting, who: Participant) -> tuple[Effect, ...]:
    """Tell the others that somebody is in, and how to connect to them."""
    carried = m.carrier is not None
    return tuple(
        changed(m, other, "joined", who, **({} if carried else {"peers": [views.peer(other, who)]}))
        for other in others(m, who)
    )


def put_out(m: Meeting, event: on.Remove) -> tuple[Meeting, list[Participant]]:
    """Return the meeting without the party meant, and their participants, who have to go.

    *participant* is the id of a participant, or a guest's user id, whose link is then void. Raise
    Forbidden for who may not, IllegalTransition for an assignment's own people.
    """
    _check_host(m, event.by)
    target = m.participant(event.participant)
    guest = address.guest(m.id, event.participant)
    who = target.address if target else guest
    if m.party(who) is None:
        raise NotFound("no such participant", path="participant")
    role = address.role(who)
    if role != "guest" and address.role(event.by) not in STAFF:
        raise Forbidden("only guests can be put out, but by an operator", path="participant")
    if m.assignment and role in ("customer", "interpreter"):
        raise IllegalTransition("the assignment needs them: cancel it, or hand it over")
    parties = tuple(p for p in m.parties if p.address != who)
    invitations = tuple(i for i in m.invitations if i.address != who)
    handovers = tuple(h for h in m.handovers if who not in (h.leaving, h.coming))
    new = replace(m, parties=parties, invitations=invitations, handovers=handovers)
    return new, [p for p in new.around if p.address == who]


def _check_host(m: Meeting, by: str) -> None:
    """Refuse who neither is in the meeting as more than a guest nor runs its app."""
    if address.role(by) in STAFF:
        return
    if address.role(by) == "guest":
        raise Forbidden("guests let nobody in or out")
    if m.party(by) is None:
        raise NotFound("no such meeting")


def _with(m: Meeting, invitation: Invitation) -> Meeting:
    changed_ = tuple(invitation if i.address == invitation.address else i for i in m.invitations)
    return replace(m, invitations=changed_)


# --- handing over ---------------------------------------------------------------------------


def asked_to_hand_over(m: Meeting, event: on.HandOver, _: Moment) -> Decision:
    """Let a successor come, and tell them and who is inside."""
    _check_host(m, event.by)
    new, who = hand_over(m, event.to, event.leaving), event.to.address
    if new is m:
        return m, ()
    told = to_inside(new, "transfer")
    if any(p.address == who for p in new.inside):
        return new, told
    params = {"meeting": views.meeting(new, who), "change": "transfer"}
    return new, (*told, Send(who, "meeting.changed", params))


def hand_over(m: Meeting, to: Party, leaving: str) -> Meeting:
    """Return the meeting where *to* may join and takes the place of *leaving*.

    Whoever was to do so before comes no more, unless they are there already.
    """
    if m.party(leaving) is None:
        raise NotFound("nobody to take over from", path="from")
    if to.address == leaving:
        raise IllegalTransition("nobody takes over from themselves")
    before = next((h for h in m.handovers if h.leaving == leaving), None)
    if before and before.coming == to.address:
        return m
    parties = m.parties
    if before and before.added and all(p.address != before.coming for p in m.inside):
        parties = tuple(p for p in parties if p.address != before.coming)
    added = all(p.address != to.address for p in parties)
    rest = tuple(h for h in m.handovers if h is not before)
    handover = Handover(leaving, to.address, added=added)
    return replace(m, parties=(*parties, to) if added else parties, handovers=(*rest, handover))


def handed_over(m: Meeting, at: Moment) -> tuple[Meeting, list[Handover]]:
    """Return the meeting without the handovers that are done, and those.

    One is done once the successor is connected, or has been in for as long as that may take.
    """
    done, left = [], []
    for h in m.handovers:
        coming = [p for p in m.inside if p.address == h.coming]
        connected = any(p.connected_ms is not None for p in coming)
        late = h.until_ms is not None and h.until_ms <= at.now_ms
        if connected or (coming and late):
            done.append(h)
        else:
            until = (h.until_ms or at.now_ms + at.bounds.overlap) if coming else None
            left.append(h if until == h.until_ms else replace(h, until_ms=until))
    if tuple(left) == m.handovers:
        return m, []
    return replace(m, handovers=tuple(left)), done
