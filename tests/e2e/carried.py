"""People in meetings that a real media process carries."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from signalling.client import Client, HttpClient
from signalling.client.meeting import CAPABILITIES, Media, MeetingPeer
from signalling.media.bind import LOOPBACK
from signalling.media.tones import Observer, Stripes, Tone
from signalling.store.apps import App, Apps
from signalling.store.store import Store
from signalling.web.auth import mint
from tests.e2e.server import Server, data_directory

HZ = {"kari": 440.0, "ann": 660.0, "olga": 880.0, "gus": 1100.0, "eva": 1320.0, "bo": 1540.0}
ROLES = {"kari": "customer", "ann": "interpreter", "bo": "interpreter"}


@contextmanager
def media_server(environ: Mapping[str, str] | None = None, **limits: float) -> Iterator[Server]:
    """Run a server with one media process on a fresh data directory."""
    with data_directory() as data:
        chosen = {"DRAGOMAN_MEDIA__PROCESSES": "1"} | dict(environ or {})
        server = Server(data, limits=limits, environ=chosen).start()
        try:
            server.hear_media()
            yield server
        finally:
            assert server.stop() == 0, server.said


class Person:
    """Somebody in a meeting, who sends a tone of their own and listens to each other."""

    def __init__(
        self,
        name: str,
        client: Client,
        meeting: str,
        *,
        video: bool = False,
        bind: tuple[str, ...] = LOOPBACK,
    ) -> None:
        self.name = name
        self.client = client
        self.heard: dict[str, Observer] = {}
        self._video = video
        self._came = asyncio.Event()
        media = Media(self._sources, self._listen, bind)
        self.peer = MeetingPeer(client, meeting, media)

    def _sources(self) -> list[Any]:
        whose = sorted(HZ).index(self.name)
        return [Tone(HZ[self.name]), *([Stripes(whose)] if self._video else [])]

    async def _listen(self, participant: str, track: Any) -> None:
        observer = self.heard.setdefault(participant, Observer())
        self._came.set()
        await observer.observe(track)

    async def hears(self, other: "Person", within_s: float = 20) -> None:
        """Wait until the other's tone, and no other, arrives from them."""
        async with asyncio.timeout(within_s):
            while other.peer.participant not in self.heard:
                self._came.clear()
                await self._came.wait()
            await self.heard[other.peer.participant].hears(HZ[other.name])

    def listen_anew(self) -> None:
        """Forget what was heard until now."""
        for observer in self.heard.values():
            observer.forget()


class Ward:
    """An app of a running server, and its people."""

    def __init__(self, server: Server, app: App, stack: AsyncExitStack) -> None:
        self.server = server
        self.app = app
        self._stack = stack
        self.meeting = ""
        self.bind: tuple[str, ...] = LOOPBACK

    async def http(self, role: str = "app", user: str = "ward") -> HttpClient:
        token = mint(self.app, user, role)
        return await self._stack.enter_async_context(HttpClient(self.server.url, token))

    async def open(self, *names: str) -> str:
        """Open a meeting for these people."""
        people = [{"user": n, "role": ROLES.get(n, "operator")} for n in names]
        made = await (await self.http()).call("meeting.create", participants=people)
        self.meeting = str(made["meeting"]["id"])
        return self.meeting

    async def enter(
        self, name: str, *, video: bool = False, token: str = "", **params: Any
    ) -> Person:
        """Let somebody join the meeting, a guest with the *token* of their link."""
        role = ROLES.get(name, "operator")
        token = token or mint(self.app, name, role, name=name.title())
        client = await Client.connect(self.server.url, token, capabilities=CAPABILITIES)
        await self._stack.enter_async_context(client)
        person = Person(name, client, self.meeting, video=video, bind=self.bind)
        await self._stack.enter_async_context(person.peer)
        await person.peer.join(**params)
        return person

    async def shown(self, **params: Any) -> dict[str, Any]:
        """Return meeting.get's answer."""
        http = await self.http()
        answer = await http.call("meeting.get", meeting=self.meeting, **params)
        return dict(answer)


@asynccontextmanager
async def ward_of(server: Server, **policy: Any) -> AsyncIterator[Ward]:
    """Give an app of its own, which wants its meetings carried as *policy* says."""
    async with AsyncExitStack() as stack, Store(server.store_url) as store:
        apps = Apps(store)
        name = f"ward-{len(await apps.list())}"
        app = await apps.create(name, name)
        if policy:
            app = await apps.set_policy(app.key, policy)
        yield Ward(server, app, stack)


def files_in(directory: Path, pattern: str) -> list[Path]:
    return sorted(directory.rglob(pattern))
