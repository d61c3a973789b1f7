import { connect, fingerprint, prefer, renewIce, replace } from './connection.js';

const CONNECT_MS = 12_000;
const DISCONNECTED_MS = 1_000; // browsers say so after some seconds; a short loss mends itself
const YIELD_MS = 1_500; // the side that does not begin lets the other one mend first
const EARLY_MOST = 64;
const WAITING_MOST = 128; // steps: more than that only somebody sends who means no good

/**
 * The media with one other participant, straight: W3C perfect negotiation, or `single`, where one
 * side alone offers because the other cannot roll back.
 *
 * One connection has one audio and one video section from its beginning, so that a microphone or
 * camera comes and goes without negotiating. Everything happens in one queue. `how`:
 *   send(signal) -> whether it was taken, sources() -> {audio, video}, ice() -> {servers, policy}, canSignal(),
 *   track(kind, receiver), state(state, detail)  with state connected | failed
 */
export class Leg {
  #how;
  #queue = Promise.resolve();
  #waiting = 0;
  #early = [];
  #number = 0;
  #theirs = '';
  #ignores = false;
  #deadline = 0;
  #patience = 0;
  #began = performance.now();
  #wasConnected = false;
  #unsaid = false;
  #isRetired = false;
  #closed = false;

  constructor(peer, how) {
    this.peer = peer;
    this.#how = how;
    this.isConnected = false;
    this.#make();
  }

