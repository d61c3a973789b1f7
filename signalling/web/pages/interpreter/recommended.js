/** The section of open bookings that fit: "I could", taken back, and what became of it. */

import { heading } from '../desk/facts.js';
import { Rows } from '../desk/rows.js';
import { said } from '../desk/said.js';
import { words as common } from '../desk/strings.js';
import { moment } from '../desk/times.js';
import { h, write } from '../ui/dom.js';
import { toast } from '../ui/toast.js';
import { offerFacts } from './offer_facts.js';
import { words } from './strings.js';

const LIMIT = 50;

/** Fires `count` when `waiting` differs: how many came while another section was shown. */
export class Recommended extends EventTarget {
  waiting = 0;
  #open = new Map(); // by assignment: {assignment, reasons, interested, interest_until, became?}

  constructor({ live, work, profile }) {
    super();
    Object.assign(this, { live, work, profile });
    const list = h('ul', { class: 'cards' });
    this.problem = h('p', { class: 'problem', role: 'alert' });
    this.element = h(
      'div',
      { class: 'stack' },
      h('p', { class: 'lead' }, words.openLead),
      this.problem,
      h('div', {}, list),
    );
    this.rows = new Rows(list, {
      keyOf: ({ assignment }) => assignment.id,
      draw: (one) => this.#draw(one),
      empty: h('p', { class: 'empty' }, words.openNone),
    });
    live.on('assignment.recommended', ({ recommendation }) => this.#came(recommendation));
    live.on('offer.withdrawn', ({ assignment, reason }) =>
      this.#decided(assignment, words.openOver[reason] ?? words.openLost),
    );
    work.addEventListener('told', ({ detail }) => this.#told(detail));
    live.onOpened(() => this.#load());
  }

  /** Fetch them anew: what is open changes while one looks elsewhere. */
  async shown() {
    this.#count(0);
    try {
      write(this.problem, '');
      await this.#load();
    } catch (error) {
      write(this.problem, said(error));
    }
  }

  async #load() {
    const params = { limit: LIMIT };
    const { recommendations } = await this.live.call('assignment.recommend', params);
    const before = this.#open;
    this.#open = new Map(recommendations.map((each) => [each.assignment.id, each]));
    for (const [id, each] of before) {
      if (!each.interested || this.#open.has(id)) continue;
      this.#open.set(id, { ...each, became: each.became ?? words.openLost });
    }
    this.#show();
  }

  #show() {
    this.rows.show([...this.#open.values()], this.profile.zone);
  }

  #draw(one) {
    const problem = h('p', { class: 'problem', role: 'alert' });
    const { zone } = this.profile;
    return h(
      'li',
      { class: 'card', tabindex: -1 },
      heading('h2', one.assignment),
      ...offerFacts(one, zone),
      h('p', { class: one.interested ? 'verdict-line good' : 'hint' }, this.#line(one, zone)),
      problem,
      this.#button(one, problem),
    );
  }

  #line({ became, interested, interest_until: until }, zone) {
    if (became) return became;
    if (!until) return words.willAsk;
    return [interested && words.saidCould, words.decidedAt(moment(until, zone))]
      .filter(Boolean)
      .join(' ');
  }

  #button(one, problem) {
    if (one.became || !one.interest_until) return null;
    const { interested } = one;
    return h(
      'div',
      { class: 'answers' },
      h(
        'button',
        {
          type: 'button',
          class: interested ? '' : 'primary',
          'data-act': 'interest',
          onclick: () => this.#say(one, !interested, problem),
        },
        interested ? words.takeBack : words.could,
      ),
    );
  }

  async #say(one, interested, problem) {
    const { id } = one.assignment;
    try {
      const answer = await this.live.call('assignment.interest', { assignment: id, interested });
      this.#open.set(id, { ...one, interested: answer.interested, interest_until: answer.until });
    } catch (error) {
      if (error.kind !== 'gone') {
        write(problem, said(error));
        return;
      }
      this.#open.set(id, { ...one, became: words.openLost });
    }
    this.#show();
  }

  #came(recommendation) {
    const { id } = recommendation.assignment;
    if (!this.#open.has(id)) {
      toast(words.newOpen);
      if (this.element.parentElement.hidden) this.#count(this.waiting + 1);
    }
    this.#open.set(id, recommendation);
    this.#show();
  }

  #told({ assignment }) {
    if (this.work.slot(assignment)) this.#decided(assignment.id, words.openTaken);
  }

  #decided(id, became) {
    const one = this.#open.get(id);
    if (!one?.interested || one.became) return;
    this.#open.set(id, { ...one, became });
    this.#show();
    if (this.element.parentElement.hidden) {
      toast(`${common.pair(one.assignment.languages)}: ${became}`);
    }
  }

  #count(waiting) {
    this.waiting = waiting;
    this.dispatchEvent(new Event('count'));
  }
}
