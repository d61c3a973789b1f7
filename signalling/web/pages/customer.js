/** The page of a customer: ask, watch who is asked, meet, and what comes after. */

import { openPage } from './desk/page.js';
import { Shell } from './desk/shell.js';
import { Ask } from './customer/ask.js';
import { Assignments } from './customer/assignments.js';
import { Current } from './customer/current.js';
import { Pairs } from './customer/pairs.js';
import { Past } from './customer/past.js';
import { words } from './customer/strings.js';
import { tellChanges } from './customer/telling.js';

// The start page's link says for which languages, too.
const linked = new URLSearchParams(location.hash.slice(1)).get('languages')?.split(',') ?? [];

openPage('customer', async ({ live, name }) => {
  const assignments = new Assignments(live);
  const pairs = new Pairs(live);
  await Promise.all([assignments.load(), pairs.load()]);
  let shell = null;
  const go = (section) => shell.go(section);
  const desk = { live, assignments, pairs, go };
  const current = new Current(desk);
  const ask = new Ask(desk, linked, (assignment) => {
    addEventListener('hashchange', () => current.show(assignment), { once: true });
    go('current');
  });
  const sections = [
    { id: 'ask', title: words.ask, icon: 'people', view: ask },
    { id: 'current', title: words.current, icon: 'calendar', view: current },
    { id: 'past', title: words.past, icon: 'clock', view: new Past(desk) },
  ];
  shell = new Shell({ client: live.client, title: words.page, name, sections });
  const count = () => shell.count('current', assignments.current.length);
  assignments.addEventListener('change', count);
  count();
  tellChanges(assignments);
  return shell.element;
});
