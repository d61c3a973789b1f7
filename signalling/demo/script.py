"""The ten requests: who asks for what, who is online, how they answer, what must come of it."""

from typing import Any, Final

from signalling.client import RemoteError
from signalling.demo.actors import Unmet
from signalling.demo.casting import (
    Casting,
    beyond,
    both,
    qualified,
    specialised,
    takes,
    within,
)
from signalling.demo.scenario import (
    ACCEPTS,
    DECLINES,
    DROPS,
    IGNORES,
    RETURNS,
    TOO_SLOW,
    Scenario,
    Scene,
)
from signalling.demo.talk import enter, talk

BERGEN: Final = {"lat": 60.3917, "lon": 5.3239}
KURDISH: Final = {"kmr", "ckb", "sdh"}
MEDICAL: Final = ("medical", "mental_health")


def now(to: str, mode: str, minutes: int, **more: Any) -> dict[str, Any]:
    """Return the terms of a request for now, from Norwegian."""
    pair = {"from": "Norwegian", "to": to}
    return {"languages": pair, "mode": mode, "duration_min": minutes, **more}


async def all_hold_b(scene: Scene) -> None:
    """Hold who was asked to the floor, and those who were not to the reason for it."""
    categories = {actor.category(scene.tag) for actor, _ in scene.asked}
    scene.require(categories <= set("AB"), f"asked below the floor B: {sorted(categories)}")
    below = scene.search["excluded"].get("qualification", 0)
    scene.require(below > 0, "nobody was excluded by the floor")
    scene.notes.append(f"{below} present are below B and were not asked")


async def all_have_the_fields(scene: Scene) -> None:
    for actor, _ in scene.asked:
        fields = set(actor.profile["specialisms"])
        scene.require(fields >= set(MEDICAL), f"{actor.id} has only {sorted(fields)}")
    lacking = scene.search["excluded"].get("specialism", 0)
    scene.require(lacking == 8, f"{lacking} lack a field, not 8")
    scene.notes.append(f"{lacking} present lack one of the two fields")


async def all_are_near(scene: Scene) -> None:
    """Hold the distances to the places: three near Bergen, five beyond the mountains."""
    ways = [(match["distance_band"], match["travel_min"]) for match in scene.search["matches"]]
    scene.require(all(band == "under 5 km" for band, _ in ways), f"the distances are {ways}")
    far = scene.search["excluded"].get("distance", 0)
    scene.require(far == 5, f"{far} are too far away, not 5")
    minutes = sorted(minutes for _, minutes in ways)
    scene.notes.append(
        f"{ways[0][0]}, {minutes[0]}–{minutes[-1]} min away; {far} present are too far"
    )


async def asked_back(scene: Scene) -> None:
    """Ask for "Kurdish" first, which is two languages and more: the server must not guess."""
    try:
        await scene.customer.client.call("assignment.create", **now("Kurdish", "audio", 20))
    except RemoteError as error:
        tags = {choice["tag"] for choice in error.data.get("choices", ())}
        scene.require(
            error.name == "invalid_params" and error.path == "languages.to" and tags == KURDISH,
            f"asked back with {error.name} at {error.path}: {sorted(tags)}",
        )
        names = [choice["name"] for choice in error.data["choices"]]
        scene.notes.append(f"“Kurdish” asked back: {' / '.join(names)}?")
    else:
        raise Unmet("the server guessed which Kurdish is meant")


async def the_dropped_return(scene: Scene) -> None:
    """Let whoever lost their network come back: the session resumes, and tells what they missed."""
    for actor, fate in scene.asked:
        if fate == "undelivered":
            recovered = await actor.client.reconnect()
            scene.require(recovered, f"{actor.profile['name']} could not resume their session")
            scene.notes.append("the first came back later and was told; the second in time")


async def nobody_and_why(scene: Scene) -> None:
    """Hold the refusal to its reason and to the one change that would help."""
    outcome = scene.record.get("outcome") or {}
    reason, excluded = outcome.get("reason"), outcome.get("excluded", {})
    helpful = [(each["change"], each["adds"]) for each in outcome.get("relaxations", ())]
    scene.require(reason == "nobody_eligible", f"the reason is {reason}")
    scene.require(excluded.get("qualification") == 2, f"excluded are {excluded}")
    scene.require(helpful[:1] == [("category E instead of A", 2)], f"would help: {helpful}")
    scene.notes.append(f"nobody asked: the {excluded['qualification']} present are below A")
    scene.notes.append(f"would help: {helpful[0][0]} (+{helpful[0][1]})")


