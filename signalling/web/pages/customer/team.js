/** Who interprets, who could, and why. */

import { said } from '../desk/said.js';
import { fill, h } from '../ui/dom.js';
import { words } from './strings.js';

/** The interpreters who have accepted. */
export function team({ live }, assignment) {
  const people = assignment.slots.filter(({ interpreter }) => interpreter);
  if (!people.length) return null;
  return h(
    'ul',
    { class: 'team' },
    people.map((slot) =>
      h(
        'li',
        {},
        h('p', { class: 'name' }, slot.interpreter.name, credential(slot.interpreter)),
        slot.late ? h('p', { class: 'problem' }, words.late) : null,
        slot.stars ? h('p', { class: 'hint' }, words.rated(slot.stars)) : null,
        why(live, assignment, slot.interpreter),
      ),
    ),
  );
}

/** Those who said that they could, with a button to choose one of them. */
export function interested(assignment, choose) {
  const could = assignment.interested ?? [];
  if (assignment.state !== 'gathering') return null;
  if (!could.length) return h('p', { class: 'hint' }, words.nobodyYet);
  return h(
    'ul',
    { class: 'team' },
    could.map(({ interpreter }) =>
      h(
        'li',
        { class: 'could' },
        h('p', { class: 'name' }, interpreter.name, credential(interpreter)),
        h(
          'button',
          { type: 'button', 'data-act': `choose-${interpreter.id}`, onclick: () => choose(interpreter) },
          words.choose,
        ),
      ),
    ),
  );
}

/** " · category B", of the languages that count here. */
function credential({ languages = [], specialisms = [] }) {
  const held = languages.map(({ qualification: held }) => held?.category ?? held).find(Boolean);
  const parts = [held && words.category(held), ...specialisms.map(words.field)].filter(Boolean);
  return parts.length ? h('span', { class: 'hint' }, parts.join(' · ')) : null;
}

/** The reasons, asked for once somebody wants to read them. */
function why(live, { id }, { id: interpreter, name }) {
  const list = h('ul', { class: 'reasons' });
  const element = h('details', {}, h('summary', {}, words.why(name)), list);
  element.addEventListener('toggle', async () => {
    if (!element.open || list.children.length) return;
    try {
      const { reasons } = await live.call('match.explain', { assignment: id, interpreter });
      const shown = reasons.length ? reasons.map(({ text }) => reason(text)) : [reason(words.noReasons)];
      fill(list, shown);
    } catch (error) {
      fill(list, h('li', { class: 'problem' }, said(error)));
    }
  });
  return element;
}

function reason(text) {
  return h('li', {}, text);
}
