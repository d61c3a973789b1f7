/** Keeps the screen on while somebody is in a meeting and looks at it. */
export class Wake {
  constructor() {
    this.over = new AbortController();
    const { signal } = this.over;
    document.addEventListener('visibilitychange', () => this.#ask(), { signal });
    this.#ask();
  }

  dispose() {
    this.over.abort();
    this.lock?.release();
  }

  async #ask() {
    if (document.hidden || !navigator.wakeLock) return;
    try {
      this.lock = await navigator.wakeLock.request('screen');
      if (this.over.signal.aborted) this.lock.release();
    } catch {
      // a battery that is low, for one, forbids it
    }
  }
}
