/** The assignments that the interpreter has taken, from lists and kept up by events. */

import { OVER } from '../desk/facts.js';

const CURRENT = new Set(['held', 'connecting', 'in_progress', 'wrap_up']);
const PAGE = 50;
const AHEAD = 200;

/** Fires `change` when any of them differs, `told` with {assignment, before} for an event. */
export class Work extends EventTarget {
  #known = new Map();
  #next = null;

  constructor(live) {
    super();
    this.live = live;
    live.on('assignment.changed', ({ assignment }) => this.#take(assignment));
    live.onOpened((snapshot) => snapshot && this.load());
  }

  /** Get the newest and those ahead. */
  async load() {
    const ahead = { starts_from: new Date(this.live.now()).toISOString(), limit: AHEAD };
    const [newest, coming] = await Promise.all([
      this.live.call('assignment.list', { limit: PAGE }),
      this.live.call('assignment.list', ahead),
    ]);
    this.#known.clear();
    this.#next = newest.next ?? null;
    for (const each of [...newest.assignments, ...coming.assignments]) this.put(each, true);
    this.#say();
  }

  /** Get older ones. */
  async more() {
    const { assignments, next } = await this.live.call('assignment.list', {
      limit: PAGE,
      cursor: this.#next,
    });
    this.#next = next ?? null;
    for (const each of assignments) this.put(each, true);
    this.#say();
  }

  get hasMore() {
    return this.#next !== null;
  }

  /** Take in what a method answered. */
  put(assignment, quietly = false) {
    this.#known.set(assignment.id, assignment);
    if (!quietly) this.#say();
  }

  get(id) {
    return this.#known.get(id);
  }

  /** The place of this interpreter in an assignment, also once it was called off. */
  slot({ slots }) {
    return slots.find(({ interpreter }) => interpreter?.id === this.live.user);
  }

  /** What is to be done now, that of now first. */
  get current() {
    return this.#all(({ state }) => CURRENT.has(state));
  }

  /** What is booked, soonest first. */
  get upcoming() {
    const found = this.#all(({ state }) => state === 'confirmed');
    return found.sort((a, b) => Date.parse(a.starts_at) - Date.parse(b.starts_at));
  }

  /** What is over, newest first. */
  get past() {
    const at = (one) => Date.parse(one.ended_at ?? one.starts_at ?? one.created_at);
    return this.#all(({ state }) => OVER.has(state)).sort((a, b) => at(b) - at(a));
  }

  #all(wanted) {
    return [...this.#known.values()].filter((assignment) => {
      const slot = this.slot(assignment);
      return slot && wanted(slot);
    });
  }

  #take(assignment) {
    const before = this.#known.get(assignment.id);
    if (!before && !this.slot(assignment)) return;
    this.put(assignment, true);
    this.dispatchEvent(new CustomEvent('told', { detail: { assignment, before } }));
    this.#say();
  }

  #say() {
    this.dispatchEvent(new Event('change'));
  }
}
