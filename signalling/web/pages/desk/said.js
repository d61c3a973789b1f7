/** What went wrong, in the words of these pages where they have some. */

import { ClientError, ConnectionLost } from '/client.js';
import { plainly } from '../ui/plainly.js';
import { words } from './strings.js';

// What the server says of a value out of its bounds is for programmers.
const BOUNDS = [
  [/^Expected `(?:int|float)` >= (\S+)$/, words.bounds.least],
  [/^Expected `(?:int|float)` <= (\S+)$/, words.bounds.most],
  [/^Expected `int`, got `float`$/, () => words.bounds.whole],
  [/^Expected `str` of length >= 1$/, () => words.bounds.missing],
  [/^Expected `str` matching regex /, () => words.bounds.missing],
];

/** What this page itself finds wrong, with a message for people. */
export class PlainError extends Error {}

/** Say it; what is neither the server's nor this page's finding is a mistake of ours, thrown on. */
export function said(error) {
  if (error instanceof PlainError) return error.message;
  if (!(error instanceof ClientError)) throw error;
  if (error instanceof ConnectionLost) return words.errors.connection_lost;
  // What is wrong with a field is said better by the server, which knows the value.
  return error.kind === 'invalid_params' ? ofField(error) : plainly(error, words.errors);
}

function ofField(error) {
  for (const [pattern, say] of BOUNDS) {
    const found = pattern.exec(error.message);
    if (found) return say(found[1]);
  }
  return plainly(error, {});
}
