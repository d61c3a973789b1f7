"""Meetings that a real Janus carries, as an app and its people see them: also when it dies."""

import asyncio

from tests.e2e.carried import Person, Ward, media_server, ward_of
from tests.media.children import janus_running


async def enter(ward: Ward, *names: str) -> list[Person]:
    await ward.open(*names)
    return [await ward.enter(name) for name in names]


async def hear_each_other(*people: Person) -> None:
    pairs = ((one, other) for one in people for other in people if one is not other)
    await asyncio.gather(*(one.hears(other, within_s=40) for one, other in pairs))


async def moves(ward: Ward) -> list[str]:
    """Return by what the meeting has been carried, in order."""
    history = (await ward.shown(history=True))["history"]
    return [line["detail"] for line in history if line["what"] == "topology"]


async def moved_to(person: Person, kind: str) -> None:
    """Wait until somebody hears that something else carries the meeting."""
    async with asyncio.timeout(30):
        while True:
            heard = (await person.client.next_event("meeting.changed", 30)).params
            if heard["change"] == "topology" and heard["meeting"]["topology"] == kind:
                return


async def test_a_janus_that_dies_and_comes_back() -> None:
    """Its meeting goes on by the relay, as do new ones; once it is back it carries again."""
    with janus_running() as janus:
        environ = {
            "DRAGOMAN_JANUS__URLS": janus.url,
            "DRAGOMAN_JANUS__API_SECRET": janus.api_secret,
            "DRAGOMAN_JANUS__ADMIN_KEY": janus.admin_key,
            "DRAGOMAN_MEDIA__BIND": janus.address,
        }
        with media_server(environ) as server:
            async with ward_of(server, topology="janus") as ward:
                ward.bind = (janus.address,)
                people = await enter(ward, "kari", "ann", "olga")
                await hear_each_other(*people)
                assert (await moves(ward))[-1] == "janus"
                janus.kill()
                await moved_to(people[0], "relay")
                for person in people:
                    person.listen_anew()
                await hear_each_other(*people)

            async with ward_of(server, topology="janus") as ward:
                ward.bind = (janus.address,)
                await hear_each_other(*await enter(ward, "gus", "eva"))
                assert (await moves(ward))[-1] == "relay"

            janus.start()
            carried = ["relay"]
            async with asyncio.timeout(60):
                while carried != ["janus"]:
                    async with ward_of(server, topology="janus") as ward:
                        ward.bind = (janus.address,)
                        await hear_each_other(*await enter(ward, "kari", "ann"))
                        carried = await moves(ward)
