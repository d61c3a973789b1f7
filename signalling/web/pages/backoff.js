const FIRST_MS = 250;
const MOST_MS = 10_000;

/**
 * When to come back after a drop: the server's advice, else exponential with full jitter. Jitter
 * keeps ten thousand clients of a restarted node from returning in the same instant.
 */
export class Backoff {
  #tries = 0;
  #advice = null;

  /** Take the advice of `session.draining`, or of an error's `retry_after_ms`. */
  advise({ retry_after_ms = 0, jitter_ms = 0 }) {
    this.#advice = { retry_after_ms, jitter_ms };
  }

  /** Return the wait before the next try, in ms; advice decides one. */
  next() {
    const advice = this.#advice;
    this.#advice = null;
    const most = Math.min(MOST_MS, FIRST_MS * 2 ** this.#tries++);
    if (advice) return advice.retry_after_ms + Math.random() * advice.jitter_ms;
    return Math.random() * most;
  }

  /** Begin anew: the connection stands, or the network has come back. */
  reset() {
    this.#tries = 0;
  }
}
