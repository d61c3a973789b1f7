import { Backoff } from './backoff.js';
import { Emitter } from './emitter.js';
import { ClientError, ConnectionLost, Late, RemoteError } from './errors.js';
import { Kept } from './kept.js';
import { ANSWER_MS, Wire } from './wire.js';

const PROBE_MS = 4_000; // an answer that takes longer counts as a dead network
const REMEMBERED = 512; // ids of events, for delivery is at least once

/**
 * A session that outlives its sockets: it comes back by itself after a drop, a reload of the page
 * and a restart of the server, and shows each stored event once.
 *
 * Events: `state` ({state, reason?, code?, retryInMs?}), `event:<method>` (params), `opened`
 * ({isSame, recovered, snapshot}).
 */
export class Session extends Emitter {
  /** @type {'new' | 'connecting' | 'open' | 'reconnecting' | 'closed'} */
  state = 'new';
  /** The answer to the last session.open. */
  info = {};
  user = '';
  role = '';
  #url;
  #token;
  #device;
  #kept;
  #wire = null;
  #backoff = new Backoff();
  #seen = new Set();
  #lastEvent;
  #timer = 0;
  #ending = new AbortController();
  #first = null;

  /**
   * @param {{url?: string, token: string | (() => string | Promise<string>), device?: string,
   *   storage?: Storage | null}} options
   */
  constructor({ url = location.origin, token, device, storage = tabStorage() }) {
    super();
    this.#url = socketUrl(url);
    this.#token = token;
    this.#device = device;
    this.#kept = new Kept(storage, this.#url, device);
  }

  /** Open, or resume what this tab had open; rejects only when the server refuses for good. */
  open() {
    if (this.#first) return this.#first.promise;
    this.#first = {};
    this.#first.promise = new Promise((resolve, reject) => Object.assign(this.#first, { resolve, reject }));
    this.#watch();
    this.#turn('connecting');
    this.#connect();
    return this.#first.promise;
  }

  /**
   * Ask and return the result. While the session is coming back it waits for that, within the
   * same deadline; a call that was under way when the socket went down rejects: its outcome is
   * unknown.
   */
  async call(method, params = {}, withinMs = ANSWER_MS) {
    const began = performance.now();
    if (this.state !== 'open') await this.#reopened(method, withinMs);
    return this.#wire.call(method, params, Math.max(1, withinMs - (performance.now() - began)));
  }

  /** Go on with a newer token, on this socket and on those after it. */
  async refresh(token) {
    const result = await this.call('session.refresh', { token });
    if (typeof this.#token === 'string') this.#token = token;
    return result;
  }

  /** End the session for good: nothing is kept to resume. */
  async close() {
    if (this.state === 'closed') return;
    const wire = this.#wire;
    if (this.state === 'open') {
      await wire.call('session.close', {}, 2_000).catch(() => {});
    }
    this.#end({ reason: 'closed' });
    wire?.close();
  }

  /** Lose the socket without a goodbye and come back, as after a change of network. */
  drop(reason = 'dropped') {
    this.#wire?.drop(reason);
  }

  // --- the connection ---------------------------------------------------------------------------

  async #connect() {
    clearTimeout(this.#timer);
    const before = this.#wire;
    const wire = new Wire(this.#url, {
      event: (method, params) => this.#event(wire, method, params),
      lost: (lost) => this.#lost(lost),
    });
    this.#wire = wire;
    before?.drop('replaced');
    try {
      const token = typeof this.#token === 'function' ? await this.#token() : this.#token;
      await wire.opened;
      const resume = this.#resume();
      const opening = { token, ...(this.#device && { device: this.#device }), ...(resume && { resume }) };
      this.#opened(wire, await wire.call('session.open', opening), resume);
    } catch (error) {
      this.#refused(wire, error);
    }
  }

  #opened(wire, info, resume) {
    if (wire.lost || this.state === 'closed') return;
    const isSame = info.session === resume?.session;
    if (!info.recovered) {
      this.#seen.clear();
      this.#lastEvent = info.snapshot?.last_event;
    }
    this.#kept.keep(info.session, info.resume_token);
    Object.assign(this, { info, user: info.user, role: info.role });
    this.#backoff.reset();
    this.#beat();
    this.#turn('open');
    this.#first.resolve(info);
    this.emit('opened', { isSame, recovered: info.recovered, snapshot: info.snapshot });
  }

  /** After a reload nothing is known of the events before: the server then gives a snapshot. */
  #resume() {
    const kept = this.#kept.resume;
    return kept && this.#lastEvent ? { ...kept, last_event: this.#lastEvent } : kept;
  }

  #refused(wire, error) {
    if (error instanceof RemoteError && !error.retryable) {
      this.#end({ reason: error.message, error });
      wire.close();
      return;
    }
    if (error instanceof RemoteError) this.#backoff.advise(error.data);
    wire.drop(error.message);
  }

