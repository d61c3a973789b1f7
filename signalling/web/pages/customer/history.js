/** Everything that happened to an assignment, for whoever unfolds it. */

import { said } from '../desk/said.js';
import { moment } from '../desk/times.js';
import { fill, h } from '../ui/dom.js';
import { words } from './strings.js';

const HERE = Intl.DateTimeFormat().resolvedOptions().timeZone;

export function history(live, { id }) {
  const list = h('ol', { class: 'history' });
  const element = h('details', {}, h('summary', {}, words.history), list);
  element.addEventListener('toggle', async () => {
    if (!element.open) return;
    try {
      const found = await live.call('assignment.get', { assignment: id, history: true });
      fill(list, (found.history ?? []).map(entry));
    } catch (error) {
      fill(list, h('li', { class: 'problem' }, said(error)));
    }
  });
  return element;
}

function entry({ at, what, role, reason, state }) {
  const more = [role && words.by[role], state && state !== what && words.became(state), reason].filter(Boolean);
  return h(
    'li',
    {},
    h('time', { datetime: at }, moment(at, HERE)),
    h('span', {}, words.happened(what)),
    more.length ? h('span', { class: 'hint' }, more.join(' · ')) : null,
  );
}
