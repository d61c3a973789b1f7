/** Saying that one is on site; where that is only with consent, and only roughly. */

import { askForm } from '../desk/dialogs.js';
import { PlainError } from '../desk/said.js';
import { h, toggle, unique } from '../ui/dom.js';
import { words } from './strings.js';

const WITHIN_MS = 15_000;

/** Return the answer, null if it was put off. */
export function checkIn(live, assignment) {
  const consent = toggle(words.checkInPosition, false, () => {});
  const box = consent.querySelector('input');
  box.dataset.path = 'position';
  const hint = h('p', { class: 'hint', id: unique('hint') }, words.checkInPositionHint);
  box.setAttribute('aria-describedby', hint.id);
  return askForm({
    title: words.checkInTitle,
    lead: words.checkInLead,
    fields: [h('div', {}, consent, hint)],
    submit: words.checkIn,
    act: async () => {
      const position = box.checked ? await place() : null;
      const params = { assignment: assignment.id, ...(position && { position }) };
      return live.call('assignment.check_in', params);
    },
  });
}

/** Where the device is, {lat, lon}; rejects with a PlainError. */
export function place() {
  return new Promise((resolve, reject) => {
    const failed = () => reject(new PlainError(words.noPosition));
    if (!navigator.geolocation) {
      failed();
      return;
    }
    const found = ({ coords }) =>
      resolve({ lat: round(coords.latitude), lon: round(coords.longitude) });
    navigator.geolocation.getCurrentPosition(found, failed, { timeout: WITHIN_MS });
  });
}

/** Three decimals, about a hundred metres: the server keeps less, or no more is needed. */
function round(degrees) {
  return Math.round(degrees * 1000) / 1000;
}
