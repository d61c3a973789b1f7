/** The languages to choose from: Norway's commonest needs, in the order of their names. */

import { locale, words } from './strings.js';

/** What the side speaks that asks. */
export const SPOKEN = ['no', 'en'];
const TAGS = [
  ...['apc', 'acm', 'arb', 'arz', 'apd', 'ary', 'ti', 'so', 'uk', 'pl', 'prs', 'ckb', 'pes', 'ru'],
  ...['kmr', 'tr', 'vi', 'nsl', 'ur', 'fr', 'es', 'th', 'ps', 'sq', 'am', 'lt', 'ro', 'cmn', 'sw'],
  ...['ta', 'bs', 'sr', 'bg', 'om', 'pt', 'hr', 'fil', 'hi', 'de'],
];

export const languages = sorted(TAGS);

export function sorted(tags) {
  return [...tags].sort((a, b) => words.language(a).localeCompare(words.language(b), locale));
}

/** Tags as a drop-down list takes them. */
export function options(tags) {
  return tags.map((value) => ({ value, text: words.language(value) }));
}
