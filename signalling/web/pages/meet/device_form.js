/** Choosing microphone, camera and speaker: in the lobby, and inside. */

import { devices } from '/client.js';
import { button, field, fill, h, write } from '../ui/dom.js';
import { canChoose, playTone } from './speaker.js';
import { words } from './strings.js';

const KINDS = [
  ['audio', 'audioinput', words.microphone, words.noMicrophone],
  ['video', 'videoinput', words.camera, words.noCamera],
  ['sink', 'audiooutput', words.speaker, words.systemDefault],
];

/**
 * *chosen* returns the ids in use, {audio, video, sink}; *choose* (kind, id) is called with what
 * the person picks.
 */
export class DeviceForm {
  constructor(chosen, choose) {
    this.chosen = chosen;
    this.selects = {};
    const rows = [];
    for (const [kind, , label] of KINDS) {
      if (kind === 'sink' && !canChoose) continue;
      const select = h('select', { onchange: () => choose(kind, select.value) });
      this.selects[kind] = select;
      rows.push(field(label, select));
    }
    this.said = h('p', { class: 'hint', role: 'status' });
    this.tone = button('speaker', words.testTone, { class: 'quiet', onclick: () => this.#play() });
    this.element = h(
      'div',
      { class: 'device-form' },
      rows,
      h('div', { class: 'tone' }, this.tone, this.said),
    );
    this.dispose = devices.changed((found) => this.refresh(found));
  }

  /** Read anew what there is: names are known only once a device was allowed. */
  async refresh(found = null) {
    found ??= await devices.list();
    const ids = this.chosen();
    for (const [kind, type, label, none] of KINDS) {
      const select = this.selects[kind];
      if (!select) continue;
      const of = found.filter((device) => device.kind === type && device.id);
      const options = of.map((device, index) =>
        h('option', { value: device.id }, device.label || words.numbered(label, index + 1)),
      );
      if (!options.length) options.push(h('option', { value: '' }, none));
      fill(select, options);
      select.disabled = !of.length;
      if (of.some((device) => device.id === ids[kind])) select.value = ids[kind];
    }
  }

  async #play() {
    this.tone.disabled = true;
    write(this.said, words.testing);
    try {
      await playTone(this.selects.sink?.value);
      write(this.said, '');
    } catch {
      write(this.said, words.toneFailed);
    }
    this.tone.disabled = false;
  }
}
