"""People in browsers, at one running server: pages with a token, and what they hear and see."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, BrowserContext, Page, Route

from signalling.client import HttpClient, RemoteError
from signalling.store.apps import Apps
from signalling.web.assets import POLICY
from tests.e2e.server import Server
from tests.e2e.town import Town, town_of

PROBE = Path(__file__).parent / "probe.js"
PAGE = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A test</title></head>'
    "<body></body></html>"
)
WITHIN_S = 15.0
RUN_S = 30.0
LOOK_S = 0.05
LOOPBACK = {"DRAGOMAN_MEDIA__BIND": "127.0.0.1"}
EMPTY = "/empty-page-of-a-test"


class Person:
    """Somebody with a browser window of their own (own storage, own permissions)."""

    def __init__(self, context: BrowserContext, page: Page, user: str, token: str) -> None:
        self.context = context
        self.page = page
        self.user = user
        self.token = token
        self.said: list[str] = []
        self.wrong: list[str] = []
        page.on("console", lambda message: self.said.append(message.text))
        page.on("pageerror", lambda error: self.wrong.append(str(error)))

    async def run(self, script: str, arg: Any = None) -> Any:
        """Evaluate a JavaScript expression or function in the page; return its value."""
        async with asyncio.timeout(RUN_S):
            return await self.page.evaluate(script, arg)

    async def until(self, script: str, arg: Any = None, *, within_s: float = WITHIN_S) -> Any:
        """Look until a JavaScript expression or function gives something true; return that.

        Not by the page's own wait, which takes the promise of an async function for its value.
        """
        deadline = asyncio.get_running_loop().time() + within_s
        while not (found := await self.run(script, arg)):
            if asyncio.get_running_loop().time() > deadline:
                events = await self.run("window.events")
                raise AssertionError(self.user, script, arg, events, self.said[-20:], self.wrong)
            await asyncio.sleep(LOOK_S)
        return found

    async def media(self) -> dict[str, Any]:
        """Return what all its peer connections receive and send in sum."""
        found: dict[str, Any] = await self.run("probe.media()")
        return found

    async def until_media(
        self, wanted: str, than: Mapping[str, Any] | None = None, *, within_s: float = WITHIN_S
    ) -> dict[str, Any]:
        """Wait until *wanted* holds of `now` (the sums) and `than` (earlier ones); return them."""
        script = f"""async (than) => {{
            const now = await probe.media();
            return ({wanted}) && now;
        }}"""
        found: dict[str, Any] = await self.until(script, than or {}, within_s=within_s)
        return found

    async def hears_and_sees_more(self, *, within_s: float = WITHIN_S) -> dict[str, Any]:
        """Wait until sound with energy and decoded frames have come in after this call."""
        return await self.until_media(
            "now.audioEnergy > than.audioEnergy + 1e-4"
            " && now.framesDecoded > than.framesDecoded + 5",
            await self.media(),
            within_s=within_s,
        )


class Stage:
    """A browser and a town: who opens a page is closed with the stage."""

    def __init__(self, browser: Browser, server: Server, town: Town, stack: AsyncExitStack) -> None:
        self.browser = browser
        self.server = server
        self.town = town
        self.people: list[Person] = []
        self._stack = stack

    async def meeting(self, **users: str) -> str:
        """Open a meeting for users by role, e.g. ann="customer"; return its id."""
        async with HttpClient(self.town.url, self.town.token("staff", "app")) as http:
            named = [{"user": user, "role": role} for user, role in users.items()]
            made = await http.call("meeting.create", participants=named)
        return str(made["meeting"]["id"])

    async def policy(self, **changes: object) -> None:
        """Set how the app wants its meetings carried, as `dragoman apps set` does."""
        await Apps(self.town.store).set_policy(self.town.app.key, changes)

    async def media_process_again(self) -> None:
        """Wait until the server has a media process again that answers."""
        async with HttpClient(self.town.url, self.town.token("cust", "customer")) as http:
            deadline = asyncio.get_running_loop().time() + WITHIN_S
            while await _refusal(http) == "unavailable":
                assert asyncio.get_running_loop().time() < deadline, self.server.said
                await asyncio.sleep(LOOK_S)

    async def person(
        self, user: str = "ann", role: str = "customer", *, path: str = EMPTY, **claims: Any
    ) -> Person:
        """Open a page of this server for a user: an empty one, or *path*."""
        context = await self.browser.new_context(
            base_url=self.town.url, permissions=["camera", "microphone"]
        )
        self._stack.push_async_callback(context.close)
        await context.add_init_script(path=PROBE)
        await context.route(f"**{EMPTY}", _empty)
        page = await context.new_page()
        person = Person(context, page, user, self.town.token(user, role, **claims))
        self.people.append(person)
        await page.goto(path)
        return person


@asynccontextmanager
async def stage_at(browser: Browser, server: Server) -> AsyncIterator[Stage]:
    """Give a stage in a marketplace of its own; what goes wrong unnoticed in a page is an error."""
    async with town_of(server.url, server.store_url) as town, AsyncExitStack() as stack:
        stage = Stage(browser, server, town, stack)
        yield stage
        wrong = {person.user: person.wrong for person in stage.people if person.wrong}
        assert wrong == {}


async def _refusal(http: HttpClient) -> str:
    """Return why a check with an offer that is none is refused: only a media process can tell."""
    try:
        await http.call("device.check", offer={"sdp": "none"})
    except RemoteError as error:
        return error.name
    return ""


async def _empty(route: Route) -> None:
    headers = {"Content-Security-Policy": POLICY, "Content-Type": "text/html"}
    await route.fulfill(body=PAGE, headers=headers)
