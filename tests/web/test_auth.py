"""Whose tokens are believed."""

import base64
import json
import time
from dataclasses import dataclass
from typing import Any

import jwt
import pytest

from signalling.errors import ReauthenticationRequired, Unauthenticated
from signalling.service.call import Caller
from signalling.settings import Tokens
from signalling.web.auth import CACHE_MOST, CACHE_S, Authenticator, mint, same_user

NOW = 1_800_000_000.0
SECRETS = ("new-secret-of-32-bytes-or-more!!", "old-secret-of-32-bytes-or-more!!")
FOREIGN = "foreign-secret-of-32-bytes-more!"


@dataclass(frozen=True)
class FakeApp:
    key: str = "abcdef0123456789"
    marketplace: str = "main"
    secrets: tuple[str, ...] = SECRETS
    rights: frozenset[str] = frozenset({"interpreters"})


class Directory:
    """Apps by key, and how often they were looked up."""

    def __init__(self, *apps: FakeApp) -> None:
        self.apps = {app.key: app for app in apps}
        self.asked = 0
        self.clock = 0.0

    async def find(self, key: str) -> FakeApp | None:
        self.asked += 1
        return self.apps.get(key)

    def authenticator(self) -> Authenticator:
        return Authenticator(self.find, Tokens(), lambda: NOW, lambda: self.clock)


def signed(secret: str = SECRETS[0], kid: Any = "abcdef0123456789", **claims: Any) -> str:
    base = {"sub": "anna", "role": "customer", "aud": "dragoman", "exp": NOW + 60}
    left = {name: value for name, value in (base | claims).items() if value is not None}
    return jwt.encode(left, secret, algorithm="HS256", headers={"kid": kid})


@pytest.mark.parametrize("secret", SECRETS)
async def test_both_secrets_hold(secret: str) -> None:
    caller = await Directory(FakeApp()).authenticator().authenticate(signed(secret, name="Anna"))
    assert caller == Caller(
        "main", "abcdef0123456789", "anna", "customer", "Anna", int((NOW + 60) * 1000),
        None, frozenset({"interpreters"}),
    )  # fmt: skip


def unsigned() -> str:
    def part(value: Any) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    header = part({"alg": "none", "kid": "abcdef0123456789"})
    return f"{header}.{part({'sub': 'anna', 'role': 'operator', 'aud': 'dragoman'})}."


@pytest.mark.parametrize(
    "token",
    [
        unsigned(),
        "",
        "rubbish",
        "a.b.c",
        signed(FOREIGN),
        signed(kid="0000000000000000"),
        signed(kid="../../etc"),
        signed(kid=5) if False else signed(kid=""),
        signed(exp=NOW - 6),
        signed(exp=None),
        signed(exp="soon"),
        signed(exp=True),
        signed(sub=None),
        signed(sub=5),
        signed(sub="a b"),
        signed(sub="anna\n"),
        signed(sub="x" * 65),
        signed(role=None),
        signed(role="king"),
        signed(role=["customer"]),
        signed(role="guest"),
        signed(role="guest", meeting="me 1"),
        signed(aud=None),
        signed(aud="other"),
        signed(name=5),
        signed(name="x" * 201),
        signed(meeting=5),
        jwt.encode({"sub": "anna"}, SECRETS[0] * 2, algorithm="HS512", headers={"kid": "a" * 16}),
    ],
)
async def test_refused(token: str) -> None:
    with pytest.raises(Unauthenticated) as caught:
        await Directory(FakeApp()).authenticator().authenticate(token)
    assert not token or token not in caught.value.detail
    assert SECRETS[0] not in str(caught.value.data())


async def test_leeway() -> None:
    caller = await Directory(FakeApp()).authenticator().authenticate(signed(exp=NOW - 4))
    assert caller.expires_ms == int((NOW - 4) * 1000)


async def test_interpreters_are_signed_for_by_apps_with_the_right() -> None:
    token = signed(role="interpreter")
    caller = await Directory(FakeApp()).authenticator().authenticate(token)
    assert caller.address == "i:anna"
    with pytest.raises(Unauthenticated):
        await Directory(FakeApp(rights=frozenset())).authenticator().authenticate(token)


async def test_guests_are_bound_to_a_meeting() -> None:
    token = signed(role="guest", meeting="me-1")
    caller = await Directory(FakeApp()).authenticator().authenticate(token)
    assert (caller.meeting, caller.address) == ("me-1", "g:me-1:anna")


async def test_apps_are_remembered_for_a_moment() -> None:
    directory = Directory(FakeApp())
    authenticator = directory.authenticator()
    for _ in range(3):
        await authenticator.authenticate(signed())
    assert directory.asked == 1
    directory.apps.clear()
    directory.clock = CACHE_S
    with pytest.raises(Unauthenticated):
        await authenticator.authenticate(signed())
    for n in range(CACHE_MOST + 10):
        with pytest.raises(Unauthenticated):
            await authenticator.authenticate(signed(kid=f"{n:016d}"))
    assert len(authenticator._apps) == CACHE_MOST


async def test_what_is_minted_is_believed() -> None:
    token = mint(FakeApp(), "bert", "interpreter", name="Bert", ttl_s=60, now=NOW)
    caller = await Directory(FakeApp()).authenticator().authenticate(token)
    assert (caller.user, caller.role, caller.name) == ("bert", "interpreter", "Bert")
    assert mint(FakeApp(), "g", "guest", meeting="me-1").count(".") == 2
    assert time.time() > 0


def test_a_token_of_somebody_else_refreshes_nothing() -> None:
    anna = Caller("main", "a", "anna", "customer")
    same_user(anna, Caller("main", "a", "anna", "customer", "Anna", 5))
    for other in (
        Caller("main", "a", "eve", "customer"),
        Caller("main", "b", "anna", "customer"),
        Caller("main", "a", "anna", "operator"),
        Caller("other", "a", "anna", "customer"),
    ):
        with pytest.raises(ReauthenticationRequired):
            same_user(anna, other)
