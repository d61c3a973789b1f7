"""rpc.discover: the description of everything, from OpenRPC."""

from typing import Any

from signalling.protocol.messages.common import Params


class RpcDiscoverParams(Params, frozen=True):
    pass


RpcDiscoverResult = dict[str, Any]  # the OpenRPC document
