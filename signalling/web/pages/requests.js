import { Emitter } from './emitter.js';

/** What one asks of the server about a meeting. Each rejects with why, if it is refused. */
export class Requests extends Emitter {
  #session;

  constructor(session, id) {
    super();
    this.#session = session;
    this.id = id;
  }

  /** Call a method about this meeting. */
  call(method, params = {}, withinMs = undefined) {
    return this.#session.call(method, { meeting: this.id, ...params }, withinMs);
  }

  /** Write to everybody, or to one participant. */
  say(text, to) {
    return this.call('meeting.message', { text, ...(to && { to }) });
  }

  /** Let in somebody who waits. */
  admit(participant) {
    return this.call('meeting.update', { admit: participant });
  }

  /** Put somebody out, or refuse somebody who waits. */
  remove(participant) {
    return this.call('meeting.remove', { participant });
  }

  lock(locked) {
    return this.call('meeting.update', { locked });
  }

  /** Make a link for a guest. */
  invite(options = {}) {
    return this.call('meeting.invite', options);
  }

  /** @param {'start' | 'stop'} action */
  record(action) {
    return this.call('meeting.record', { action });
  }

  /** Agree to being recorded, or take that back. */
  consent(given) {
    return this.call(given ? 'consent.grant' : 'consent.withdraw', { purpose: 'recording' });
  }

  /** End it for everybody. */
  end() {
    return this.call('meeting.end');
  }
}
