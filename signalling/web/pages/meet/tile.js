/** One person in the meeting: picture or initials, name, microphone, connection. */

import { h, set, write } from '../ui/dom.js';
import { icon } from '../ui/icons.js';
import { route } from './speaker.js';
import { words } from './strings.js';

const HUES = 6; // of the circles with initials, see room.css

export class Tile {
  /** *blocked* is called when the browser does not let the sound play by itself. */
  constructor(id, { own, blocked }) {
    this.own = own;
    this.blocked = blocked;
    this.video = h('video', { autoplay: true, playsinline: true, tabindex: -1 });
    this.video.muted = own;
    this.video.addEventListener('resize', () => this.resized?.());
    this.initials = h('span', { class: 'initials', 'aria-hidden': 'true' });
    this.veil = h('p', { class: 'veil', hidden: true });
    this.name = h('span', { class: 'name' });
    this.badge = h('span', { class: 'badge', hidden: true }, words.roles.interpreter);
    this.muted = h('span', { class: 'muted', hidden: true }, icon('microphone-off'));
    this.quality = h('span', { class: 'quality', hidden: true });
    const plate = h('div', { class: 'plate' }, this.muted, this.name, this.quality);
    this.element = h(
      'article',
      { class: own ? 'tile own' : 'tile', 'data-participant': id },
      this.initials,
      this.video,
      this.veil,
      this.badge,
      plate,
    );
  }

  /** Show a participant: {name, role, state, media, stream, quality, speaking, connected}. */
  update(person) {
    const { name, role, media, state } = person;
    const pictured = Boolean(media.video && hasPicture(person.stream));
    const away = state === 'reconnecting';
    const veil = away ? words.reconnecting : person.connecting ? words.connecting : '';
    this.#play(person.stream);
    this.video.hidden = !pictured;
    this.initials.hidden = pictured;
    write(this.initials, initialsOf(name));
    set(this.initials, 'data-hue', hueOf(name));
    write(this.name, this.own ? `${name} (${words.you})` : name);
    this.badge.hidden = role !== 'interpreter';
    this.muted.hidden = media.audio;
    this.veil.hidden = !veil;
    write(this.veil, veil);
    this.#quality(person.quality);
    this.element.classList.toggle('speaking', Boolean(person.speaking && media.audio && !away));
    this.element.classList.toggle('away', Boolean(veil));
    const parts = [
      media.audio ? '' : words.muted,
      away ? words.reconnecting : '',
      person.quality ? words.qualityName[person.quality] : '',
    ];
    set(this.element, 'aria-label', words.tile(name, words.roles[role], parts));
  }

  /** Play on another speaker. */
  async speakOn(sinkId) {
    if (!this.own) await route(this.video, sinkId);
  }

  /** Try to play; the browser may want a tap first. */
  async play() {
    try {
      await this.video.play();
    } catch (error) {
      if (error.name === 'NotAllowedError') this.blocked();
    }
  }

  /** Width through height of the picture, or null while there is none. */
  get aspect() {
    const { videoWidth, videoHeight, hidden } = this.video;
    return !hidden && videoHeight ? videoWidth / videoHeight : null;
  }

  dispose() {
    this.video.srcObject = null;
    this.element.remove();
  }

  #play(stream) {
    if (this.video.srcObject === (stream ?? null)) return;
    this.video.srcObject = stream ?? null;
    if (stream) this.play();
  }

  #quality(level) {
    this.quality.hidden = !level;
    if (!level || this.quality.dataset.level === level) return;
    this.quality.dataset.level = level;
    this.quality.replaceChildren(icon(level), h('span', {}, words.quality[level]));
  }
}

function hasPicture(stream) {
  return Boolean(stream?.getVideoTracks().some((track) => track.readyState === 'live'));
}

/** The first letters of the first and the last word of a name. */
export function initialsOf(name) {
  const parts = name.trim().split(/\s+/).filter(Boolean);
  const letters = [parts[0], parts.length > 1 ? parts.at(-1) : ''].map(
    (part) => [...(part ?? '')][0] ?? '',
  );
  return letters.join('').toLocaleUpperCase();
}

function hueOf(name) {
  let sum = 0;
  for (const letter of name) sum = (sum * 31 + letter.codePointAt(0)) % 9973;
  return sum % HUES;
}
