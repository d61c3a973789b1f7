/** One assignment as its customer sees it: where it stands, who comes, what can be done. */

import { facts, heading, OVER } from '../desk/facts.js';
import { meetLink } from '../desk/meet_link.js';
import { said } from '../desk/said.js';
import { words as common } from '../desk/strings.js';
import { day, clock } from '../desk/times.js';
import { h, write } from '../ui/dom.js';
import { history } from './history.js';
import { steps } from './steps.js';
import { words } from './strings.js';
import { interested, team } from './team.js';

const HERE = Intl.DateTimeFormat().resolvedOptions().timeZone;
const MEETS = new Set(['held', 'connecting', 'in_progress']);
const WAITS = new Set(['searching', 'gathering', 'offering', 'confirmed', 'held']);

/** Draw it; *left* is an element that is kept up by who shows it, for the time that is left. */
export function card(desk, changes, assignment, left = null) {
  const problem = h('p', { class: 'problem', role: 'alert' });
  const run = async (work) => {
    write(problem, '');
    try {
      await work();
    } catch (error) {
      write(problem, said(error));
    }
  };
  const { state } = assignment;
  const over = OVER.has(state);
  return h(
    'li',
    { class: 'card assignment', tabindex: -1, 'data-id': assignment.id, 'data-state': state },
    h('div', { class: 'head' }, heading('h2', assignment), chip(assignment)),
    over ? null : steps(assignment),
    h('p', { class: 'standing' }, standing(assignment), left ? ' ' : null, left),
    reasons(assignment),
    team(desk, assignment),
    interested(assignment, (one) => run(() => changes.choose(assignment, one))),
    facts(assignment, HERE),
    problem,
    h('div', { class: 'answers' }, actions(desk, changes, assignment, run)),
    history(desk.live, assignment),
  );
}

function chip({ state }) {
  const kinds = { unfilled: 'bad', no_show: 'bad', cancelled: 'none', offering: 'warn', searching: 'warn' };
  const kind = kinds[state] ?? 'good';
  return h('span', { class: 'chip', 'data-kind': kind }, h('span', { class: 'dot' }), common.states[state]);
}

/** What is going on, in a sentence. */
function standing(assignment) {
  const { state, slots, opens_at: opens, interest_until: until, interested: could = [] } = assignment;
  const wave = Math.max(...slots.map((slot) => slot.wave));
  const asked = slots.reduce((sum, slot) => sum + slot.asked, 0);
  const names = slots.map(({ interpreter }) => interpreter?.name).filter(Boolean);
  switch (state) {
    case 'searching':
      return words.searching(asked);
    case 'gathering':
      return words.gathering(could.length, when(until), assignment.confirm === 'customer');
    case 'offering':
      return words.offering(wave, asked);
    case 'confirmed':
      return words.confirmed(names, opens && when(opens));
    case 'held':
      return words.held(names);
    case 'connecting':
    case 'in_progress':
      return words[state](names);
    case 'wrap_up':
      return words.wrapUp;
    default:
      return '';
  }
}

/** Why it ended or still waits, who was left out, and what would have helped. */
function reasons({ outcome, cancellation }) {
  const { reason, text, excluded = {}, relaxations } = outcome ?? {};
  const left = Object.entries(excluded).map(([rule, count]) => words.excluded(rule, count));
  const helps = (relaxations ?? []).map(({ change, adds }) => words.relaxed(change, adds));
  const texts = [
    text ?? reason,
    left.length && words.leftOut(left),
    helps.length && words.helps(helps),
    cancellation?.late && words.cancelledLate,
  ].filter(Boolean);
  return texts.length ? h('div', { class: 'ended' }, texts.map((each) => h('p', {}, each))) : null;
}

function actions({ live, go }, changes, assignment, run) {
  const { state, meeting, mode, starts_at: start, slots } = assignment;
  const act = (name, text, work, kind = '') =>
    h('button', { type: 'button', class: kind, 'data-act': name, onclick: () => run(work) }, text);
  const worked = slots.some(({ interpreter }) => interpreter);
  const unrated = slots.some(({ interpreter, stars }) => interpreter && !stars);
  return [
    meeting && mode !== 'onsite' && MEETS.has(state) && meetLink(live, meeting, words.join),
    state === 'wrap_up' && act('finish', words.finish, () => changes.finish(assignment), 'primary'),
    state === 'in_progress' && act('finish', words.finish, () => changes.finish(assignment)),
    ['wrap_up', 'completed'].includes(state) &&
      worked &&
      act('rate', unrated ? words.rate : words.rateAgain, () => changes.rate(assignment)),
    start && WAITS.has(state) && state !== 'held' && act('move', words.move, () => changes.move(assignment)),
    WAITS.has(state) && act('cancel', words.cancel, () => changes.cancel(assignment)),
    live.has('feedback.report') &&
      worked &&
      !WAITS.has(state) &&
      act('report', words.report, () => changes.report(assignment)),
    state === 'unfilled' && act('again', words.again, () => go('ask'), 'primary'),
  ].filter(Boolean);
}

function when(at) {
  return `${day(at, HERE)}, ${clock(at, HERE)}`;
}
