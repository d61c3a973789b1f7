/** Forms that say beside the field what is wrong with it: the server names it by its path. */

import { field, h, set, unique, write } from '../ui/dom.js';
import { said } from './said.js';

/** A labelled control for the field at *path* of the params, with a hint below it. */
export function labelled(label, control, { path = '', hint = '' } = {}) {
  if (path) control.dataset.path = path;
  if (!hint) return field(label, control);
  const below = h('p', { class: 'hint', id: unique('hint') }, hint);
  set(control, 'aria-describedby', below.id);
  control.dataset.hint = below.id;
  return field(label, control, below);
}

/** Controls that belong together, under a name: fields as rows or a row of boxes. */
export function group(legend, { path = '', ...attributes }, ...children) {
  const shown = h('legend', {}, legend);
  return h('fieldset', { ...attributes, 'data-path': path || null }, shown, ...children);
}

/** A drop-down list of {value, text}. */
export function choice(options, chosen, attributes = {}) {
  const select = h(
    'select',
    attributes,
    options.map(({ value, text }) => h('option', { value }, text)),
  );
  select.value = chosen ?? '';
  return select;
}

/**
 * Make a form. *act* is called when it is submitted; what it rejects with is shown at the field
 * that the error names, else above the button. Meanwhile the button cannot be pressed again.
 */
export function form({ submit, act, kind = 'primary', ...attributes }, ...children) {
  const problem = h('p', { class: 'problem', role: 'alert', hidden: true });
  const button = h('button', { type: 'submit', class: kind }, submit);
  const element = h(
    'form',
    { class: 'form', novalidate: true, ...attributes },
    ...children,
    problem,
    h('div', { class: 'answers' }, button),
  );
  element.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (button.disabled) return;
    clear(element);
    button.disabled = true;
    try {
      await act();
    } catch (error) {
      fault(element, error);
    } finally {
      button.disabled = false;
    }
  });
  return element;
}

/** Show what is wrong, and go to it. */
export function fault(element, error) {
  const text = said(error);
  const control = named(element, error?.data?.path);
  if (!control) {
    const problem = element.querySelector(':scope > .problem');
    write(problem, text);
    problem.hidden = false;
    return;
  }
  const below = h('p', { class: 'problem', id: unique('problem') }, text);
  set(control, 'aria-invalid', 'true');
  set(control, 'aria-describedby', [control.dataset.hint, below.id].filter(Boolean).join(' '));
  const around = control.matches('fieldset') ? control : control.parentElement;
  around.append(below);
  const first = control.matches('fieldset') ? control.querySelector('input, select') : control;
  first?.focus();
}

/** Take away what was said to be wrong. */
export function clear(element) {
  const general = element.querySelector(':scope > .problem');
  general.hidden = true;
  write(general, '');
  for (const control of element.querySelectorAll('[aria-invalid]')) {
    set(control, 'aria-invalid', null);
    set(control, 'aria-describedby', control.dataset.hint ?? null);
  }
  for (const below of element.querySelectorAll('.problem')) if (below !== general) below.remove();
}

/** The control whose path is the longest beginning of *path*. */
function named(element, path = '') {
  const all = [...element.querySelectorAll('[data-path]')].filter(
    ({ dataset }) => path === dataset.path || path.startsWith(`${dataset.path}.`),
  );
  return all.sort((a, b) => b.dataset.path.length - a.dataset.path.length)[0];
}
