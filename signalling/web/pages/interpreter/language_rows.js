/** The languages of a profile. What is held of qualifications is shown; only staff change it. */

import { choice, labelled } from '../desk/form.js';
import { words as common } from '../desk/strings.js';
import { h, iconButton, set } from '../ui/dom.js';
import { words } from './strings.js';

const LEVELS = Object.entries(words.levels).map(([value, text]) => ({ value, text }));

export class LanguageRows {
  constructor() {
    this.list = h('ul', { class: 'exceptions' });
    this.add = h('button', { type: 'button', onclick: () => this.#more() }, words.addLanguage);
    this.element = h(
      'fieldset',
      { class: 'card', 'data-path': 'interpreter.languages' },
      h('legend', { class: 'unseen' }, words.languages),
      h('h2', { 'aria-hidden': 'true' }, words.languages),
      this.list,
      h('p', { class: 'hint' }, words.credentialHint),
      h('div', { class: 'answers' }, this.add),
    );
  }

  show(languages) {
    this.list.replaceChildren(...languages.map((skill) => this.#row(skill)));
    this.#number();
  }

  get value() {
    return [...this.list.children].map((row) => row.read());
  }

  #row(skill) {
    const known = Boolean(skill.tag);
    const name = h('input', { type: 'text', required: true, readonly: known });
    name.value = known ? common.language(skill.tag) : '';
    const level = choice(LEVELS, skill.level);
    const remove = iconButton('close', words.removeLanguage(name.value), {
      onclick: () => this.#less(row),
    });
    const row = h(
      'li',
      {},
      h(
        'div',
        { class: 'row' },
        labelled(words.language, name),
        labelled(words.level, level),
        remove,
      ),
      h(
        'p',
        { class: 'hint' },
        skill.qualification ? held(skill.qualification) : words.noCredential,
      ),
    );
    row.fields = { tag: name, level };
    row.read = () => ({ ...skill, tag: known ? skill.tag : name.value.trim(), level: level.value });
    return row;
  }

  #more() {
    const row = this.#row({ tag: '', level: 'C1' });
    this.list.append(row);
    this.#number();
    row.fields.tag.focus();
  }

  #less(row) {
    row.remove();
    this.#number();
    this.add.focus();
  }

  #number() {
    [...this.list.children].forEach(({ fields }, index) => {
      for (const [name, control] of Object.entries(fields)) {
        set(control, 'data-path', `interpreter.languages.${index}.${name}`);
      }
    });
  }
}

function held(qualification) {
  return words.credential(
    typeof qualification === 'string' ? { scale: 'NO', category: qualification } : qualification,
  );
}
