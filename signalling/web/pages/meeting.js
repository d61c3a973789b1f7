import { Carriage } from './carriage.js';
import { ConnectionLost, RemoteError } from './errors.js';
import { Ice } from './ice.js';
import { Own } from './own.js';
import { Requests } from './requests.js';
import { Roster } from './roster.js';
import { Vitals } from './vitals.js';
import { pause } from './watch.js';

const QUEUED_MOST = 64;
const LEAVE_MS = 2_000;
const JOIN_TRIES = 10;
const AGAIN_MS = 1_000;
const NO_PLACE = new Set(['gone', 'not_found', 'forbidden']);

/**
 * A meeting that one takes part in, until `leave()` or the end. It survives the loss of the socket,
 * of the network, a reload of the page (join again), and a change of what carries the media.
 *
 * Events: `change` (anything), `joined`, `left`, `waiting`, `reconnecting`, `quality`, `speaking`
 * (each a participant), `track` (participant, kind, track), `message`, `topology` (topology),
 * `admitted`, `recording` (recording), `fallback` ({video}), `ended` ({reason}), `error` (Error).
 */
export class Meeting extends Requests {
  /** @type {'new' | 'waiting' | 'joined' | 'ended' | 'left'} */
  state = 'new';
  me = '';
  topology = 'mesh';
  locked = false;
  recording = { state: 'off', consents: [] };
  #session;
  #name;
  #own;
  #roster = new Roster();
  #carriage;
  #vitals;
  #ice = new Ice({ ask: () => this.call('device.ice'), renewed: () => this.#carriage.renewIce() });
  #queued = [];
  #isEntering = false;
  #ending = new AbortController();
  #untold = false;
  #isTelling = false;
  #offs = [];

  constructor(session, id, { name, stream = null, audio, video } = {}) {
    super(session, id);
    this.#session = session;
    this.#name = name;
    this.#own = new Own(stream, { audio, video });
    this.#carriage = new Carriage(this.#room(), (...given) => this.#hear(...given));
    this.#vitals = new Vitals(this.#measured());
  }

  /** Everybody, oneself included, by id. @type {Map<string, import('./roster.js').Participant>} */
  get participants() {
    return this.#roster.participants;
  }

  /** What one sends, for a mirror. */
  get stream() {
    return this.#own.stream;
  }

  /** Enter; Client.join() calls it. */
  async join() {
    this.#listen();
    try {
      await this.#enter(true);
    } catch (error) {
      this.#hangUp(); // the devices are the caller's still: joining may be tried again
      throw error;
    }
  }

  // --- what one does ----------------------------------------------------------------------------

  mute(muted) {
    this.#own.mute(muted);
    this.#changedOwn();
  }

  /** Show oneself or not; rejects in plain words when the camera does not start. */
  camera(on) {
    return this.#own.camera(on);
  }

  useStream(stream) {
    this.#own.use(stream);
  }

  /** @param {'audioinput' | 'videoinput'} kind */
  useDevice(kind, deviceId) {
    return this.#own.device(kind, deviceId);
  }

  async leave() {
    if (this.state === 'joined') this.#vitals.report();
    // who cannot say so now is missed soon
    const said = this.call('meeting.leave', {}, LEAVE_MS).catch(() => {});
    this.#over('left', 'left');
    await said;
  }

  /** How it went so far: see Summary in quality.js. */
  stats() {
    return this.#vitals.summary;
  }

  // --- entering ---------------------------------------------------------------------------------

  async #enter(isFresh) {
    this.#isEntering = true;
    try {
      const answer = await this.#joinOnce();
      if (this.#isOver) return;
      if (answer.state === 'waiting') this.#wait(answer);
      else this.#entered(answer, isFresh);
    } finally {
      this.#isEntering = false;
    }
    const queued = this.#queued;
    this.#queued = [];
    for (const params of queued) this.#changed(params);
  }

