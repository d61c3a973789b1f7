/** The section of what is now: how one stands, what one has taken, and bookings to answer. */

import { Rows } from '../desk/rows.js';
import { h } from '../ui/dom.js';
import { Cards } from './cards.js';
import { Letters } from './letters.js';
import { Status } from './status.js';
import { words } from './strings.js';

/** Fires `count` when `waiting` differs: how many bookings wait for an answer. */
export class Now extends EventTarget {
  waiting = 0;

  constructor(desk) {
    super();
    const { work, offers, profile } = desk;
    const cards = new Cards(desk);
    const list = h('ul', { class: 'cards' });
    const taken = h('div', { class: 'stack' }, h('h2', {}, words.current), list);
    this.element = h(
      'div',
      { class: 'stack' },
      taken,
      new Status(desk).element,
      h('h2', {}, words.letters),
      new Letters(desk).element,
    );
    const rows = new Rows(list, {
      keyOf: ({ id }) => id,
      draw: (assignment) => cards.draw(assignment),
    });
    const show = () => {
      rows.show(work.current, profile.zone);
      taken.hidden = !work.current.length;
    };
    for (const source of [work, profile]) source.addEventListener('change', show);
    show();
    offers.addEventListener('change', () => this.#count(offers.letters.length));
    this.waiting = offers.letters.length;
  }

  #count(waiting) {
    this.waiting = waiting;
    this.dispatchEvent(new Event('count'));
  }
}
