/** The tiles of all who are inside, interpreters first, the own one small in the corner. */

import { button, h, set } from '../ui/dom.js';
import { arrange } from './layout.js';
import { words } from './strings.js';
import { Tile } from './tile.js';

const GAP = 8;
const MARGIN = 10; // of the own tile to the corner, as in room.css
const NARROWEST = 4 / 3;
const WIDEST = 16 / 9;

export class Stage {
  constructor() {
    this.tiles = new Map();
    this.sinkId = undefined;
    this.grid = h('div', { class: 'grid' });
    this.alone = h(
      'div',
      { class: 'alone', hidden: true },
      h('p', { class: 'strong' }, words.alone),
      h('p', {}, words.aloneHint),
    );
    this.tap = button('speaker', words.tapToHear, {
      class: 'primary tap',
      hidden: true,
      onclick: () => this.#hear(),
    });
    this.element = h('div', { class: 'stage' }, this.grid, this.alone, this.tap);
    this.observer = new ResizeObserver(() => this.#lay());
    this.observer.observe(this.element);
  }

  /** Show these people; *people* comes with the own one, whose `own` is true. */
  show(people) {
    const ids = new Set(people.map((person) => person.id));
    for (const [id, tile] of this.tiles) {
      if (ids.has(id)) continue;
      tile.dispose();
      this.tiles.delete(id);
    }
    const others = people.filter((person) => !person.own).sort(byOrder);
    others.forEach((person, index) => {
      const { element } = this.#tile(person);
      // Moving a playing video in the document would stop it for a moment.
      if (this.grid.children[index] !== element)
        this.grid.insertBefore(element, this.grid.children[index] ?? null);
    });
    const own = people.find((person) => person.own);
    if (own) {
      const { element } = this.#tile(own);
      if (!element.parentElement) this.element.append(element);
    }
    this.alone.hidden = others.length > 0;
    this.element.classList.toggle('empty', !others.length);
    this.element.classList.toggle('single', others.length === 1);
    this.#lay();
  }

  /** Play everybody on another speaker. */
  async speakOn(sinkId) {
    this.sinkId = sinkId;
    await Promise.all([...this.tiles.values()].map((tile) => tile.speakOn(sinkId)));
  }

  dispose() {
    this.observer.disconnect();
    for (const tile of this.tiles.values()) tile.dispose();
  }

  #tile(person) {
    let tile = this.tiles.get(person.id);
    if (!tile) {
      tile = new Tile(person.id, {
        own: person.own,
        blocked: () => set(this.tap, 'hidden', false),
      });
      tile.resized = () => this.#lay();
      tile.speakOn(this.sinkId);
      this.tiles.set(person.id, tile);
    }
    tile.update(person);
    return tile;
  }

  async #hear() {
    this.tap.hidden = true;
    await Promise.all([...this.tiles.values()].map((tile) => tile.play()));
  }

  #lay() {
    const { clientWidth: width, clientHeight: height } = this.element;
    const count = this.grid.children.length;
    if (!width || !height) return;
    const smallWidth = Math.round(Math.min(240, Math.max(104, width * 0.2)));
    const small = { width: smallWidth, height: Math.round(smallWidth / NARROWEST) };
    const corner = { width: small.width + MARGIN, height: small.height + MARGIN };
    const laid = arrange(count, { width, height }, corner, this.#aspect(), GAP);
    const { style } = this.element;
    for (const [name, value] of Object.entries({
      'tile-width': laid.width,
      'tile-height': laid.height,
      'keep-right': laid.right,
      'keep-bottom': laid.bottom,
      'own-width': small.width,
      'own-height': small.height,
    })) {
      style.setProperty(`--${name}`, `${value}px`);
    }
  }

  /** One shape for all tiles: the middle one of the pictures there are, so that little is empty. */
  #aspect() {
    const known = [...this.tiles.values()].filter((tile) => !tile.own).map((tile) => tile.aspect);
    const sorted = known.filter(Boolean).sort((a, b) => a - b);
    const middle = sorted[Math.floor(sorted.length / 2)] ?? NARROWEST;
    return Math.min(WIDEST, Math.max(NARROWEST, middle));
  }
}

function byOrder(a, b) {
  const first = (person) => (person.role === 'interpreter' ? 0 : 1);
  return first(a) - first(b) || a.order - b.order;
}
