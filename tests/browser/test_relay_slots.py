"""One receiving section whose people change: a browser goes on decoding."""

from itertools import pairwise

import pytest

from tests.browser.people import met, perceive_each_other
from tests.browser.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")

SLOT = """async (participant) => {
    const pc = probe.connections.at(-1);
    const slots = pc.getTransceivers().filter((t) => t.currentDirection === 'recvonly');
    const slot = slots.find((t) => t.receiver.track.kind === 'video');
    const decoded = async () => {
        const stats = [...(await slot.receiver.getStats()).values()];
        const rtp = stats.find((s) => s.type === 'inbound-rtp');
        return { frames: rtp?.framesDecoded ?? 0, keys: rtp?.keyFramesDecoded ?? 0 };
    };
    const before = await decoded();
    await client.call('meeting.negotiate', {
        meeting: meeting.id, carrier: CARRIER, want: [{ mid: slot.mid, participant }],
    });
    const began = performance.now();
    for (;;) {
        const now = await decoded();
        if (now.frames > before.frames + 20) {
            return { ...now, took: performance.now() - began };
        }
        if (performance.now() - began > 8000) return { ...now, before, took: null };
        await new Promise((done) => setTimeout(done, 50));
    }
}"""


async def test_a_section_goes_from_one_to_another_and_back(stage: Stage) -> None:
    await stage.policy(topology="relay")
    _, people = await met(stage, 3)
    await perceive_each_other(people)
    ann = people[0]
    others = [str(await person.run("meeting.me")) for person in people[1:]]
    carrier = (await ann.run("client.call('meeting.get', { meeting: meeting.id })"))["meeting"][
        "carrier"
    ]["id"]
    keys = []
    for participant in (*others, *others, *others):
        seen = await ann.run(SLOT.replace("CARRIER", f"'{carrier}'"), participant)
        assert seen["took"] is not None, seen
        keys.append(seen["keys"])
    # each switch began with a key frame of whoever was switched in
    assert all(later > earlier for earlier, later in pairwise(keys)), keys
