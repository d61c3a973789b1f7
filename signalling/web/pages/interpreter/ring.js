/** The stage that a ringing offer takes: a dialog over everything, with the time that is left. */

import { heading } from '../desk/facts.js';
import { choice, labelled } from '../desk/form.js';
import { meetLink } from '../desk/meet_link.js';
import { said } from '../desk/said.js';
import { left } from '../desk/times.js';
import { fill, h, set, unique, write } from '../ui/dom.js';
import { Chime } from './chime.js';
import { lostWords, offerFacts } from './offer_facts.js';
import { words } from './strings.js';
import { Ticks } from './ticks.js';

const WAITS = new Set(['held', 'connecting']); // until both are in the meeting
const SOON_S = 10; // before the end: said once, for those who cannot see the time

/**
 * Opens by itself when an offer rings. Escape puts it aside, for it may come amid other work; a
 * strip at the foot of the page brings it back. Nothing but its buttons answers the offer, and the
 * focus begins on its title: what one was about to type must not accept or decline.
 */
export class Ring {
  constructor({ live, offers, profile, work }) {
    Object.assign(this, { live, offers, profile, work, chime: new Chime(), offer: null });
    this.ticks = new Ticks(() => this.#tick());
    this.#build();
    offers.addEventListener('change', () => this.#look());
    offers.addEventListener('over', ({ detail }) => this.#over(detail));
    work.addEventListener('change', () => this.#follow());
    document.addEventListener('visibilitychange', () => this.#seen());
    this.#look();
  }

  #build() {
    this.time = h('span', { class: 'time', role: 'timer', 'aria-label': words.timeLeft });
    this.bar = h('span', { class: 'bar-left' });
    this.spoken = h('p', { class: 'spoken', role: 'status' });
    this.body = h('div', { class: 'stack' });
    this.dialog = h('dialog', { class: 'ring', onclose: () => this.#closed() }, this.body);
    this.asideTime = h('span', { class: 'time' });
    this.aside = h(
      'p',
      { class: 'aside', hidden: true },
      h('span', {}, words.aside),
      this.asideTime,
      h('button', { type: 'button', class: 'primary', onclick: () => this.#show() }, words.look),
    );
    document.body.append(this.dialog, this.aside);
  }

  /** Take the stage with an offer that is new; the one before is over. */
  #look() {
    const { ringing } = this.offers;
    if (!ringing || ringing.offer === this.offer?.offer) return;
    this.offer = ringing;
    this.totalMs = Math.max(1, this.offers.leftMs(ringing));
    this.wasTold = false;
    this.title ??= document.title;
    document.title = `${words.ringTitle} · ${words.page}`;
    this.#ask();
    this.#show();
    this.ticks.start();
    this.chime.start();
  }

  #ask() {
    const title = heading('h2', this.offer.assignment, { id: unique('ring'), tabindex: -1 });
    this.reason = choice(words.declineReasons, '');
    this.problem = h('p', { class: 'problem', role: 'alert' });
    this.buttons = [
      h(
        'button',
        { type: 'button', class: 'large', onclick: () => this.#decline() },
        words.decline,
      ),
      h(
        'button',
        { type: 'button', class: 'primary large', onclick: () => this.#accept() },
        words.accept,
      ),
    ];
    fill(
      this.body,
      h('div', { class: 'ring-head' }, h('p', { class: 'small' }, words.ringTitle), this.time),
      h('div', { class: 'track', 'aria-hidden': 'true' }, this.bar),
      title,
      ...offerFacts(this.offer, this.profile.zone),
      this.problem,
      h('div', { class: 'ring-answers' }, this.buttons),
      labelled(words.declineReason, this.reason, { hint: words.declineFree }),
      this.spoken,
    );
    set(this.dialog, 'aria-labelledby', title.id);
  }

  #show() {
    this.aside.hidden = true;
    if (!this.dialog.open) this.dialog.showModal();
    this.body.querySelector('h2').focus();
    this.#seen();
  }

  #seen() {
    if (this.offer && this.dialog.open && !document.hidden && !this.offer.seen) {
      this.offer.seen = true;
      this.offers.seen(this.offer);
    }
  }

  #closed() {
    this.aside.hidden = !this.offer;
    if (!this.offer) this.#restoreTitle();
    else this.aside.querySelector('button').focus();
  }

  #restoreTitle() {
    if (this.title) document.title = this.title;
    this.title = null;
  }

  async #accept() {
    const { offer } = this;
    const answer = await this.#answering(() => this.offers.accept(offer));
    if (!answer) return;
    this.work.put(answer.assignment);
    this.#won(answer);
  }

  async #decline() {
    const { offer } = this;
    const reason = this.reason.value;
    if (await this.#answering(() => this.offers.decline(offer, reason))) {
      this.#outcome(words.declined);
    }
  }

  /** Ask with the buttons off; return nothing if it did not work, and say why. */
  async #answering(act) {
    for (const button of this.buttons) button.disabled = true;
    write(this.problem, '');
    try {
      return await act();
    } catch (error) {
      if (error.kind === 'gone') this.#lost(error.data.reason);
      else write(this.problem, said(error));
      for (const button of this.buttons) button.disabled = false;
      return null;
    }
  }

  #over({ offer, reason }) {
    if (offer.offer !== this.offer?.offer) return;
    this.#lost(reason);
    if (!this.dialog.open) this.#show();
  }

