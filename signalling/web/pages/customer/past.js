/** What is over: to rate, to report, to read again. */

import { Rows } from '../desk/rows.js';
import { said } from '../desk/said.js';
import { words as common } from '../desk/strings.js';
import { h, write } from '../ui/dom.js';
import { card } from './card.js';
import { Changes } from './change.js';
import { words } from './strings.js';

export class Past {
  constructor(desk) {
    this.assignments = desk.assignments;
    const changes = new Changes(desk);
    const list = h('ul', { class: 'cards' });
    this.problem = h('p', { class: 'problem', role: 'alert' });
    this.more = h('button', { type: 'button', onclick: () => this.#more() }, common.more);
    this.element = h('div', { class: 'stack' }, h('div', {}, list), this.problem, this.more);
    this.rows = new Rows(list, {
      keyOf: ({ id }) => id,
      draw: (assignment) => card(desk, changes, assignment),
      empty: h('p', { class: 'empty' }, words.pastNone),
    });
    desk.assignments.addEventListener('change', () => this.#draw());
    this.#draw();
  }

  #draw() {
    this.rows.show(this.assignments.past);
    this.more.hidden = !this.assignments.hasMore;
  }

  async #more() {
    write(this.problem, '');
    try {
      await this.assignments.more();
    } catch (error) {
      write(this.problem, said(error));
    }
  }
}
