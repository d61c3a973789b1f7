const BEFORE_MS = 60_000;
const AGAIN_MS = 5_000;
const TIMER_MOST_MS = 2 ** 31 - 1;

/**
 * The STUN and TURN servers of a meeting; their credentials are renewed before they end.
 * `ask()` gets newer ones, `renewed()` is told of them.
 */
export class Ice {
  servers = [];
  policy = 'all';
  #ask;
  #renewed;
  #timer = 0;

  constructor({ ask, renewed }) {
    this.#ask = ask;
    this.#renewed = renewed;
  }

  /** Take over what the answer to meeting.join, or a newer one, says. */
  take({ ice_servers = [], ice_policy = this.policy, ice_expires_at }) {
    this.servers = ice_servers;
    this.policy = ice_policy;
    this.stop();
    if (!ice_expires_at || !ice_servers.some((server) => server.credential)) return;
    const leftMs = Date.parse(ice_expires_at) - Date.now();
    this.#in(Math.max(1_000, leftMs - Math.min(BEFORE_MS, leftMs / 4)));
  }

  stop() {
    clearTimeout(this.#timer);
  }

  #in(ms) {
    this.#timer = setTimeout(() => this.#renew(), Math.min(ms, TIMER_MOST_MS));
  }

  async #renew() {
    try {
      const { ice_servers, expires_at } = await this.#ask();
      this.take({ ice_servers, ice_expires_at: expires_at });
      this.#renewed();
    } catch {
      this.#in(AGAIN_MS);
    }
  }
}
