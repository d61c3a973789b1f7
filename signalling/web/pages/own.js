import { open } from './devices.js';
import { Emitter } from './emitter.js';

/**
 * One's own microphone and camera in a meeting. Events: `track` (kind), when another track or none
 * is to be sent; `lost` (kind), when a device went away.
 */
export class Own extends Emitter {
  /** What one sends, for a mirror: the same object for the whole meeting. */
  stream = new MediaStream();
  /** Whether video rests because the network is too weak for it. */
  rests = false;
  #isMuted;
  #isCameraOn;
  #cameraId;

  constructor(stream, { audio = true, video = Boolean(stream?.getVideoTracks().length) } = {}) {
    super();
    this.#isMuted = !audio;
    this.#isCameraOn = video;
    this.#fill(stream);
  }

  /** What to send now: a track or null for each kind. A muted microphone sends silence. */
  sources = () => {
    const [audio = null] = this.stream.getAudioTracks();
    const [video = null] = this.stream.getVideoTracks();
    return { audio, video: this.#isCameraOn && !this.rests ? video : null };
  };

  /** What others are told: whether one can be heard and seen. */
  get media() {
    const { audio, video } = this.sources();
    return { audio: Boolean(audio) && !this.#isMuted, video: Boolean(video) };
  }

  mute(muted) {
    this.#isMuted = muted;
    for (const track of this.stream.getAudioTracks()) track.enabled = !muted;
  }

  /** Show oneself or not. A camera that is off is let go, so that its light goes out. */
  async camera(on) {
    const [track] = this.stream.getVideoTracks();
    this.#isCameraOn = on;
    if (!on && track && isDevice(track)) this.#drop(track);
    if (on && this.stream.getVideoTracks().length === 0) {
      const opened = await open({ audio: false, video: true, videoId: this.#cameraId })
        .catch((error) => {
          this.#isCameraOn = false;
          throw error;
        });
      this.#put(opened.getVideoTracks()[0]);
    }
    this.emit('track', 'video');
  }

  /** Rest the video, or go on with it. */
  rest(rests) {
    this.rests = rests;
    this.emit('track', 'video');
  }

  /** Send this stream's tracks from now on. */
  use(stream) {
    this.#fill(stream);
    for (const kind of ['audio', 'video']) this.emit('track', kind);
  }

  /** Send from another microphone or camera. */
  async device(kind, id) {
    const isAudio = kind.startsWith('audio');
    const opened = await open({
      audio: isAudio, video: !isAudio, ...(isAudio ? { audioId: id } : { videoId: id }),
    });
    const [track] = opened.getTracks();
    if (!isAudio) this.#isCameraOn = true;
    this.#put(track);
    this.emit('track', track.kind);
  }

  /** Let go of the devices. Tracks that were made some other way are left as they are. */
  close() {
    for (const track of this.stream.getTracks()) {
      this.stream.removeTrack(track);
      if (isDevice(track)) track.stop();
    }
  }

  #fill(stream) {
    for (const track of this.stream.getTracks()) {
      if (!stream?.getTracks().includes(track)) this.#drop(track);
    }
    for (const track of stream?.getTracks() ?? []) this.#put(track);
  }

  #put(track) {
    for (const other of this.stream.getTracks()) {
      if (other.kind === track.kind && other !== track) this.#drop(other);
    }
    if (track.kind === 'audio') track.enabled = !this.#isMuted;
    this.stream.addTrack(track);
    track.onended = () => this.#ended(track);
  }

  #drop(track) {
    this.stream.removeTrack(track);
    track.onended = null;
    if (!isDevice(track)) return;
    if (track.kind === 'video') this.#cameraId = track.getSettings().deviceId;
    track.stop();
  }

  /** The device was unplugged or taken away: go on with another of its kind if there is one. */
  async #ended(track) {
    const { kind } = track;
    if (!this.stream.getTracks().includes(track)) return;
    this.#drop(track);
    this.emit('track', kind);
    this.emit('lost', kind);
    try {
      const opened = await open({ audio: kind === 'audio', video: kind === 'video' });
      if (this.stream.getTracks().some((one) => one.kind === kind)) return;
      this.#put(opened.getTracks()[0]);
      this.emit('track', kind);
    } catch {
      // there is none: whoever listens to `lost` has been told
    }
  }
}

/** Whether a track is of a microphone or camera, and not of a canvas or a sound graph. */
function isDevice(track) {
  const { deviceId, groupId } = track.getSettings();
  return Boolean(deviceId && groupId);
}
