"""Apps and their secrets, and the marketplaces there are."""

import secrets
from collections.abc import Callable, Mapping
from typing import Any, get_type_hints

import msgpack
import msgspec
from msgspec.structs import replace

from signalling.core import rules_bounds
from signalling.core.policy import USUAL, Policy
from signalling.core.rules import Rules
from signalling.errors import Conflict, InvalidParams, NotFound, Unavailable
from signalling.store.keys import APPS, MARKETPLACES, Keys
from signalling.store.store import Script, Store, Value

CHANGE = Script("change")
ATTEMPTS = 20
MANAGES = "interpreters"  # the right of an app that runs those of its marketplace
# What an app may set, each with its type.
RULES = {name: kind for name, kind in get_type_hints(Rules).items() if name != "version"}
MESH_MOST = 8  # everybody sends to everybody: a browser bears no more


class App(msgspec.Struct, frozen=True):
    """A client of one marketplace. The first of its *secrets* is the newest; at most two hold."""

    key: str
    name: str
    marketplace: str
    secrets: tuple[str, ...]
    rights: frozenset[str]
    created_ms: int
    policy: Policy = USUAL


Registry = Mapping[str, App]


class Apps:
    """The registry of apps. Each change publishes the app's marketplace on `keys.APPS_CHANNEL`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def create(self, name: str, marketplace: str = "default") -> App:
        """Make an app with a fresh key and secret; a marketplace's first app runs its interpreters.

        Raises InvalidParams for a bad name, and Conflict where the marketplace has the name.
        """
        if not name.strip() or len(name) > 80:
            raise InvalidParams("a name has 1 to 80 characters", path="name")
        try:
            Keys(marketplace)
        except ValueError as error:
            raise InvalidParams(str(error), path="marketplace") from None
        created_ms = await self._store.time_ms()

        def make(registry: Registry) -> App:
            peers = [app for app in registry.values() if app.marketplace == marketplace]
            if any(app.name == name for app in peers):
                raise Conflict(f"{marketplace} already has an app named {name}", path="name")
            rights = frozenset() if peers else frozenset({MANAGES})
            key, secret = secrets.token_hex(8), secrets.token_urlsafe(32)
            return App(key, name, marketplace, (secret,), rights, created_ms)

        # In a Cluster the set lives in another slot: named first, it is never missing.
        await self._store.command("SADD", MARKETPLACES, marketplace)
        return await self._change(make)

    async def get(self, key: str) -> App | None:
        body = await self._store.command("HGET", APPS, key) if key.isalnum() else None
        return None if body is None else _unpack(body)

    async def list(self) -> list[App]:
        """Return all apps, oldest first."""
        _, registry = await self._read()
        return sorted(registry.values(), key=lambda app: (app.created_ms, app.key))

    async def managers(self, marketplace: str) -> tuple[App, ...]:
        """Return the apps that run the interpreters of a marketplace, oldest first."""
        found = [app for app in await self.list() if app.marketplace == marketplace]
        return tuple(app for app in found if MANAGES in app.rights)

    async def policy_of(self, key: str) -> Policy:
        """Return the policy in force for an app: sanctions are those of who runs the interpreters.

        The usual one for an app that is gone.
        """
        app = await self.get(key)
        if app is None:
            return USUAL
        if MANAGES in app.rights:
            return app.policy
        runs = next((other.policy for other in await self.managers(app.marketplace)), USUAL)
        return replace(app.policy, rules=app.policy.rules.sanctioned_by(runs.rules))

    async def marketplaces(self) -> frozenset[str]:
        found = await self._store.command("SMEMBERS", MARKETPLACES)
        return frozenset(name.decode() for name in found)

    async def rotate(self, key: str) -> App:
        """Add a new secret; the newest one before it stays valid, an older one does not."""

        def turn(registry: Registry) -> App:
            app = _find(registry, key)
            return replace(app, secrets=(secrets.token_urlsafe(32), app.secrets[0]))

        return await self._change(turn)

    async def set_policy(self, key: str, changes: Mapping[str, object]) -> App:
        """Change how the app's meetings are carried, and what its interpreters need.

        Raises InvalidParams for a value that the policy does not know.
        """

        def change(registry: Registry) -> App:
            app = _find(registry, key)
            said = msgspec.to_builtins(app.policy) | dict(changes)
            try:
                policy = msgspec.convert(said, Policy)
            except msgspec.ValidationError as error:
                raise InvalidParams(str(error), path="policy") from None
            if not 2 <= policy.mesh_most <= MESH_MOST:
                raise InvalidParams(f"2 to {MESH_MOST} people", path="policy.mesh_most")
            return replace(app, policy=policy)

        return await self._change(change)

    async def set_rules(self, key: str, changes: Mapping[str, object]) -> App:
        """Change rules of the app's assignments; if any, under a new version.

        What was asked for before keeps the rules that it has. A text is read as the rule's own
        type. Raises InvalidParams, its path the rule, for what it cannot be.
        """

        def change(registry: Registry) -> App:
            app = _find(registry, key)
            if unknown := changes.keys() - RULES:
                name = min(unknown)
                raise InvalidParams(f"no rule {name}; there are: {', '.join(RULES)}", path=name)
            said = {name: _read(name, value) for name, value in changes.items()}
            version = app.policy.rules.version + bool(said)
            rules = replace(app.policy.rules, **said, version=version)
            rules_bounds.check(rules)
            return replace(app, policy=replace(app.policy, rules=rules))

        return await self._change(change)

    async def drop_secret(self, key: str, secret: str) -> App:
        """Take back one of two secrets; the last one stays (Conflict)."""

        def drop(registry: Registry) -> App:
            app = _find(registry, key)
            left = tuple(
                s for s in app.secrets if not secrets.compare_digest(s.encode(), secret.encode())
            )
            if left == app.secrets:
                raise NotFound("the app has no such secret")
            if not left:
                raise Conflict("an app keeps at least one secret")
            return replace(app, secrets=left)

        return await self._change(drop)

    async def _read(self) -> tuple[str, dict[str, App]]:
        found = await self._store.command("HGETALL", APPS)
        version = found.pop(b".v", b"0").decode()
        return version, {key.decode(): _unpack(body) for key, body in found.items()}

    async def _change(self, decide: Callable[[Registry], App]) -> App:
        for _ in range(ATTEMPTS):
            version, registry = await self._read()
            app = decide(registry)
            args: list[Value] = [version, app.marketplace, app.key, _pack(app)]
            if await self._store.run(CHANGE, [APPS], args):
                return app
        raise Unavailable("too many changes at once; try again")


def _read(name: str, value: object) -> Any:
    """Return the value of a rule in its own type."""
    try:
        return msgspec.convert(value, RULES[name], strict=False)
    except msgspec.ValidationError as error:
        raise InvalidParams(f"{name}: {error}", path=name) from None


def _find(registry: Registry, key: str) -> App:
    app = registry.get(key)
    if app is None:
        raise NotFound(f"no app has the key {key}")
    return app


def _pack(app: App) -> bytes:
    body: bytes = msgpack.packb(msgspec.to_builtins(app))
    return body


def _unpack(body: bytes) -> App:
    return msgspec.convert(msgpack.unpackb(body), App)
