/** What went wrong, in the words of these pages where they have some. */

import { ClientError } from '/client.js';
import { plainly } from '../ui/plainly.js';
import { words } from './strings.js';

/** What this page itself finds wrong, with a message for people. */
export class PlainError extends Error {}

/** Say it; what is neither the server's nor this page's finding is a mistake of ours, thrown on. */
export function said(error) {
  if (error instanceof PlainError) return error.message;
  if (!(error instanceof ClientError)) throw error;
  // What is wrong with a field is said better by the server, which knows the value.
  return plainly(error, error?.kind === 'invalid_params' ? {} : words.errors);
}
