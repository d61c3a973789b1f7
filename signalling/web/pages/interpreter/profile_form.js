/** The section of one's profile: what matching knows of one. */

import { choice, form, group, labelled } from '../desk/form.js';
import { words as common } from '../desk/strings.js';
import { h, toggle } from '../ui/dom.js';
import { toast } from '../ui/toast.js';
import { LanguageRows } from './language_rows.js';
import { StartingPlace } from './starting_place.js';
import { words } from './strings.js';

const MODES = ['audio', 'video', 'onsite'];

export class ProfileForm {
  constructor({ profile }) {
    this.profile = profile;
    this.name = h('input', { type: 'text', maxlength: 200, autocomplete: 'name', required: true });
    this.languages = new LanguageRows();
    this.specialisms = h('input', { type: 'text' });
    this.modes = MODES.map((mode) => {
      const shown = toggle(common.modesLong[mode], false, () => {});
      shown.querySelector('input').value = mode;
      return shown;
    });
    this.zone = h('input', { type: 'text', list: 'zones', required: true });
    this.place = new StartingPlace();
    this.clearances = h('p', { class: 'hint' });
    this.element = form({ submit: common.save, act: () => this.#save() }, ...this.#cards());
    profile.addEventListener('change', () => this.#show());
    this.#show();
  }

  #cards() {
    const path = (name) => `interpreter.${name}`;
    const zones = Intl.supportedValuesOf('timeZone').map((zone) => h('option', { value: zone }));
    return [
      h(
        'div',
        { class: 'card' },
        labelled(words.name, this.name, { path: path('name') }),
        labelled(words.timezone, this.zone, { path: path('timezone') }),
        h('datalist', { id: 'zones' }, zones),
      ),
      this.languages.element,
      h(
        'div',
        { class: 'card' },
        group(words.howIWork, { path: path('modes') }, h('div', { class: 'boxes' }, this.modes)),
        labelled(words.specialisms, this.specialisms, {
          path: path('specialisms'),
          hint: words.specialismsHint,
        }),
        this.clearances,
      ),
      this.place.element,
    ];
  }

  #show() {
    const { value } = this.profile;
    this.name.value = value.name;
    this.zone.value = value.timezone;
    this.languages.show(value.languages);
    this.specialisms.value = (value.specialisms ?? []).join(', ');
    for (const mode of this.modes) {
      const box = mode.querySelector('input');
      box.checked = value.modes.includes(box.value);
    }
    this.place.show(value);
    const clearances = (value.clearances ?? []).map(common.field).join(', ');
    this.clearances.textContent = clearances && `${words.clearances}: ${clearances}`;
    this.clearances.hidden = !clearances;
  }

  async #save() {
    const boxes = this.modes.map((mode) => mode.querySelector('input'));
    await this.profile.save({
      name: this.name.value.trim(),
      timezone: this.zone.value.trim(),
      languages: this.languages.value,
      specialisms: fields(this.specialisms.value),
      modes: boxes.filter(({ checked }) => checked).map(({ value }) => value),
      ...this.place.value,
    });
    toast(common.saved);
  }
}

/** "Medical, child welfare" as the protocol writes it: medical, child_welfare. */
function fields(text) {
  const all = text.split(',').map((word) => word.trim().toLowerCase().replaceAll(/\s+/g, '_'));
  return all.filter(Boolean);
}
