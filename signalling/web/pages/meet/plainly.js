/** What went wrong, in plain words: those of this page where it has some, else the client's. */

import { explain } from '/client.js';
import { words } from './strings.js';

export function plainly(error) {
  const known = words.errors[error?.data?.reason] ?? words.errors[error?.kind];
  return known ?? sentence(explain(error));
}

/** The server's details begin small and end without a full stop. */
function sentence(text) {
  const whole = text.charAt(0).toLocaleUpperCase() + text.slice(1);
  return /[.!?]$/.test(whole) ? whole : `${whole}.`;
}
