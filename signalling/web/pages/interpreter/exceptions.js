/** What differs from the week: single dates, and time off. */

import { choice, labelled } from '../desk/form.js';
import { PlainError } from '../desk/said.js';
import { momentOf, wall } from '../desk/times.js';
import { h, iconButton, set } from '../ui/dom.js';
import { words } from './strings.js';

const WHOLE = { start: '00:00', end: '24:00' };

/** A list of rows that are added and removed; *make* (value, zone) gives {fields, value}. */
class Exceptions {
  constructor({ name, title, hint = '', none, add, remove, make, fresh }) {
    Object.assign(this, { name, make, remove, zone: 'UTC' });
    this.list = h('ul', { class: 'exceptions' });
    this.empty = h('p', { class: 'hint' }, none);
    this.add = h('button', { type: 'button', onclick: () => this.#more(fresh()) }, add);
    this.element = h(
      'fieldset',
      { class: 'card', 'data-path': `interpreter.calendar.${name}` },
      h('legend', { class: 'unseen' }, title),
      h('h2', { 'aria-hidden': 'true' }, title),
      h('p', { class: 'hint' }, hint),
      this.empty,
      this.list,
      h('div', { class: 'answers' }, this.add),
    );
  }

  show(calendar, zone) {
    this.zone = zone;
    this.list.replaceChildren(...(calendar[this.name] ?? []).map((each) => this.#row(each)));
    this.#number();
  }

  value() {
    const rows = [...this.list.children].map((row) => row.read());
    return rows.length ? { [this.name]: rows } : {};
  }

  #row(value) {
    const { fields, read } = this.make(value, this.zone);
    const remove = iconButton('close', this.remove, { onclick: () => this.#less(row) });
    const row = h(
      'li',
      { class: 'row' },
      Object.values(fields).map(({ shown }) => shown),
      remove,
    );
    row.fields = fields;
    row.read = () => {
      const inputs = [...row.querySelectorAll('input')];
      if (inputs.some(({ value: given }) => !given)) throw new PlainError(words.incomplete);
      return read();
    };
    return row;
  }

  #more(value) {
    const row = this.#row(value);
    this.list.append(row);
    this.#number();
    row.querySelector('input').focus();
  }

  #less(row) {
    row.remove();
    this.#number();
    this.add.focus();
  }

  #number() {
    [...this.list.children].forEach(({ fields }, index) => {
      for (const [name, { control }] of Object.entries(fields)) {
        set(control, 'data-path', `interpreter.calendar.${this.name}.${index}.${name}`);
      }
    });
    this.empty.hidden = this.list.children.length > 0;
  }
}

function input(type, label, value) {
  const control = h('input', { type, required: true });
  control.value = value;
  return { control, shown: labelled(label, control) };
}

/** Dates with hours of their own: open beside the week, or closed in spite of it. */
export class DatedHours extends Exceptions {
  constructor() {
    super({
      name: 'dated',
      title: words.dated,
      hint: words.datedHint,
      none: words.datedNone,
      add: words.addDated,
      remove: words.removeDated,
      fresh: () => ({ date: '', open: false }),
      make: dated,
    });
  }
}

function dated({ date, open, start = WHOLE.start, end = WHOLE.end }) {
  const then = choice(
    [
      { value: 'closed', text: words.closedThen },
      { value: 'open', text: words.openThen },
    ],
    open ? 'open' : 'closed',
  );
  const fields = {
    date: input('date', words.date, date),
    open: { control: then, shown: labelled(words.openOrClosed, then) },
    start: input('time', words.from, start),
    end: input('time', words.to, end === WHOLE.end ? '00:00' : end),
  };
  const read = () => {
    const [from, to] = [fields.start.control.value, fields.end.control.value];
    return {
      date: fields.date.control.value,
      open: then.value === 'open',
      start: from,
      end: to === '00:00' ? WHOLE.end : to,
    };
  };
  return { fields, read };
}

/** Stretches of time without work. */
export class TimesOff extends Exceptions {
  constructor() {
    super({
      name: 'off',
      title: words.off,
      none: words.offNone,
      add: words.addOff,
      remove: words.removeOff,
      fresh: () => ({ from: '', to: '' }),
      make: off,
    });
  }
}

function off({ from, to }, zone) {
  const shown = (at) => (at ? wall(at, zone) : '');
  const fields = {
    from: input('datetime-local', words.from, shown(from)),
    to: input('datetime-local', words.to, shown(to)),
  };
  const read = () => ({
    from: momentOf(fields.from.control.value, zone),
    to: momentOf(fields.to.control.value, zone),
  });
  return { fields, read };
}
