import { connect, negotiate, prefer, renewIce, replace } from './connection.js';
import { Pause, watch } from './watch.js';

const KINDS = ['audio', 'video'];
const ASK_MOST = 10; // times for who does not publish yet; then we are told

/**
 * Media by way of a Janus: a connection that publishes, which this side offers, and one that
 * receives from all others, which Janus offers anew whenever the list changes. Neither waits for
 * candidates: Janus sees where we come from. See mesh.js for `room`.
 */
export class Janus {
  kind = 'janus';
  #room;
  #others = [];
  #publish = null;
  #receive = null;
  #streams = [];
  #standing = new Set();
  #stops = [];
  #generation = 0;
  #pause = new Pause();
  #again = new Pause();
  #asked = 0;
  #queue = Promise.resolve();
  #isSaid = true;
  #isStarted = false;
  #isRetired = false;
  #isClosed = false;

  constructor(room, carrier) {
    this.#room = room;
    this.carrier = carrier;
  }

  get stands() {
    return this.#standing.has('publish') && (!this.#receive || this.#standing.has('receive'));
  }

  start() {
    this.#isStarted = true;
    if (!this.#publish) this.#build();
  }

  /** Somebody began to publish: what was missing may be there now. */
  told({ change }) {
    if (change === 'published' && this.#publish) this.#anew();
  }

  signal() {}

  gone(participant) {
    this.present(this.#others.filter((id) => id !== participant));
  }

  present(participants) {
    const isSame = participants.length === this.#others.length
      && participants.every((id) => this.#others.includes(id));
    this.#others = participants;
    if (this.#publish && !isSame) this.#anew();
  }

  replace(kind, track) {
    return replace(this.#publish?.getTransceivers()[KINDS.indexOf(kind)]?.sender, track);
  }

  restart() {
    if (this.#publish) this.#build();
  }

  mend() {
    if (this.#isStarted && !this.stands) this.#build();
    else if (!this.#isSaid) this.#subscribe();
  }

  renewIce() {
    for (const { pc } of this.connections) renewIce(pc, this.#room.ice());
  }

  get connections() {
    const whose = (mid) => this.#streams.find((stream) => stream.mid === mid)?.participant;
    return [this.#publish, this.#receive].filter(Boolean).map((pc) => ({ pc, whose }));
  }

  /** Another way is being built: what breaks from now on is not worth mending. */
  retire() {
    this.#isRetired = true;
  }

  close() {
    this.#isClosed = true;
    this.#hangUp();
  }

  #hangUp() {
    this.#generation += 1;
    for (const stop of this.#stops) stop();
    this.#stops = [];
    this.#standing.clear();
    this.#publish?.close();
    this.#receive?.close();
    this.#publish = this.#receive = null;
    this.#streams = [];
  }

  async #build() {
    if (this.#isRetired || !this.#room.canSignal()) return; // once it can, mend() builds it
    this.#hangUp();
    const generation = this.#generation;
    const pc = connect(this.#room.ice());
    this.#publish = pc;
    this.#watch(pc, 'publish', generation);
    const sources = this.#room.sources();
    for (const kind of KINDS) {
      const transceiver = pc.addTransceiver(kind, { direction: 'sendonly' });
      prefer(transceiver, kind);
      if (sources[kind]) replace(transceiver.sender, sources[kind]);
    }
    try {
      await pc.setLocalDescription();
      const { answer } = await negotiate(this.#room, this.carrier, { offer: { sdp: pc.localDescription.sdp } });
      if (generation !== this.#generation) return;
      await pc.setRemoteDescription({ type: 'answer', sdp: answer.sdp });
      this.#subscribe();
    } catch (error) {
      await this.#failed(generation, error.message);
    }
  }

  #anew() {
    this.#asked = 0;
    this.#again.reset();
    this.#subscribe();
  }

  /** Ask for the media of all others; each list gives a new offer on the same connection. */
  #subscribe() {
    this.#isSaid = false;
    const generation = this.#generation;
    this.#queue = this.#queue.then(async () => {
      if (this.#isSaid || generation !== this.#generation) return;
      if (!this.#publish.remoteDescription || !this.#room.canSignal()) return;
      this.#isSaid = true;
      try {
        await this.#receiveFrom([...this.#others], generation);
      } catch (error) {
        await this.#failed(generation, error.message);
      }
    });
  }

  async #receiveFrom(others, generation) {
    if (!others.length && !this.#receive) return;
    const { offer, streams } = await negotiate(this.#room, this.carrier, { subscribe: others });
    if (generation !== this.#generation) return;
    if (offer?.sdp) {
      if (!this.#receive) {
        this.#receive = connect(this.#room.ice());
        this.#watch(this.#receive, 'receive', generation);
      }
      await this.#answer(this.#receive, offer.sdp);
    }
    this.#streams = streams ?? [];
    this.#deliver();
    const missing = others.some((id) => !this.#streams.some(({ participant }) => participant === id));
    if (!missing) {
      this.#again.reset();
      this.#asked = 0;
    } else if (++this.#asked < ASK_MOST) {
      this.#again.wait().then(() => generation === this.#generation && this.#subscribe());
    }
  }

  async #answer(pc, sdp) {
    await pc.setRemoteDescription({ type: 'offer', sdp });
    await pc.setLocalDescription();
    await negotiate(this.#room, this.carrier, { answer: { sdp: pc.localDescription.sdp } });
  }

  #deliver() {
    for (const { mid, participant, kind } of this.#streams) {
      const transceiver = this.#receive?.getTransceivers().find((one) => one.mid === mid);
      if (transceiver) this.#room.deliver(participant, kind, transceiver.receiver, this);
    }
  }

  #watch(pc, name, generation) {
    this.#stops.push(watch(pc, {
      connected: (took_ms) => {
        this.#standing.add(name);
        if (name !== 'publish') return;
        this.#pause.reset();
        this.#room.fares(this.carrier.id, 'connected', { took_ms });
      },
      failed: (reason) => this.#failed(generation, `${name}: ${reason}`),
    }));
  }

  async #failed(generation, reason) {
    if (generation !== this.#generation || this.#isClosed) return;
    this.#standing.clear();
    const failed = ++this.#generation;
    await this.#room.fares(this.carrier.id, 'failed', { reason });
    await this.#pause.wait();
    // whoever moved the meeting meanwhile has closed this
    if (failed === this.#generation && !this.#isClosed) this.#build();
  }
}
