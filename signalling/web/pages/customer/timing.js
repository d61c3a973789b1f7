/** When: now, or at a time in a zone; then also who could, who chooses, and how often. */

import { choice, group, labelled } from '../desk/form.js';
import { segments } from '../desk/segments.js';
import { wall } from '../desk/times.js';
import { h, set } from '../ui/dom.js';
import { Start } from './start.js';
import { words } from './strings.js';

const DAY_MS = 86_400_000;
const HERE = Intl.DateTimeFormat().resolvedOptions().timeZone;
const ZONES = [...new Set([HERE, 'UTC', ...Intl.supportedValuesOf('timeZone')])];

export class Timing {
  constructor(live) {
    this.live = live;
    this.when = segments(
      [
        { value: 'now', text: words.now },
        { value: 'later', text: words.later },
      ],
      'now',
      words.when,
    );
    this.zone = choice(
      ZONES.map((value) => ({ value, text: value.replaceAll('_', ' ') })),
      HERE,
    );
    this.start = new Start(() => this.zone.value, { step: 300 });
    this.window = choice(words.windows, '');
    this.confirm = choice(words.confirms, 'rank');
    this.repeats = choice(words.repeats, '');
    this.count = h('input', { type: 'number', min: 2, max: 60, value: 4, inputmode: 'numeric' });
    this.counted = labelled(words.times, this.count, { path: 'repeats.count' });
    this.chosen = labelled(words.confirm, this.confirm, { path: 'confirm' });
    this.more = group(
      words.startsAt,
      { class: 'stack' },
      h(
        'div',
        { class: 'row' },
        labelled(words.dateTime, this.start.control, { path: 'starts_at' }),
        labelled(words.zone, this.zone, { path: 'timezone' }),
      ),
      this.start.which.element,
      h('div', { class: 'row' }, labelled(words.repeat, this.repeats, { path: 'repeats' }), this.counted),
      h(
        'div',
        { class: 'row' },
        labelled(words.window, this.window, { path: 'interest_s', hint: words.windowHint }),
        this.chosen,
      ),
    );
    this.element = h('div', { class: 'stack' }, this.when.element, this.more);
    this.element.addEventListener('input', () => this.#show());
    this.start.control.value = `${wall(live.now() + DAY_MS, HERE).slice(0, 10)}T10:00`;
    this.#show();
  }

  get later() {
    return this.when.value === 'later';
  }

  /** Put in a moment. */
  set(at) {
    this.when.value = 'later';
    this.start.control.value = wall(at, this.zone.value);
    this.#show();
  }

  terms() {
    // The zone counts for what is asked for now, too: words about times use it.
    if (!this.later) return { timezone: this.zone.value };
    return { starts_at: this.start.value, timezone: this.zone.value };
  }

  /** What only a booking has, beside its terms. */
  booking() {
    if (!this.later) return {};
    const [every, interval] = this.repeats.value.split(' ');
    return {
      ...(this.window.value && { interest_s: Number(this.window.value), confirm: this.confirm.value }),
      ...(every && {
        repeats: { every, interval: Number(interval), count: Number(this.count.value) },
      }),
    };
  }

  #show() {
    this.more.hidden = !this.later;
    this.counted.hidden = !this.repeats.value;
    this.chosen.hidden = !this.window.value;
    this.start.follow();
    set(this.start.control, 'min', wall(this.live.now(), this.zone.value));
  }
}
