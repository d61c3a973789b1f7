/** What a request may expect before it is made: who is available, how long it takes, what would help. */

import { words as common } from '../desk/strings.js';
import { fill, h, write } from '../ui/dom.js';
import { words } from './strings.js';

const CALM_MS = 400; // so long nothing was changed

export class Estimate {
  #timer = 0;
  #asked = '';

  /** *ask* gives the terms, and takes what is proposed. */
  constructor({ live, pairs }, ask) {
    Object.assign(this, { live, pairs, ask });
    this.online = h('p', { class: 'online' });
    this.text = h('p', { class: 'estimate-text' });
    this.basis = h('p', { class: 'hint' });
    this.proposals = h('ul', { class: 'proposals' });
    this.element = h(
      'section',
      { class: 'estimate', 'aria-label': words.estimate },
      h('div', { role: 'status' }, this.online, this.text, this.basis),
      this.proposals,
    );
    pairs.addEventListener('change', () => this.look());
  }

  /** Look again, once nothing changes any more. */
  look() {
    this.#count();
    clearTimeout(this.#timer);
    if (this.live.has('match.estimate')) this.#timer = setTimeout(() => this.#look(), CALM_MS);
  }

  #count() {
    const { languages, mode, starts_at: start } = this.ask.terms();
    const count = this.pairs.count(languages.from, languages.to, mode);
    write(this.online, start ? '' : words.online(count, common.modesLong[mode].toLowerCase()));
    this.element.dataset.some = String(count > 0 || Boolean(start));
  }

  async #look() {
    const terms = this.ask.terms();
    const asked = JSON.stringify([terms, this.online.textContent]);
    if (asked === this.#asked) return;
    this.#asked = asked;
    const found = await this.live.attempt('match.estimate', terms);
    if (asked === this.#asked) this.#show(found); // nothing was changed meanwhile
  }

  /** Show an estimate; without one the form itself says what is wrong when it is sent. */
  #show(found) {
    write(this.text, found?.text ?? '');
    write(this.basis, found ? words.basis(found.basis) : '');
    const rows = (found?.proposals ?? []).map(({ change, text, probability }) =>
      h(
        'li',
        {},
        h('span', {}, `${text} (${words.percent(probability)})`),
        h('button', { type: 'button', onclick: () => this.ask.apply(change) }, words.apply),
      ),
    );
    fill(this.proposals, rows);
  }
}
