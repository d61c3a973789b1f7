// What tests measure with, in every page: window.probe. It knows nothing of the client.
(() => {
  const probe = { frames: new WeakMap() };

  /** One context for everything: a page may have a few only. */
  let context;
  const sound = () => (context ??= new AudioContext());

  /** A tone that never pauses: the fake microphone of Chromium only beeps once a second. */
  probe.tone = (hz) => {
    const context = sound();
    const oscillator = new OscillatorNode(context, { frequency: hz });
    const destination = new MediaStreamAudioDestinationNode(context);
    oscillator.connect(new GainNode(context, { gain: 0.2 })).connect(destination);
    oscillator.start();
    return destination.stream.getAudioTracks()[0];
  };

  /** A picture of one colour with a bar that moves. */
  probe.picture = (colour, width = 160, height = 120, fps = 15) => {
    const canvas = Object.assign(document.createElement('canvas'), { width, height });
    const pen = canvas.getContext('2d');
    let step = 0;
    const draw = () => {
      pen.fillStyle = colour;
      pen.fillRect(0, 0, width, height);
      pen.fillStyle = 'white';
      pen.fillRect(0, (step++ * 4) % height, width, height / 8);
    };
    draw();
    setInterval(draw, 1000 / fps); // animation frames pause in pages that are not in front
    return canvas.captureStream(fps).getVideoTracks()[0];
  };

  /** A microphone and a camera: a tone and a picture. */
  probe.person = (hz, colour, width, height) => {
    const tracks = [];
    if (hz) tracks.push(probe.tone(hz));
    if (colour) tracks.push(probe.picture(colour, width, height));
    return new MediaStream(tracks);
  };

  /** Play a stream as a page would; the same elements for the same key. */
  probe.play = (key, stream) => {
    for (const kind of ['audio', 'video']) {
      const id = `probe-${kind}-${key}`;
      let element = document.getElementById(id);
      if (!element) {
        element = Object.assign(document.createElement(kind), { id, autoplay: true });
        element.playsInline = true;
        element.muted = kind === 'video';
        document.body.append(element);
      }
      if (element.srcObject !== stream) element.srcObject = stream;
    }
  };

  /** The main colour of a video element and a print of the whole picture, or null before one. */
  probe.look = (video) => {
    if (typeof video === 'string') video = document.querySelector(video);
    if (!video || video.readyState < 2 || !video.videoWidth) return null;
    const canvas = new OffscreenCanvas(32, 24);
    const pen = canvas.getContext('2d', { willReadFrequently: true });
    pen.drawImage(video, 0, 0, 32, 24);
    const { data } = pen.getImageData(0, 0, 32, 24);
    const count = {};
    let print = 0;
    for (let i = 0; i < data.length; i += 4) {
      const [r, g, b] = [data[i], data[i + 1], data[i + 2]];
      const name = nearest(r, g, b);
      count[name] = (count[name] || 0) + 1;
      print = (print * 31 + (r >> 4) * 256 + (g >> 4) * 16 + (b >> 4)) % 2147483647;
    }
    const colour = Object.keys(count).filter((c) => c !== 'white').sort((a, b) => count[b] - count[a])[0];
    return { colour: colour || 'white', print, width: video.videoWidth };
  };
  const COLOURS = {
    red: [255, 0, 0], lime: [0, 255, 0], blue: [0, 0, 255], yellow: [255, 255, 0],
    magenta: [255, 0, 255], cyan: [0, 255, 255], black: [0, 0, 0], white: [255, 255, 255],
  };
  const nearest = (r, g, b) => {
    let best = 'black', least = Infinity;
    for (const [name, [x, y, z]] of Object.entries(COLOURS)) {
      const far = (r - x) ** 2 + (g - y) ** 2 + (b - z) ** 2;
      if (far < least) [best, least] = [name, far];
    }
    return best;
  };

  /** The loudest frequency of a stream in Hz right now, 0 in silence. */
  probe.ears = new Map();
  probe.hear = (key, stream) => {
    const track = stream.getAudioTracks()[0];
    if (!track) return 0;
    let ear = probe.ears.get(key);
    if (!ear || ear.track !== track) {
      const context = sound();
      const analyser = new AnalyserNode(context, { fftSize: 8192, smoothingTimeConstant: 0 });
      const mediaStream = new MediaStream([track]);
      new MediaStreamAudioSourceNode(context, { mediaStream }).connect(analyser);
      ear = { track, context, analyser, bins: new Float32Array(analyser.frequencyBinCount) };
      probe.ears.set(key, ear);
    }
    ear.analyser.getFloatFrequencyData(ear.bins);
    let best = 0;
    for (let i = 1; i < ear.bins.length; i++) if (ear.bins[i] > ear.bins[best]) best = i;
    if (!(ear.bins[best] > -70)) return 0;
    return (best * ear.context.sampleRate) / ear.analyser.fftSize;
  };

  /** Every peer connection of the page, in order of making: getStats of any client. */
  probe.connections = [];
  const Real = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Real {
    constructor(...given) {
      super(...given);
      this.given = given[0];
      probe.connections.push(this);
    }
  };

  /** How many offers were made here. */
  window.offers = [];
  const describe = Real.prototype.createOffer;
  Real.prototype.createOffer = function (...given) {
    window.offers.push(performance.now());
    return describe.apply(this, given);
  };

  /** What the open connections receive and send in sum. */
  probe.media = async () => {
    const sum = {
      audioEnergy: 0, samples: 0, framesDecoded: 0, framesSent: 0, packetsSent: 0, open: 0,
      protocols: [], candidates: [],
    };
    for (const pc of probe.connections) {
      if (pc.connectionState === 'closed') continue;
      sum.open += 1;
      const report = await pc.getStats();
      for (const s of report.values()) {
        if (s.type === 'inbound-rtp' && s.kind === 'audio') {
          sum.audioEnergy += s.totalAudioEnergy || 0;
          sum.samples += s.totalSamplesReceived || 0;
        } else if (s.type === 'inbound-rtp' && s.kind === 'video') {
          sum.framesDecoded += s.framesDecoded || 0;
        } else if (s.type === 'outbound-rtp') {
          sum.packetsSent += s.packetsSent || 0;
          sum.framesSent += s.framesSent || 0;
        } else if (s.type === 'candidate-pair' && s.nominated) {
          const local = report.get(s.localCandidateId);
          if (local) sum.candidates.push(local.candidateType);
          if (local) sum.protocols.push(local.relayProtocol || local.protocol);
        }
      }
    }
    return sum;
  };

  window.probe = probe;
})();
