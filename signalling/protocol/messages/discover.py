"""rpc.discover: the description of everything, from OpenRPC."""

# ruff: noqa: D101 - a method or event is described by its summary in the registry

import msgspec

from signalling.protocol.messages.common import Params


class RpcDiscoverParams(Params, frozen=True):
    pass


RpcDiscoverResult = msgspec.Raw  # the OpenRPC document, encoded once
