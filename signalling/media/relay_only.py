"""Keep people's network addresses out of signals, where an app wants them hidden."""

from collections.abc import Mapping
from typing import Any, Final

CANDIDATE_HEADS: Final = frozenset({"a=candidate", "candidate"})
UNREAD: Final = ("",) * 8
OTHER_KINDS: Final = frozenset({"host", "srflx", "prflx"})


def check_relay_only(signal: Mapping[str, Any]) -> None:
    """Raise ValueError if a signal names a candidate that is not a TURN server's.

    A signal's shape is its clients' own, so each line of each string in it is looked at, at any
    depth. A candidate that cannot be read is refused, as some client might read it.
    """
    open_: list[Any] = [signal]
    while open_:
        value = open_.pop()
        if isinstance(value, str):
            _check_lines(value)
        elif isinstance(value, Mapping):
            open_.extend(value.values())
        elif isinstance(value, list | tuple):
            open_.extend(value)


def _check_lines(text: str) -> None:
    for line in text.splitlines():
        head, colon, candidate = line.strip().partition(":")
        if not colon or head.lower() not in CANDIDATE_HEADS:
            continue
        typ, kind = [*candidate.split(), *UNREAD][6:8]
        if (typ, kind) != ("typ", "relay"):
            named = kind if kind in OTHER_KINDS else "unknown"
            raise ValueError(
                f"only TURN servers may be named here, not a candidate of type {named}"
            )
