"""The door of `dragoman serve --demo-app`: who comes gets an identity on the spot, without a word.

So a newcomer is matched within a minute. Whoever can reach such a server may be anybody on it:
it is for trying, never for production. What one address may ask is bounded, and so is all of it.
"""

import secrets
from typing import Annotated, Any, Final, Literal
from urllib.parse import quote, urlencode, urlsplit

import msgspec
from aiohttp import hdrs, web
from msgspec import Meta

from signalling.errors import (
    Forbidden,
    InvalidParams,
    InvalidRequest,
    RateLimited,
    TooLarge,
    Unavailable,
)
from signalling.protocol.faults import invalid_params, malformed
from signalling.protocol.messages import interpreter as im
from signalling.protocol.messages import meeting as mm
from signalling.protocol.messages import presence as pm
from signalling.protocol.messages.common import Category, Modes, Name, Params, Point, Tag, doc
from signalling.rates import Buckets
from signalling.service.call import Call, Caller
from signalling.store.apps import App, Apps
from signalling.web.auth import mint
from signalling.web.client_address import client_address, is_secure
from signalling.web.node import Node

TTL_S: Final = 8 * 3600.0
MOST: Final = 2_000  # identities and meetings since the server started
PER_S, AT_ONCE = 0.5, 20.0  # of one address: a class tries it from behind one
BODY_BYTES: Final = 4_096
# Where a made-up interpreter lives; their profile can be changed on their page.
HOME: Final = Point(lat=59.9139, lon=10.7522)
HOME_ZONE: Final = "Europe/Oslo"
HERE: Final = ("no", "en")  # spoken by all of them; credentials are held for other languages
PEOPLE: Final[tuple[tuple[Literal["customer", "interpreter"], str], ...]] = (
    ("customer", "Ann"),
    ("interpreter", "Hodan"),
)


class IdentityParams(Params, frozen=True):
    """Whom a newcomer wants to be."""

    role: Literal["customer", "interpreter"]
    name: Annotated[Name, doc("How others see them.")]
    languages: Annotated[
        tuple[Tag, ...],
        Meta(min_length=1, max_length=8, description="Customers: of both sides."),
    ]
    qualification: Annotated[Category | None, doc("Interpreters: in all but Norwegian.")] = None
    modes: Annotated[Modes, doc("Interpreters: how they work.")] = ("audio", "video")


class Link(msgspec.Struct, frozen=True):
    link: Annotated[str, doc("Where to go on: a path of this server, with a token.")]


class Links(msgspec.Struct, frozen=True):
    links: tuple[str, ...]


