/** A sound while an offer rings, if the interpreter wants one. */

import { storageOfTab } from '../ui/token.js';

const KEPT = 'dragoman.interpreter.sound';
const NOTES = [659, 880]; // Hz
const EVERY_MS = 2500;

export class Chime {
  #context = null;
  #timer = 0;

  get wanted() {
    return storageOfTab()?.getItem(KEPT) === 'on';
  }

  /** Turn it on or off. Called from a press: browsers let a page sound only after one. */
  want(on) {
    storageOfTab()?.setItem(KEPT, on ? 'on' : 'off');
    if (on) this.#play();
  }

  start() {
    this.stop();
    if (!this.wanted) return;
    this.#play();
    this.#timer = setInterval(() => this.#play(), EVERY_MS);
  }

  stop() {
    clearInterval(this.#timer);
  }

  #play() {
    this.#context ??= new AudioContext();
    const now = this.#context.currentTime;
    NOTES.forEach((hz, index) => this.#note(hz, now + index * 0.18));
  }

  #note(hz, at) {
    const tone = new OscillatorNode(this.#context, { frequency: hz });
    const volume = new GainNode(this.#context, { gain: 0 });
    volume.gain.setValueAtTime(0, at);
    volume.gain.linearRampToValueAtTime(0.2, at + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.001, at + 0.4);
    tone.connect(volume).connect(this.#context.destination);
    tone.start(at);
    tone.stop(at + 0.42);
  }
}