  /** Joining twice is joining once: what may succeed later is tried again. */
  async #joinOnce() {
    const params = { ...(this.#name && { name: this.#name }), media: this.#own.media };
    for (let tries = 1; ; tries++) {
      try {
        return await this.call('meeting.join', params);
      } catch (error) {
        const isOver = this.#isOver || this.#session.state === 'closed';
        const isLost = error instanceof ConnectionLost;
        if (isOver || !(isLost || error.retryable) || tries === JOIN_TRIES) throw error;
        // a call waits by itself until the socket is back
        if (!isLost) await pause(error.data.retry_after_ms ?? AGAIN_MS);
      }
    }
  }

  #wait(answer) {
    this.state = 'waiting';
    this.me = answer.participant;
    this.emit('change');
  }

  #entered(answer, isFresh) {
    const isAnother = this.me && this.me !== answer.participant && this.state === 'joined';
    const waited = this.state === 'waiting';
    if (isAnother) this.#carriage.close(); // the others see a new participant
    this.me = answer.participant;
    this.state = 'joined';
    this.#view(answer);
    this.#ice.take(answer);
    this.#people(answer.participants, true);
    // the others still hold the connection of the page before a reload
    this.#carriage.take(answer, isFresh && answer.epoch > 1);
    this.#vitals.start();
    if (waited) this.emit('admitted'); // also when that happened while the socket was gone
    this.emit('change');
  }

  async #reenter() {
    try {
      await this.#enter(false);
      this.#carriage.renewIce();
      this.#carriage.mend();
    } catch (error) {
      if (error instanceof RemoteError && NO_PLACE.has(error.kind)) this.#over('ended', error.kind);
      else if (!(error instanceof ConnectionLost)) this.emit('error', error);
    }
  }

  // --- what the server says ---------------------------------------------------------------------

  #listen() {
    const { signal } = this.#ending;
    const mine = (fn) => (params) => params.meeting === this.id && fn(params);
    this.#offs = [
      this.#session.on('event:meeting.changed', (params) => this.#heard(params)),
      this.#session.on('event:meeting.signal', mine((p) => this.#carriage.signal(p.from, p.signal))),
      this.#session.on('event:meeting.message', mine((params) => this.emit('message', params))),
      this.#session.on('opened', () => this.state !== 'new' && this.#reenter()),
      this.#session.on('state', ({ state, reason }) => state === 'closed' && this.#over('left', reason)),
      this.#own.on('track', (kind) => this.#send(kind)),
      this.#own.on('lost', (kind) => this.emit('error', new Error(LOST[kind]))),
    ];
    addEventListener('online', () => this.#carriage.mend(), { signal });
    navigator.connection?.addEventListener('change', () => this.#carriage.restart(), { signal });
  }

  #heard(params) {
    if (params.meeting?.id !== this.id || this.#isOver) return;
    if (!this.#isEntering) this.#changed(params);
    else if (this.#queued.length < QUEUED_MOST) this.#queued.push(params);
  }

  #changed(params) {
    const { meeting, change, participant } = params;
    if (this.#isOver) return;
    this.#view(meeting);
    const mine = meeting.participants.find((one) => one.participant === this.me);
    if (meeting.state === 'ended') return this.#over('ended', meeting.reason);
    if (mine && (mine.state === 'left' || mine.state === 'removed')) {
      return this.#over('ended', mine.reason || mine.state);
    }
    if (change === 'admitted' && participant === this.me) {
      this.#enter(true).catch((error) => this.emit('error', error));
      return undefined;
    }
    if (this.state === 'joined') {
      this.#people(meeting.participants);
      if (params.for === undefined || params.for === this.me) this.#carried(params);
    }
    if (change?.startsWith('recording')) this.emit('recording', this.recording);
    this.emit('change');
    return undefined;
  }

  #carried(params) {
    if (params.change !== 'topology') {
      this.#carriage.told(params);
      return;
    }
    const { topology, carrier } = params.meeting;
    this.#carriage.take({ topology, carrier, peers: params.peers });
    this.emit('topology', topology);
  }

  #view({ topology, locked = false, recording }) {
    this.topology = topology ?? this.topology;
    this.locked = locked;
    this.recording = { state: 'off', consents: [], ...recording };
  }

  #people(view, isWhole = false) {
    const about = { isWhole, me: this.me, stream: this.#own.stream };
    const changes = this.#roster.apply(view, about);
    this.#carriage.present(this.#roster.others(this.me));
    for (const [name, participants] of Object.entries(changes)) {
      for (const participant of participants) this.emit(name, participant);
    }
  }

  get #isOver() {
    return this.state === 'ended' || this.state === 'left';
  }

  #over(state, reason) {
    if (this.#isOver) return;
    this.state = state;
    this.#close();
    if (state === 'ended') this.emit('ended', { reason });
    this.emit('change');
  }

  #close() {
    this.#hangUp();
    this.#own.close();
  }

  #hangUp() {
    for (const off of this.#offs) off();
    this.#ending.abort();
    this.#ice.stop();
    this.#vitals.stop();
    this.#carriage.close();
  }

  // --- media ------------------------------------------------------------------------------------

  /** What this lends to whatever carries its media (mesh.js). */
  #room() {
    return {
      meeting: this.id,
      call: (method, params) => this.#session.call(method, params),
      canSignal: () => this.#session.state === 'open' && !this.#isOver,
      ice: () => this.#ice,
      sources: this.#own.sources,
      fares: (peer, state, detail) => this.#fares(peer, state, detail),
    };
  }

  #measured() {
    return {
      connections: () => this.#carriage.connections,
      participants: this.participants,
      own: this.#own,
      meeting: this,
      get me() {
        return this.meeting.me;
      },
      say: (...given) => {
        this.emit(...given);
        this.emit('change');
      },
      report: (quality) => this.#report(quality),
      flowing: (participant) => this.#tell(participant, 'flowing'),
    };
  }

  #report(quality) {
    this.call('meeting.update', { quality }).catch(() => {}); // the next one says it again
  }

  #hear(id, kind, track) {
    const participant = this.participants.get(id);
    if (!participant) return;
    for (const old of participant.stream.getTracks()) {
      if (old.kind === kind) participant.stream.removeTrack(old);
    }
    participant.stream.addTrack(track);
    this.emit('track', participant, kind, track);
    this.emit('change');
  }

  /** Say how a leg fares; the server answers with what is to be done, and tells everybody. */
  #fares(peer, state, detail) {
    const whose = this.participants.get(peer);
    if (state === 'connected') this.#vitals.connected(peer, detail.took_ms);
    for (const one of whose ? [whose] : this.participants.values()) if (!one.self) one.leg = state;
    this.emit('change');
    return this.#tell(peer, state, detail);
  }

  async #tell(peer, state, detail = {}) {
    const { state: session } = this.#session;
    if (session !== 'open' || this.#isOver) return;
    await this.call('meeting.negotiate', { peer, state, ...detail }).catch(() => {});
  }

  #send(kind) {
    this.#carriage.replace(kind, this.#own.sources()[kind]);
    this.#changedOwn();
  }

  #changedOwn() {
    const mine = this.participants.get(this.me);
    if (mine) mine.media = this.#own.media;
    if (this.state === 'joined') this.#tellOwn(); // joining says it too
    this.emit('change');
  }

  /** Say what one sends, one word at a time: of two that are under way the older may arrive last. */
  async #tellOwn() {
    this.#untold = true;
    if (this.#isTelling) return;
    this.#isTelling = true;
    while (this.#untold && this.state === 'joined') {
      this.#untold = false;
      await this.call('meeting.update', { media: this.#own.media }).catch(() => {});
    }
    this.#isTelling = false;
  }
}

const LOST = {
  audio: 'The microphone is gone. Connect it again, or choose another one.',
  video: 'The camera is gone. Connect it again, or choose another one.',
};
