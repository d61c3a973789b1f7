/** What else may be wished for: folded away, for most requests need none of it. */

import { choice, group, labelled } from '../desk/form.js';
import { words as common } from '../desk/strings.js';
import { fill, h } from '../ui/dom.js';
import { words } from './strings.js';

const FIELDS = [
  ...['medical', 'mental_health', 'legal', 'police', 'asylum', 'child_welfare'],
  ...['labour_welfare', 'education'],
];
const CATEGORIES = ['', 'A', 'B', 'C', 'D', 'E'];

export class Wishes {
  #boxes = new Map(); // of interpreters met before, by id

  constructor({ assignments }) {
    this.assignments = assignments;
    this.fields = new Map(FIELDS.map((name) => [name, box(name)]));
    this.floor = choice(CATEGORIES.map((value) => ({ value, text: words.floor(value) })), '');
    this.gender = choice(words.genders, '');
    this.dialect = h('input', { maxlength: 64, autocomplete: 'off' });
    this.needed = h('input', { type: 'number', min: 1, max: 8, value: 1, inputmode: 'numeric' });
    this.strategy = choice(words.strategies, 'waves');
    this.note = h('textarea', { maxlength: 2000 });
    this.flags = {
      emergency: box('emergency'),
      public_body: box('public_body'),
      accept_substitutes: box('accept_substitutes'),
    };
    this.first = h('input', { type: 'checkbox' });
    this.preferred = h('div', { class: 'boxes' });
    this.known = group(
      words.preferred,
      { path: 'preferences.preferred' },
      this.preferred,
      h('label', { class: 'toggle' }, this.first, words.preferredFirst),
    );
    this.element = h('details', { class: 'wishes' }, h('summary', {}, words.wishes), this.#inside());
    assignments.addEventListener('change', () => this.#meet());
    this.#meet();
  }

  #inside() {
    const boxes = [...this.fields].map(([name, control]) =>
      h('label', { class: 'toggle' }, control, common.field(name)),
    );
    return h(
      'div',
      { class: 'stack' },
      group(words.specialisms, { path: 'requirements.specialisms' }, h('div', { class: 'boxes' }, boxes)),
      h(
        'div',
        { class: 'row' },
        labelled(words.minimum, this.floor, { path: 'requirements.min_qualification' }),
        labelled(words.gender, this.gender, { path: 'requirements.gender' }),
        labelled(words.dialect, this.dialect, { path: 'requirements.dialect' }),
      ),
      h(
        'div',
        { class: 'row' },
        labelled(words.needed, this.needed, { path: 'interpreters_needed' }),
        labelled(words.strategy, this.strategy, { path: 'strategy' }),
      ),
      this.known,
      h(
        'div',
        {},
        Object.entries(this.flags).map(([name, control]) =>
          h('label', { class: 'toggle' }, control, words.flags[name]),
        ),
      ),
      labelled(words.note, this.note, { path: 'note', hint: words.noteHint }),
    );
  }

  terms() {
    const requirements = {
      ...this.#specialisms(),
      ...(this.floor.value && { min_qualification: this.floor.value }),
      ...(this.gender.value && { gender: this.gender.value }),
      ...(this.dialect.value.trim() && { dialect: this.dialect.value.trim() }),
      ...(this.flags.accept_substitutes.checked && { accept_substitutes: true }),
    };
    const preferred = this.#chosen();
    return {
      requirements,
      ...(preferred.length && { preferences: { preferred } }),
      ...(this.flags.emergency.checked && { emergency: true }),
      ...(this.flags.public_body.checked && { public_body: true }),
      interpreters_needed: Number(this.needed.value),
      strategy: this.strategy.value,
      ...(this.note.value.trim() && { note: this.note.value.trim() }),
    };
  }

  /** How they are asked. */
  offering() {
    return this.first.checked && this.#chosen().length ? { offering: { preferred_first: true } } : {};
  }

  /** Put in other requirements. */
  set({ specialisms = [], min_qualification: floor = '', gender = '', dialect = '', ...others }) {
    for (const [name, control] of this.fields) control.checked = specialisms.includes(name);
    this.floor.value = floor?.category ?? floor ?? '';
    this.gender.value = gender ?? '';
    this.dialect.value = dialect ?? '';
    this.flags.accept_substitutes.checked = Boolean(others.accept_substitutes);
  }

  /** Unfold, if the field at *path* is in here. */
  reveal(path = '') {
    const within = [...this.element.querySelectorAll('[data-path]')];
    if (within.some(({ dataset }) => path.startsWith(dataset.path))) this.element.open = true;
  }

  #specialisms() {
    const specialisms = [...this.fields].filter(([, { checked }]) => checked).map(([name]) => name);
    return specialisms.length ? { specialisms } : {};
  }

  #chosen() {
    return [...this.#boxes].filter(([, { checked }]) => checked).map(([id]) => id);
  }

  /** Offer the interpreters whom they know by now. */
  #meet() {
    const met = this.assignments.interpreters;
    this.known.hidden = !met.length;
    if (met.every(({ id }) => this.#boxes.has(id))) return;
    const toggles = met.map(({ id, name }) => {
      const control = this.#boxes.get(id) ?? h('input', { type: 'checkbox' });
      this.#boxes.set(id, control);
      return h('label', { class: 'toggle' }, control, name);
    });
    fill(this.preferred, toggles);
  }
}

function box(name) {
  return h('input', { type: 'checkbox', name });
}
