/** Builds elements. Text from people only ever becomes text nodes: nothing here reads HTML. */

import { icon } from './icons.js';

/**
 * Make an element: `on*` attributes are listeners, `false` and `null` leave an attribute away,
 * `true` sets it empty. Children are nodes or text; absent ones are skipped.
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else set(element, name, value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

/** Set an attribute, or take it away with `false` or `null`; write only what differs. */
export function set(element, name, value) {
  if (value === false || value === null || value === undefined) element.removeAttribute(name);
  else {
    const text = value === true ? '' : String(value);
    if (element.getAttribute(name) !== text) element.setAttribute(name, text);
  }
}

/** Write a text, only if it differs: a screen reader hears what changed and nothing else. */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Replace the children of an element. */
export function fill(element, ...children) {
  element.replaceChildren(...children.flat().filter(Boolean));
  return element;
}

/** A button with an icon and a visible word below or beside it. */
export function button(name, text, attributes = {}) {
  const label = h('span', { class: 'label' }, text);
  return h('button', { type: 'button', ...attributes }, icon(name), label);
}

/** A button that shows its icon alone; its name is for screen readers and as a tip. */
export function iconButton(name, text, attributes = {}) {
  const { class: extra = '', ...others } = attributes;
  return h(
    'button',
    { type: 'button', class: `bare ${extra}`, 'aria-label': text, title: text, ...others },
    icon(name),
  );
}

/** Change what a button made here shows and is called. */
export function relabel(element, name, text) {
  const label = element.querySelector('.label');
  if (label) write(label, text);
  else {
    set(element, 'aria-label', text);
    set(element, 'title', text);
  }
  const old = element.querySelector('svg');
  if (old.dataset.name !== name) old.replaceWith(icon(name));
}

/** A labelled field: the label stands above what it names. */
export function field(label, control, ...more) {
  control.id ||= unique('field');
  return h('div', { class: 'field' }, h('label', { for: control.id }, label), control, ...more);
}

/** A switch, on or off, with its words beside it. */
export function toggle(label, checked, change) {
  const box = h('input', { type: 'checkbox', checked, onchange: () => change(box.checked) });
  return h('label', { class: 'toggle' }, box, h('span', {}, label));
}

let counted = 0;

/** An id that no other element of the page has. */
export function unique(stem) {
  counted += 1;
  return `${stem}-${counted}`;
}

/**
 * Ask something in a modal dialog. Return the value of the button pressed, or null after Escape
 * and when *signal* aborts: it need not be answered any more. *answers* is a list of
 * {value, text, kind}; the first is focused.
 */
export function ask(title, paragraphs, answers, signal) {
  const heading = h('h2', { id: unique('dialog') }, title);
  return new Promise((resolve) => {
    const buttons = answers.map(({ value, text, kind = '' }) =>
      h('button', { type: 'button', class: kind, onclick: () => dialog.close(value) }, text),
    );
    const dialog = h(
      'dialog',
      { 'aria-labelledby': heading.id },
      heading,
      paragraphs.map((text) => h('p', {}, text)),
      h('div', { class: 'answers' }, buttons),
    );
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(dialog.returnValue || null);
    });
    signal?.addEventListener('abort', () => dialog.close());
    document.body.append(dialog);
    dialog.showModal();
    buttons[0].focus();
  });
}