  #won({ assignment, meeting, hold_until: until }) {
    this.holdUntil = until;
    this.hold = h('p', { class: 'hint' });
    const join = meeting ? meetLink(this.live, meeting, words.join) : null;
    join?.addEventListener('click', () => this.dialog.close());
    this.#outcome(words.won, [h('p', {}, words.wonNow), this.hold], join);
    this.taken = assignment.id;
    this.ticks.start();
  }

  /** What was just won goes on while its dialog stands: called off, missed, or joined elsewhere. */
  #follow() {
    const found = this.taken && this.work.get(this.taken);
    if (!found || !this.dialog.open) return;
    const state = this.work.slot(found)?.state ?? 'missed';
    if (state === 'cancelled' || state === 'missed') this.#lost(state);
    else if (!WAITS.has(state)) this.dialog.close();
  }

  #lost(reason) {
    this.#outcome(words.lostTitle, [h('p', {}, lostWords(reason))]);
  }

  /** Say what became of it. Nothing rings any more. */
  #outcome(title, lines = [], join = null) {
    this.offer = null;
    this.taken = null;
    this.ticks.stop();
    this.chime.stop();
    this.#restoreTitle();
    const head = h('h2', { id: unique('ring'), tabindex: -1 }, title);
    const close = h('button', { type: 'button', onclick: () => this.dialog.close() }, words.close);
    fill(this.body, head, ...lines, h('div', { class: 'answers' }, close, join));
    set(this.dialog, 'aria-labelledby', head.id);
    if (this.dialog.open) head.focus();
    this.aside.hidden = true;
  }

  #tick() {
    if (!this.offer) {
      this.#tickHold();
      return;
    }
    const ms = this.offers.leftMs(this.offer);
    for (const shown of [this.time, this.asideTime]) write(shown, left(ms));
    this.bar.style.transform = `scaleX(${Math.min(1, Math.max(0, ms / this.totalMs)).toFixed(3)})`;
    if (ms <= SOON_S * 1000 && !this.wasTold) {
      this.wasTold = true;
      write(this.spoken, words.soon(SOON_S));
    }
  }

  #tickHold() {
    const ms = this.holdUntil ? Date.parse(this.holdUntil) - this.live.now() : 0;
    if (ms > 0 && this.dialog.open) write(this.hold, words.holdLeft(left(ms)));
    else {
      if (this.hold) write(this.hold, '');
      this.ticks.stop();
    }
  }
}
