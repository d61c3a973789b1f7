"""What `dragoman serve --demo-app` prints: an app, a meeting in it, and links that open both."""

import sys
from typing import Final
from urllib.parse import urlsplit

from signalling.core.effects import Key, Tell
from signalling.core.events import Party
from signalling.core.room_events import Open
from signalling.engine import Engine
from signalling.ids import mint
from signalling.service.access import party_address
from signalling.store.apps import App, Apps
from signalling.web import auth

DEMO_APP: Final = "demo"
DEMO_MARKETPLACE: Final = "main"
# Who may join the demo meeting: user, role and name.
PEOPLE: Final = (("ann", "customer", "Ann"), ("hodan", "interpreter", "Hodan"))
EVERYWHERE: Final = {"0.0.0.0", "::"}  # noqa: S104 - compared with, not listened to


async def demo_app(apps: Apps) -> App:
    """Return the demo app, made if it is not there yet."""
    for app in await apps.list():
        if app.name == DEMO_APP and app.marketplace == DEMO_MARKETPLACE:
            return app
    return await apps.create(DEMO_APP, DEMO_MARKETPLACE)


async def welcome(engine: Engine, url: str, audience: str) -> str:
    """Return what to look at and try; *url* is where the server listens, *audience* of tokens."""
    app = await demo_app(Apps(engine.store))
    command = sys.argv[0] if sys.argv[0].endswith("dragoman") else "dragoman"
    links = await _links(engine, app, here(url), audience)
    return (
        f"begin at    {here(url)}/  as a customer or an interpreter, within a minute\n"
        f"demo app    {app.key}\n"
        f"secret      {app.secrets[0]}\n"
        f"read        {here(url)}/docs\n"
        f"a token     {command} tokens create --app {app.key} --user ann --role customer\n"
        f"watch it    {command} demo\n"
        "meet        open these two in two windows of a browser, as a customer and an interpreter\n"
        + "\n".join(links)
    )


async def _links(engine: Engine, app: App, url: str, audience: str) -> list[str]:
    """Open a meeting of the demo app, and return a link for each of its people."""
    meeting = mint("me")
    parties = tuple(
        Party(party_address(app.key, role, user, meeting), role, name)
        for user, role, name in PEOPLE
    )
    opened = Open(meeting, app.key, "video", parties)
    await engine.handle(app.marketplace, Tell(Key("meeting", meeting), opened))
    ttl_s = engine.bounds.meeting / 1000
    tokens = (
        auth.mint(app, user, role, name=name, ttl_s=ttl_s, audience=audience)
        for user, role, name in PEOPLE
    )
    return [f"{url}/meet#meeting={meeting}&token={token}" for token in tokens]


def here(url: str) -> str:
    """Return the address by which a browser on this machine reaches a server at *url*.

    It gives camera and microphone to pages of this machine, or over https.
    """
    parts = urlsplit(url)
    if parts.hostname not in EVERYWHERE:
        return url
    return parts._replace(netloc=f"localhost:{parts.port}").geturl()
