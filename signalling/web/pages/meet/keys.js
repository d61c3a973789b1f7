/** Single-key shortcuts. They can be turned off: speech input types letters by accident. */

import { h, toggle, unique } from '../ui/dom.js';
import { words } from './strings.js';

const OFF = 'dragoman.shortcuts-off';
const TYPING = 'input:not([type=checkbox]), textarea, select, [contenteditable]';

export class Keys {
  /** *act* maps a key to what it does; Escape comes through always. */
  constructor(act) {
    this.act = act;
    this.on = !isOff();
    this.listen = this.listen.bind(this);
    document.addEventListener('keydown', this.listen);
  }

  listen(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (document.querySelector('dialog[open]')) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (key !== 'Escape' && (!this.on || event.target.closest?.(TYPING))) return;
    const work = this.act[key];
    if (!work) return;
    event.preventDefault();
    work();
  }

  turn(on) {
    this.on = on;
    try {
      if (on) localStorage.removeItem(OFF);
      else localStorage.setItem(OFF, '1');
    } catch {
      // without storage it holds for this meeting
    }
  }

  dispose() {
    document.removeEventListener('keydown', this.listen);
  }
}

function isOff() {
  try {
    return localStorage.getItem(OFF) !== null;
  } catch {
    return false;
  }
}

/** The panel with the shortcuts, and what to do when something is wrong. */
export class Help {
  constructor(keys) {
    this.title = words.helpTitle;
    const rows = words.keys.map(([key, what]) =>
      h('div', {}, h('dt', {}, h('kbd', {}, key)), h('dd', {}, what)),
    );
    const heading = (text) => h('h3', { id: unique('help') }, text);
    this.element = h(
      'div',
      { class: 'help' },
      heading(words.shortcuts),
      h('dl', { class: 'keys' }, rows),
      toggle(words.shortcutsOn, keys.on, (on) => keys.turn(on)),
      heading(words.trouble),
      h(
        'ul',
        { class: 'troubles' },
        words.troubles.map((text) => h('li', {}, text)),
      ),
    );
  }
}
