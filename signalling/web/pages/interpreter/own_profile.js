/** The interpreter's own profile: read whole and put back whole, with what was changed. */

/** Fires `change` when it differs. `value` is as interpreter.get shows it. */
export class OwnProfile extends EventTarget {
  constructor(live) {
    super();
    this.live = live;
    this.value = {};
  }

  async load() {
    this.#show((await this.live.call('interpreter.get')).interpreter);
  }

  /** The zone by whose clock they live. */
  get zone() {
    return this.value.timezone;
  }

  /** Put it back with *changes*; refused if it was changed elsewhere since it was read. */
  async save(changes) {
    const { version, ...whole } = { ...this.value, ...changes };
    const kept = Object.entries(whole).filter(([, value]) => value !== undefined && value !== null);
    const interpreter = Object.fromEntries(kept);
    try {
      this.#show((await this.live.call('interpreter.put', { interpreter, version })).interpreter);
    } catch (error) {
      if (error.kind === 'conflict') await this.load();
      throw error;
    }
  }

  #show(value) {
    this.value = value;
    this.dispatchEvent(new Event('change'));
  }
}
