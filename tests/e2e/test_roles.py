"""Who may call what: the table of protocol.md's roles, written out here anew."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from signalling.client import Client, HttpClient, RemoteError
from signalling.protocol.registry import METHODS
from tests.e2e.server import Server
from tests.e2e.town import OSLO, Params, Town, offered, request, town_of

ROLES = ("customer", "interpreter", "operator", "app", "guest")
ALL = "CIOAG"
LETTERS = dict(zip(ALL, ROLES, strict=True))
# Each method with the letters of the roles that may call it, and where it can be called.
TABLE = {
    "session.open": ("CIOAG", "socket"),
    "session.refresh": ("CIOAG", "socket"),
    "session.ping": ("CIOAG", "socket"),
    "session.close": ("CIOAG", "socket"),
    "presence.set": ("IOA", "both"),
    "presence.watch": ("CIOA", "socket"),
    "presence.unwatch": ("CIOA", "socket"),
    "presence.summary": ("CIOA", "both"),
    "presence.log": ("IO", "both"),
    "interpreter.put": ("IOA", "both"),
    "interpreter.get": ("CIOA", "both"),
    "interpreter.remove": ("OA", "both"),
    "interpreter.calendar": ("IOA", "both"),
    "interpreter.import": ("OA", "both"),
    "match.search": ("COA", "both"),
    "match.estimate": ("COA", "both"),
    "match.explain": ("CIOA", "both"),
    "match.parameters": ("CIOAG", "both"),
    "match.contest": ("CI", "both"),
    "match.contests": ("CIOA", "both"),
    "match.answer": ("OA", "both"),
    "assignment.create": ("COA", "both"),
    "assignment.get": ("CIOA", "both"),
    "assignment.list": ("CIOA", "both"),
    "assignment.update": ("COA", "both"),
    "assignment.cancel": ("CIOA", "both"),
    "assignment.complete": ("CIOA", "both"),
    "assignment.recommend": ("IO", "both"),
    "assignment.interest": ("I", "both"),
    "assignment.confirm": ("COA", "both"),
    "assignment.check_in": ("I", "both"),
    "offer.list": ("IO", "both"),
    "offer.ack": ("I", "both"),
    "offer.accept": ("I", "both"),
    "offer.decline": ("I", "both"),
    "meeting.create": ("OA", "both"),
    "meeting.get": ("CIOAG", "both"),
    "meeting.join": ("CIOG", "socket"),
    "meeting.leave": ("CIOG", "socket"),
    "meeting.end": ("CIOA", "both"),
    "meeting.signal": ("CIOG", "socket"),
    "meeting.update": ("CIOAG", "both"),
    "meeting.message": ("CIOG", "socket"),
    "meeting.negotiate": ("CIOG", "socket"),
    "meeting.invite": ("CIOA", "both"),
    "meeting.remove": ("CIOA", "both"),
    "meeting.transfer": ("CIOA", "both"),
    "meeting.record": ("CIOA", "both"),
    "consent.grant": ("CIOG", "both"),
    "consent.withdraw": ("CIOG", "both"),
    "consent.list": ("CIOG", "both"),
    "device.check": ("CIOG", "both"),
    "feedback.rate": ("CIA", "both"),
    "feedback.report": ("CIA", "both"),
    "feedback.reports": ("CIOA", "both"),
    "feedback.answer": ("OA", "both"),
    "feedback.standing": ("IO", "both"),
    "webhook.put": ("OA", "both"),
    "webhook.list": ("OA", "both"),
    "webhook.remove": ("OA", "both"),
    "webhook.test": ("OA", "both"),
    "webhook.deliveries": ("OA", "both"),
    "webhook.redeliver": ("OA", "both"),
    "device.ice": ("CIOG", "both"),
    "rpc.discover": ("CIOAG", "both"),
}
FORBIDDEN = 1002


@dataclass
class Stage:
    """A marketplace with one meeting going on, and a caller of each role."""

    town: Town
    sockets: dict[str, Client]
    http: dict[str, HttpClient]
    params: dict[str, Params]


@pytest.fixture
async def stage(calm: Server) -> AsyncIterator[Stage]:
    async with town_of(calm.url, calm.store_url) as town:
        interpreter = await town.interpreter("i")
        sockets = {
            "customer": await town.customer("c"),
            "interpreter": interpreter,
            "operator": await town.connect("o", "operator"),
            "app": await town.connect("staff", "app"),
            "guest": await town.connect("g", "guest", meeting="me-1"),
        }
        http = {
            "customer": await town.http("c", "customer"),
            "interpreter": await town.http("i", "interpreter"),
            "operator": await town.http("o", "operator"),
            "app": await town.http("staff", "app"),
        }
        asked = await town.ask(sockets["customer"])
        offer = (await offered(interpreter))["offer"]
        won = await interpreter.call("offer.accept", offer=offer)
        ids = {"assignment": asked["id"], "offer": offer, "meeting": won["meeting"]}
        yield Stage(town, sockets, http, wellformed(town, **ids))


def wellformed(town: Town, assignment: str, offer: str, meeting: str) -> dict[str, Params]:
    """Return params for each method that are right but for who calls."""
    profile = {
        "id": "i",
        "name": "I",
        "languages": [{"tag": "so", "level": "native"}],
        "modes": ["video"],
        "timezone": "UTC",
        "location": OSLO,
    }
    the_meeting, the_assignment, the_offer = (
        {"meeting": meeting},
        {"assignment": assignment},
        {"offer": offer},
    )
    return {
        "session.refresh": {"token": town.token("x", "customer")},
        "presence.set": {"status": "away"},
        "presence.watch": {"summary": True},
        "interpreter.put": {"interpreter": profile},
        "interpreter.remove": {"interpreter": "nobody"},
        "interpreter.import": {"interpreters": [profile]},
        "match.search": request(),
        "match.estimate": request(),
        "match.explain": the_assignment,
        "match.contest": {**the_assignment, "text": "x"},
        "match.answer": {"contest": "co-none", "text": "x", "outcome": "upheld"},
        "feedback.rate": {**the_assignment, "stars": 5},
        "feedback.report": {**the_assignment, "kind": "other", "text": "x"},
        "feedback.answer": {"report": "re-none", "text": "x", "outcome": "upheld"},
        "assignment.create": request(),
        "assignment.get": the_assignment,
        "assignment.update": {**the_assignment, "note": "x"},
        "assignment.cancel": the_assignment,
        "assignment.complete": the_assignment,
        "assignment.interest": the_assignment,
        "assignment.confirm": {**the_assignment, "interpreter": "i"},
        "assignment.check_in": the_assignment,
        "offer.ack": the_offer,
        "offer.accept": the_offer,
        "offer.decline": the_offer,
        "meeting.get": the_meeting,
        "meeting.join": the_meeting,
        "meeting.leave": the_meeting,
        "meeting.end": the_meeting,
        "meeting.signal": {**the_meeting, "to": "x", "signal": {}},
        "meeting.update": {**the_meeting, "locked": False},
        "meeting.message": {**the_meeting, "text": "x"},
        "meeting.negotiate": {**the_meeting, "peer": "x", "state": "failed"},
        "meeting.invite": the_meeting,
        "meeting.remove": {**the_meeting, "participant": "x"},
        "meeting.transfer": the_meeting,
        "meeting.record": {**the_meeting, "action": "start"},
        "consent.grant": {**the_meeting, "purpose": "recording"},
        "consent.withdraw": {**the_meeting, "purpose": "recording"},
        "consent.list": the_meeting,
        "webhook.put": {"url": "https://nowhere.invalid/"},
        "webhook.remove": {"webhook": "wh-none"},
        "webhook.test": {"webhook": "wh-none"},
        "webhook.deliveries": {"webhook": "wh-none"},
        "webhook.redeliver": {"webhook": "wh-none", "delivery": "dl-none"},
        "device.check": {"check": "md-0.ck-0"},
    }


async def code_of(caller: Client | HttpClient, method: str, params: Params) -> int:
    try:
        await caller.call(method, **params)
    except RemoteError as error:
        return error.code
    return 0


def test_the_table_names_every_method() -> None:
    assert set(TABLE) == set(METHODS)


async def test_whoever_may_not_is_forbidden(stage: Stage) -> None:
    """Forbidden calls change nothing, so one stage serves them all."""
    wrong: list[tuple[str, str, str, int]] = []
    for method, (letters, where) in TABLE.items():
        params = stage.params.get(method, {})
        for role in (LETTERS[x] for x in ALL if x not in letters):
            callers: dict[str, Client | HttpClient] = {"socket": stage.sockets[role]}
            if where == "both" and role in stage.http:
                callers["http"] = stage.http[role]
            for face, caller in callers.items():
                code = await code_of(caller, method, params)
                if code != FORBIDDEN:
                    wrong.append((method, role, face, code))
    assert not wrong
    assert (await stage.town.assignment(stage.params["assignment.get"]["assignment"]))[
        "state"
    ] == "held"


@pytest.mark.parametrize("method", TABLE)
async def test_whoever_may_is_not_forbidden(town: Town, method: str) -> None:
    """Whatever else is wrong with these calls, it is not the role."""
    letters, where = TABLE[method]
    params = wellformed(town, "as-none", "as-none.1", "me-none").get(method, {})
    claims: dict[str, Params] = {"guest": {"meeting": "me-1"}}
    for role in (LETTERS[x] for x in letters):
        user = "i" if role == "interpreter" else "u"
        if method == "session.open":
            continue  # connecting is opening
        caller = await town.connect(user, role, **claims.get(role, {}))
        assert await code_of(caller, method, params) != FORBIDDEN, role
        if where == "both" and role != "guest":
            over_http = await town.http(user, role)
            assert await code_of(over_http, method, params) != FORBIDDEN, role


async def test_staff_without_the_right_do_not_touch_interpreters(stage: Stage) -> None:
    other = await stage.town.another_app()
    for role in ("operator", "app"):
        caller = await other.http("x", role)
        for method in ("interpreter.put", "interpreter.remove", "interpreter.import"):
            assert await code_of(caller, method, stage.params[method]) == FORBIDDEN
        away = {"status": "away", "interpreter": "i"}
        assert await code_of(caller, "presence.set", away) == FORBIDDEN
    with pytest.raises(RemoteError, match="sign for interpreters"):
        await other.connect("i", "interpreter")


async def test_staff_do_not_make_others_available(stage: Stage) -> None:
    caller = stage.http["operator"]
    params = {"status": "available", "interpreter": "i"}
    assert await code_of(caller, "presence.set", params) == FORBIDDEN


async def test_customers_do_not_ask_for_others(stage: Stage) -> None:
    params = request(customer="somebody-else")
    for caller in (stage.sockets["customer"], stage.http["customer"]):
        assert await code_of(caller, "assignment.create", params) == FORBIDDEN
