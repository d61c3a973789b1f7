"""Microphone and camera: opened, measured, checked against the server, and why they are not."""

import pytest

from tests.browser.stage import Person, Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")

OPENED = """async (token) => {
    const { Client } = await import('/client.js');
    window.client = new Client({ token });
    await client.open();
}"""
REFUSED = """async ({ name, message, asked, more }) => {
    const { explain } = await import('/client.js');
    return explain({ name, message: message ?? '', ...more }, asked);
}"""
# What getUserMedia says, for which devices, and what the sentence must name.
WHY = [
    ("NotAllowedError", "", {"video": False}, "microphone", "allow it"),
    ("NotAllowedError", "Permission denied by system", {"audio": False}, "camera", "system"),
    ("NotAllowedError", "Permission dismissed", {}, "microphone or camera", "Try again"),
    ("NotFoundError", "", {"audio": False}, "camera", "Connect one"),
    ("NotReadableError", "", {"video": False}, "microphone", "Close other programs"),
    ("OverconstrainedError", "", {"audio": False}, "camera", "Choose another"),
    ("InsecureContextError", "", {}, "microphone", "https://"),
    ("NotSupportedError", "", {}, "browser", "current version"),
]


@pytest.mark.parametrize(("name", "message", "asked", "device", "advice"), WHY)
async def test_plain_words(
    stage: Stage, name: str, message: str, asked: dict[str, bool], device: str, advice: str
) -> None:
    ann = await stage.person()
    said = await ann.run(REFUSED, {"name": name, "message": message, "asked": asked, "more": {}})
    assert device in said
    assert advice in said
    assert said.endswith((".", "://."))


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
    await stage.media_node()
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
