/** An offer as its interpreter reads it: what it is, and why they are asked. */

import { facts } from '../desk/facts.js';
import { h } from '../ui/dom.js';
import { icon } from '../ui/icons.js';
import { words } from './strings.js';

const SHOWN = 4; // of the reasons that speak for them
const SCORE = /^[+−-]?\d+(\.\d+)? /; // what a reason adds, before its words

/** The facts of the assignment and the strongest reasons. */
export function offerFacts({ assignment, reasons }, zone) {
  const best = reasons
    .filter(({ contribution }) => contribution > 0)
    .sort((a, b) => b.contribution - a.contribution)
    .slice(0, SHOWN);
  const lines = best.map(({ text }) => h('li', {}, icon('check'), h('span', {}, sentence(text))));
  return [
    facts(assignment, zone),
    lines.length ? h('ul', { class: 'reasons', 'aria-label': words.why }, lines) : null,
  ];
}

function sentence(text) {
  const plain = text.replace(SCORE, '');
  return plain.charAt(0).toLocaleUpperCase() + plain.slice(1);
}

/** Why an offer is over, for people. */
export function lostWords(reason) {
  return words.lost[reason] ?? words.lostAnyhow;
}
