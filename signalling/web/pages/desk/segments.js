/** One of a few, as buttons side by side: radio buttons underneath, so arrow keys work. */

import { h, unique } from '../ui/dom.js';

/** Make a choice of {value, text}; `value` reads and sets which (null: none), `element` is a fieldset. */
export function segments(options, chosen, legend, path = '') {
  const name = unique('segments');
  const radios = options.map(({ value, text }) => {
    const radio = h('input', { type: 'radio', name, value, checked: value === chosen });
    return { radio, label: h('label', {}, radio, h('span', {}, text)) };
  });
  const element = h(
    'fieldset',
    { 'data-path': path || null },
    h('legend', {}, legend),
    h(
      'div',
      { class: 'segments' },
      radios.map(({ label }) => label),
    ),
  );
  return {
    element,
    get value() {
      return radios.find(({ radio }) => radio.checked)?.radio.value ?? null;
    },
    set value(wanted) {
      for (const { radio } of radios) radio.checked = radio.value === wanted;
    },
  };
}
