/** Where an interpreter is to come to. */

import { choice, labelled } from '../desk/form.js';
import { h } from '../ui/dom.js';
import { words } from './strings.js';

const TOWNS = [
  ['Oslo', 59.9139, 10.7522],
  ['Bergen', 60.3913, 5.3221],
  ['Trondheim', 63.4305, 10.3951],
  ['Stavanger', 58.97, 5.7331],
  ['Kristiansand', 58.1467, 7.9956],
  ['Drammen', 59.7439, 10.2045],
  ['Fredrikstad', 59.2181, 10.9298],
  ['Tromsø', 69.6492, 18.9553],
  ['Bodø', 67.2804, 14.4049],
  ['Ålesund', 62.4722, 6.1495],
];

export class Place {
  constructor() {
    this.town = choice(
      TOWNS.map(([text], at) => ({ value: String(at), text })),
      '0',
    );
    this.element = h('div', {}, labelled(words.place, this.town, { path: 'location' }));
  }

  terms() {
    const [, lat, lon] = TOWNS[this.town.value];
    return { location: { lat, lon } };
  }
}
