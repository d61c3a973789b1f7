/** Whether the interpreter is free for work now: as the server knows it. */

import { h, set, write } from '../ui/dom.js';
import { words } from './strings.js';

const KINDS = {
  available: 'good',
  ringing: 'ring',
  held: 'warn',
  in_meeting: 'warn',
  wrap_up: 'warn',
};

/** Fires `change` when it differs. */
export class Presence extends EventTarget {
  constructor(live) {
    super();
    this.live = live;
    this.value = { status: 'offline' };
    this.text = h('span', {});
    this.chip = h('p', { class: 'chip', role: 'status' }, h('span', { class: 'dot' }), this.text);
    live.on('presence.changed', ({ presence }) => {
      if (presence.interpreter === live.user) this.#show(presence);
    });
    // A session on another node than before follows nobody yet.
    live.onOpened(() => this.load());
  }

  async load() {
    const { presence } = await this.live.call('presence.watch', { interpreters: [this.live.user] });
    this.#show(presence[0]);
  }

  async set(params) {
    this.#show((await this.live.call('presence.set', params)).presence);
  }

  #show(presence) {
    this.value = presence;
    write(this.text, words.status[presence.status]);
    set(this.chip, 'data-kind', KINDS[presence.status] ?? 'none');
    this.dispatchEvent(new Event('change'));
  }
}