async def none_but_unqualified(scene: Scene) -> None:
    """Search as a public body without an emergency: the law's floor must hold."""
    routine = {**scene.scenario.terms, "emergency": False}
    search = await scene.customer.client.call("match.search", **routine)
    scene.require(not search["matches"], "a public body was offered the unqualified")
    count = search["excluded"].get("qualification")
    scene.require(count == 2, f"{count} are excluded as unqualified, not 2")
    scene.notes.append("both present are unqualified: for an emergency only")


async def recorded_as_emergency(scene: Scene) -> None:
    recorded = scene.record["public_body"] and scene.record["emergency"]
    scene.require(recorded, "the record does not say that it was an emergency of a public body")


SCRIPT: Final = (
    Scenario(
        title="Somali, video: who answers first; then they meet",
        customer="Solvik GP Surgery",
        terms=now("Somali", "video", 20),
        online=(Casting("so", 14, takes("video")),),
        answers=(TOO_SLOW, ACCEPTS, TOO_SLOW),
        meet=talk,
        ends="completed",
    ),
    Scenario(
        title="Ukrainian, audio, one at a time: the best declines",
        customer="Fjellheim School",
        terms=now("Ukrainian", "audio", 30, strategy="one_at_a_time"),
        online=(Casting("uk", 14, takes("audio")),),
        answers=(DECLINES, ACCEPTS),
        meet=enter,
        ends="completed",
    ),
    Scenario(
        title="Polish, audio, in court: category B or better",
        customer="Nordvik District Court",
        terms=now("Polish", "audio", 60, requirements={"min_qualification": "B"}),
        online=(Casting("pl", 14, takes("audio")),),
        answers=(ACCEPTS, TOO_SLOW, TOO_SLOW),
        meet=enter,
        ends="completed",
        check=all_hold_b,
    ),
    Scenario(
        title="Levantine Arabic, video: medical and mental health",
        customer="Storhaug Hospital",
        terms=now("Levantine Arabic", "video", 45, requirements={"specialisms": list(MEDICAL)}),
        online=(
            Casting("apc", 3, both(takes("video"), specialised(*MEDICAL, held=True))),
            Casting("apc", 8, both(takes("video"), specialised(*MEDICAL, held=False))),
        ),
        answers=(TOO_SLOW, TOO_SLOW, ACCEPTS),
        meet=enter,
        ends="completed",
        check=all_have_the_fields,
    ),
    Scenario(
        title="Tigrinya, on site in Bergen",
        customer="Vestby Welfare Office",
        terms=now("Tigrinya", "onsite", 90, location=BERGEN),
        online=(
            Casting("ti", 3, both(takes("onsite"), within(4, BERGEN))),
            Casting("ti", 5, both(takes("onsite"), beyond(400, BERGEN))),
        ),
        answers=(ACCEPTS, TOO_SLOW, TOO_SLOW),
        ends="confirmed",
        check=all_are_near,
    ),
    Scenario(
        title="“Kurdish”, then Sorani, audio: asks everybody at once",
        customer="Elvebakken Dentist",
        terms=now("Sorani", "audio", 20, strategy="broadcast"),
        online=(Casting("ckb", 8, takes("audio")),),
        answers=(ACCEPTS, *[TOO_SLOW] * 7),
        before=asked_back,
        meet=enter,
        ends="completed",
    ),
    Scenario(
        title="Vietnamese, audio, one at a time: the best never answers",
        customer="Sundby Kindergarten",
        terms=now("Vietnamese", "audio", 15, strategy="one_at_a_time"),
        online=(Casting("vi", 8, takes("audio")),),
        answers=(IGNORES, ACCEPTS),
        meet=enter,
        ends="completed",
    ),
    Scenario(
        title="Dari, audio, one at a time: networks fail while it rings",
        customer="Lillemoen Reception Centre",
        terms=now("Dari", "audio", 30, strategy="one_at_a_time"),
        online=(Casting("prs", 10, takes("audio")),),
        answers=(DROPS, RETURNS),
        meet=enter,
        ends="completed",
        check=the_dropped_return,
    ),
    Scenario(
        title="Rohingya, video, category A: nobody can",
        customer="Tollnes Publishing",
        terms=now("Rohingya", "video", 60, requirements={"min_qualification": "A"}),
        online=(Casting("rhg", 2, takes("video")),),
        answers=(),
        ends="unfilled",
        check=nobody_and_why,
    ),
    Scenario(
        title="Russian, audio, for a public body: life at stake",
        customer="Havn Ambulance Control",
        terms=now("Russian", "audio", 15, public_body=True, emergency=True),
        online=(Casting("ru", 2, both(takes("audio"), qualified("ru", held=False))),),
        answers=(TOO_SLOW, ACCEPTS),
        before=none_but_unqualified,
        meet=enter,
        ends="completed",
        check=recorded_as_emergency,
    ),
)
