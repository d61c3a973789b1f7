import { Janus } from './janus.js';
import { Mesh } from './mesh.js';
import { Relay } from './relay.js';
import { pause } from './watch.js';

const LOOK_MS = 100;
const STANDING_MS = 4_000; // a new way that stands counts as good then, whatever flows by it
const LINGER_MS = 2_500; // the others change over at their own time: they hear us both ways

/**
 * By what the media of a meeting go, and the change from one way to another without a gap: the
 * old way stays until the new one delivers, track by track.
 *
 * `room` is as in mesh.js, without `deliver`; `set(participant, kind, track)` is told which track
 * is to be heard or seen from now on.
 */
export class Carriage {
  #room;
  #set;
  #now = null;
  #next = null;
  #heard = new Map();
  #awaited = new Map();
  #others = [];

  constructor(room, set) {
    this.#room = { ...room, deliver: (...given) => this.#deliver(...given) };
    this.#set = set;
  }

  /** Go as the server says: the answer to meeting.join, or a change of topology. */
  take(told, force = false) {
    const { topology, carrier } = told;
    const goal = this.#next ?? this.#now;
    if (goal && goal.kind === topology && goal.carrier?.id === carrier?.id) {
      goal.start(told, force);
      return;
    }
    this.#next?.close();
    this.#next = null;
    const made = this.#make(topology, carrier);
    if (this.#now) this.#next = made;
    else this.#now = made;
    if (this.#next) this.#now.retire();
    made.present(this.#others);
    made.start(told, force);
    if (this.#next) this.#changeOver(made);
  }

  /** Take what else the server says: of peers of the mesh, or who publishes. */
  told(params) {
    for (const way of this.#ways) way.told(params);
  }

  signal(from, signal) {
    const mesh = [this.#next, this.#now].find((way) => way?.kind === 'mesh');
    mesh?.signal(from, signal);
  }

  /** Say who else is inside. */
  present(others) {
    this.#others = others;
    for (const way of this.#ways) way.present(others);
    for (const id of [...this.#heard.keys()]) if (!others.includes(id)) this.#heard.delete(id);
  }

  replace(kind, track) {
    return Promise.all(this.#ways.map((way) => way.replace(kind, track)));
  }

  restart() {
    for (const way of this.#ways) way.restart();
  }

  mend() {
    for (const way of this.#ways) way.mend();
  }

  renewIce() {
    for (const way of this.#ways) way.renewIce();
  }

  close() {
    for (const way of this.#ways) way.close();
    this.#now = this.#next = null;
    this.#awaited.clear();
    this.#heard.clear();
  }

  /** The connections that count, for statistics. */
  get connections() {
    return this.#now?.connections ?? [];
  }

  get #ways() {
    return [this.#now, this.#next].filter(Boolean);
  }

  #make(topology, carrier) {
    if (topology === 'relay') return new Relay(this.#room, carrier);
    if (topology === 'janus') return new Janus(this.#room, carrier);
    return new Mesh(this.#room);
  }

  /** Make `way` the one way once it delivers. */
  async #changeOver(way) {
    let stoodAt = 0;
    for (;;) {
      await pause(LOOK_MS);
      if (this.#next !== way) return;
      const now = performance.now();
      if (!way.stands) stoodAt = 0;
      else stoodAt ||= now;
      if (stoodAt && (!this.#awaited.size || now - stoodAt > STANDING_MS)) break;
    }
    await pause(LINGER_MS);
    if (this.#next !== way) return;
    this.#now.close();
    this.#now = way;
    this.#next = null;
    for (const { key, receiver } of [...this.#awaited.values()]) this.#settle(key, receiver);
  }

  // --- tracks -----------------------------------------------------------------------------------

  /** Take a track that will be received; `from` an older way it only fills silence. */
  #deliver(participant, kind, receiver, from) {
    const key = `${kind} ${participant}`;
    const heard = this.#heard.get(participant)?.[kind];
    const isNewest = from === (this.#next ?? this.#now);
    if (heard === receiver.track) return;
    if (!heard || heard.readyState === 'ended') {
      if (isNewest) this.#awaited.delete(key);
      this.#settle(key, receiver);
    } else if (isNewest) {
      this.#await(key, receiver);
    }
  }

  #settle(key, receiver) {
    const [kind, participant] = key.split(' ');
    if (this.#awaited.get(key)?.receiver === receiver) this.#awaited.delete(key);
    this.#heard.set(participant, { ...this.#heard.get(participant), [kind]: receiver.track });
    this.#set(participant, kind, receiver.track);
  }

  /** Change to what `receiver` receives as soon as it receives something. */
  async #await(key, receiver) {
    this.#awaited.set(key, { key, receiver });
    while (this.#awaited.get(key)?.receiver === receiver) {
      if (receiver.track.readyState === 'ended') break;
      if (await receives(receiver)) {
        if (this.#awaited.get(key)?.receiver === receiver) this.#settle(key, receiver);
        return;
      }
      await pause(LOOK_MS);
    }
    if (this.#awaited.get(key)?.receiver === receiver) this.#awaited.delete(key);
  }
}

async function receives(receiver) {
  for (const one of (await receiver.getStats()).values()) {
    if (one.type === 'inbound-rtp' && one.packetsReceived > 0) return true;
  }
  return false;
}
