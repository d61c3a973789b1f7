/** The section of one's standing: absences that count, what follows, and reports with answers. */

import { Rows } from '../desk/rows.js';
import { said } from '../desk/said.js';
import { moment } from '../desk/times.js';
import { h, set, write } from '../ui/dom.js';
import { toast } from '../ui/toast.js';
import { appeal } from './after.js';
import { words } from './strings.js';

export class Standing {
  constructor({ live, profile }) {
    Object.assign(this, { live, profile });
    this.line = h('p', { class: 'verdict-line', role: 'status' });
    this.paused = h('p', { class: 'problem' });
    this.problem = h('p', { class: 'problem', role: 'alert' });
    const absences = h('ul', { class: 'cards' });
    const reports = h('ul', { class: 'cards' });
    this.element = h(
      'div',
      { class: 'stack' },
      h(
        'div',
        { class: 'card' },
        this.line,
        this.paused,
        h('p', { class: 'hint' }, words.standingLead),
      ),
      this.problem,
      h('h2', {}, words.noShows),
      h('div', {}, absences),
      h('h2', {}, words.reports),
      h('div', {}, reports),
    );
    this.absences = new Rows(absences, {
      keyOf: ({ assignment, at }) => `${assignment} ${at}`,
      draw: (one) => this.#absence(one),
      empty: h('p', { class: 'empty' }, words.noShowsNone),
    });
    this.reports = new Rows(reports, {
      keyOf: ({ id }) => id,
      draw: (one) => this.#report(one),
      empty: h('p', { class: 'empty' }, words.reportsNone),
    });
    live.on('feedback.answered', () => this.#told(words.answered));
    live.on('feedback.suspended', ({ suspended_until: until }) =>
      this.#told(words.suspended(moment(until, profile.zone))),
    );
  }

  async shown() {
    write(this.problem, '');
    try {
      const [standing, { reports }] = await Promise.all([
        this.live.call('feedback.standing'),
        this.live.call('feedback.reports'),
      ]);
      this.#show(standing, reports);
    } catch (error) {
      write(this.problem, said(error));
    }
  }

  #show({ no_shows: absences, counted, most, suspended_until: until }, reports) {
    write(this.line, counted ? words.standingCounted(counted, most) : words.standingGood);
    set(this.line, 'class', counted ? 'verdict-line' : 'verdict-line good');
    write(this.paused, until ? words.suspended(moment(until, this.profile.zone)) : '');
    this.paused.hidden = !until;
    const appealed = reports.filter(({ kind, state }) => kind === 'appeal' && state === 'open');
    const waiting = new Set(appealed.map(({ assignment }) => assignment));
    this.absences.show(absences.map((one) => ({ ...one, waits: waiting.has(one.assignment) })));
    this.reports.show(reports);
  }

  #told(text) {
    toast(text);
    if (!this.element.parentElement.hidden) this.shown();
  }

  #absence({ assignment, at, excused, waits }) {
    const button = h(
      'button',
      { type: 'button', 'data-act': 'appeal', onclick: () => this.#appeal(assignment) },
      words.appeal,
    );
    const text = excused ? words.excused : waits ? words.appealed : words.counts;
    return h(
      'li',
      { class: 'card', tabindex: -1 },
      h('h3', {}, moment(at, this.profile.zone)),
      h('p', { class: excused ? 'verdict-line good' : 'hint' }, text),
      excused || waits ? null : h('div', { class: 'answers' }, button),
    );
  }

  async #appeal(assignment) {
    if (!(await appeal(this.live, assignment))) return;
    toast(words.appealed);
    await this.shown();
  }

  #report({ kind, text, reported_at: at, state, answer, outcome }) {
    const answered = [words.outcomes[outcome], answer].filter(Boolean).join(' ');
    return h(
      'li',
      { class: 'card', tabindex: -1 },
      h('h3', {}, `${words.reportKindNames[kind] ?? kind}, ${moment(at, this.profile.zone)}`),
      h('p', { dir: 'auto' }, text),
      h(
        'p',
        { class: state === 'open' ? 'hint' : 'verdict-line' },
        state === 'open' ? words.reportOpen : answered,
      ),
    );
  }
}
