/**
 * How well a meeting goes, from getStats: for each other participant and in sum.
 *
 * Thresholds: speech suffers audibly from 2 % loss concealed by Opus, and hardly works from 8 %;
 * a conversation suffers from 300 ms and stops flowing from 600 ms there and back (ITU-T G.114
 * names 150 and 400 ms for one way).
 */
const FAIR = { loss: 0.02, rtt_ms: 300, jitter_ms: 40 };
const POOR = { loss: 0.08, rtt_ms: 600, jitter_ms: 90 };
const RANK = ['good', 'fair', 'poor'];

export class Quality {
  #last = new Map();

  /**
   * Read all connections once; shares and rates are over the time since the last reading.
   * @param {{pc: RTCPeerConnection, whose: (mid: string) => string | undefined}[]} connections
   * @returns {Promise<{peers: Map<string, any>, out: any[], rtt_ms: number | null,
   *   path: string | null}>} `peers` by participant, `out` what is sent by each connection
   */
  async read(connections) {
    const reading = { peers: new Map(), out: [], rtt_ms: null, path: null };
    const seen = new Map();
    for (const { pc, whose } of connections) {
      if (pc.connectionState === 'closed') continue;
      const stats = await pc.getStats();
      const pair = chosen(stats);
      const rtt_ms = pair?.currentRoundTripTime === undefined ? null : pair.currentRoundTripTime * 1000;
      if (rtt_ms !== null) reading.rtt_ms = Math.max(reading.rtt_ms ?? 0, rtt_ms);
      reading.path = pathOf(stats, pair) ?? reading.path;
      const out = { loss: 0, rate: pair?.availableOutgoingBitrate ?? null, limited: false };
      for (const one of stats.values()) {
        if (one.type === 'inbound-rtp') this.#received(reading, one, whose(one.mid), rtt_ms, seen, pc);
        if (one.qualityLimitationReason === 'bandwidth') out.limited = true;
        if (one.type === 'remote-inbound-rtp') out.loss = Math.max(out.loss, one.fractionLost ?? 0);
      }
      reading.out.push(out);
    }
    this.#last = seen;
    for (const peer of reading.peers.values()) peer.level = levelOf(peer);
    return reading;
  }

  #received(reading, one, participant, rtt_ms, seen, pc) {
    const isFirst = !this.#last.has(keyOf(pc, one, 'packetsReceived'));
    const lost = this.#since(seen, pc, one, 'packetsLost');
    const got = this.#since(seen, pc, one, 'packetsReceived');
    const bytes = this.#since(seen, pc, one, 'bytesReceived');
    const freezes = this.#since(seen, pc, one, 'freezeCount');
    if (participant === undefined || isFirst) return; // counts need two readings
    const peer = reading.peers.get(participant)
      ?? { packets: 0, loss: 0, jitter_ms: 0, rtt_ms, freezes: 0, bytes: 0, audioLevel: 0 };
    peer.packets += got;
    peer.bytes += bytes;
    if (got + lost > 0) peer.loss = Math.max(peer.loss, Math.max(0, lost) / (got + Math.max(0, lost)));
    peer.jitter_ms = Math.max(peer.jitter_ms, (one.jitter ?? 0) * 1000);
    peer.freezes += freezes;
    if (one.kind === 'audio') peer.audioLevel = one.audioLevel ?? 0;
    reading.peers.set(participant, peer);
  }

  /** How much a counter grew since the last reading; nothing at the first one. */
  #since(seen, pc, one, name) {
    const key = keyOf(pc, one, name);
    const value = one[name] ?? 0;
    seen.set(key, value);
    return value - (this.#last.get(key) ?? value);
  }
}

/** Readings over a while, put together. */
export class Summary {
  #from = performance.now();
  #bytes = 0;
  #values = {};
  #levels = new Set();
  #path = null;
  freezes = 0;

  add(reading) {
    for (const peer of reading.peers.values()) {
      if (!peer.packets) continue; // they may send nothing
      this.#bytes += peer.bytes;
      this.freezes += peer.freezes;
      this.#put('loss', peer.loss);
      this.#put('jitter_ms', peer.jitter_ms);
      this.#levels.add(peer.level);
    }
    if (reading.rtt_ms !== null) this.#put('rtt_ms', reading.rtt_ms);
    this.#path = reading.path ?? this.#path;
  }

  /**
   * Means: `loss` is a share of packets that came in, times are in ms, `bitrate_kbps` is what came
   * in, `level` the worst there was. Absent is what was not measured.
   */
  get value() {
    const seconds = Math.max(0.001, (performance.now() - this.#from) / 1000);
    const value = {
      level: worst([...this.#levels]),
      loss: mean(this.#values.loss),
      jitter_ms: mean(this.#values.jitter_ms),
      rtt_ms: mean(this.#values.rtt_ms),
      bitrate_kbps: this.#levels.size ? Math.round((this.#bytes * 8) / 1000 / seconds) : null,
      freezes: this.freezes,
      path: this.#path,
    };
    return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== null));
  }

  #put(name, value) {
    const of = (this.#values[name] ??= { sum: 0, count: 0 });
    of.sum += value;
    of.count += 1;
  }
}

/** The worst of some levels; null of none. */
export function worst(levels) {
  return levels.length ? RANK[Math.max(...levels.map((level) => RANK.indexOf(level)))] : null;
}

function levelOf({ packets, loss, rtt_ms, jitter_ms }) {
  const beyond = (limit) =>
    loss > limit.loss || (rtt_ms ?? 0) > limit.rtt_ms || jitter_ms > limit.jitter_ms;
  if (packets === 0 || beyond(POOR)) return 'poor';
  return beyond(FAIR) ? 'fair' : 'good';
}

function chosen(stats) {
  for (const one of stats.values()) {
    if (one.type === 'transport' && one.selectedCandidatePairId) {
      return stats.get(one.selectedCandidatePairId);
    }
  }
  return [...stats.values()].find((one) => one.type === 'candidate-pair' && one.nominated);
}

/** How media go: udp, tcp, or by TURN over one of them. */
function pathOf(stats, pair) {
  const local = pair && stats.get(pair.localCandidateId);
  if (!local) return null;
  return local.candidateType === 'relay' ? `turn_${local.relayProtocol ?? 'udp'}` : local.protocol;
}

function mean(of) {
  return of ? Math.round((of.sum / of.count) * 1000) / 1000 : null;
}

const IDS = new WeakMap();
let lastId = 0;

function keyOf(pc, one, name) {
  if (!IDS.has(pc)) IDS.set(pc, ++lastId);
  return `${IDS.get(pc)} ${one.id} ${name}`;
}
