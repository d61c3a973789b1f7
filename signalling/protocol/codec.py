"""JSON and MessagePack: the same objects in two spellings.

Decoding has two steps: the envelope with its params left raw, then the params by the method's
own type. So one bad entry does not spoil a batch, and each is counted before it costs anything.
Nothing but a `DragomanError` leaves a decoder, whatever the bytes.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal

import msgspec
from msgspec import UNSET, Meta, Raw, UnsetType

from signalling.errors import (
    DragomanError,
    InvalidParams,
    InvalidRequest,
    ParseError,
    TooLarge,
)
from signalling.protocol.bounds import json_too_deep, opaque_fault, pack_too_deep
from signalling.protocol.faults import invalid_params, malformed
from signalling.protocol.messages.common import Params
from signalling.protocol.messages.interpreter import InterpreterProfile
from signalling.protocol.messages.meeting import MeetingSignalEvent, MeetingSignalParams
from signalling.protocol.registry import METHODS, Method

Integer = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
Finite = Annotated[float, Meta(ge=-1e308, le=1e308)]
Id = str | Integer | Finite | None  # JSON-RPC only advises against fractions
Flat = dict[str, str | bool | Integer | Finite | None]


class Request(msgspec.Struct, frozen=True, gc=False):
    """A JSON-RPC 2.0 request, or a notification when it has no id; params not yet decoded."""

    jsonrpc: Literal["2.0"]
    method: str
    id: Id | UnsetType = UNSET
    params: Raw | UnsetType = UNSET

    @property
    def is_notification(self) -> bool:
        """Nobody waits for an answer, not even for an error."""
        return self.id is UNSET


class _Response(msgspec.Struct, frozen=True, gc=False):
    jsonrpc: str
    result: Any
    id: Id


class _Failure(msgspec.Struct, frozen=True, gc=False):
    jsonrpc: str
    error: dict[str, Any]
    id: Id


class _Notification(msgspec.Struct, frozen=True, gc=False):
    jsonrpc: str
    method: str
    params: Any


Frame = Request | list[Request | DragomanError]
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class Codec(ABC):
    """One spelling: what both share.

    *depth* bounds nesting, *batch_max* the entries of a batch. Instances hold no state between
    calls: one serves every socket.
    """

    name: ClassVar[str]
    subprotocol: ClassVar[str]
    is_text: ClassVar[bool]
    _EMPTY: ClassVar[bytes]

    def __init__(self, *, depth: int = 32, batch_max: int = 50) -> None:
        self.depth = depth
        self.batch_max = batch_max
        self._request = self._decoder(Request)
        self._entries = self._decoder(list[Raw])
        self.decode_opaque: Callable[[Raw | bytes], dict[str, Any]] = self._decoder(dict[str, Any])
        self._flat = self._decoder(Flat)
        self._profile = self._decoder(InterpreterProfile)
        self._params: Mapping[str, Callable[[Raw | bytes], Params]] = {
            name: self._decoder(method.params) for name, method in METHODS.items()
        }
        self._encode: Callable[[Any], bytes] = self._encoder()

    def decode_frame(self, data: str | bytes) -> Frame:
        """Return the request of a frame, or a batch with an error for each bad entry."""
        data = self._bounded(data)
        if self._is_batch(data):
            return self._decode_batch(data)
        return self._decode_request(data)

    def decode_params(self, method: Method, raw: Raw | bytes | UnsetType) -> Any:
        """Return the params as the method's type; raise InvalidParams with the path."""
        try:
            params = self._params[method.name](self._EMPTY if raw is UNSET else raw)
        except msgspec.ValidationError as error:
            raise invalid_params(error) from None
        except _UNREADABLE as error:
            raise malformed(error) from None
        if type(params) is MeetingSignalParams:
            self._check_signal(params.signal)
        return params

    def decode_body(self, method: Method, data: bytes) -> Any:
        """Return the params that an HTTP body holds; an empty body has none."""
        return self.decode_params(method, self._bounded(data) if data.strip() else UNSET)

    def decode_profile(self, data: bytes) -> InterpreterProfile:
        """Return the interpreter of one line of an import."""
        try:
            return self._profile(self._bounded(data))  # type: ignore[no-any-return]
        except msgspec.ValidationError as error:
            raise invalid_params(error) from None
        except _UNREADABLE as error:
            raise malformed(error) from None

    def encode_result(self, id_: Id, result: Any) -> bytes:
        return self._encode(_Response("2.0", result, id_))

    def encode_error(self, id_: Id, error: DragomanError) -> bytes:
        body = {"code": error.code, "message": error.message, "data": error.data()}
        return self._encode(_Failure("2.0", body, id_))

    def encode_event(self, method: str, params: Any) -> bytes:
        return self._encode(_Notification("2.0", method, params))

    def encode_batch(self, answers: Sequence[bytes]) -> bytes:
        """Join encoded answers into one frame."""
        return self._encode([Raw(answer) for answer in answers])

    def respelled(self, signal: Raw | bytes, written: "Codec") -> Raw | bytes:
        """Return a signal that *written* has decoded in this spelling: untouched if it is that."""
        if written.name == self.name:
            return signal
        return self._encode(written.decode_opaque(signal))

    def signal_head(self, meeting: str, sender: str, epoch: int) -> bytes:
        """Return what all `meeting.signal` events of a sender begin with, as far as their seq."""
        event = MeetingSignalEvent(
            meeting=meeting, from_=sender, epoch=epoch, seq=0, signal=Raw(self._EMPTY)
        )
        whole = self._encode(_Notification("2.0", "meeting.signal", event))
        return whole.removesuffix(self.signal_event(b"", 0, self._EMPTY))

    @abstractmethod
    def signal_event(self, head: bytes, seq: int, signal: Raw | bytes) -> bytes:
        """Return a `meeting.signal` event that begins with *head*; its signal is of this codec."""

    def _decode_request(self, data: bytes | Raw) -> Request:
        try:
            return self._request(data)  # type: ignore[no-any-return]
        except msgspec.ValidationError as error:
            raise InvalidRequest(str(error)[:300]) from None
        except _UNREADABLE as error:
            raise malformed(error) from None

    def _decode_batch(self, data: bytes) -> list[Request | DragomanError]:
        try:
            entries: list[Raw] = self._entries(data)
        except _UNREADABLE as error:
            raise malformed(error) from None
        if not entries:
            raise InvalidRequest("a batch must not be empty")
        if len(entries) > self.batch_max:
            raise TooLarge(f"a batch may have {self.batch_max} requests")
        batch: list[Request | DragomanError] = []
        for entry in entries:
            try:
                batch.append(self._decode_request(entry))
            except DragomanError as error:
                batch.append(error)
        return batch

    def _check_signal(self, signal: Raw) -> None:
        """Refuse a signal that the other codec could not carry; the usual flat one is cheap."""
        try:
            self._flat(signal)
        except _UNREADABLE:
            self._check_nested(signal)

    def _check_nested(self, signal: Raw) -> None:
        try:
            fault = opaque_fault(self.decode_opaque(signal))
        except (*_UNREADABLE, ValueError) as error:
            fault = str(error)[:300]
        if fault:
            raise InvalidParams(fault, path="signal")

    @abstractmethod
    def _bounded(self, data: str | bytes) -> bytes:
        """Return the bytes of a frame that is of this codec and not nested too deep."""

    @abstractmethod
    def _is_batch(self, data: bytes) -> bool:
        """Say whether the frame is an array."""

    @abstractmethod
    def _decoder(self, kind: Any) -> Callable[[Any], Any]:
        """Return what decodes a type."""

    @abstractmethod
    def _encoder(self) -> Callable[[Any], bytes]:
        """Return what encodes any message."""


