/** When a booking begins: a date and time, and which of two where the clock shows it twice. */

import { segments } from '../desk/segments.js';
import { momentsOf } from '../desk/times.js';
import { h } from '../ui/dom.js';
import { words } from './strings.js';

export class Start {
  /** *zone* () names the clock by which it is meant. */
  constructor(zone, attributes = {}) {
    this.zone = zone;
    this.control = h('input', { type: 'datetime-local', ...attributes });
    const options = Object.entries(words.which).map(([value, text]) => ({ value, text }));
    this.which = segments(options, 'first', words.twice);
    this.control.addEventListener('input', () => this.follow());
    this.follow();
  }

  /** Ask which is meant, if the time comes twice: in the night when the clock is set back. */
  follow() {
    this.which.element.hidden = this.#moments().length < 2;
  }

  /** As `starts_at` takes it: by the clock of the zone, or the moment where that is not enough. */
  get value() {
    const [first, second] = this.#moments();
    if (second === undefined) return this.control.value;
    return new Date(this.which.value === 'second' ? second : first).toISOString();
  }

  #moments() {
    return momentsOf(this.control.value, this.zone());
  }
}
