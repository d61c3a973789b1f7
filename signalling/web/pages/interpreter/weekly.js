/** Hours of every week, by day; or no limit at all. */

import { h, iconButton, set, toggle } from '../ui/dom.js';
import { icon } from '../ui/icons.js';
import { words } from './strings.js';

const DAYS = Object.keys(words.days);
const USUAL = { start: '08:00', end: '16:00' };
const MIDNIGHT = '24:00'; // as an end, which time fields write 00:00

export class WeeklyHours {
  constructor() {
    const any = toggle(words.anyTime, true, () => this.#toggled());
    this.any = any.querySelector('input');
    this.days = new Map(DAYS.map((day) => [day, this.#day(day)]));
    this.table = h(
      'div',
      { class: 'week' },
      [...this.days.values()].map(({ element }) => element),
    );
    this.element = h(
      'fieldset',
      { class: 'card', 'data-path': 'interpreter.calendar.weekly' },
      h('legend', { class: 'unseen' }, words.weekly),
      h('h2', { 'aria-hidden': 'true' }, words.weekly),
      any,
      this.table,
    );
  }

  /** Show the `weekly` of a calendar; absent is at any time. */
  show({ weekly }) {
    this.any.checked = !weekly;
    this.table.hidden = !weekly;
    for (const day of DAYS) {
      const hours = (weekly ?? []).filter((each) => each.day === day);
      this.days.get(day).list.replaceChildren(...hours.map((each) => this.#row(day, each)));
    }
    this.#number();
  }

  /** What is to be kept, as a part of a calendar. */
  value() {
    return this.any.checked ? {} : { weekly: this.#rows().map((row) => row.read()) };
  }

  #day(day) {
    const list = h('ul', {});
    const add = h(
      'button',
      {
        type: 'button',
        class: 'bare',
        'aria-label': words.addHours(words.days[day]),
        onclick: () => this.#add(day),
      },
      icon('add'),
    );
    const closed = h('span', { class: 'hint' }, words.closed);
    const element = h(
      'div',
      { class: 'day', role: 'group', 'aria-label': words.days[day] },
      h('span', { class: 'day-name', 'aria-hidden': 'true' }, words.days[day]),
      list,
      closed,
      add,
    );
    return { element, list, closed, add };
  }

  #row(day, { start, end }) {
    const time = (value, label) => {
      const control = h('input', { type: 'time', required: true, 'aria-label': label });
      control.value = value === MIDNIGHT ? '00:00' : value;
      return control;
    };
    const from = time(start, words.fromOn(words.days[day]));
    const to = time(end, words.toOn(words.days[day]));
    const remove = iconButton('close', words.removeHours(words.days[day]), {
      onclick: () => this.#remove(day, row),
    });
    const row = h('li', {}, from, h('span', { 'aria-hidden': 'true' }, '–'), to, remove);
    row.fields = { from, to };
    row.read = () => ({
      day,
      start: from.value,
      end: to.value === '00:00' ? MIDNIGHT : to.value,
    });
    return row;
  }

  #toggled() {
    this.table.hidden = this.any.checked;
    if (this.any.checked || this.#rows().length) return;
    for (const day of DAYS.slice(0, 5)) this.days.get(day).list.append(this.#row(day, USUAL));
    this.#number();
  }

  #add(day) {
    const { list } = this.days.get(day);
    const last = list.lastElementChild?.read().end;
    const row = this.#row(day, last ? { start: last, end: '' } : USUAL);
    list.append(row);
    this.#number();
    row.fields.from.focus();
  }

  #remove(day, row) {
    const { add } = this.days.get(day);
    row.remove();
    this.#number();
    add.focus();
  }

  #rows() {
    return [...this.table.querySelectorAll('li')];
  }

  /** Give the fields the paths by which the server names them. */
  #number() {
    this.#rows().forEach(({ fields }, index) => {
      set(fields.from, 'data-path', `interpreter.calendar.weekly.${index}.start`);
      set(fields.to, 'data-path', `interpreter.calendar.weekly.${index}.end`);
    });
    for (const { list, closed } of this.days.values()) closed.hidden = list.children.length > 0;
  }
}
