/** Passing words. */

import { h } from './dom.js';

const SHOWN_MS = 6000;
const MOST = 3;

const PLACE = document.getElementById('toasts');

/** Say something for a few seconds; a screen reader hears it, without losing its place. */
export function toast(text, place = PLACE) {
  const said = h('p', { class: 'toast' }, text);
  if (place === PLACE) intoSight();
  for (const each of [...place.children]) if (each.textContent === text) each.remove();
  place.append(said);
  while (place.children.length > MOST) place.firstElementChild.remove();
  setTimeout(() => said.remove(), SHOWN_MS);
}

/** A modal dialog covers the page and silences it: while there is one, words pass inside it. */
function intoSight() {
  const dialog = [...document.querySelectorAll('dialog:modal')].at(-1);
  const stage = dialog ?? document.body;
  if (PLACE.parentElement === stage) return;
  stage.append(PLACE);
  dialog?.addEventListener('close', () => document.body.append(PLACE), { once: true });
}
