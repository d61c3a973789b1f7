/** What every peer connection of ours has alike: configuration, codecs, and how it is described. */

const CODECS = { audio: ['audio/opus'], video: ['video/VP8', 'video/rtx'] };

/** Make a connection; `ice` is {servers, policy} of the meeting. */
export function connect({ servers = [], policy = 'all' }) {
  return new RTCPeerConnection({
    iceServers: servers,
    iceTransportPolicy: policy,
    bundlePolicy: 'max-bundle',
  });
}

/** Give a connection newer TURN credentials; they count from its next gathering. */
export function renewIce(pc, { servers, policy = 'all' }) {
  if (pc.connectionState === 'closed') return;
  pc.setConfiguration({ ...pc.getConfiguration(), iceServers: servers, iceTransportPolicy: policy });
}

/** Offer Opus or VP8 with its retransmission alone: what every carrier passes on unchanged. */
export function prefer(transceiver, kind) {
  const { codecs } = RTCRtpReceiver.getCapabilities(kind);
  const ours = codecs.filter(({ mimeType }) => CODECS[kind].includes(mimeType));
  if (ours.length) transceiver.setCodecPreferences(ours);
}

/** Send another track, or nothing. A connection that was just closed sends nothing anyway. */
export async function replace(sender, track) {
  try {
    await sender?.replaceTrack(track);
  } catch (error) {
    if (error.name !== 'InvalidStateError') throw error;
  }
}

/** The certificate that a description names: another one means another connection. */
export function fingerprint(sdp) {
  return /^a=fingerprint:(\S+ \S+)/m.exec(sdp)?.[1] ?? '';
}

/** Resolve when `pc` has gathered its candidates, or after `withinMs` with those there are. */
export function gathered(pc, withinMs) {
  if (pc.iceGatheringState === 'complete') return Promise.resolve();
  return new Promise((resolve) => {
    const look = () => pc.iceGatheringState === 'complete' && resolve();
    pc.addEventListener('icegatheringstatechange', look);
    setTimeout(resolve, withinMs);
  });
}

/** Take one step towards a carrier; see mesh.js for `room`. */
export function negotiate({ call, meeting }, carrier, params) {
  return call('meeting.negotiate', { meeting, carrier: carrier.id, ...params });
}
