"""feedback.*: what the parties think of the work."""

from typing import Annotated

from msgspec import Meta

from signalling.protocol.messages.common import Id, Key, Note, Params, Result, Stamp, doc


class FeedbackRateParams(Params, frozen=True):
    assignment: Id
    stars: Annotated[int, Meta(ge=1, le=5, description="1 (poor) to 5 (excellent).")]
    text: Annotated[Note | None, doc("For the staff of the marketplace; no names, please.")] = None
    idempotency_key: Key | None = None


class FeedbackRateResult(Result, frozen=True):
    assignment: Id
    interpreter: Annotated[Id, doc("Who was rated.")]
    stars: Annotated[int, doc("The rating that counts, 1 to 5.")]
    rated_at: Stamp
