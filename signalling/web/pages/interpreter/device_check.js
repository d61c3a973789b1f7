/** A check of microphone and connection, in a dialog: the same as before a meeting. */

import { ConnectionCheck } from '../meet/check.js';
import { LocalMedia } from '../meet/local.js';
import { h, unique, write } from '../ui/dom.js';
import { words } from './strings.js';

/** A button that opens it. */
export function deviceCheckButton({ client }) {
  const open = () => openCheck(client);
  return h('button', { type: 'button', class: 'quiet', onclick: open }, words.checkDevices);
}

async function openCheck(client) {
  const local = new LocalMedia({ audioOnly: true });
  const check = new ConnectionCheck(client, () => local.stream);
  const problem = h('p', { class: 'problem', role: 'alert' });
  const title = h('h2', { id: unique('check') }, words.checkDevices);
  const close = h('button', { type: 'button', onclick: () => dialog.close() }, words.close);
  const dialog = h(
    'dialog',
    { 'aria-labelledby': title.id },
    title,
    h('div', { class: 'stack' }, h('p', {}, words.checkLead), problem, check.element),
    h('div', { class: 'answers' }, close),
  );
  dialog.addEventListener('close', () => {
    local.stop();
    dialog.remove();
  });
  check.button.disabled = true;
  document.body.append(dialog);
  dialog.showModal();
  await local.open();
  check.button.disabled = !local.has('audio');
  if (!local.has('audio')) write(problem, local.problems.audio?.message ?? words.checkNoMicrophone);
  if (!dialog.open) local.stop(); // it was closed while the browser asked
}
