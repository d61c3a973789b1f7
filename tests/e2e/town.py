"""A marketplace of a running server, with people in it: each test has one of its own."""

import itertools
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from signalling.client import Client, CodecName, HttpClient
from signalling.store.apps import App, Apps
from signalling.store.store import Store
from signalling.web.auth import mint

WITHIN_S = 15.0
OSLO = {"lat": 59.9139, "lon": 10.7522}
Params = dict[str, Any]
COUNTER = itertools.count()


class Town:
    """People who connect to one server. The first app runs the marketplace's interpreters."""

    def __init__(self, url: str, store: Store, app: App, stack: AsyncExitStack) -> None:
        self.url = url
        self.store = store
        self.app = app
        self.stack = stack

    @property
    def marketplace(self) -> str:
        return self.app.marketplace

    def token(self, user: str, role: str, **claims: Any) -> str:
        return mint(self.app, user, role, **claims)

    async def another_app(self, marketplace: str = "") -> "Town":
        """Return the same server as another app sees it."""
        name = f"app {next(COUNTER)}"
        app = await Apps(self.store).create(name, marketplace or self.marketplace)
        return Town(self.url, self.store, app, self.stack)

    async def another_marketplace(self) -> "Town":
        return await self.another_app(fresh_name())

    async def http(self, user: str = "staff", role: str = "app") -> HttpClient:
        client = HttpClient(self.url, self.token(user, role))
        return await self.stack.enter_async_context(client)

    async def connect(
        self, user: str, role: str, *, codec: CodecName = "json", **opening: Any
    ) -> Client:
        claims = {k: opening.pop(k) for k in ("name", "meeting", "ttl_s") if k in opening}
        token = self.token(user, role, **claims)
        client = await Client.connect(self.url, token, codec=codec, **opening)
        return await self.stack.enter_async_context(client)

    async def customer(self, user: str = "cust", **opening: Any) -> Client:
        return await self.connect(user, "customer", **opening)

    async def register(self, user: str, *tags: str, **profile: Any) -> Params:
        """Put the profile of an interpreter between Norwegian and *tags*."""
        skills = [{"tag": "no", "level": "C1"}]
        skills += [{"tag": tag, "level": "native", "qualification": "B"} for tag in tags or ("so",)]
        whole: Params = {
            "id": user,
            "name": f"Name of {user}",
            "languages": skills,
            "modes": ["audio", "video", "onsite"],
            "timezone": "Europe/Oslo",
            "location": OSLO,
            "max_travel_km": 50,
        }
        async with HttpClient(self.url, self.token("staff", "app")) as http:
            return await http.call("interpreter.put", interpreter=whole | profile)

    async def interpreter(
        self,
        user: str,
        *tags: str,
        online: bool = True,
        profile: Params | None = None,
        **opening: Any,
    ) -> Client:
        """Register an interpreter and connect them; *online*: they go available."""
        await self.register(user, *tags, **(profile or {}))
        client = await self.connect(user, "interpreter", **opening)
        if online:
            await client.call("presence.set", status="available")
        return client

    async def ask(self, caller: Client | HttpClient, **terms: Any) -> Params:
        """Ask for Somali by video, or as *terms* say; return the assignment."""
        answer = await caller.call("assignment.create", **request(**terms))
        found: Params = answer["assignment"]
        return found

    async def assignment(self, id_: str) -> Params:
        """Return an assignment as its app's operators see it."""
        async with HttpClient(self.url, self.token("op", "operator")) as http:
            answer = await http.call("assignment.get", assignment=id_)
        found: Params = answer["assignment"]
        return found


def request(**terms: Any) -> Params:
    asked: Params = {
        "languages": {"from": "nb", "to": "so"},
        "mode": "video",
        "duration_min": 30,
    }
    return asked | terms


def fresh_name() -> str:
    return f"t{next(COUNTER)}-{secrets.token_hex(3)}"


@asynccontextmanager
async def town_of(url: str, store_url: str) -> AsyncIterator[Town]:
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(Store(store_url))
        app = await Apps(store).create("first", fresh_name())
        yield Town(url, store, app, stack)


async def until(client: Client, method: str, wanted: Callable[[Mapping[str, Any]], bool]) -> Params:
    """Return the params of the next event of *method* that is wanted; leave out those before."""
    while True:
        event = await client.next_event(method, WITHIN_S)
        if wanted(event.params):
            return dict(event.params)


async def until_state(client: Client, state: str, assignment: str = "") -> Params:
    """Wait until an assignment of theirs is in *state*; return it."""
    event = await until(
        client,
        "assignment.changed",
        lambda p: p["assignment"]["state"] == state and assignment in ("", p["assignment"]["id"]),
    )
    found: Params = event["assignment"]
    return found


async def offered(client: Client) -> Params:
    """Return the next offer that rings."""
    return dict((await client.next_event("offer.made", WITHIN_S)).params)


async def withdrawn(client: Client, offer: str) -> str:
    """Return why an offer was withdrawn."""
    event = await until(client, "offer.withdrawn", lambda p: p["offer"] == offer)
    return str(event["reason"])


async def presence(client: Client) -> str:
    """Return an interpreter's own status, as a watcher is told."""
    user = client.opened["user"]
    watched = await client.call("presence.watch", interpreters=[user])
    return str(watched["presence"][0]["status"])


async def until_status(client: Client, status: str) -> None:
    """Wait until an interpreter who is watching themselves is in *status*."""
    if await presence(client) != status:
        await until(client, "presence.changed", lambda p: p["presence"]["status"] == status)
