/** What is asked for, booked or going on, and what has just ended. */

import { Rows } from '../desk/rows.js';
import { left } from '../desk/times.js';
import { h, write } from '../ui/dom.js';
import { card } from './card.js';
import { Changes } from './change.js';
import { words } from './strings.js';

const TICK_MS = 1000;
const WAITS = new Set(['searching', 'offering']);
const SOON_MS = 3_600_000; // what ends later is not counted down

export class Current {
  #clocks = new Map(); // by assignment: where its time left is shown
  #seen = new Set(); // what was under way while this page was open

  constructor(desk) {
    this.desk = desk;
    const changes = new Changes(desk);
    const list = h('ul', { class: 'cards' });
    this.element = h('div', {}, list);
    this.rows = new Rows(list, {
      keyOf: ({ id }) => id,
      draw: (assignment) => card(desk, changes, assignment, this.#clock(assignment)),
      empty: h('p', { class: 'empty' }, words.currentNone),
    });
    desk.assignments.addEventListener('change', () => this.#draw());
    this.#draw();
    setInterval(() => this.#tick(), TICK_MS);
  }

  /** Go to one of them, and leave what else has ended to the past. */
  show({ id }) {
    this.#seen = new Set([id]); // it may have ended by now, for nobody fits
    this.#draw();
    this.element.querySelector(`[data-id="${id}"]`)?.focus();
  }

  #draw() {
    const { current, past } = this.desk.assignments;
    const ended = past.filter(({ id, state }) => this.#seen.has(id) && state !== 'cancelled');
    for (const { id } of current) this.#seen.add(id);
    this.rows.show([...current, ...ended]);
    this.#tick();
  }

  /** How long they are looked for, or held: on the server's clock. */
  #clock({ id, state, slots, deadline_at: deadline }) {
    const until = state === 'held' ? slots.find((slot) => slot.hold_until)?.hold_until : deadline;
    this.#clocks.delete(id);
    const isSoon = Date.parse(until ?? 0) - this.desk.live.now() < SOON_MS;
    if (!until || !isSoon || (state !== 'held' && !WAITS.has(state))) return null;
    const element = h('span', { class: 'left' });
    this.#clocks.set(id, { element, due: Date.parse(until), state });
    return element;
  }

  #tick() {
    for (const { element, due, state } of this.#clocks.values()) {
      write(element, words.left[state === 'held' ? 'hold' : 'search'](left(due - this.desk.live.now())));
    }
  }
}