  #lost(wire) {
    if (wire !== this.#wire || this.state === 'closed') return;
    const { code, reason, mayReturn } = wire.lost;
    if (!mayReturn) {
      this.#end({ reason, code, error: wire.lost });
      return;
    }
    this.#retry(reason || `the connection was lost (${code})`);
  }

  #retry(reason) {
    clearTimeout(this.#timer);
    const retryInMs = Math.round(this.#backoff.next());
    this.#timer = setTimeout(() => this.#connect(), retryInMs);
    this.#turn('reconnecting', { reason, retryInMs });
  }

  #end({ reason, code, error }) {
    clearTimeout(this.#timer);
    this.#ending.abort();
    this.#kept.forget();
    this.#turn('closed', { reason, ...(code && { code }) });
    const failure = error ?? new ConnectionLost(1000, reason);
    this.#first.promise.catch(() => {}); // nobody may be waiting for it
    this.#first.reject(failure);
  }

  #turn(state, more = {}) {
    this.state = state;
    this.emit('state', { state, ...more });
  }

  #reopened(method, withinMs) {
    if (this.state === 'closed') return Promise.reject(new ConnectionLost(1000, 'closed'));
    return new Promise((resolve, reject) => {
      const settle = (fn, value) => {
        off();
        clearTimeout(late);
        fn(value);
      };
      const off = this.on('state', ({ state, reason }) => {
        if (state === 'open') settle(resolve);
        if (state === 'closed') settle(reject, new ConnectionLost(1000, reason));
      });
      const late = setTimeout(() => settle(reject, new Late(method)), withinMs);
    });
  }

  // --- events -----------------------------------------------------------------------------------

  #event(wire, method, params) {
    if (wire !== this.#wire) return;
    const id = params.event_id;
    if (id !== undefined) {
      if (this.#seen.has(id)) return;
      this.#seen.add(id);
      if (this.#seen.size > REMEMBERED) this.#seen.delete(this.#seen.values().next().value);
      this.#lastEvent = id;
    }
    if (method === 'session.draining') this.#backoff.advise(params);
    if (method === 'session.expiring') this.#renewToken();
    this.emit(`event:${method}`, params);
  }

  async #renewToken() {
    if (typeof this.#token !== 'function') return; // the app listens, and calls refresh()
    try {
      await this.refresh(await this.#token());
    } catch (error) {
      if (!(error instanceof ClientError)) reportError(error);
    }
  }

  // --- life -------------------------------------------------------------------------------------

  /** Pings of the server are invisible here: ask when nothing was heard for as long. */
  #beat() {
    clearTimeout(this.#timer);
    const everyMs = (this.info.heartbeat_s || 25) * 1000;
    const silentMs = performance.now() - this.#wire.heard;
    if (silentMs >= everyMs) this.#probe();
    this.#timer = setTimeout(() => this.state === 'open' && this.#beat(), everyMs / 2);
  }

  async #probe() {
    const wire = this.#wire;
    try {
      await wire.call('session.ping', {}, PROBE_MS);
    } catch (error) {
      if (error instanceof Late) wire.drop('no answer');
    }
  }

  #watch() {
    const { signal } = this.#ending;
    const look = () => {
      if (this.state === 'open') this.#probe();
      if (this.state === 'reconnecting') {
        this.#backoff.reset();
        this.#connect();
      }
    };
    addEventListener('online', look, { signal });
    addEventListener('pageshow', (event) => event.persisted && look(), { signal });
    document.addEventListener('visibilitychange', () => document.hidden || look(), { signal });
    addEventListener('offline', () => this.state === 'open' && this.#probe(), { signal });
  }
}

/** The tab's storage; null where the browser forbids it: then a reload begins a new session. */
function tabStorage() {
  try {
    return sessionStorage;
  } catch {
    return null;
  }
}

/** Where the socket is: /v1/ws of the server, unless that was given. */
function socketUrl(url) {
  const base = new URL(url, location.href);
  base.protocol = base.protocol.replace('http', 'ws');
  if (!base.pathname.endsWith('/v1/ws')) base.pathname = `${base.pathname.replace(/\/$/, '')}/v1/ws`;
  return base.href;
}
