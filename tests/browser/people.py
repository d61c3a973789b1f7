"""People in a meeting with the browser's client: `window.client` and `window.meeting` of a page."""

from typing import Any

from tests.browser.stage import WITHIN_S, Person, Stage

COLOURS = ("red", "lime", "blue", "yellow", "magenta", "cyan")
USERS = (("ann", "customer"), ("bea", "interpreter"), ("cal", "operator"), ("dan", "customer"))
JOIN = """async ({ token, id, hz, colour, width, height, device }) => {
    const { Client } = await import('/client.js');
    if (!window.client) {
        window.client = new Client({ token, device });
        window.states = [];
        client.on('state', (told) => states.push(told));
        await client.open();
    }
    const stream = hz || colour ? probe.person(hz, colour, width, height) : null;
    window.meeting = await client.join(id, { stream });
    window.events = [];
    for (const name of ['joined', 'left', 'track', 'message', 'topology', 'waiting', 'admitted',
        'recording', 'reconnecting', 'quality', 'fallback', 'ended', 'error']) {
        meeting.on(name, (what) => events.push([name, what?.user ?? what?.text ?? String(what)]));
    }
    const play = () => {
        for (const one of meeting.participants.values()) {
            if (!one.self) probe.play(one.user, one.stream);
        }
    };
    meeting.on('track', play);
    play();
    return meeting.me;
}"""


async def join(
    person: Person,
    meeting: str,
    number: int = 0,
    *,
    width: int = 160,
    height: int = 120,
    sends: bool = True,
) -> str:
    """Join with a tone and a colour of the person's own; return the participant's id."""
    given = {
        "token": person.token,
        "id": meeting,
        "hz": hz_of(number) if sends else 0,
        "colour": COLOURS[number] if sends else "",
        "width": width,
        "height": height,
    }
    return str(await person.run(JOIN, given))


def hz_of(number: int) -> int:
    return 440 + 220 * number


async def met(stage: Stage, count: int = 2) -> tuple[str, list[Person]]:
    """Open a meeting where *count* people join one after the other; return it and them."""
    meeting = await stage.meeting(**dict(USERS))
    people = []
    for number, (user, role) in enumerate(USERS[:count]):
        person = await stage.person(user, role)
        await join(person, meeting, number)
        people.append(person)
    return meeting, people


async def perceives(
    listener: Person, speaker: Person, number: int, *, within_s: float = WITHIN_S
) -> None:
    """Wait until *listener* hears the tone of *speaker* and sees their colour move."""
    heard = """({ user, hz }) => {
        const one = [...meeting.participants.values()].find((p) => p.user === user);
        return one && Math.abs(probe.hear(user, one.stream) - hz) < 15;
    }"""
    await listener.until(heard, {"user": speaker.user, "hz": hz_of(number)}, within_s=within_s)
    seen = """({ user, colour, print }) => {
        const seen = probe.look(`#probe-video-${user}`);
        return seen && seen.colour === colour && seen.print !== print && seen;
    }"""
    wanted: dict[str, Any] = {"user": speaker.user, "colour": COLOURS[number]}
    first = await listener.until(seen, wanted, within_s=within_s)
    await listener.until(seen, wanted | {"print": first["print"]}, within_s=within_s)


async def perceive_each_other(people: list[Person]) -> None:
    for listener in people:
        for number, speaker in enumerate(people):
            if speaker is not listener:
                await perceives(listener, speaker, number)
