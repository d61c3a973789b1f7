import { connect, gathered, prefer } from './connection.js';
import { RemoteError } from './errors.js';
import { Quality, Summary } from './quality.js';
import { pause, watch } from './watch.js';

const GATHER_MS = 2_000;
const READ_MS = 500;
const LEAST_DBOV = -127;

/**
 * Send a microphone, and a camera if there is one, to the server and back, and ask how it was.
 * @returns {Promise<{verdict: 'good' | 'fair' | 'bad', words: string[]}>} and what was measured
 */
export async function check(session, stream, seconds) {
  const { ice_servers: servers } = await session.call('device.ice');
  const pc = connect({ servers });
  try {
    for (const track of stream.getTracks()) {
      prefer(pc.addTransceiver(track, { direction: 'sendrecv', streams: [stream] }), track.kind);
    }
    await pc.setLocalDescription();
    await gathered(pc, GATHER_MS); // the server tells by the candidates which way it came
    const sdp = pc.localDescription.sdp;
    const { check: id, answer } = await session.call('device.check', { offer: { sdp } });
    const listened = listen(pc, seconds);
    await pc.setRemoteDescription({ type: 'answer', sdp: answer.sdp });
    return await verdict(session, { check: id, seen: await listened });
  } finally {
    pc.close();
  }
}

/** Watch for some seconds from when it stands, or until it clearly does not. */
async function listen(pc, seconds) {
  await new Promise((resolve) => watch(pc, { connected: resolve, failed: resolve }));
  const quality = new Quality();
  const summary = new Summary();
  let loudest = 0;
  const until = performance.now() + seconds * 1000;
  while (pc.connectionState === 'connected' && performance.now() < until) {
    summary.add(await quality.read([{ pc, whose: () => 'self' }]));
    loudest = Math.max(loudest, await loudness(pc));
    await pause(READ_MS);
  }
  const { rtt_ms, loss, jitter_ms, path } = summary.value;
  const microphone_dbov = loudest && Math.max(LEAST_DBOV, 20 * Math.log10(loudest));
  const seen = { rtt_ms, loss, jitter_ms, path, microphone_dbov: microphone_dbov || LEAST_DBOV };
  return Object.fromEntries(Object.entries(seen).filter(([, value]) => value !== undefined));
}

async function verdict(session, params) {
  try {
    return await session.call('device.check', params);
  } catch (error) {
    const { retry_after_ms } = error instanceof RemoteError ? error.data : {};
    if (retry_after_ms === undefined) throw error;
    await pause(retry_after_ms);
    return session.call('device.check', params);
  }
}

/** How loud the microphone is now, as a share of full scale. */
async function loudness(pc) {
  const [sender] = pc.getSenders().filter(({ track }) => track?.kind === 'audio');
  if (!sender) return 0;
  for (const one of (await sender.getStats()).values()) {
    if (one.type === 'media-source') return one.audioLevel ?? 0;
  }
  return 0;
}
