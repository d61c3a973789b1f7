/** "Check my connection": some seconds of echo with the server, and a verdict in words. */

import { button, fill, h } from '../ui/dom.js';
import { icon } from '../ui/icons.js';
import { plainly } from './plainly.js';
import { words } from './strings.js';

const SECONDS = 5;

export class ConnectionCheck {
  constructor(client, stream) {
    this.client = client;
    this.stream = stream; // a function: devices change
    this.button = button('good', words.checkConnection, {
      class: 'quiet',
      onclick: () => this.run(),
    });
    this.result = h('div', { class: 'verdict', role: 'status' });
    this.element = h(
      'section',
      { class: 'check', 'aria-label': words.checkConnection },
      this.button,
      this.result,
    );
  }

  async run() {
    this.button.disabled = true;
    fill(this.result, h('p', {}, words.checking(SECONDS)));
    this.result.dataset.verdict = 'running';
    try {
      this.#show(await this.client.checkDevice(this.stream(), SECONDS));
    } catch (error) {
      this.result.dataset.verdict = 'failed';
      fill(this.result, h('p', {}, `${words.checkFailed} ${plainly(error)}`));
    }
    this.button.disabled = false;
  }

  #show({ verdict, words: said = [] }) {
    this.result.dataset.verdict = verdict;
    const lines = said.map((line) => h('li', {}, line));
    const head = h('p', { class: 'head' }, icon(verdict), words.verdicts[verdict]);
    fill(this.result, head, lines.length ? h('ul', {}, lines) : null);
    this.result.scrollIntoView({ block: 'nearest' });
  }
}
