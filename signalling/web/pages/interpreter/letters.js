/** Bookings that one is asked to take: letters, which may be answered within their time. */

import { askForm } from '../desk/dialogs.js';
import { heading } from '../desk/facts.js';
import { choice, labelled } from '../desk/form.js';
import { Rows } from '../desk/rows.js';
import { said } from '../desk/said.js';
import { clock, day, left, span } from '../desk/times.js';
import { h, write } from '../ui/dom.js';
import { toast } from '../ui/toast.js';
import { lostWords, offerFacts } from './offer_facts.js';
import { words } from './strings.js';
import { Ticks } from './ticks.js';

export class Letters {
  constructor({ live, offers, profile, work }) {
    Object.assign(this, { live, offers, profile, work });
    this.times = new Map(); // by offer: where its time left is shown
    this.ticks = new Ticks(() => this.#tick());
    const list = h('ul', { class: 'cards' });
    this.element = h('div', {}, list);
    this.rows = new Rows(list, {
      keyOf: ({ offer }) => offer,
      draw: (offer) => this.#draw(offer),
      empty: h('p', { class: 'empty' }, words.lettersNone),
    });
    offers.addEventListener('change', () => this.#show());
    profile.addEventListener('change', () => this.#show());
    offers.addEventListener('over', ({ detail }) => this.#over(detail));
    this.#show();
  }

  #show() {
    const { letters } = this.offers;
    this.rows.show(letters, this.profile.zone);
    const open = new Set(letters.map(({ offer }) => offer));
    for (const id of this.times.keys()) if (!open.has(id)) this.times.delete(id);
    if (letters.length) this.ticks.start();
    else this.ticks.stop();
  }

  #draw(offer) {
    const until = h('p', { class: 'hint' });
    const problem = h('p', { class: 'problem', role: 'alert' });
    this.times.set(offer.offer, { offer, until, seen: false });
    const act = (name, text, kind, work) =>
      h(
        'button',
        { type: 'button', class: kind, 'data-act': name, onclick: () => this.#run(work, problem) },
        text,
      );
    return h(
      'li',
      { class: 'card', tabindex: -1 },
      heading('h3', offer.assignment),
      ...offerFacts(offer, this.profile.zone),
      until,
      problem,
      h(
        'div',
        { class: 'answers' },
        act('accept', words.accept, 'primary', () => this.#accept(offer)),
        act('decline', words.decline, '', () => this.#decline(offer)),
      ),
    );
  }

  async #accept(offer) {
    const { assignment } = await this.offers.accept(offer);
    this.work.put(assignment);
    const { starts_at: at, duration_min: minutes } = assignment;
    toast(words.booked(span(at, minutes, this.profile.zone)));
  }

  async #decline(offer) {
    const reason = choice(words.declineReasons, '');
    const done = await askForm({
      title: words.decline,
      lead: words.declineFree,
      fields: [labelled(words.declineReason, reason, { path: 'reason' })],
      submit: words.decline,
      act: () => this.offers.decline(offer, reason.value),
    });
    if (done) toast(words.declined);
  }

  async #run(work, problem) {
    write(problem, '');
    try {
      await work();
    } catch (error) {
      if (error.kind === 'gone') toast(lostWords(error.data.reason));
      else write(problem, said(error));
    }
  }

  #over({ offer, reason }) {
    if (offer.assignment.starts_at) toast(`${words.lostTitle}. ${lostWords(reason)}`);
  }

  #tick() {
    const { zone } = this.profile;
    const isInSight = !document.hidden && this.element.checkVisibility();
    for (const time of this.times.values()) {
      const { offer, until } = time;
      const due = `${day(offer.expires_at, zone)}, ${clock(offer.expires_at, zone)}`;
      write(until, words.answerBy(due, left(this.offers.leftMs(offer))));
      if (isInSight && !time.seen) this.offers.seen(offer);
      time.seen ||= isInSight;
    }
  }
}
