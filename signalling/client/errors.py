"""What goes wrong on the way to the server.

ClientError
├── RemoteError     the server answered with an error: code and name as in protocol.md
├── ConnectionLost  the socket is down: close code, reason, and whether coming back is allowed
├── BadAnswer       what answered does not speak the protocol (a proxy's page, garbage)
└── LegFailed       no media with one participant of a meeting
"""

from typing import Any, Final

ABNORMAL: Final = 1006  # RFC 6455: closed without a close frame


class ClientError(Exception):
    """Base of all errors of the client; a request that got no answer in time is TimeoutError."""


class RemoteError(ClientError):
    """The server refused: `code` and `name` say why, `data` has the rest."""

    def __init__(self, code: int, name: str, message: str, data: dict[str, Any]) -> None:
        detail = data.get("detail")
        super().__init__(f"{name} ({code}): {detail or message}")
        self.code = code
        self.name = name
        self.message = message
        self.data = data

    @property
    def retryable(self) -> bool:
        """Whether the same request, unchanged, may succeed later."""
        return bool(self.data.get("retryable"))

    @property
    def path(self) -> str | None:
        """The field that was wrong, of invalid_params."""
        return self.data.get("path")


class ConnectionLost(ClientError):
    """The socket is down, or never came up."""

    def __init__(self, code: int = ABNORMAL, reason: str = "") -> None:
        super().__init__(f"connection lost: {code} {reason}".rstrip())
        self.code = code
        self.reason = reason

    @property
    def may_return(self) -> bool:
        """Whether coming back is allowed: never after 4500 to 4999 (protocol.md)."""
        return not 4500 <= self.code <= 4999


class BadAnswer(ClientError):
    """What came back is not the protocol's."""


class LegFailed(ClientError):
    """No media with this participant: the reason in words."""
