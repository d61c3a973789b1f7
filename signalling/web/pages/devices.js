import { explain } from './explain.js';

const VIDEO = { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 30, max: 30 } };
const AUDIO = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };

/**
 * The microphones, cameras and loudspeakers. Labels and ids are empty until the page was allowed
 * to use one.
 * @returns {Promise<{kind: 'audioinput' | 'videoinput' | 'audiooutput', id: string, label: string}[]>}
 */
export async function list() {
  if (!navigator.mediaDevices) return [];
  const found = await navigator.mediaDevices.enumerateDevices();
  return found.map(({ kind, deviceId, label }) => ({ kind, id: deviceId, label }));
}

/**
 * Open a microphone, a camera, or both.
 * @param {{audio?: boolean, video?: boolean, audioId?: string, videoId?: string}} wanted
 * @returns {Promise<MediaStream>} rejects with an Error in plain words; `name` and `cause` have
 *   the browser's own
 */
export async function open({ audio = true, video = true, audioId, videoId } = {}) {
  try {
    if (!navigator.mediaDevices) throw unavailable();
    return await navigator.mediaDevices.getUserMedia({
      audio: audio && { ...AUDIO, ...exactly(audioId) },
      video: video && { ...VIDEO, ...exactly(videoId) },
    });
  } catch (error) {
    const plain = new Error(explain(error, { audio, video }), { cause: error });
    plain.name = error.name;
    throw plain;
  }
}

/**
 * Call `fn` with the new list when a device comes or goes.
 * @returns {() => void} what ends it
 */
export function changed(fn) {
  const tell = async () => fn(await list());
  navigator.mediaDevices?.addEventListener('devicechange', tell);
  return () => navigator.mediaDevices?.removeEventListener('devicechange', tell);
}

/**
 * How loud a stream is.
 * @param {MediaStream} stream
 * @returns {{readonly value: number, stop: () => void}} 0 is silence, 1 as loud as it gets
 */
export function level(stream) {
  const context = new AudioContext();
  const analyser = new AnalyserNode(context, { fftSize: 1024 });
  const samples = new Float32Array(analyser.fftSize);
  const [track] = stream.getAudioTracks();
  if (track) {
    const source = new MediaStreamAudioSourceNode(context, { mediaStream: new MediaStream([track]) });
    source.connect(analyser);
  }
  context.resume().catch(() => {}); // waits for a click where the browser wants one
  return {
    get value() {
      analyser.getFloatTimeDomainData(samples);
      return loudness(Math.hypot(...samples) / Math.sqrt(samples.length));
    },
    stop: () => context.close(),
  };
}

/** Spread the root mean square over 0 to 1: from -60 dB, a quiet room, to full scale. */
function loudness(rms) {
  if (rms <= 0.001) return 0;
  return Math.min(1, 1 + (20 * Math.log10(rms)) / 60);
}

function exactly(deviceId) {
  return deviceId ? { deviceId: { exact: deviceId } } : {};
}

function unavailable() {
  return new DOMException('', isSecureContext ? 'NotSupportedError' : 'InsecureContextError');
}
