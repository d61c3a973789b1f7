const CONNECT_MS = 12_000;
const DISCONNECTED_MS = 4_000;

/**
 * Watch a connection to a carrier: `connected(tookMs)` each time it stands, `failed(reason)` once,
 * when it does not within 12 s, fails, or is interrupted for more than 4 s.
 * @returns {() => void} what ends the watch
 */
export function watch(pc, { connected, failed }) {
  const began = performance.now();
  let patience = 0;
  const stop = () => {
    clearTimeout(deadline);
    clearTimeout(patience);
    pc.removeEventListener('connectionstatechange', look);
  };
  const fail = (reason) => {
    stop();
    failed(reason);
  };
  const deadline = setTimeout(() => fail('not connected in time'), CONNECT_MS);
  const look = () => {
    clearTimeout(patience);
    if (pc.connectionState === 'connected') {
      clearTimeout(deadline);
      connected(Math.round(performance.now() - began));
    } else if (pc.connectionState === 'failed') {
      fail('the connection failed');
    } else if (pc.connectionState === 'disconnected') {
      patience = setTimeout(() => fail('the connection was interrupted'), DISCONNECTED_MS);
    }
  };
  pc.addEventListener('connectionstatechange', look);
  return stop;
}

export function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Waits between tries that fail: 0.5 s, doubled up to 8 s. */
export class Pause {
  #ms = 500;

  async wait() {
    const ms = this.#ms;
    this.#ms = Math.min(8_000, ms * 2);
    await pause(ms);
  }

  reset() {
    this.#ms = 500;
  }
}
