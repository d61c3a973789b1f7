"""The relay that benchmarks.media measures, in a process of its own, driven by lines of JSON.

    python -m benchmarks.media_server ADDRESS

Says its port on standard output. A line in is [method, arguments…], a line out the result. Only
negotiating goes this way: what is measured is what `dragoman`'s media processes run.
"""

import asyncio
import json
import logging
import sys
from typing import Any

import structlog

from signalling.media.carrier import Place, Want
from signalling.media.relay.leg import Bounds
from signalling.media.relay.relay import Relay


async def serve(address: str) -> None:
    """Run a relay without the limits that a machine of several uses has."""
    relay = Relay(Bounds(bind=(address,), participants=16, core=100))

    async def call(method: str, meeting: str, participant: str = "", *rest: Any) -> Any:
        place = Place(meeting, participant)
        if method == "offer":
            sdp, wants = rest
            return await relay.offer(place, sdp, tuple(Want(*want) for want in wants))
        return await relay.end(meeting)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            writer.write(json.dumps(await call(*json.loads(line))).encode() + b"\n")
            await writer.drain()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, limit=1 << 20)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def main() -> None:
    structlog.configure(
        structlog.get_config()["processors"],
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    import uvloop  # noqa: PLC0415 - absent where the platform has none

    uvloop.run(serve(sys.argv[1]))


if __name__ == "__main__":
    main()
