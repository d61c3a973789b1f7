/** Dialogs with a form in them. */

import { h, unique } from '../ui/dom.js';
import { form } from './form.js';
import { words } from './strings.js';

/**
 * Ask for what *fields* (elements) hold, in a modal dialog. *act* is called when it is submitted;
 * while it rejects the dialog stays, and shows what is wrong. Return what it gave, null without.
 */
export function askForm({ title, lead = '', fields = [], submit, kind = 'primary', act }) {
  const heading = h('h2', { id: unique('dialog'), tabindex: -1 }, title);
  return new Promise((resolve) => {
    let result = null;
    const asked = form(
      {
        submit,
        kind,
        act: async () => {
          result = (await act()) ?? true;
          dialog.close();
        },
      },
      ...fields,
    );
    const cancel = h('button', { type: 'button', onclick: () => dialog.close() }, words.cancel);
    asked.querySelector('.answers').prepend(cancel);
    const dialog = h(
      'dialog',
      { 'aria-labelledby': heading.id },
      heading,
      lead ? h('p', {}, lead) : null,
      asked,
    );
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(result);
    });
    document.body.append(dialog);
    dialog.showModal();
    (asked.querySelector('input, select, textarea') ?? heading).focus();
  });
}
