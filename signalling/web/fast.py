"""The usual signal, decoded in one pass.

Nearly every frame of a meeting is a `meeting.signal` whose signal is a flat object. One typed
decoder takes it whole and so bounds its nesting by its type. Whatever it does not take, for a
good or a bad reason, goes the regular way, which finds the words for what is wrong. So it does
where the names of meeting and receiver are no ids: nobody is found under them.
"""

from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

from signalling.protocol.codec import Codec, Id


class SignalParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """Those of meeting.signal, with names that are only looked up."""

    meeting: str
    to: str
    signal: msgspec.Raw


class Signal(msgspec.Struct, frozen=True, gc=False):
    """A request or notification of meeting.signal."""

    jsonrpc: Literal["2.0"]
    method: Literal["meeting.signal"]
    params: SignalParams
    id: Id | UnsetType = UNSET


_Flat = dict[str, str | int | bool | None]


class FastSignals:
    """Decodes usual signals in the spelling of *codec*."""

    def __init__(self, codec: Codec) -> None:
        module = msgspec.json if codec.is_text else msgspec.msgpack
        self.is_text = codec.is_text
        self._signal = module.Decoder(Signal).decode
        self._flat = module.Decoder(_Flat).decode

    def decode(self, data: bytes) -> Signal | None:
        """Return a usual signal; None for anything else."""
        if b"meeting.signal" not in data:
            return None
        try:
            if self.is_text and not data.isascii():
                data.decode()  # msgspec does not look into strings that it leaves raw
            signal: Signal = self._signal(data)
            if not (self.is_text and _is_flat_json(bytes(signal.params.signal))):
                self._flat(signal.params.signal)
        except (msgspec.DecodeError, ValueError, RecursionError):
            return None
        return signal


def _is_flat_json(text: bytes) -> bool:
    """Say whether well-formed JSON is an object without anything nested; False when unsure."""
    return text[:1] == b"{" and text.find(b"{", 1) < 0 and text.find(b"[") < 0
