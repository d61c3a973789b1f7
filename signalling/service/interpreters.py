"""interpreter.*: the profiles that matching works on."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from matching.tables import Tables
from signalling.core.effects import Key, Tell
from signalling.core.profile import Profile, PutProfile, RemoveProfile
from signalling.engine import Engine
from signalling.errors import DragomanError, Forbidden, NotFound
from signalling.protocol.messages import interpreter as im
from signalling.service import access
from signalling.service.call import Call, Caller, Handler
from signalling.translate import admitted_profile

A_COMMIT: Final = 100  # profiles written together by an import
FAILURES_SHOWN: Final = 100
# What customers may see: never the exact place, the price or who blocked whom.
SEEN_BY_CUSTOMERS: Final = ("id", "name", "languages", "specialisms", "modes", "gender")


class Interpreters:
    """Handlers of interpreter.*."""

    def __init__(self, engine: Engine, tables: Tables) -> None:
        self.engine = engine
        self.tables = tables
        self.handlers: dict[str, Handler] = {
            "interpreter.put": self.put,
            "interpreter.get": self.get,
            "interpreter.remove": self.remove,
            "interpreter.import": self.import_,
        }

    async def put(self, call: Call, params: im.InterpreterPutParams) -> im.InterpreterPutResult:
        """Create or replace a profile; interpreters keep their credentials as they are."""
        caller, id_ = call.caller, params.interpreter.id
        key = Key("interpreter", id_)
        found = await self.engine.look(caller.marketplace, key)
        old, seen = found.records[key], found.versions[key]
        if caller.role == "interpreter":
            if id_ != caller.user or old is None:
                raise NotFound("no such interpreter", path="interpreter.id")
        else:
            access.check_manages_interpreters(caller)
        profile = admitted_profile(_plain(params.interpreter), self.tables, "interpreter")
        expect = {} if params.version is None else {key: params.version}
        if caller.role == "interpreter":
            _check_own_change(old.profile, profile)
            expect = {key: params.version or seen}  # what was checked must still be so
        outcome = await self.engine.handle(
            caller.marketplace, Tell(key, PutProfile(profile)), expect=expect
        )
        shown = _shown(caller, outcome.records[key], outcome.versions[key])
        return im.InterpreterPutResult(interpreter=shown, created=old is None)

    async def get(self, call: Call, params: im.InterpreterGetParams) -> im.InterpreterGetResult:
        caller = call.caller
        wanted = params.interpreter or (caller.user if caller.role == "interpreter" else "")
        key = Key("interpreter", wanted)
        found = await self.engine.look(caller.marketplace, key)
        stranger = caller.role == "interpreter" and wanted != caller.user
        if found.records[key] is None or stranger:
            raise NotFound("no such interpreter", path="interpreter")
        return im.InterpreterGetResult(
            interpreter=_shown(caller, found.records[key], found.versions[key])
        )

    async def remove(
        self, call: Call, params: im.InterpreterRemoveParams
    ) -> im.InterpreterRemoveResult:
        """Remove a profile; refused while its owner is ringing, held or in a meeting."""
        access.check_manages_interpreters(call.caller)
        key = Key("interpreter", params.interpreter)
        try:
            await self.engine.handle(call.caller.marketplace, Tell(key, RemoveProfile()))
        except NotFound:
            return im.InterpreterRemoveResult(removed=False)
        return im.InterpreterRemoveResult(removed=True)

    async def import_(
        self, call: Call, params: im.InterpreterImportParams
    ) -> im.InterpreterImportResult:
        """Keep every profile that is right; say of the others what is wrong with them."""
        access.check_manages_interpreters(call.caller)
        failures: list[im.ImportFailure] = []
        tells: list[Tell] = []
        for line, given in enumerate(params.interpreters, start=1):
            try:
                profile = admitted_profile(_plain(given), self.tables)
            except DragomanError as error:
                failures.append(
                    im.ImportFailure(line=line, detail=error.detail, path=error.path, id=given.id)
                )
                continue
            tells.append(Tell(Key("interpreter", given.id), PutProfile(profile)))
        for start in range(0, len(tells), A_COMMIT):
            await self.engine.handle(call.caller.marketplace, *tells[start : start + A_COMMIT])
        return im.InterpreterImportResult(
            imported=len(tells),
            failed=len(failures),
            failures=tuple(failures[:FAILURES_SHOWN]),
        )


def _check_own_change(old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    """Refuse an interpreter's change of what only staff may set. Both are in normal form."""
    held: dict[str, list[Any]] = {}
    for skill in old["languages"]:
        held.setdefault(skill["tag"], []).append(skill.get("qualification"))
    for index, skill in enumerate(new["languages"]):
        if skill.get("qualification") not in held.get(skill["tag"], [None]):
            raise Forbidden(
                "staff of the marketplace set qualifications",
                path=f"interpreter.languages.{index}.qualification",
            )
    if set(new.get("clearances", ())) != set(old.get("clearances", ())):
        raise Forbidden("staff of the marketplace set clearances", path="interpreter.clearances")
    if new.get("adult", True) != old.get("adult", True):
        raise Forbidden("staff of the marketplace set who is of age", path="interpreter.adult")


def _plain(profile: im.InterpreterProfile) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(profile)
    return plain


def _shown(caller: Caller, record: Profile, version: int) -> im.Interpreter:
    seen = dict(record.profile)
    if caller.role == "customer" or (caller.staff and "interpreters" not in caller.rights):
        seen = {name: seen[name] for name in SEEN_BY_CUSTOMERS if name in seen}
    else:
        seen["version"] = version
    return msgspec.convert(seen, im.Interpreter)
