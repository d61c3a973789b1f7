"""The harness itself: pages under the real policy, made-up media, what is measured of it."""

import pytest

from tests.browser.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")

# A call between two connections of one page, without the client.
LOOP = """async () => {
    const [a, b] = [new RTCPeerConnection(), new RTCPeerConnection()];
    a.onicecandidate = (e) => b.addIceCandidate(e.candidate);
    b.onicecandidate = (e) => a.addIceCandidate(e.candidate);
    const far = new MediaStream();
    b.ontrack = (e) => { far.addTrack(e.track); probe.play('far', far); };
    const stream = probe.person(660, 'lime');
    for (const track of stream.getTracks()) a.addTrack(track, stream);
    await a.setLocalDescription();
    await b.setRemoteDescription(a.localDescription);
    await b.setLocalDescription();
    await a.setRemoteDescription(b.localDescription);
    window.far = far;
}"""


async def test_what_is_measured(stage: Stage) -> None:
    ann = await stage.person()
    await ann.run(LOOP)
    await ann.hears_and_sees_more()
    await ann.until("() => Math.abs(probe.hear('far', far) - 660) < 10")
    seen = await ann.until("probe.look('#probe-video-far')")
    assert seen["colour"] == "lime"
    await ann.until("(print) => probe.look('#probe-video-far').print !== print", seen["print"])


async def test_the_policy_holds_and_the_client_loads(stage: Stage) -> None:
    ann = await stage.person()
    assert await ann.run("import('/client.js').then((m) => typeof m.Client)") == "function"
    inline = "document.body.append(Object.assign(document.createElement('script'), {text: '1'}))"
    await ann.run(inline)
    assert any("Content Security Policy" in said for said in ann.said)
