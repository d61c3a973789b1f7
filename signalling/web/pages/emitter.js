/** Names and those who listen to them. */
export class Emitter {
  #listeners = new Map();

  /**
   * Call `fn` with each `name`.
   * @param {string} name
   * @param {(...args: any[]) => void} fn
   * @returns {() => void} what ends it
   */
  on(name, fn) {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(fn));
    return () => listeners.delete(fn);
  }

  /** Tell all who listen now; one that throws is reported to the page and keeps nobody else out. */
  emit(name, ...args) {
    for (const fn of [...(this.#listeners.get(name) ?? [])]) {
      try {
        fn(...args);
      } catch (error) {
        reportError(error);
      }
    }
  }
}
