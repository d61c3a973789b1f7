"""Who is let into a meeting beside those it was opened for: guests, successors; and who is put out.

Everything that decides it lives in this file.
"""

from dataclasses import replace
from typing import Final

from signalling.core import address, views
from signalling.core import events as base
from signalling.core import room_events as on
from signalling.core.effects import Effect, Moment
from signalling.core.events import Party
from signalling.core.room import Handover, Invitation, Meeting, Participant, ParticipantState
from signalling.core.room_notices import changed, others
from signalling.errors import Forbidden, Gone, IllegalTransition, NotFound, TooLarge

Decision = tuple[Meeting, tuple[Effect, ...]]
INVITATIONS_MOST: Final = 50
STAFF: Final = frozenset({"operator", "app"})


def invite(m: Meeting, event: on.Invite, at: Moment) -> Decision:
    """Make a link for a guest. Those that nobody used in time make room."""
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

    Who was opened for never waits. Raise Gone for a link that was used or has expired.
    """
    invitation = m.invitation(event.address)
    if invitation is None:
        return m, ParticipantState.JOINED
    if invitation.session is None and invitation.expires_ms <= at.now_ms:
        raise Gone("the invitation has expired", reason="expired")
    if invitation.session not in (None, event.session):
        raise Gone("the invitation was used", reason="used")
    if m.locked and not invitation.let_in:
        raise IllegalTransition("the meeting is locked: nobody else may join")
    used = _with(m, replace(invitation, session=event.session))
    return used, ParticipantState.JOINED if invitation.let_in else ParticipantState.WAITING


def let_in(m: Meeting, event: on.LetIn, at: Moment) -> Decision:
    """Take somebody from the lobby inside. Twice is once."""
    _check_host(m, event.by)
    guest = m.participant(event.participant)
    if guest is not None and guest in m.inside:
        return m, ()
    if guest is None or guest not in m.waiting:
        raise NotFound("nobody waits under this id", path="admit")
    if len(m.inside) >= at.bounds.participants:
        raise TooLarge(f"a meeting has at most {at.bounds.participants} participants")
    inside = replace(guest, state=ParticipantState.JOINED, joined_ms=at.now_ms)
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
    new = replace(m, parties=parties, invitations=invitations)
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


def hand_over(m: Meeting, to: Party, leaving: str) -> Meeting:
    """Return the meeting where *to* may join and takes the place of *leaving*."""
    if m.party(leaving) is None:
        raise NotFound("nobody to take over from", path="from")
    parties = m.parties if m.party(to.address) else (*m.parties, to)
    rest = tuple(h for h in m.handovers if h.leaving != leaving)
    return replace(m, parties=parties, handovers=(*rest, Handover(leaving, to.address)))


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
