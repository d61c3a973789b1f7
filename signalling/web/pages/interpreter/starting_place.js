/** Where one starts from to work on site, how far and how one travels. */

import { choice, labelled } from '../desk/form.js';
import { h, toggle, write } from '../ui/dom.js';
import { place } from './check_in.js';
import { words } from './strings.js';

const BY = Object.entries(words.by).map(([value, text]) => ({ value, text }));

export class StartingPlace {
  constructor() {
    const degrees = (most) => h('input', { type: 'number', step: 'any', min: -most, max: most });
    this.lat = degrees(90);
    this.lon = degrees(180);
    this.farthest = h('input', { type: 'number', min: 0, max: 20_000, step: 'any' });
    this.by = choice(BY, 'transit');
    const exact = toggle(words.exact, false, () => {});
    this.exact = exact.querySelector('input');
    this.problem = h('p', { class: 'hint', role: 'status' });
    this.element = h(
      'fieldset',
      { class: 'card', 'data-path': 'interpreter.location' },
      h('legend', { class: 'unseen' }, words.travel),
      h('h2', { 'aria-hidden': 'true' }, words.travel),
      h(
        'div',
        { class: 'row' },
        labelled(words.latitude, this.lat, { path: 'interpreter.location.lat' }),
        labelled(words.longitude, this.lon, { path: 'interpreter.location.lon' }),
        h('button', { type: 'button', onclick: () => this.#here() }, words.here),
      ),
      this.problem,
      h('div', {}, exact, h('p', { class: 'hint' }, words.exactHint)),
      h(
        'div',
        { class: 'row' },
        labelled(words.farthest, this.farthest, { path: 'interpreter.max_travel_km' }),
        labelled(words.travelsBy, this.by, { path: 'interpreter.travels_by' }),
      ),
    );
  }

  show({ location, max_travel_km: farthest, travels_by: by, exact_location: exact }) {
    this.lat.value = location?.lat ?? '';
    this.lon.value = location?.lon ?? '';
    this.farthest.value = farthest ?? '';
    this.by.value = by ?? 'transit';
    this.exact.checked = Boolean(exact);
  }

  /** What is to be kept; null for what is left empty. */
  get value() {
    const [lat, lon, farthest] = [this.lat, this.lon, this.farthest].map(({ value }) => value);
    return {
      location: lat === '' && lon === '' ? null : { lat: Number(lat), lon: Number(lon) },
      max_travel_km: farthest === '' ? null : Number(farthest),
      travels_by: this.by.value,
      exact_location: this.exact.checked,
    };
  }

  async #here() {
    write(this.problem, '');
    try {
      const { lat, lon } = await place();
      this.lat.value = lat;
      this.lon.value = lon;
    } catch (error) {
      write(this.problem, error.message);
    }
  }
}
