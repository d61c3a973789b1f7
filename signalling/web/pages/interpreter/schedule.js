/** The section of what one has taken: ahead, soonest first; before, newest first. */

import { Rows } from '../desk/rows.js';
import { said } from '../desk/said.js';
import { words as common } from '../desk/strings.js';
import { lasting } from '../desk/times.js';
import { h } from '../ui/dom.js';
import { toast } from '../ui/toast.js';
import { Cards } from './cards.js';
import { words } from './strings.js';

export class Schedule {
  constructor({ live, work, profile }) {
    Object.assign(this, { live, work, profile });
    const cards = new Cards({ live, work, profile });
    const list = (none) => {
      const element = h('ul', { class: 'cards' });
      const shown = h('div', {}, element);
      const empty = h('p', { class: 'empty' }, none);
      const draw = (assignment) => cards.draw(assignment);
      return { shown, rows: new Rows(element, { keyOf: ({ id }) => id, draw, empty }) };
    };
    this.ahead = list(words.upcomingNone);
    this.before = list(words.pastNone);
    this.more = h('button', { type: 'button', onclick: () => this.#more() }, words.more);
    this.element = h(
      'div',
      { class: 'stack' },
      h('h2', {}, words.upcoming),
      this.ahead.shown,
      h('h2', {}, words.past),
      this.before.shown,
      this.more,
    );
    for (const source of [work, profile]) source.addEventListener('change', () => this.#show());
    work.addEventListener('told', ({ detail }) => this.#tell(detail));
    live.on('assignment.reminder', ({ assignment, in_min: minutes }) => {
      toast(`${common.pair(assignment.languages)}: ${words.reminder(lasting(minutes))}`);
    });
    this.#show();
  }

  #show() {
    const { work, profile } = this;
    this.ahead.rows.show([...work.current, ...work.upcoming], profile.zone);
    this.before.rows.show(work.past, profile.zone);
    this.more.hidden = !work.hasMore;
  }

  async #more() {
    this.more.disabled = true;
    try {
      await this.work.more();
    } catch (error) {
      toast(said(error));
    }
    this.more.disabled = false;
  }

  /** Say what others did to a booking that stood. What has just become one's own is said there. */
  #tell({ assignment, before }) {
    if (!before || !this.work.slot(before)) return;
    const pair = common.pair(assignment.languages);
    if (assignment.state === 'cancelled') {
      if (before.state !== 'cancelled') toast(words.cancelledToast(pair));
    } else if (before.starts_at !== assignment.starts_at) toast(words.changed(pair));
  }
}
