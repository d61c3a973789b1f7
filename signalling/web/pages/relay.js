import { connect, negotiate, prefer, renewIce, replace } from './connection.js';
import { Pause, watch } from './watch.js';

const SLOTS = 4; // pairs of sections to receive with; more need a new connection
const KINDS = ['audio', 'video'];
const OVERLAP_MS = 1_500; // from when a new connection stands until the one before is closed

/**
 * Media by way of an embedded relay: one connection, which this side always offers.
 *
 * Its first two sections send; the others are slots of one audio and one video section each. Which
 * slot carries whom is our wish, told by `mid`: who comes or goes needs no negotiation. The relay
 * needs no candidates of ours, so the offer goes out at once. See mesh.js for `room`.
 */
export class Relay {
  kind = 'relay';
  stands = false;
  #room;
  #others = [];
  #slots = [];
  #generation = 0;
  #stopWatching = () => {};
  #before = new Set();
  #pause = new Pause();
  #wanting = Promise.resolve();
  #isSaid = true;
  #isStarted = false;
  #isRetired = false;
  #isClosed = false;

  constructor(room, carrier) {
    this.#room = room;
    this.carrier = carrier;
    this.pc = null;
  }

  start() {
    this.#isStarted = true;
    if (!this.pc) this.#build();
  }

  told() {}

  signal() {}

  gone(participant) {
    this.present(this.#others.filter((id) => id !== participant));
  }

  /** Who else is inside: their media are wanted. */
  present(participants) {
    this.#others = participants;
    if (!this.pc) return;
    if (participants.length > this.#slots.length) this.#build();
    else if (this.#assign()) this.#want();
  }

  replace(kind, track) {
    const index = KINDS.indexOf(kind);
    return replace(this.pc?.getTransceivers()[index]?.sender, track);
  }

  /** The network is another one: the relay knows no ICE restart, so the connection is a new one. */
  restart() {
    if (this.pc) this.#build();
  }

  mend() {
    if (this.#isStarted && !this.stands) this.#build();
    else if (!this.#isSaid) this.#want();
  }

  renewIce() {
    if (this.pc) renewIce(this.pc, this.#room.ice());
  }

  get connections() {
    return this.pc ? [{ pc: this.pc, whose: (mid) => this.#slotOf(mid)?.participant }] : [];
  }

  /** Another way is being built: what breaks from now on is not worth mending. */
  retire() {
    this.#isRetired = true;
  }

  close() {
    this.#isClosed = true;
    this.#generation += 1;
    this.#stopWatching();
    this.pc?.close();
    this.#closeBefore();
  }

  #slotOf(mid) {
    return this.#slots.find((slot) => slot.audio.mid === mid || slot.video.mid === mid);
  }

  /** Close what `pc` takes the place of, unless it has been replaced itself. */
  #closeBefore(pc = this.pc) {
    if (pc !== this.pc) return;
    for (const old of this.#before) old.close();
    this.#before.clear();
  }

  // --- the connection ---------------------------------------------------------------------------

  /** Make a connection; the one before, if any, goes on until this one stands. */
  async #build() {
    const generation = ++this.#generation;
    const isCurrent = () => generation === this.#generation && !this.#isClosed;
    if (this.#isRetired || !this.#room.canSignal()) return; // once it can, mend() builds it
    this.#stopWatching();
    if (this.pc) this.#before.add(this.pc);
    const pc = connect(this.#room.ice());
    this.pc = pc;
    this.stands = false;
    this.#sections(pc);
    this.#stopWatching = watch(pc, {
      connected: (took_ms) => {
        setTimeout(() => this.#closeBefore(pc), OVERLAP_MS);
        this.stands = true;
        this.#pause.reset();
        this.#room.fares(this.carrier.id, 'connected', { took_ms });
      },
      failed: (reason) => isCurrent() && this.#failed(reason),
    });
    try {
      await pc.setLocalDescription();
      this.#assign();
      const offer = { sdp: pc.localDescription.sdp };
      this.#isSaid = true;
      const { answer } = await negotiate(this.#room, this.carrier, { offer, want: this.#wants() });
      if (!isCurrent()) return;
      await pc.setRemoteDescription({ type: 'answer', sdp: answer.sdp });
      if (this.#assign() || !this.#isSaid) this.#want();
      for (const kind of KINDS) await this.replace(kind, this.#room.sources()[kind]);
    } catch (error) {
      if (isCurrent()) await this.#failed(error.message);
    } finally {
      if (!isCurrent()) pc.close();
    }
  }

  #sections(pc) {
    const sources = this.#room.sources();
    for (const kind of KINDS) {
      const transceiver = pc.addTransceiver(kind, { direction: 'sendonly' });
      prefer(transceiver, kind);
      if (sources[kind]) replace(transceiver.sender, sources[kind]);
    }
    const count = Math.max(SLOTS, this.#others.length);
    this.#slots = Array.from({ length: count }, () => {
      const [audio, video] = KINDS.map((kind) => {
        const transceiver = pc.addTransceiver(kind, { direction: 'recvonly' });
        prefer(transceiver, kind);
        return transceiver;
      });
      return { audio, video, participant: null };
    });
  }

  async #failed(reason) {
    this.stands = false;
    this.#generation += 1;
    this.#stopWatching();
    const generation = this.#generation;
    await this.#room.fares(this.carrier.id, 'failed', { reason });
    await this.#pause.wait();
    // whoever moved the meeting meanwhile has closed this
    if (generation === this.#generation && !this.#isClosed) this.#build();
  }

  // --- who is in which slot ---------------------------------------------------------------------

  /** Put who came into free slots, take who left out; return whether something changed. */
  #assign() {
    let changed = false;
    for (const slot of this.#slots) {
      if (slot.participant && !this.#others.includes(slot.participant)) {
        slot.participant = null;
        changed = true;
      }
    }
    const seated = new Set(this.#slots.map((slot) => slot.participant));
    for (const id of this.#others.filter((one) => !seated.has(one))) {
      const slot = this.#slots.find(({ participant }) => !participant);
      if (!slot) break;
      slot.participant = id;
      changed = true;
    }
    for (const slot of this.#slots) {
      if (!slot.participant) continue;
      for (const kind of KINDS) {
        this.#room.deliver(slot.participant, kind, slot[kind].receiver, this);
      }
    }
    return changed;
  }

  #wants() {
    return this.#slots.flatMap(({ audio, video, participant }) =>
      [audio, video].map(({ mid }) => ({ mid, participant })));
  }

  /** Tell what the slots are to carry, once the relay knows them; the last wish counts. */
  #want() {
    this.#isSaid = false;
    const generation = this.#generation;
    this.#wanting = this.#wanting.then(async () => {
      if (this.#isSaid || generation !== this.#generation) return;
      if (!this.pc.remoteDescription || !this.#room.canSignal()) return;
      this.#isSaid = true;
      try {
        await negotiate(this.#room, this.carrier, { want: this.#wants() });
      } catch (error) {
        if (generation === this.#generation && !this.#isClosed) await this.#failed(error.message);
      }
    });
  }
}
