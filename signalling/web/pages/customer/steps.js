/** Where an assignment stands, as the steps of its way. */

import { h } from '../ui/dom.js';
import { words } from './strings.js';

const NOW = ['asked', 'accepted', 'meeting', 'done'];
const BOOKED = ['interest', 'asked', 'accepted', 'meeting', 'done'];
const AT = {
  searching: 'asked',
  gathering: 'interest',
  offering: 'asked',
  confirmed: 'accepted',
  held: 'accepted',
  connecting: 'meeting',
  in_progress: 'meeting',
  wrap_up: 'done',
};

export function steps({ state, interest_until: interest }) {
  const all = interest ? BOOKED : NOW;
  const at = all.indexOf(AT[state]);
  return h(
    'ol',
    { class: 'steps', 'aria-label': words.progress },
    all.map((name, index) =>
      h(
        'li',
        { 'data-step': index < at ? 'done' : index > at ? 'ahead' : 'now', 'aria-current': index === at ? 'step' : null },
        words.steps[name],
      ),
    ),
  );
}
