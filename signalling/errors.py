"""The error tree.

DragomanError
├── ParseError              -32700  the frame is not JSON or not MessagePack
├── InvalidRequest          -32600  not a JSON-RPC 2.0 request
├── MethodNotFound          -32601
├── InvalidParams           -32602  data.path names the field
├── InternalError           -32603  our fault
├── Unauthenticated           1001
├── Forbidden                 1002  the role may not call this method
├── NotFound                  1003  absent, or not yours to know of
├── Conflict                  1004  an idempotency key with another body, a stale version
├── IllegalTransition         1005  the event has no place in the current state
├── RateLimited               1006  data.retry_after_ms
├── TooLarge                  1007
├── NotEligible               1008  a hard rule forbids it
├── Gone                      1009  data.reason: taken, expired, withdrawn…
├── Unavailable               1010  retryable: nothing is known to have changed
├── ConsentRequired           1011
└── ReauthenticationRequired  1012

Codes below zero are JSON-RPC's; ours start at 1001. `retryable` says whether the same
request, unchanged, may succeed later. `data` never carries another user's facts.
"""

from typing import Any, ClassVar


class DragomanError(Exception):
    """Base of every error that a client may see.

    *detail* is a sentence for people; *path* names the offending field in JSONPath-like dots;
    *extra* joins the error's `data`.
    """

    code: ClassVar[int] = -32603
    name: ClassVar[str] = "internal_error"
    message: ClassVar[str] = "internal error"
    retryable: ClassVar[bool] = False
    http_status: ClassVar[int] = 500

    def __init__(self, detail: str = "", *, path: str = "", **extra: Any) -> None:
        super().__init__(detail or self.message)
        self.detail = detail
        self.path = path
        self.extra = extra

    def data(self) -> dict[str, Any]:
        """Return the `data` member of the error object."""
        data: dict[str, Any] = {"name": self.name, "retryable": self.retryable}
        if self.detail:
            data["detail"] = self.detail
        if self.path:
            data["path"] = self.path
        return data | self.extra


class ParseError(DragomanError):
    code, name, message, http_status = -32700, "parse_error", "parse error", 400


class InvalidRequest(DragomanError):
    code, name, message, http_status = -32600, "invalid_request", "invalid request", 400


class MethodNotFound(DragomanError):
    code, name, message, http_status = -32601, "method_not_found", "method not found", 404


class InvalidParams(DragomanError):
    code, name, message, http_status = -32602, "invalid_params", "invalid params", 422


class InternalError(DragomanError):
    pass


class Unauthenticated(DragomanError):
    code, name, message, http_status = 1001, "unauthenticated", "unauthenticated", 401


class Forbidden(DragomanError):
    code, name, message, http_status = 1002, "forbidden", "forbidden", 403


class NotFound(DragomanError):
    code, name, message, http_status = 1003, "not_found", "not found", 404


class Conflict(DragomanError):
    code, name, message, http_status = 1004, "conflict", "conflict", 409


class IllegalTransition(DragomanError):
    code, name, message, http_status = 1005, "illegal_transition", "illegal transition", 409


class RateLimited(DragomanError):
    code, name, message, http_status = 1006, "rate_limited", "rate limited", 429
    retryable = True


class TooLarge(DragomanError):
    code, name, message, http_status = 1007, "too_large", "too large", 413


class NotEligible(DragomanError):
    code, name, message, http_status = 1008, "not_eligible", "not eligible", 409


class Gone(DragomanError):
    code, name, message, http_status = 1009, "gone", "gone", 410


class Unavailable(DragomanError):
    code, name, message, http_status = 1010, "unavailable", "unavailable", 503
    retryable = True


class ConsentRequired(DragomanError):
    code, name, message, http_status = 1011, "consent_required", "consent required", 403


class ReauthenticationRequired(DragomanError):
    code, name, message, http_status = (
        1012,
        "reauthentication_required",
        "reauthentication required",
        401,
    )
