import { Leg } from './leg.js';

const EARLY_MOST = 256;

/**
 * Everybody sends to everybody: a leg for each other participant.
 *
 * `room` is what a meeting lends whatever carries its media:
 *   call(method, params), canSignal(), ice(), sources(), deliver(participant, kind, receiver, from),
 *   fares(participant, state, detail)
 */
export class Mesh {
  kind = 'mesh';
  #room;
  #legs = new Map();
  #early = [];

  constructor(room) {
    this.#room = room;
  }

  /** Connect to these; `force` offers to all of them, for they know a connection that is gone. */
  start({ peers }, force = false) {
    for (const peer of peers ?? []) this.#begin(peer, force);
  }

  /** Take what the server says of peers; `renegotiate` begins anew with them, or with all. */
  told({ peers, renegotiate }) {
    const named = peers ?? [];
    for (const peer of named) this.#begin(peer);
    if (!renegotiate) return;
    const anew = named.length ? named.map((peer) => peer.participant) : [...this.#legs.keys()];
    for (const id of anew) this.#legs.get(id)?.renegotiate();
  }

  /** Take a signal; it may overtake the announcement of who sent it. */
  signal(from, signal) {
    const leg = this.#legs.get(from);
    if (leg) leg.signal(signal);
    else if (this.#early.length < EARLY_MOST) this.#early.push({ from, signal });
  }

  gone(participant) {
    this.#legs.get(participant)?.close();
    this.#legs.delete(participant);
    this.#early = this.#early.filter(({ from }) => from !== participant);
  }

  /** Who is inside, as far as it matters here: those who left have no leg. */
  present(participants) {
    for (const id of [...this.#legs.keys()]) if (!participants.includes(id)) this.gone(id);
  }

  replace(kind, track) {
    return Promise.all([...this.#legs.values()].map((leg) => leg.replace(kind, track)));
  }

  /** The network is another one: every leg finds its way anew. */
  restart() {
    for (const leg of this.#legs.values()) leg.restart();
  }

  /** Signals pass again. */
  mend() {
    for (const leg of this.#legs.values()) leg.mend();
  }

  renewIce() {
    for (const leg of this.#legs.values()) leg.renewIce();
  }

  /** The connections, for statistics: whose media each receives. */
  get connections() {
    return [...this.#legs].map(([participant, { pc }]) => ({ pc, whose: () => participant }));
  }

  get stands() {
    return [...this.#legs.values()].every((leg) => leg.isConnected);
  }

  /** Another way is being built: what breaks from now on is not worth mending. */
  retire() {
    for (const leg of this.#legs.values()) leg.retire();
  }

  close() {
    for (const leg of this.#legs.values()) leg.close();
    this.#legs.clear();
  }

  #begin(peer, force = false) {
    const id = peer.participant;
    if (this.#legs.has(id)) return; // told twice: in the answer to join, and by an event
    const room = this.#room;
    const leg = new Leg(peer, {
      send: (signal) => this.#send(id, signal),
      sources: room.sources,
      ice: room.ice,
      canSignal: room.canSignal,
      track: (kind, receiver) => room.deliver(id, kind, receiver, this),
      state: (state, detail) => room.fares(id, state, detail),
    });
    this.#legs.set(id, leg);
    const early = this.#early;
    this.#early = [];
    // before it offers: an offer of theirs that came first is answered, and is no glare
    for (const { from, signal } of early) this.signal(from, signal);
    leg.start(force && !early.some(({ from }) => from === id));
  }

  async #send(to, signal) {
    const { call, meeting, canSignal } = this.#room;
    if (!canSignal()) return false;
    try {
      await call('meeting.signal', { meeting, to, signal });
      return true;
    } catch {
      return false; // who is gone is announced; else the leg begins anew once signals pass
    }
  }
}