  /** Begin: `force` offers also on the side that is not named, after a reload of its page. */
  start(force = false) {
    this.#expect();
    if (this.peer.offers || (force && this.#isPerfect)) this.#do(() => this.#offer());
  }

  /** Take what the other side sent. */
  signal(signal) {
    this.#do(() => this.#take(signal));
  }

  /** Send another track, or nothing, from now on. */
  async replace(kind, track) {
    await replace(this.#sender(kind), track);
  }

  /** Find a way anew: the network changed, or signals were lost. */
  restart() {
    this.#do(async () => {
      if (!this.#how.canSignal()) return;
      this.#expect();
      if (this.#isPerfect && this.#wasConnected) await this.#offer(true);
      else if (this.#isPerfect || this.peer.offers) await this.#anew();
    });
  }

  /** Negotiate anew, for signals were lost: the named side does, the other one soon if it must. */
  renegotiate() {
    if (this.peer.offers) this.restart();
    else this.#yield();
  }

  /** Mend what is not connected or could not be said, once signals can pass again. */
  mend() {
    if (!this.isConnected || this.#unsaid) this.#trouble();
    this.#unsaid = false;
  }

  renewIce() {
    renewIce(this.pc, this.#how.ice());
  }

  /** Mend nothing from now on. */
  retire() {
    clearTimeout(this.#deadline);
    clearTimeout(this.#patience);
    this.#isRetired = true;
  }

  close() {
    this.#closed = true;
    this.retire();
    this.pc.close();
  }

  get #isPerfect() {
    return this.peer.negotiation !== 'single';
  }

  /** Run one step after another; what fails in one is no end of the others. */
  #do(step) {
    if (this.#waiting >= WAITING_MOST) return;
    this.#waiting += 1;
    this.#queue = this.#queue.then(async () => {
      this.#waiting -= 1;
      if (this.#closed) return;
      try {
        await step();
      } catch (error) {
        if (!this.#closed) this.#how.state('failed', { reason: `negotiation failed: ${error.message}` });
      }
    });
  }

  // --- negotiation ------------------------------------------------------------------------------

  async #offer(iceRestart = false) {
    if (!this.pc.getTransceivers().length) this.#sections();
    await this.pc.setLocalDescription(await this.pc.createOffer({ iceRestart }));
    this.#number += 1;
    await this.#send({ type: 'offer', sdp: this.pc.localDescription.sdp, n: this.#number });
  }

  async #take(signal) {
    if (signal?.type === 'offer') await this.#answer(signal);
    else if (signal?.type === 'answer') await this.#answered(signal);
    else if (signal?.type === 'candidate') await this.#candidate(signal.candidate);
  }

  async #answer({ sdp, n }) {
    const certificate = fingerprint(sdp);
    const isAnother = this.#theirs && certificate !== this.#theirs;
    const isGlare = this.pc.signalingState === 'have-local-offer';
    // an offer of a page that was reloaded is no glare: ours went to a connection that is gone
    this.#ignores = isGlare && !this.peer.polite && !isAnother;
    if (this.#ignores) return;
    // a rollback is no way out: before the first answer our sections would stay beside theirs, and
    // after it Chromium (156) shows no frame of the video that comes in any more
    if (isAnother || isGlare) this.#renew();
    this.#theirs = certificate;
    await this.pc.setRemoteDescription({ type: 'offer', sdp });
    await this.#attach();
    await this.#addEarly();
    await this.pc.setLocalDescription();
    await this.#send({ type: 'answer', sdp: this.pc.localDescription.sdp, ...(n && { n }) });
  }

  async #answered({ sdp, n }) {
    this.#ignores = false; // what comes after belongs to our offer
    if (this.pc.signalingState !== 'have-local-offer' || (n && n !== this.#number)) return;
    const certificate = fingerprint(sdp);
    if (this.#theirs && certificate !== this.#theirs) {
      await this.#anew();
      return;
    }
    this.#theirs = certificate;
    await this.pc.setRemoteDescription({ type: 'answer', sdp });
    await this.#addEarly();
  }

  async #candidate(candidate) {
    if (this.#ignores) return;
    if (!this.pc.remoteDescription || this.pc.signalingState === 'have-local-offer') {
      if (this.#early.length < EARLY_MOST) this.#early.push(candidate);
      return;
    }
    // one of an earlier ICE generation, or a bad one: others will do
    await this.pc.addIceCandidate(candidate ?? undefined).catch(() => {});
  }

  async #addEarly() {
    const early = this.#early;
    this.#early = [];
    for (const candidate of early) await this.#candidate(candidate);
  }

  async #send(signal) {
    if (!(await this.#how.send(signal))) this.#unsaid = true;
  }

  async #anew() {
    this.#renew();
    await this.#offer();
  }

  // --- the connection ---------------------------------------------------------------------------

  #make() {
    const pc = connect(this.#how.ice());
    this.pc = pc;
    pc.onicecandidate = ({ candidate }) => {
      if (pc !== this.pc) return;
      const said = candidate?.candidate ? candidate.toJSON() : null;
      this.#send({ type: 'candidate', candidate: said });
    };
    pc.onconnectionstatechange = () => pc === this.pc && this.#changed(pc.connectionState);
    pc.ontrack = ({ track, receiver }) => pc === this.pc && this.#how.track(track.kind, receiver);
  }

  #renew() {
    this.pc.close();
    this.#theirs = '';
    this.#early = [];
    this.isConnected = this.#wasConnected = false;
    this.#make();
    this.#expect();
  }

  #sections() {
    const sources = this.#how.sources();
    for (const kind of ['audio', 'video']) {
      const transceiver = this.pc.addTransceiver(kind, { direction: 'sendrecv' });
      prefer(transceiver, kind);
      if (sources[kind]) replace(transceiver.sender, sources[kind]);
    }
  }

  /** Send what the other side's offer has room for. */
  async #attach() {
    const sources = this.#how.sources();
    for (const kind of ['audio', 'video']) {
      const transceiver = this.#transceiver(kind);
      if (!transceiver) continue;
      transceiver.direction = 'sendrecv';
      if (transceiver.sender.track !== sources[kind]) {
        await replace(transceiver.sender, sources[kind]);
      }
    }
  }

  #transceiver(kind) {
    return this.pc.getTransceivers().find((one) => one.receiver.track.kind === kind);
  }

  #sender(kind) {
    return this.#transceiver(kind)?.sender;
  }

  #changed(state) {
    clearTimeout(this.#patience);
    if (state === 'connected') {
      clearTimeout(this.#deadline);
      const took = this.isConnected ? {} : { took_ms: Math.round(performance.now() - this.#began) };
      this.isConnected = this.#wasConnected = true;
      this.#how.state('connected', took);
    } else if (state === 'failed') {
      this.#trouble();
    } else if (state === 'disconnected') {
      this.#patience = setTimeout(() => this.#trouble(), DISCONNECTED_MS);
    }
  }

  #trouble() {
    this.isConnected = false;
    if (this.#isRetired) return;
    if (!this.peer.offers) this.#expect();
    this.renegotiate();
  }

  #yield() {
    clearTimeout(this.#patience);
    this.#patience = setTimeout(() => this.isConnected || this.restart(), YIELD_MS);
  }

  /** Media is due by then; who could say so to nobody waits on. */
  #expect() {
    clearTimeout(this.#deadline);
    if (this.#isRetired) return;
    this.#began = performance.now();
    this.#deadline = setTimeout(() => {
      if (this.isConnected || this.#closed) return;
      if (this.#how.canSignal()) this.#how.state('failed', { reason: 'not connected in time' });
      this.#trouble();
    }, CONNECT_MS);
  }
}
