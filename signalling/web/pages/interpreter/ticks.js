/** A clock for what is counted down: calls *tick* four times a second until it is disposed of. */
export class Ticks {
  #timer = 0;

  constructor(tick) {
    this.tick = tick;
  }

  /** Begin, and tick at once. */
  start() {
    this.stop();
    this.#timer = setInterval(this.tick, 250);
    this.tick();
  }

  stop() {
    clearInterval(this.#timer);
    this.#timer = 0;
  }
}