class Newcomers:
    """Serves what the start page's buttons ask for; *app* is the key of the demo app."""

    def __init__(self, node: Node, app: str) -> None:
        self.node = node
        self._app = app
        self._apps = Apps(node.store)
        self._rates = Buckets(PER_S, AT_ONCE, node.now, most=1_000)
        self._made = 0
        self.routes: tuple[web.RouteDef, ...] = (
            web.get("/demo/available", self.available),
            web.post("/demo/identity", self.identity),
            web.post("/demo/meeting", self.meeting),
        )

    async def available(self, request: web.Request) -> web.Response:
        """Say who is available now, as `presence.summary` does."""
        self.node.throttle.addresses.take(client_address(request, self.node.trusted))
        return _answer(
            await self._call(await self._demo(), "presence.summary", pm.PresenceSummaryParams())
        )

    async def identity(self, request: web.Request) -> web.Response:
        """Make somebody up, and answer with the link to their page."""
        self._admit(request)
        wanted = await _read(request)
        app = await self._demo()
        user = f"{wanted.role}-{secrets.token_hex(4)}"
        if wanted.role == "interpreter":
            await self._introduce(app, user, wanted)
        place = {"token": self._token(app, user, wanted.role, wanted.name)}
        if wanted.role == "customer":
            place["languages"] = ",".join(wanted.languages)
        return _answer(Link(f"/{wanted.role}#{urlencode(place, quote_via=quote)}"))

    async def meeting(self, request: web.Request) -> web.Response:
        """Open a meeting of two, and answer with both links into it."""
        self._admit(request)
        app = await self._demo()
        people = [(f"{name.lower()}-{secrets.token_hex(4)}", role, name) for role, name in PEOPLE]
        invited = tuple(mm.Invitee(user=u, role=role, name=name) for u, role, name in people)
        made = await self._call(app, "meeting.create", mm.MeetingCreateParams(participants=invited))
        return _answer(
            Links(
                tuple(
                    f"/meet#meeting={made.meeting.id}&token={self._token(app, *person)}"
                    for person in people
                )
            )
        )

    async def _introduce(self, app: App, user: str, wanted: IdentityParams) -> None:
        try:
            await self._call(app, "interpreter.put", _profile(user, wanted))
        except InvalidParams as error:  # named by a field of the profile, which they did not send
            path = error.path.removeprefix("interpreter.").removesuffix(".tag")
            raise InvalidParams(error.detail, path=path, **error.extra) from None

    def _admit(self, request: web.Request) -> None:
        """Count a request, and refuse it from another site, too often or after too many."""
        self._check_origin(request)
        self._rates.take(client_address(request, self.node.trusted))
        if self._made >= MOST:
            raise RateLimited("this server has made enough identities", retry_after_ms=3_600_000)
        self._made += 1

    def _check_origin(self, request: web.Request) -> None:
        """Let no other site's page make identities by the browser of somebody who visits it."""
        site = request.headers.get("Sec-Fetch-Site", "same-origin")
        origin = request.headers.get(hdrs.ORIGIN)
        scheme = "https" if is_secure(request, self.node.trusted) else "http"
        own = urlsplit(f"{scheme}://{request.host}")
        if site != "same-origin" or (origin is not None and urlsplit(origin)[:2] != own[:2]):
            raise Forbidden("only this server's own pages may ask for that")

    async def _demo(self) -> App:
        app = await self._apps.get(self._app)
        if app is None:
            raise Unavailable("the demo app is gone")
        return app

    async def _call(self, app: App, method: str, params: Any) -> Any:
        """Call a method as the demo app's server."""
        caller = Caller(app.marketplace, app.key, "newcomers", "app", rights=app.rights)
        return await self.node.service.handlers[method](Call(caller), params)

    def _token(self, app: App, user: str, role: str, name: str) -> str:
        audience = self.node.settings.tokens.audience
        return mint(app, user, role, name=name, ttl_s=TTL_S, audience=audience)


async def _read(request: web.Request) -> IdentityParams:
    if request.content_type != "application/json":
        raise InvalidRequest("send application/json")
    body = await request.content.read(BODY_BYTES + 1)
    if len(body) > BODY_BYTES:
        raise TooLarge(f"a body may have {BODY_BYTES} bytes")
    try:
        return msgspec.json.decode(body, type=IdentityParams)
    except msgspec.ValidationError as error:
        raise invalid_params(error) from None
    except (msgspec.DecodeError, RecursionError) as error:
        raise malformed(error) from None


def _profile(user: str, wanted: IdentityParams) -> im.InterpreterPutParams:
    """Return the profile of a made-up interpreter: what they say, and Norwegian and English."""
    held = wanted.qualification
    skills = [
        im.LanguageSkill(tag=tag, level="native", qualification=None if tag in HERE else held)
        for tag in wanted.languages
    ]
    skills += [im.LanguageSkill(tag=tag, level="C2") for tag in HERE if tag not in wanted.languages]
    profile = im.InterpreterProfile(
        id=user,
        name=wanted.name,
        languages=tuple(skills),
        modes=wanted.modes,
        max_travel_km=50,
        timezone=HOME_ZONE,
        location=HOME,
    )
    return im.InterpreterPutParams(interpreter=profile)


def _answer(result: Any) -> web.Response:
    return web.Response(body=msgspec.json.encode(result), content_type="application/json")
