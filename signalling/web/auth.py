"""Tokens: who the bearer is, as an app of a marketplace says.

JWT, HS256 and nothing else; the header's `kid` names the app, either of whose secrets may have
signed. An app without the right `interpreters` cannot speak for interpreters: they belong to the
marketplace, so its signature on such a token proves nothing, and the token is refused whole.
"""

import re
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

import jwt

from signalling.errors import ReauthenticationRequired, Unauthenticated
from signalling.protocol.messages.common import ID_PATTERN
from signalling.protocol.registry import Role
from signalling.service.call import Caller
from signalling.settings import Tokens

ALGORITHM = "HS256"
CACHE_S = 3.0
CACHE_MOST = 1000

_ID = re.compile(ID_PATTERN)
_KEY = re.compile(r"[a-z0-9]{8,32}\Z")
_REQUIRED = ("sub", "role", "exp", "aud")


class App(Protocol):
    """What must be known of an app to believe its tokens."""

    @property
    def key(self) -> str: ...
    @property
    def marketplace(self) -> str: ...
    @property
    def secrets(self) -> tuple[str, ...]: ...
    @property
    def rights(self) -> frozenset[str]: ...


FindApp = Callable[[str], Awaitable[App | None]]


class Authenticator:
    """Turns tokens into callers. *find* gets an app by key from the store; *now* is in seconds."""

    def __init__(
        self,
        find: FindApp,
        tokens: Tokens,
        now: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.find = find
        self.tokens = tokens
        self.now = now
        self.monotonic = monotonic
        self._apps: OrderedDict[str, tuple[float, App | None]] = OrderedDict()

    async def authenticate(self, token: str) -> Caller:
        """Return the caller that a token names, or raise Unauthenticated."""
        app = await self._app(_kid(token))
        if app is None:
            raise Unauthenticated("the token's kid names no app")
        claims = self._verify(token, app)
        return self._caller(app, claims)

    async def _app(self, key: str) -> App | None:
        now = self.monotonic()
        cached = self._apps.get(key)
        if cached is not None and cached[0] > now:
            return cached[1]
        app = await self.find(key)
        self._apps[key] = now + CACHE_S, app
        self._apps.move_to_end(key)
        while len(self._apps) > CACHE_MOST:
            self._apps.popitem(last=False)
        return app

    def _verify(self, token: str, app: App) -> dict[str, Any]:
        for secret in app.secrets:
            try:
                return jwt.decode(
                    token,
                    secret,
                    algorithms=[ALGORITHM],
                    audience=self.tokens.audience,
                    options={
                        "require": list(_REQUIRED),
                        "verify_exp": False,
                        "verify_iat": False,
                    },
                    leeway=self.tokens.leeway_s,
                )
            except jwt.InvalidSignatureError:
                continue
            except jwt.MissingRequiredClaimError as error:
                raise Unauthenticated(f"the token lacks {error.claim}") from None
            except jwt.InvalidAudienceError:
                raise Unauthenticated("the token is not for this audience") from None
            except (jwt.PyJWTError, ValueError, TypeError):
                raise Unauthenticated("not a valid token") from None
        raise Unauthenticated("the token's signature is wrong")

    def _caller(self, app: App, claims: dict[str, Any]) -> Caller:
        expires = claims["exp"]
        if isinstance(expires, bool) or not isinstance(expires, int | float):
            raise Unauthenticated("exp must be a number")
        if not expires + self.tokens.leeway_s > self.now():  # NaN is refused too
            raise Unauthenticated("the token has expired")
        role = claims["role"]
        if not isinstance(role, str) or role not in set(Role):
            raise Unauthenticated("the token's role is unknown")
        if role == Role.INTERPRETER and "interpreters" not in app.rights:
            raise Unauthenticated("this app may not sign for interpreters")
        name, meeting = claims.get("name", ""), claims.get("meeting")
        if not isinstance(name, str) or len(name) > 200:
            raise Unauthenticated("the token's name is not one")
        if role == Role.GUEST or meeting is not None:
            meeting = _id(meeting, "meeting")
        return Caller(
            marketplace=app.marketplace,
            app=app.key,
            user=_id(claims["sub"], "sub"),
            role=role,
            name=name,
            expires_ms=int(min(expires, 2**40) * 1000),
            meeting=meeting,
            rights=app.rights,
        )


def _kid(token: str) -> str:
    """Return the key of the app that claims to have signed; nothing is believed yet."""
    try:
        header = jwt.get_unverified_header(token)
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
        raise Unauthenticated("not a token") from None
    kid = header.get("kid")
    if header.get("alg") != ALGORITHM:
        raise Unauthenticated(f"tokens are signed with {ALGORITHM}")
    if not isinstance(kid, str) or not _KEY.match(kid):
        raise Unauthenticated("the token's kid names no app")
    return kid


def _id(value: Any, claim: str) -> str:
    if not isinstance(value, str) or not _ID.match(value):
        raise Unauthenticated(f"the token's {claim} is not an id")
    return value


def same_user(old: Caller, new: Caller) -> None:
    """Refuse a token of somebody else."""
    if (old.marketplace, old.address, old.app, old.role) != (
        new.marketplace,
        new.address,
        new.app,
        new.role,
    ):
        raise ReauthenticationRequired("the token names another user")


def mint(  # noqa: PLR0913 - the claims of a token
    app: App,
    user: str,
    role: str,
    *,
    name: str = "",
    ttl_s: float = 3600,
    audience: str = "dragoman",
    meeting: str | None = None,
    now: float | None = None,
) -> str:
    """Return a token signed with the app's newest secret."""
    issued = time.time() if now is None else now
    claims = {"sub": user, "role": role, "aud": audience, "exp": int(issued + ttl_s)}
    claims |= {"name": name} if name else {}
    claims |= {"meeting": meeting} if meeting else {}
    return jwt.encode(claims, app.secrets[0], algorithm=ALGORITHM, headers={"kid": app.key})
