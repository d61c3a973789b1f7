"""Microphone and camera: opened, measured, checked against the server, and why they are not."""

import pytest

from tests.browser.people import met, perceive_each_other
from tests.browser.stage import Person, Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")

OPENED = """async (token) => {
    const { Client } = await import('/client.js');
    window.client = new Client({ token });
    await client.open();
}"""
EXPLAINED = """async (all) => {
    const { explain } = await import('/client.js');
    return all.map(([name, message, asked]) => explain({ name, message }, asked));
}"""
# What getUserMedia says, for which devices, and what the sentence must name.
WHY: list[tuple[str, str, dict[str, bool], str, str]] = [
    ("NotAllowedError", "", {"video": False}, "microphone", "allow it"),
    ("NotAllowedError", "Permission denied by system", {"audio": False}, "camera", "system"),
    ("NotAllowedError", "Permission dismissed", {}, "microphone or camera", "Try again"),
    ("NotFoundError", "", {"audio": False}, "camera", "Connect one"),
    ("NotReadableError", "", {"video": False}, "microphone", "Close other programs"),
    ("OverconstrainedError", "", {"audio": False}, "camera", "Choose another"),
    ("InsecureContextError", "", {}, "microphone", "https://"),
    ("NotSupportedError", "", {}, "browser", "current version"),
]


async def test_plain_words(stage: Stage) -> None:
    ann = await stage.person()
    said = await ann.run(EXPLAINED, [[name, message, asked] for name, message, asked, *_ in WHY])
    for words, (_, _, _, device, advice) in zip(said, WHY, strict=True):
        assert device in words
        assert advice in words
        assert words.endswith(".")


async def test_what_was_refused_is_said_in_plain_words(stage: Stage) -> None:
    ann = await stage.person()
    script = """async () => {
        const { devices } = await import('/client.js');
        return devices.open({ video: false, audioId: 'unplugged' }).then(
            () => null, (error) => [error.name, error.message]);
    }"""
    name, message = await ann.run(script)
    assert name == "OverconstrainedError"
    assert "not connected any more" in message


async def test_opened_listed_and_measured(stage: Stage) -> None:
    """The made-up microphone beeps once a second."""
    ann = await stage.person()
    kinds = await ann.run(
        """async () => {
            const { devices } = await import('/client.js');
            window.stream = await devices.open();
            window.meter = devices.level(stream);
            return (await devices.list()).filter((d) => d.id && d.label).map((d) => d.kind);
        }"""
    )
    assert {"audioinput", "videoinput"} <= set(kinds)
    await ann.until("meter.value > 0.2")
    await ann.until("meter.value < 0.1")
    assert await ann.run("stream.getTracks().length") == 2


async def opened(stage: Stage) -> Person:
    ann = await stage.person()
    await ann.run(OPENED, ann.token)
    return ann


async def test_a_check_that_is_good(stage: Stage) -> None:
    ann = await opened(stage)
    found = await ann.run("client.checkDevice(probe.person(440, 'red'), 4)")
    assert found["verdict"] == "good", found
    assert found["path"] == "udp"
    assert -30 < found["microphone_dbov"] < 0
    assert found["loss"] == 0


async def test_a_check_of_a_microphone_that_is_silent(stage: Stage) -> None:
    ann = await opened(stage)
    silent = "stream = probe.person(440, ''), stream.getTracks()[0].enabled = false, stream"
    found = await ann.run(f"() => {{ let stream; return client.checkDevice(({silent}), 4) }}")
    assert found["verdict"] == "bad", found
    assert any("microphone" in words for words in found["words"])


async def test_another_microphone_and_camera_without_negotiating(stage: Stage) -> None:
    """Real devices (made up by the browser): chosen, turned off and on, all by replaceTrack."""
    _, (ann, bea) = await met(stage)
    await perceive_each_other([ann, bea])
    before = await bea.run("probe.connections[0].localDescription.sdp")
    await bea.run(
        """async () => {
            const { devices } = await import('/client.js');
            const found = (await devices.list()).filter((d) => d.kind === 'videoinput');
            await meeting.useDevice('audioinput');
            await meeting.useDevice('videoinput', found.at(-1).id);
        }"""
    )
    theirs = "[...meeting.participants.values()].find((p) => p.user === 'bea')"
    await ann.until("() => probe.look('#probe-video-bea')?.width > 160")
    await bea.run("meeting.camera(false)")
    assert await bea.run("meeting.stream.getVideoTracks().length") == 0
    await ann.until(f"{theirs}.media.video === false")
    await bea.run("meeting.camera(true)")
    await ann.until(f"{theirs}.media.video === true")
    seen = await ann.run("probe.look('#probe-video-bea').print")
    await ann.until("(print) => probe.look('#probe-video-bea').print !== print", seen)
    assert await bea.run("probe.connections[0].localDescription.sdp") == before
    assert await bea.run("probe.connections.length") == 1


async def test_a_device_that_is_unplugged(stage: Stage) -> None:
    """It is said, and another one of its kind takes its place."""
    _, (_, bea) = await met(stage)
    await bea.run("meeting.useDevice('audioinput')")
    await bea.run(
        """() => {
            const [track] = meeting.stream.getAudioTracks();
            window.gone = track.id;
            track.stop();
            track.dispatchEvent(new Event('ended'));
        }"""
    )
    await bea.until(
        "() => { const [t] = meeting.stream.getAudioTracks(); return t && t.id !== gone; }"
    )
    assert ["error", "Error: The microphone is gone. Connect it again, or choose another one."] in (
        await bea.run("events")
    )
