/** Passing words. */

import { h } from './dom.js';

const SHOWN_MS = 6000;
const MOST = 3;

/** Say something for a few seconds; a screen reader hears it, without losing its place. */
export function toast(text, place = document.getElementById('toasts')) {
  const said = h('p', { class: 'toast' }, text);
  place.append(said);
  while (place.children.length > MOST) place.firstElementChild.remove();
  setTimeout(() => said.remove(), SHOWN_MS);
}
