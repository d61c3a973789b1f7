"""Who may touch what. Whoever may not know of a thing is told that there is none."""

from signalling.core import address
from signalling.core.room import Meeting
from signalling.core.slot import Assignment
from signalling.errors import Forbidden, Gone, InvalidParams, NotFound
from signalling.service.call import Caller, Session


def audience(caller: Caller) -> str:
    """Return as whom the caller sees an assignment."""
    return "operator" if caller.staff else caller.role


def check_assignment(caller: Caller, a: Assignment | None) -> Assignment:
    """Return the assignment if it is the caller's own, their app's, or theirs to interpret."""
    if a is not None:
        match caller.role:
            case "customer":
                mine = a.customer_address == caller.address
            case "interpreter":
                mine = any(s.interpreter == caller.user for s in a.slots)
            case "operator" | "app":
                mine = a.app == caller.app
            case _:
                mine = False
        if mine:
            return a
    raise NotFound("no such assignment", path="assignment")


def check_meeting(caller: Caller, m: Meeting | None, session: Session | None = None) -> Meeting:
    """Return the meeting if the caller is a party, or runs the app that it belongs to.

    A guest's link is good for one session: Gone for every other, once it was used.
    """
    if m is not None:
        # Not who once was inside: a replaced interpreter has no business there any more.
        party = any(p.address == caller.address for p in m.parties)
        runs = caller.staff and m.app == caller.app
        if party or runs:
            link = m.invitation(caller.address)
            if link and link.session not in (None, session and session.id):
                raise Gone("the invitation was used", reason="used")
            return m
    raise NotFound("no such meeting", path="meeting")


def check_manages_interpreters(caller: Caller) -> None:
    """Refuse staff of an app without the right to manage the marketplace's interpreters."""
    if "interpreters" not in caller.rights:
        raise Forbidden("this app may not manage interpreters")


def named(caller: Caller, interpreter: str | None) -> str | None:
    """Return who is meant: interpreters mean themselves, the others whom they name, if anybody."""
    if caller.role != "interpreter":
        return interpreter
    if interpreter not in (None, caller.user):
        raise NotFound("no such interpreter", path="interpreter")
    return caller.user


def own_or_staff(caller: Caller, interpreter: str | None) -> str:
    """Return whose record is meant: one's own, or the one that staff names."""
    who = named(caller, interpreter)
    if who is None:
        raise NotFound("name the interpreter", path="interpreter")
    return who


def customer_of(caller: Caller, named: str | None) -> str | None:
    """Return for which customer it is: customers ask for themselves, staff name one or none."""
    if caller.role != "customer":
        return named
    if named not in (None, caller.user):
        raise Forbidden("a customer asks for themselves", path="customer")
    return caller.user


def party_address(app: str, role: str, user: str, meeting: str) -> str:
    """Return the address of somebody whom an app names by role and id, for one meeting."""
    match role:
        case "interpreter":
            return address.interpreter(user)
        case "operator":
            return address.operator(app, user)
        case "customer":
            return address.customer(app, user)
        case "guest":
            return address.guest(meeting, user)
        case _:
            raise InvalidParams("an app itself takes no part in meetings", path="participants")