class JsonCodec(Codec):
    """Text frames."""

    name = "json"
    subprotocol = "dragoman.v1.json"
    is_text = True
    _EMPTY = b"{}"

    def signal_event(self, head: bytes, seq: int, signal: Raw | bytes) -> bytes:
        return b'%b%d,"signal":%b}}' % (head, seq, signal)

    def _bounded(self, data: str | bytes) -> bytes:
        try:
            if isinstance(data, str):
                data = data.encode()
            elif not data.isascii():
                data.decode()  # msgspec does not look into strings that it leaves raw
        except UnicodeError as error:
            raise malformed(error) from None
        if json_too_deep(data, self.depth):
            raise TooLarge(f"nesting may have {self.depth} levels")
        return data

    def _is_batch(self, data: bytes) -> bool:
        return data[:1] != b"{" and data.lstrip(b" \t\r\n")[:1] == b"["

    def _decoder(self, kind: Any) -> Callable[[Any], Any]:
        return msgspec.json.Decoder(kind).decode

    def _encoder(self) -> Callable[[Any], bytes]:
        return msgspec.json.Encoder().encode


class MsgpackCodec(Codec):
    """Binary frames."""

    name = "msgpack"
    subprotocol = "dragoman.v1.msgpack"
    is_text = False
    _EMPTY = b"\x80"

    def signal_event(self, head: bytes, seq: int, signal: Raw | bytes) -> bytes:
        return b"%b%b\xa6signal%b" % (head, self._encode(seq), signal)

    def _bounded(self, data: str | bytes) -> bytes:
        if isinstance(data, str):
            raise ParseError("MessagePack comes in binary frames")
        if pack_too_deep(data, self.depth):
            raise TooLarge(f"nesting may have {self.depth} levels")
        return data

    def _is_batch(self, data: bytes) -> bool:
        return bool(data) and (0x90 <= data[0] <= 0x9F or data[0] in (0xDC, 0xDD))

    def _decoder(self, kind: Any) -> Callable[[Any], Any]:
        return msgspec.msgpack.Decoder(kind).decode

    def _encoder(self) -> Callable[[Any], bytes]:
        return msgspec.msgpack.Encoder().encode
