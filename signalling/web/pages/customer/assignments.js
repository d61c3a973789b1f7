/** What the customer has asked for, from lists and kept up by events. */

import { OVER } from '../desk/facts.js';

const PAGE = 50;

/** Fires `change` whenever any of them differs, and `told` with {assignment, before} for an event. */
export class Assignments extends EventTarget {
  #known = new Map();
  #next = null;

  constructor(live) {
    super();
    this.live = live;
    live.on('assignment.changed', ({ assignment }) => this.#take(assignment));
    live.on('assignment.reminder', ({ assignment }) => this.#take(assignment));
    live.onOpened((snapshot) => snapshot && this.load());
  }

  /** Get the newest ones. */
  async load() {
    const { assignments, next } = await this.live.call('assignment.list', { limit: PAGE });
    this.#known.clear();
    this.#keep(assignments, next);
  }

  /** Get older ones. */
  async more() {
    const params = { limit: PAGE, cursor: this.#next };
    const { assignments, next } = await this.live.call('assignment.list', params);
    this.#keep(assignments, next);
  }

  get hasMore() {
    return this.#next !== null;
  }

  /** Take in what a method answered. */
  put(assignment) {
    this.#known.set(assignment.id, assignment);
    this.dispatchEvent(new Event('change'));
  }

  get(id) {
    return this.#known.get(id);
  }

  /** What is not over: of now first, then what is booked, soonest first. */
  get current() {
    const at = ({ starts_at: start, created_at: made }) => (start ? Date.parse(start) : -Date.parse(made));
    return this.#all.filter(({ state }) => !OVER.has(state)).sort((a, b) => at(a) - at(b));
  }

  /** What is over, newest first. */
  get past() {
    const at = (one) => Date.parse(one.ended_at ?? one.starts_at ?? one.created_at);
    return this.#all.filter(({ state }) => OVER.has(state)).sort((a, b) => at(b) - at(a));
  }

  /** Interpreters who worked for them, each once. */
  get interpreters() {
    const worked = this.#all.flatMap(({ slots }) => slots.filter(({ state }) => state !== 'cancelled'));
    const met = worked.map(({ interpreter }) => interpreter);
    return [...new Map(met.filter(Boolean).map((one) => [one.id, one])).values()];
  }

  get #all() {
    return [...this.#known.values()];
  }

  #keep(assignments, next) {
    this.#next = next ?? null;
    for (const each of assignments) this.#known.set(each.id, each);
    this.dispatchEvent(new Event('change'));
  }

  #take(assignment) {
    const before = this.#known.get(assignment.id);
    this.put(assignment);
    this.dispatchEvent(new CustomEvent('told', { detail: { assignment, before } }));
  }
}
