/** An assignment that one has taken, with what can be done about it now. */

import { facts, heading } from '../desk/facts.js';
import { meetLink } from '../desk/meet_link.js';
import { said } from '../desk/said.js';
import { words as common } from '../desk/strings.js';
import { clock, day, lasting } from '../desk/times.js';
import { h, write } from '../ui/dom.js';
import { toast } from '../ui/toast.js';
import { complete, giveBack, rate, report } from './after.js';
import { checkIn } from './check_in.js';
import { words } from './strings.js';

const MEETS = new Set(['held', 'connecting', 'in_progress']);
const WORKED = new Set(['wrap_up', 'completed']);
const BEFORE = new Set(['confirmed', 'held']);

export class Cards {
  constructor({ live, work, profile }) {
    Object.assign(this, { live, work, profile });
  }

  draw(assignment) {
    const slot = this.work.slot(assignment);
    const problem = h('p', { class: 'problem', role: 'alert' });
    const state = h('p', { class: 'chip', 'data-kind': kindOf(slot.state) });
    state.append(h('span', { class: 'dot' }), common.states[slot.state]);
    return h(
      'li',
      { class: 'card', tabindex: -1 },
      h('div', { class: 'head' }, heading('h3', assignment), state),
      facts(assignment, this.profile.zone),
      this.#lines(assignment, slot).map((line) => h('p', { class: 'hint' }, line)),
      problem,
      h('div', { class: 'answers' }, this.#actions(assignment, slot, problem)),
    );
  }

  #lines(assignment, slot) {
    const { zone } = this.profile;
    const opens = assignment.opens_at;
    return [
      slot.late && words.late,
      slot.state === 'held' && slot.hold_until && words.keptUntil(clock(slot.hold_until, zone)),
      slot.state === 'confirmed' &&
        opens &&
        words.opens(`${day(opens, zone)}, ${clock(opens, zone)}`),
      slot.minutes !== undefined && words.worked(lasting(slot.minutes)),
      slot.their_stars && words.gave(slot.their_stars),
      assignment.cancellation?.reason,
    ].filter(Boolean);
  }

  #actions(assignment, slot, problem) {
    const { state } = slot;
    const act = (name, text, work, kind = '') =>
      h(
        'button',
        { type: 'button', class: kind, 'data-act': name, onclick: () => this.#run(work, problem) },
        text,
      );
    const onsite = assignment.mode === 'onsite';
    const has = (method) => this.live.has(method);
    return [
      MEETS.has(state) && assignment.meeting && meetLink(this.live, assignment.meeting, words.join),
      onsite &&
        BEFORE.has(state) &&
        has('assignment.check_in') &&
        act('check_in', words.checkIn, () => this.#asked(checkIn, assignment), 'primary'),
      state === 'in_progress' &&
        act('complete', words.complete, () => this.#asked(complete, assignment)),
      state === 'wrap_up' &&
        act('complete', words.finish, () => this.#asked(complete, assignment), 'primary'),
      WORKED.has(state) && act('rate', slot.their_stars ? words.rateAgain : words.rate, () => this.#rated(assignment)),
      !BEFORE.has(state) &&
        has('feedback.report') &&
        act('report', words.report, () => report(this.live, assignment)),
      BEFORE.has(state) && act('give_back', words.giveBack, () => this.#givenBack(assignment)),
    ].filter(Boolean);
  }

  async #asked(dialog, assignment) {
    const answer = await dialog(this.live, assignment, this.profile.zone);
    if (answer) this.work.put(answer.assignment);
  }

  async #rated({ id }) {
    if (!(await rate(this.live, { id }))) return;
    const answer = await this.live.attempt('assignment.get', { assignment: id });
    if (answer) this.work.put(answer.assignment);
  }

  async #givenBack(assignment) {
    const answer = await giveBack(this.live, assignment);
    if (!answer) return;
    this.work.put(answer.assignment);
    toast(words.givenBack);
  }

  async #run(work, problem) {
    write(problem, '');
    try {
      await work();
    } catch (error) {
      write(problem, said(error));
    }
  }
}

function kindOf(state) {
  if (state === 'confirmed' || state === 'completed') return 'good';
  return MEETS.has(state) || state === 'wrap_up' ? 'warn' : 'none';
}
