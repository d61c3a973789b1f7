/** The hours in which no offers of bookings are sent. */

import { labelled } from '../desk/form.js';
import { h, toggle } from '../ui/dom.js';
import { words } from './strings.js';

const USUAL = { from: '22:00', to: '07:00' };

export class QuietHours {
  constructor() {
    const on = toggle(words.quietOn, false, () => this.#toggled());
    this.on = on.querySelector('input');
    this.from = h('input', { type: 'time', 'data-path': 'interpreter.quiet.from' });
    this.to = h('input', { type: 'time', 'data-path': 'interpreter.quiet.to' });
    this.times = h(
      'div',
      { class: 'row' },
      labelled(words.from, this.from),
      labelled(words.to, this.to),
    );
    this.element = h(
      'fieldset',
      { class: 'card', 'data-path': 'interpreter.quiet' },
      h('legend', { class: 'unseen' }, words.quiet),
      h('h2', { 'aria-hidden': 'true' }, words.quiet),
      on,
      this.times,
      h('p', { class: 'hint' }, words.quietHint),
    );
  }

  show(quiet) {
    this.on.checked = Boolean(quiet);
    this.from.value = quiet?.from ?? USUAL.from;
    this.to.value = quiet?.to ?? USUAL.to;
    this.#toggled();
  }

  /** What is to be kept; null for none. */
  get value() {
    return this.on.checked ? { from: this.from.value, to: this.to.value } : null;
  }

  #toggled() {
    this.times.hidden = !this.on.checked;
  }
}
