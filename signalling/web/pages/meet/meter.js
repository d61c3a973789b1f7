/** How loud the own microphone is, as a bar. */

import { devices } from '/client.js';
import { h, set } from '../ui/dom.js';
import { words } from './strings.js';

const LOUD = 0.35; // of the level's scale: speech, not the noise of a room
const SPOKEN_EVERY_MS = 500; // a screen reader needs no more

export class Meter {
  constructor() {
    this.bar = h('span', { class: 'meter-bar' });
    this.element = h(
      'div',
      {
        class: 'meter',
        role: 'meter',
        'aria-label': words.level,
        'aria-valuemin': 0,
        'aria-valuemax': 100,
      },
      this.bar,
    );
    this.heard = false;
    this.onheard = () => {};
    this.told = 0;
    set(this.element, 'aria-valuenow', 0);
  }

  /** Show the level of a stream, or nothing. */
  show(stream) {
    this.stop();
    if (!stream?.getAudioTracks().length) return;
    const level = devices.level(stream);
    let frame = 0;
    const draw = (now) => {
      this.#draw(level.value, now);
      frame = requestAnimationFrame(draw);
    };
    frame = requestAnimationFrame(draw);
    this.end = () => {
      cancelAnimationFrame(frame);
      level.stop();
    };
  }

  stop() {
    this.end?.();
    this.end = null;
    this.#draw(0, Infinity);
  }

  #draw(value, now) {
    this.bar.style.transform = `scaleX(${value.toFixed(3)})`;
    if (now - this.told > SPOKEN_EVERY_MS) {
      this.told = now === Infinity ? 0 : now;
      set(this.element, 'aria-valuenow', Math.round(value * 100));
    }
    if (value > LOUD && !this.heard) {
      this.heard = true;
      this.onheard();
    }
  }
}
