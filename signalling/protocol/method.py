"""What an operation is: its types, who may call it, where, and what may go wrong."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from signalling import errors as e
from signalling.protocol.messages import message_type
from signalling.protocol.messages.common import Params


class Role(StrEnum):
    """What a token makes its bearer."""

    CUSTOMER = "customer"
    INTERPRETER = "interpreter"
    OPERATOR = "operator"
    APP = "app"
    GUEST = "guest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """One operation.

    *socket_only*: it makes no sense over HTTP. *before_open*: it may be called before
    `session.open`. *creates*: it takes an `idempotency_key`. *errors* are its own, beside
    `COMMON_ERRORS`.
    """

    name: str
    params: type[Params]
    result: type[Any]
    roles: frozenset[Role]
    summary: str
    errors: tuple[type[e.DragomanError], ...] = ()
    socket_only: bool = False
    before_open: bool = False
    creates: bool = False


COMMON_ERRORS: tuple[type[e.DragomanError], ...] = (
    e.InvalidParams,
    e.Unauthenticated,
    e.Forbidden,
    e.RateLimited,
    e.TooLarge,
    e.Unavailable,
    e.InternalError,
)

C, I, O, A, G = Role  # noqa: E741 - one letter a column
EVERYBODY = frozenset(Role)
MEMBERS = frozenset({C, I, O, A})
STAFF = frozenset({O, A})
ASKERS = frozenset({C, O, A})
PARTICIPANTS = frozenset({C, I, O, G})
ONE = frozenset({I})

NOT_FOUND = (e.NotFound,)
CHANGE = (e.NotFound, e.Conflict, e.IllegalTransition)
ANSWER = (e.NotFound, e.Gone)


def method(
    name: str,
    roles: frozenset[Role],
    summary: str,
    *errors: type[e.DragomanError],
    **flags: bool,
) -> Method:
    return Method(
        name=name,
        params=message_type(name, "Params"),
        result=message_type(name, "Result"),
        roles=roles,
        summary=summary,
        errors=errors,
        **flags,
    )
