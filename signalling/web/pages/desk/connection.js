/** Whether the page is connected, always in sight; what changes is said. */

import { h, set, write } from '../ui/dom.js';
import { toast } from '../ui/toast.js';
import { words } from './strings.js';

export class ConnectionSign {
  #timer = 0;
  #lost = false;

  constructor(client) {
    this.text = h('span', { class: 'label' });
    this.element = h(
      'p',
      { class: 'connection', role: 'status' },
      h('span', { class: 'dot' }),
      this.text,
    );
    client.on('state', (change) => this.#show(change));
    this.#show({ state: client.state });
  }

  #show({ state, retryInMs = 0 }) {
    clearInterval(this.#timer);
    set(this.element, 'data-state', state);
    if (state === 'reconnecting') {
      this.#lost = true;
      this.#count(performance.now() + retryInMs);
      return;
    }
    if (state === 'open' && this.#lost) {
      this.#lost = false;
      toast(words.connection.back);
    }
    write(this.text, words.connection[state === 'open' ? 'open' : 'connecting']);
  }

  #count(due) {
    const tell = () => {
      const seconds = Math.max(0, Math.ceil((due - performance.now()) / 1000));
      write(
        this.text,
        navigator.onLine ? words.connection.reconnecting(seconds) : words.connection.offline,
      );
    };
    tell();
    this.#timer = setInterval(tell, 500);
  }
}
