/** Where sound comes out, and a sound to try it with. */

const NOTES = [523.25, 659.25, 783.99]; // C, E, G
const NOTE_S = 0.28;

/** Whether the browser lets a page choose. */
export const canChoose = 'setSinkId' in HTMLMediaElement.prototype;

/** Send an element's sound to a device; the browser's own choice if that one is gone. */
export async function route(element, sinkId) {
  if (!canChoose || (element.sinkId ?? '') === (sinkId ?? '')) return;
  try {
    await element.setSinkId(sinkId ?? '');
  } catch {
    await element.setSinkId('');
  }
}

/** Play three notes on a device; resolves when they have ended. */
export async function playTone(sinkId) {
  const context = new AudioContext();
  try {
    const out = context.createMediaStreamDestination();
    const element = new Audio();
    element.srcObject = out.stream;
    await route(element, sinkId);
    const start = context.currentTime + 0.05;
    const last = NOTES.map((hertz, index) => note(context, out, hertz, start + index * NOTE_S)).at(
      -1,
    );
    await element.play();
    await new Promise((resolve) => last.addEventListener('ended', resolve));
    element.srcObject = null;
  } finally {
    await context.close();
  }
}

function note(context, out, hertz, at) {
  const oscillator = new OscillatorNode(context, { frequency: hertz });
  const volume = new GainNode(context, { gain: 0 });
  volume.gain.setValueAtTime(0, at);
  volume.gain.linearRampToValueAtTime(0.25, at + 0.03);
  volume.gain.exponentialRampToValueAtTime(0.001, at + NOTE_S + 0.25);
  oscillator.connect(volume).connect(out);
  oscillator.start(at);
  oscillator.stop(at + NOTE_S + 0.3);
  return oscillator;
}
