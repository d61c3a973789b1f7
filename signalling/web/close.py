"""Close codes and the advice that goes before them (protocol.md).

1001 and 4000 to 4499: come back, after the delay and a random part of the jitter. 4500 to 4999:
do not.
"""

from enum import IntEnum

from signalling.protocol.messages.session import SessionDrainingEvent


class CloseCode(IntEnum):
    NORMAL = 1000
    GOING_AWAY = 1001
    SHUTDOWN = 4001
    SLOW_CONSUMER = 4002
    NO_PONG = 4003
    STATE_LOST = 4004
    BAD_TOKEN = 4500
    TOKEN_EXPIRED = 4501
    REPLACED = 4502
    BANNED = 4503
    PROTOCOL_ERROR = 4504
    TOO_MANY_CONNECTIONS = 4505

    @property
    def reconnect(self) -> bool:
        """Whether the client should come back."""
        return self is CloseCode.GOING_AWAY or 4000 <= self < 4500


REASONS = {
    CloseCode.NORMAL: "closed",
    CloseCode.GOING_AWAY: "going away",
    CloseCode.SHUTDOWN: "the server shuts down",
    CloseCode.SLOW_CONSUMER: "too slow to read",
    CloseCode.NO_PONG: "no answer to a ping",
    CloseCode.STATE_LOST: "the server lost its state",
    CloseCode.BAD_TOKEN: "bad token",
    CloseCode.TOKEN_EXPIRED: "token expired",
    CloseCode.REPLACED: "opened again elsewhere",
    CloseCode.BANNED: "banned",
    CloseCode.PROTOCOL_ERROR: "protocol error",
    CloseCode.TOO_MANY_CONNECTIONS: "too many connections",
}

# Ms to wait before coming back; who was too slow, or met a node in trouble, comes later.
_DELAYS_MS = {CloseCode.SLOW_CONSUMER: 1000, CloseCode.STATE_LOST: 1000}
_SPREAD = frozenset({CloseCode.GOING_AWAY, CloseCode.SHUTDOWN, CloseCode.STATE_LOST})


def advice(code: CloseCode, reason: str, jitter_s: float) -> SessionDrainingEvent:
    """Return the event that goes before a close; *jitter_s* spreads those who come back at once."""
    return SessionDrainingEvent(
        code=code,
        reason=reason,
        reconnect=code.reconnect,
        retry_after_ms=_DELAYS_MS.get(code, 0),
        jitter_ms=int(jitter_s * 1000) if code in _SPREAD else 0,
    )
