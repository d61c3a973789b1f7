/** Asking for an interpreter: a form, and beside it what may be expected. */

import { choice, form, labelled } from '../desk/form.js';
import { languages, options, SPOKEN } from '../desk/languages.js';
import { segments } from '../desk/segments.js';
import { words as common } from '../desk/strings.js';
import { h } from '../ui/dom.js';
import { Estimate } from './estimate.js';
import { Place } from './place.js';
import { words } from './strings.js';
import { Timing } from './timing.js';
import { Wishes } from './wishes.js';

const DURATION_MIN = 30;

export class Ask {
  #key = crypto.randomUUID(); // one request, however often it is sent

  /** *linked* are languages to begin with; *done* is called with the assignment. */
  constructor(desk, [from = 'no', to = 'so'], done) {
    Object.assign(this, { desk, done });
    this.from = choice(options(SPOKEN), from);
    this.to = choice(options(languages), to);
    this.mode = segments(
      Object.entries(common.modes).map(([value, text]) => ({ value, text })),
      'video',
      words.mode,
      'mode',
    );
    this.duration = h('input', { type: 'number', min: 1, max: 1440, value: DURATION_MIN, inputmode: 'numeric' });
    this.place = new Place();
    this.timing = new Timing(desk.live);
    this.wishes = new Wishes(desk);
    this.estimate = new Estimate(desk, this);
    this.form = form(
      { submit: words.askNow, act: () => this.#send() },
      h(
        'div',
        { class: 'row' },
        labelled(words.from, this.from, { path: 'languages.from' }),
        labelled(words.to, this.to, { path: 'languages.to' }),
      ),
      this.mode.element,
      this.place.element,
      this.timing.element,
      labelled(words.duration, this.duration, { path: 'duration_min' }),
      this.wishes.element,
      this.estimate.element,
    );
    this.form.addEventListener('input', () => this.#changed());
    this.element = h('div', { class: 'card' }, this.form);
    this.#changed();
  }

  /** What is asked for, as assignment.create and match.estimate take it. */
  terms() {
    return {
      languages: { from: this.from.value, to: this.to.value },
      mode: this.mode.value,
      duration_min: Number(this.duration.value),
      ...this.timing.terms(),
      ...(this.mode.value === 'onsite' && this.place.terms()),
      ...this.wishes.terms(),
    };
  }

  /** Put in what an estimate proposes. */
  apply({ mode, starts_at: start, duration_min: minutes, requirements }) {
    if (mode) this.mode.value = mode;
    if (start) this.timing.set(start);
    if (minutes) this.duration.value = minutes;
    if (requirements) this.wishes.set(requirements);
    this.#changed();
  }

  #changed() {
    const onsite = this.mode.value === 'onsite';
    this.place.element.hidden = !onsite;
    const button = this.form.querySelector('[type=submit]');
    button.textContent = this.timing.later ? words.book : words.askNow;
    this.estimate.look();
  }

  async #send() {
    try {
      const { assignment } = await this.desk.live.call('assignment.create', {
        ...this.terms(),
        ...this.timing.booking(),
        ...this.wishes.offering(),
        idempotency_key: this.#key,
      });
      this.#key = crypto.randomUUID();
      this.desk.assignments.put(assignment);
      this.done(assignment);
    } catch (error) {
      // The same key with other terms would be a conflict: whatever is sent next is a new request.
      if (error.kind) this.#key = crypto.randomUUID();
      this.wishes.reveal(error.data?.path);
      throw error;
    }
  }
}
