/** Offers that wait for an answer: those that ring now, and bookings that may wait longer. */

import { RemoteError } from '/client.js';

/** Fires `change` whenever they differ, `made` and `over` with {offer, reason} for one of them. */
export class Offers extends EventTarget {
  #open = new Map();
  #answering = new Set();

  constructor(live) {
    super();
    this.live = live;
    live.on('offer.made', (offer) => this.#made(offer));
    live.on('offer.withdrawn', ({ offer, reason }) => this.#over(offer, reason));
    live.on('assignment.changed', ({ assignment }) => this.#taken(assignment));
    live.onOpened((snapshot) => snapshot && this.#replace(snapshot.offers));
  }

  async load() {
    this.#replace((await this.live.call('offer.list')).offers);
  }

  /** The one that rings; at most one does. */
  get ringing() {
    return [...this.#open.values()].find(({ assignment }) => !assignment.starts_at) ?? null;
  }

  /** Bookings, the soonest to answer first. */
  get letters() {
    return [...this.#open.values()]
      .filter(({ assignment }) => assignment.starts_at)
      .sort((a, b) => Date.parse(a.expires_at) - Date.parse(b.expires_at));
  }

  /** How long one may still be answered, ms on the server's clock. */
  leftMs({ expires_at }) {
    return Date.parse(expires_at) - this.live.now();
  }

  /** Take it. Return the answer; rejects when it is too late, with `data.reason`. */
  accept({ offer }) {
    return this.#answer(offer, 'offer.accept', { offer });
  }

  /** Say no, with a reason or without. */
  decline({ offer }, reason) {
    return this.#answer(offer, 'offer.decline', { offer, ...(reason && { reason }) });
  }

  /** Say that a person has seen it. */
  seen({ offer }) {
    this.live.attempt('offer.ack', { offer, seen: true });
  }

  /** Answer, and let go of it: what a withdrawal says meanwhile is not news. */
  async #answer(offer, method, params) {
    this.#answering.add(offer);
    try {
      const answer = await this.live.call(method, params);
      this.#close(offer);
      return answer;
    } catch (error) {
      if (error instanceof RemoteError && error.kind === 'gone') this.#close(offer);
      throw error;
    } finally {
      this.#answering.delete(offer);
    }
  }

  #made(offer) {
    this.#open.set(offer.offer, offer);
    this.live.attempt('offer.ack', { offer: offer.offer, seen: false });
    this.dispatchEvent(new CustomEvent('made', { detail: { offer } }));
    this.#say();
  }

  #over(id, reason) {
    const offer = this.#open.get(id);
    if (!offer || this.#answering.has(id)) return;
    this.#close(id);
    this.dispatchEvent(new CustomEvent('over', { detail: { offer, reason } }));
  }

  /** What became one's own without an answer from here was accepted on another device. */
  #taken({ id, slots }) {
    if (!slots.some(({ interpreter }) => interpreter?.id === this.live.user)) return;
    for (const [offer, { assignment }] of this.#open) {
      if (assignment.id === id) this.#over(offer, 'elsewhere');
    }
  }

  /** After a gap: those that are gone were answered or withdrawn meanwhile. */
  #replace(offers) {
    const now = new Map(offers.map((offer) => [offer.offer, offer]));
    for (const id of this.#open.keys()) if (!now.has(id)) this.#over(id, 'elsewhere');
    const fresh = offers.filter(({ offer }) => !this.#open.has(offer));
    for (const offer of fresh) this.#made(offer);
    this.#say();
  }

  #close(id) {
    this.#open.delete(id);
    this.#say();
  }

  #say() {
    this.dispatchEvent(new Event('change'));
  }
}
