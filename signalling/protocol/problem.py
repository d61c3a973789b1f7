"""Errors over HTTP: problem details (RFC 9457) with the same code and data as over the socket."""

from typing import Any

from signalling.errors import DragomanError

CONTENT_TYPE = "application/problem+json"


def problem(error: DragomanError) -> dict[str, Any]:
    """Return the body; its HTTP status is `error.http_status`."""
    return {
        "type": f"urn:dragoman:error:{error.name}",
        "title": error.message,
        "status": error.http_status,
        "code": error.code,
    } | error.data()


def problem_schema() -> dict[str, Any]:
    """Return the JSON Schema of `problem`."""
    return {
        "title": "Problem",
        "description": "Problem details, RFC 9457; some errors have further members.",
        "type": "object",
        "properties": {
            "type": {"type": "string", "description": "urn:dragoman:error:<name>."},
            "title": {"type": "string", "description": "The error in words."},
            "status": {"type": "integer", "description": "HTTP status."},
            "code": {"type": "integer", "description": "The same code as over the socket."},
            "name": {"type": "string", "description": "Stable name of the error."},
            "retryable": {
                "type": "boolean",
                "description": "The same request, unchanged, may succeed later.",
            },
            "detail": {"type": "string", "description": "What exactly was wrong."},
            "path": {"type": "string", "description": "The field, e.g. languages.from."},
            "reason": {"type": "string", "description": "Of gone: taken, expired, withdrawn."},
            "retry_after_ms": {"type": "integer", "description": "Of rate_limited: milliseconds."},
        },
        "required": ["type", "title", "status", "code", "name", "retryable"],
    }
