"""One offer of an assignment: its states and how each answer is met."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from signalling.core.events import Candidate
from signalling.core.times import rfc3339
from signalling.errors import Gone


class OfferState(StrEnum):
    MADE = "made"
    DELIVERED = "delivered"
    SEEN = "seen"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    UNDELIVERED = "undelivered"


RINGING: Final = frozenset({OfferState.MADE, OfferState.DELIVERED, OfferState.SEEN})


class Offer(Struct, frozen=True):
    """One interpreter asked once.

    *reason* says why it was declined or withdrawn, or why an accept came to nothing; *card* is
    the interpreter as the customer may see them, *made* the whole offer.made while it rings;
    *decision* the recorded one that it came from. A *letter* waits in the inbox, for a booking; any
    other rings at somebody who is available.
    """

    id: str
    interpreter: str
    wave: int
    made_ms: int
    expires_ms: int
    score: float
    p_accept: float
    card: Mapping[str, Any]
    made: Mapping[str, Any]
    state: OfferState = OfferState.MADE
    delivered_ms: int | None = None
    seen_ms: int | None = None
    answered_ms: int | None = None
    reason: str | None = None
    decision: str = ""
    letter: bool = False

    @property
    def ringing(self) -> bool:
        return self.state in RINGING

    @property
    def counts(self) -> bool:
        """Whether they were asked: not who lost to another, nor who never got it.

        But for whoever does not answer to a push: they may have forgotten it, and others wait.
        """
        lost = self.state is OfferState.WITHDRAWN and self.reason in ("taken", "emergency")
        dropped = self.state is OfferState.UNDELIVERED and self.reason is None
        return not (lost or dropped)


def make(
    candidate: Candidate, *, wave: int, now_ms: int, expires_ms: int, decision: str = ""
) -> Offer:
    """Return the offer to *candidate*, its text stamped with the server's clock."""
    stamps = {"expires_at": rfc3339(expires_ms), "server_time": rfc3339(now_ms)}
    return Offer(
        id=candidate.offer,
        interpreter=candidate.interpreter,
        wave=wave,
        made_ms=now_ms,
        expires_ms=expires_ms,
        score=candidate.score,
        p_accept=candidate.p_accept,
        card=candidate.card,
        made={"offer": candidate.offer, **candidate.made, **stamps},
        decision=decision,
    )


def acknowledge(offer: Offer, *, seen: bool, now_ms: int) -> Offer:
    """Return the offer as arrived, or as seen by a person. Never goes back."""
    check_ringing(offer, now_ms)
    if seen and offer.state is not OfferState.SEEN:
        return replace(
            offer,
            state=OfferState.SEEN,
            delivered_ms=offer.delivered_ms or now_ms,
            seen_ms=now_ms,
        )
    if offer.state is OfferState.MADE:
        return replace(offer, state=OfferState.DELIVERED, delivered_ms=now_ms)
    return offer


def answer(offer: Offer, state: OfferState, now_ms: int, reason: str | None = None) -> Offer:
    """Return the offer as answered, by whoever ended its ringing; its text is needed no more."""
    return replace(offer, state=state, answered_ms=now_ms, reason=reason, made={})


def check_ringing(offer: Offer, now_ms: int) -> None:
    """Raise Gone, with the reason, unless the offer may still be answered."""
    if offer.ringing and now_ms < offer.expires_ms:
        return
    if offer.ringing:
        reason = "expired"
    elif offer.state in (OfferState.WITHDRAWN, OfferState.ACCEPTED):
        reason = offer.reason or str(offer.state)
    else:
        reason = str(offer.state)
    raise Gone(f"the offer is over: {reason}", reason=reason)
