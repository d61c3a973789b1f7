"""Keep simulated interpreters online, so that a newcomer who asks is answered.

They are clients like any other, over real sockets to their own server, with real media; each
comes back by itself after whatever ended its session.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Final

import structlog

from signalling.app import Running
from signalling.client import Client, ClientError, HttpClient
from signalling.client.meeting import CAPABILITIES
from signalling.demo.member import Member
from signalling.settings import Settings
from signalling.store.apps import App
from signalling.store.tasks import end
from signalling.web.auth import mint
from signalling.welcome import demo_app, here

LOG = structlog.get_logger(__name__)

TOKEN_S: Final = 24 * 3600.0  # who is sent away when it ends comes back with a new one
AGAIN_S: Final = 1.0  # doubled with each failure
AGAIN_MOST_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Simulated:
    """Who interprets what: *languages* with the category held in each, beside Norwegian."""

    id: str
    name: str
    gender: str
    languages: dict[str, str]
    specialisms: tuple[str, ...]
    modes: tuple[str, ...] = ("audio", "video", "onsite")


# Norway's commonest needs. Family names are invented, so nobody is meant.
PEOPLE: Final = (
    Simulated("sim-hodan", "Hodan Prøvedal", "female", {"so": "B"}, ("medical", "asylum")),
    Simulated("sim-liban", "Liban Mønstervik", "male", {"so": "D"}, ("education",)),
    Simulated(
        "sim-rana", "Rana Tenktemoen", "female", {"apc": "A", "arb": "B"}, ("medical", "legal")
    ),
    Simulated(
        "sim-karim", "Karim Liksomrud", "male", {"acm": "C", "arb": "D"}, ("police", "legal")
    ),
    Simulated("sim-selam", "Selam Eksempelnes", "female", {"ti": "B", "am": "D"}, ("medical",)),
    Simulated("sim-yonas", "Yonas Skissestad", "male", {"ti": "D"}, ("asylum", "labour_welfare")),
    Simulated(
        "sim-olena", "Olena Utkastberg", "female", {"uk": "B", "ru": "B"}, ("legal", "education")
    ),
    Simulated("sim-pavlo", "Pavlo Demohaug", "male", {"uk": "D", "ru": "C"}, ("labour_welfare",)),
    Simulated("sim-zofia", "Zofia Kladdesund", "female", {"pl": "A"}, ("legal", "medical")),
    Simulated(
        "sim-navid", "Navid Prøvefjell", "male", {"pes": "B", "prs": "C"}, ("asylum", "medical")
    ),
    Simulated(
        "sim-tara", "Tara Påfunnbakken", "female", {"ckb": "B", "kmr": "D"}, ("mental_health",)
    ),
    Simulated(
        "sim-marit", "Marit Liksomstad", "female", {"nsl": "A"}, ("education",), ("video", "onsite")
    ),
)
LOCATION: Final = {"lat": 59.9139, "lon": 10.7522}


def profile(person: Simulated) -> dict[str, Any]:
    """Return somebody's profile as `interpreter.put` takes it."""
    own = [
        {"tag": tag, "level": "native", "qualification": category}
        for tag, category in person.languages.items()
    ]
    return {
        "id": person.id,
        "name": person.name,
        "gender": person.gender,
        "languages": [{"tag": "no", "level": "C2"}, {"tag": "en", "level": "C1"}, *own],
        "specialisms": list(person.specialisms),
        "modes": list(person.modes),
        "timezone": "Europe/Oslo",
        "location": LOCATION,
        "max_travel_km": 50,
    }


@dataclass(frozen=True, slots=True)
class Home:
    """The server that they work at, and the app that signs for them."""

    app: App
    url: str
    settings: Settings

    def token(self, user: str, role: str, name: str = "") -> str:
        audience = self.settings.tokens.audience
        return mint(self.app, user, role, name=name, ttl_s=TOKEN_S, audience=audience)


@contextlib.asynccontextmanager
async def company(
    server: Running, settings: Settings, people: Sequence[Simulated] = PEOPLE
) -> AsyncIterator[None]:
    """Keep *people* online at *server* while the context is open; nothing runs afterwards."""
    home = Home(await demo_app(server.apps), here(server.url), settings)
    tasks = [
        asyncio.create_task(_keep(home, person, number), name=person.id)
        for number, person in enumerate(people)
    ]
    try:
        yield
    finally:
        await end(tasks)


async def _keep(home: Home, person: Simulated, number: int) -> None:
    """Let one of them work for ever: each failure costs a pause, each session ends it."""
    pause_s = AGAIN_S
    while True:
        try:
            await _work(home, person, number)
            pause_s = AGAIN_S
        except (ClientError, OSError, TimeoutError) as error:
            LOG.info("a simulated interpreter starts anew", who=person.id, why=str(error))
            pause_s = min(AGAIN_MOST_S, 2 * pause_s)
        except Exception:  # nobody else would hear of it, and the others go on
            LOG.exception("a simulated interpreter failed", who=person.id)
            pause_s = AGAIN_MOST_S
        await asyncio.sleep(pause_s)


async def _work(home: Home, person: Simulated, number: int) -> None:
    """Put their profile, go online and answer until the socket is down."""
    async with HttpClient(home.url, home.token("company", "app")) as http:
        await http.call("interpreter.put", interpreter=profile(person))
    token = home.token(person.id, "interpreter", person.name)
    client = await Client.connect(home.url, token, capabilities=CAPABILITIES)
    random = Random(number)  # noqa: S311 - pauses of made-up people
    async with client, Member(client, number, random, home.settings.media.bind) as member:
        await member.work()
