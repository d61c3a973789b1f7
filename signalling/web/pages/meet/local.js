/** The own microphone and camera: what is wanted, what could be had, and why not the rest. */

import { devices } from '/client.js';

const PERMISSION = { audio: 'microphone', video: 'camera' };

/**
 * Opens devices and keeps what the person chose. Fires `change` whenever anything of it differs.
 *
 * *choices* is {audio, video, audioOnly, audioId, videoId, sinkId}, as kept for a reload.
 */
export class LocalMedia extends EventTarget {
  constructor(choices = {}) {
    super();
    this.stream = null;
    this.problems = { audio: null, video: null };
    this.busy = false;
    this.opened = Promise.resolve(); // once what was asked for has been had, or not
    this.choices = { audio: true, video: true, audioOnly: false, ...choices };
  }

  /** Whether there is a live track of a kind, 'audio' or 'video'. */
  has(kind) {
    return Boolean(this.track(kind));
  }

  track(kind) {
    const tracks = this.stream?.getTracks() ?? [];
    return tracks.find((track) => track.kind === kind && track.readyState === 'live') ?? null;
  }

  /** Whether it would be sent: there is a track, and the person has it on. */
  sends(kind) {
    return this.has(kind) && this.choices[kind] && !(kind === 'video' && this.choices.audioOnly);
  }

  /** Open what is wanted; without the camera if only the microphone can be had, and so on. */
  open() {
    this.#say({ busy: true });
    this.opened = this.opened.then(() => this.#open());
    return this.opened;
  }

  async #open() {
    this.stop();
    this.problems = { audio: null, video: null };
    const video = this.choices.video && !this.choices.audioOnly;
    const both = await this.#attempt({ audio: true, video });
    if (!both && video) {
      for (const kind of await this.#askable()) await this.#attempt({ [kind]: true });
    }
    for (const kind of ['audio', 'video']) if (this.has(kind)) this.problems[kind] = null;
    this.#enable();
    this.#say({ busy: false });
  }

  /** Choose another device of a kind, by its id. */
  async choose(kind, id) {
    this.choices[`${kind}Id`] = id;
    await this.open();
  }

  /** Turn the microphone or the camera on or off. A camera that is off is closed: no light. */
  async turn(kind, on) {
    this.choices[kind] = on;
    if (kind === 'video' && on && !this.has('video')) return this.open();
    if (kind === 'video' && !on) this.#close('video');
    if (kind === 'audio' && on && !this.has('audio')) return this.open();
    this.#enable();
    this.#say({});
    return undefined;
  }

  async soundOnly(only) {
    this.choices.audioOnly = only;
    if (only) this.#close('video');
    if (!only && this.choices.video) await this.open();
    else this.#say({});
  }

  stop() {
    this.stream?.getTracks().forEach((track) => track.stop());
    this.stream = null;
  }

  /** Try to open some kinds; note why it did not work. */
  async #attempt(kinds) {
    const { audioId, videoId } = this.choices;
    try {
      const got = await devices.open({ audio: false, video: false, ...kinds, audioId, videoId });
      if (!this.stream) this.stream = got;
      else got.getTracks().forEach((track) => this.stream.addTrack(track));
      return true;
    } catch (error) {
      for (const kind of ['audio', 'video']) if (kinds[kind]) this.problems[kind] = error;
      return false;
    }
  }

  /** The kinds worth asking for alone: not one that the person has just refused. */
  async #askable() {
    const kinds = [];
    for (const kind of ['audio', 'video']) {
      const refused = this.problems[kind]?.name === 'NotAllowedError';
      if (!refused || (await permission(kind)) === 'granted') kinds.push(kind);
    }
    return kinds;
  }

  #enable() {
    const audio = this.track('audio');
    if (audio) audio.enabled = this.choices.audio;
  }

  #close(kind) {
    const track = this.track(kind);
    if (!track) return;
    track.stop();
    this.stream.removeTrack(track);
  }

  #say(changes) {
    Object.assign(this, changes);
    this.dispatchEvent(new Event('change'));
  }
}

/** What the browser says of a permission: granted, denied or prompt. */
async function permission(kind) {
  try {
    return (await navigator.permissions.query({ name: PERMISSION[kind] })).state;
  } catch {
    return 'prompt'; // some browsers do not tell
  }
}
