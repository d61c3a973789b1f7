"""consent.*: what somebody agrees to, and when."""

from typing import Annotated, Literal

from signalling.protocol.messages.common import Id, Params, Result, Stamp, doc


class ConsentGrantParams(Params, frozen=True):
    purpose: Annotated[Literal["recording"], doc("What is agreed to.")]
    meeting: Annotated[Id, doc("In which meeting.")]


class Consent(Result, frozen=True):
    """One consent that stands."""

    purpose: str
    meeting: Id
    given_at: Stamp


class ConsentGrantResult(Result, frozen=True):
    consent: Consent | None = None


class ConsentWithdrawParams(Params, frozen=True):
    purpose: Annotated[Literal["recording"], doc("What is agreed to no more.")]
    meeting: Annotated[Id, doc("In which meeting.")]


class ConsentWithdrawResult(Result, frozen=True):
    pass


class ConsentListParams(Params, frozen=True):
    meeting: Annotated[Id | None, doc("In this meeting; absent: in all that are not over.")] = None


class ConsentListResult(Result, frozen=True):
    consents: tuple[Consent, ...]
