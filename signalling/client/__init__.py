"""The Python client: a session over WebSocket, calls over HTTP.

`signalling.client.meeting` joins meetings with aiortc; it is not imported here, for its weight.
"""

from signalling.client.backoff import Advice, Backoff
from signalling.client.codec import CodecName
from signalling.client.errors import BadAnswer, ClientError, ConnectionLost, LegFailed, RemoteError
from signalling.client.http import HttpClient
from signalling.client.mailbox import Event
from signalling.client.session import Client, Resume

__all__ = [
    "Advice",
    "Backoff",
    "BadAnswer",
    "Client",
    "ClientError",
    "CodecName",
    "ConnectionLost",
    "Event",
    "HttpClient",
    "LegFailed",
    "RemoteError",
    "Resume",
]
