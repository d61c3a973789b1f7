const INSIDE = new Set(['joined', 'reconnecting']);
const OVER = new Set(['left', 'removed']);

/**
 * Who is in a meeting, as the server says it; each with the media that come from them.
 *
 * @typedef {object} Participant
 * @property {string} id
 * @property {string} user
 * @property {string} name
 * @property {string} role
 * @property {'waiting' | 'joined' | 'reconnecting'} state
 * @property {{audio: boolean, video: boolean}} media what they say they send
 * @property {MediaStream} stream what arrives: the same object for as long as they are here
 * @property {'good' | 'fair' | 'poor' | null} quality
 * @property {boolean} speaking
 * @property {'connecting' | 'connected' | 'failed'} leg
 * @property {boolean} self whether this is oneself
 */
export class Roster {
  /** @type {Map<string, Participant>} */
  participants = new Map();

  /** Those whose media there are: inside, and not oneself. */
  others(me) {
    return [...this.participants.values()]
      .filter(({ id, state }) => id !== me && INSIDE.has(state))
      .map(({ id }) => id);
  }

  /**
   * Take over a view; return what it changed.
   * @param {any[]} view participants as the protocol shows them
   * @param {{isWhole?: boolean, me?: string, stream?: MediaStream}} about `isWhole`: who is not
   *   in it has left
   */
  apply(view, { isWhole = false, me = '', stream } = {}) {
    const changes = { joined: [], left: [], waiting: [], reconnecting: [] };
    for (const one of view) {
      const known = this.participants.get(one.participant);
      if (OVER.has(one.state)) this.#leave(one.participant, one, changes);
      else this.#take(one, known, { me, stream, changes });
    }
    if (isWhole) {
      const named = new Set(view.map((one) => one.participant));
      for (const id of [...this.participants.keys()]) if (!named.has(id)) this.#leave(id, {}, changes);
    }
    return changes;
  }

  #take(one, known, { me, stream, changes }) {
    const self = one.participant === me;
    const participant = known ?? {
      id: one.participant, stream: self && stream ? stream : new MediaStream(), quality: null,
      speaking: false, leg: self ? 'connected' : 'connecting', self,
    };
    const before = known?.state;
    Object.assign(participant, {
      user: one.user, name: one.name || one.user, role: one.role, state: one.state,
      media: { audio: true, video: false, ...one.media }, // the server leaves defaults out
    });
    this.participants.set(participant.id, participant);
    if (self || before === one.state) return;
    if (one.state === 'waiting') changes.waiting.push(participant);
    else if (one.state === 'reconnecting') changes.reconnecting.push(participant);
    else if (one.state === 'joined' && before !== 'reconnecting') changes.joined.push(participant);
  }

  #leave(id, { state = 'left', reason } = {}, changes) {
    const participant = this.participants.get(id);
    if (!participant) return;
    this.participants.delete(id);
    Object.assign(participant, { state, reason, speaking: false });
    changes.left.push(participant);
  }
}
