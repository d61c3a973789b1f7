import { level } from './devices.js';
import { Fallback } from './fallback.js';
import { Quality, Summary } from './quality.js';

const READ_MS = 2_000;
const LISTEN_MS = 200;
const REPORT_MS = 10_000;
const FLOWING_MS = 8_000;
const SPEECH = 0.012; // of full scale: about -38 dB
const HANG_MS = 700; // between words one still speaks

/**
 * What a meeting is measured by while it goes on: quality, who speaks, whether video has to rest.
 *
 * `meeting` lends connections(), participants (a Map), own, me, say(name, ...args), report(value),
 * flowing(participant).
 */
export class Vitals {
  #meeting;
  #quality = new Quality();
  #whole = new Summary();
  #window = new Summary();
  #connectMs = null;
  #connects = new Map();
  #fallback = new Fallback();
  #timers = [];
  #spoke = new Map();
  #told = new Map();
  #meter = null;
  #metered = null;
  #reportedAt = performance.now();

  constructor(meeting) {
    this.#meeting = meeting;
  }

  start() {
    if (this.#timers.length) return;
    this.#timers = [
      setInterval(() => this.#read(), READ_MS),
      setInterval(() => this.#listen(), LISTEN_MS),
    ];
  }

  stop() {
    this.#timers.forEach(clearInterval);
    this.#timers = [];
    this.#meter?.stop();
    this.#meter = this.#metered = null;
  }

  /** How it went since the meeting began. */
  get summary() {
    return { ...this.#whole.value, ...this.#counts };
  }

  /** A leg stands, for the first time or again. */
  connected(peer, took_ms) {
    this.#connects.set(peer, (this.#connects.get(peer) ?? 0) + 1);
    this.#connectMs = took_ms ?? this.#connectMs;
  }

  /** Report the time since the last report. */
  report() {
    this.#reportedAt = performance.now();
    // the level is drawn from the others, and no field of the protocol
    const { level: _, ...measured } = this.#window.value;
    const value = { ...measured, freezes: this.#whole.freezes, ...this.#counts };
    this.#window = new Summary();
    this.#meeting.report(value);
  }

  get #counts() {
    const again = [...this.#connects.values()].reduce((sum, count) => sum + count - 1, 0);
    return { reconnects: again, ...(this.#connectMs !== null && { connect_ms: this.#connectMs }) };
  }

  async #read() {
    const { participants, own, say } = this.#meeting;
    const reading = await this.#quality.read(this.#meeting.connections());
    if (!this.#timers.length) return;
    this.#whole.add(reading);
    this.#window.add(reading);
    for (const [id, peer] of reading.peers) {
      const participant = participants.get(id);
      const sends = participant?.media.audio || participant?.media.video;
      const level = sends ? peer.level : null; // nothing arrives of who sends nothing
      if (participant && participant.quality !== level) {
        participant.quality = level;
        say('quality', participant);
      }
      if (participant?.state === 'reconnecting' && peer.packets > 0) this.#flows(id);
    }
    const sends = Boolean(own.sources().video);
    const verdict = this.#fallback.feed(reading.out, performance.now(), sends);
    if (verdict) own.rest(verdict === 'rest');
    if (verdict) say('fallback', { video: !own.rests });
    if (performance.now() - this.#reportedAt >= REPORT_MS) this.report();
  }

  #flows(id) {
    const now = performance.now();
    if (now - (this.#told.get(id) ?? -Infinity) < FLOWING_MS) return;
    this.#told.set(id, now);
    this.#meeting.flowing(id);
  }

  // --- who speaks -------------------------------------------------------------------------------

  #listen() {
    const { participants, me } = this.#meeting;
    this.#hear(participants.get(me), this.#ownLevel());
    for (const { pc, whose } of this.#meeting.connections()) {
      for (const { mid, receiver } of pc.getTransceivers()) {
        if (receiver.track.kind !== 'audio') continue;
        // the level comes in the header of each packet: reading it costs nothing
        const [source] = receiver.getSynchronizationSources();
        if (source) this.#hear(participants.get(whose(mid)), source.audioLevel ?? 0);
      }
    }
  }

  #hear(participant, loudness) {
    if (!participant) return;
    const now = performance.now();
    if (loudness > SPEECH) this.#spoke.set(participant.id, now);
    const speaking = now - (this.#spoke.get(participant.id) ?? -Infinity) < HANG_MS;
    if (speaking === participant.speaking) return;
    participant.speaking = speaking;
    this.#meeting.say('speaking', participant);
  }

  #ownLevel() {
    const { own } = this.#meeting;
    const [track = null] = own.stream.getAudioTracks();
    if (track !== this.#metered) {
      this.#meter?.stop();
      this.#meter = track && level(own.stream);
      this.#metered = track;
    }
    if (!track?.enabled || !this.#meter) return 0;
    const { value } = this.#meter;
    return value && 10 ** ((value - 1) * 3); // back to a share of full scale
  }
}
