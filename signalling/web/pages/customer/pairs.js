/** How many interpreters are available now, by pair of languages and mode; live. */

const NOBODY = { available: 0, modes: {} };

/** Fires `change`. */
export class Pairs extends EventTarget {
  #counts = new Map();

  constructor(live) {
    super();
    this.live = live;
    live.on('presence.summary', ({ pairs }) => this.#take(pairs));
    live.onOpened(() => this.load());
  }

  async load() {
    const { summary } = await this.live.call('presence.watch', { summary: true });
    this.#counts.clear();
    this.#take(summary);
  }

  /** How many for a pair, either way round, in one mode or in any. */
  count(from, to, mode) {
    const { available, modes } = this.#counts.get(key(from, to)) ?? NOBODY;
    return mode ? (modes[mode] ?? 0) : available;
  }

  #take(pairs) {
    for (const pair of pairs) this.#counts.set(key(pair.languages.from, pair.languages.to), pair);
    this.dispatchEvent(new Event('change'));
  }
}

function key(...languages) {
  return languages.sort().join(' ');
}
