const STARVED = { rate: 60_000, loss: 0.15 }; // bit/s of all that is sent, and share lost
const WELL = 0.04; // share lost at which video may be tried again
const STOP_AFTER = 3; // readings in a row
const RESUME_AFTER = 5;
const REST_MS = 15_000;
const REST_MOST_MS = 120_000;

/**
 * When to stop sending video so that speech gets through, and when to try again.
 *
 * The weakest sign counts: only if the best of all connections is starved, the own uplink is.
 * Whoever starves again soon after rests twice as long, so it does not swing to and fro.
 */
export class Fallback {
  #bad = 0;
  #good = 0;
  #restMs = REST_MS;
  #since = 0;
  isResting = false;

  /**
   * Take a reading; `out` has {loss, rate (bit/s or null), limited} of each connection. `limited`:
   * the encoder would send more. What is little by itself makes for a low estimate, too.
   * @returns {'rest' | 'resume' | null} what to do
   */
  feed(out, nowMs, sendsVideo = true) {
    if (!out.length) return null;
    const loss = Math.min(...out.map((one) => one.loss));
    if (this.isResting) return this.#resting(loss, nowMs);
    const slow = out.every((one) => one.limited && one.rate !== null && one.rate < STARVED.rate);
    this.#bad = sendsVideo && (slow || loss > STARVED.loss) ? this.#bad + 1 : 0;
    if (this.#bad < STOP_AFTER) return null;
    const soon = this.#since && nowMs - this.#since < 4 * REST_MS;
    this.#restMs = soon ? Math.min(REST_MOST_MS, 2 * this.#restMs) : REST_MS;
    return this.#turn(true, nowMs);
  }

  #resting(loss, nowMs) {
    this.#good = loss < WELL ? this.#good + 1 : 0;
    if (this.#good < RESUME_AFTER || nowMs - this.#since < this.#restMs) return null;
    return this.#turn(false, nowMs);
  }

  #turn(rests, nowMs) {
    this.isResting = rests;
    this.#bad = this.#good = 0;
    this.#since = nowMs;
    return rests ? 'rest' : 'resume';
  }
}
