/** What went wrong, in plain words. */

import { explain } from '/client.js';

/** Say it in the words of the page, *known* by the error's reason or kind; else in the client's. */
export function plainly(error, known) {
  return known[error?.data?.reason] ?? known[error?.kind] ?? sentence(explain(error));
}

/** Begin with a capital and end with a full stop: the server's details do neither. */
export function sentence(text) {
  const whole = text.charAt(0).toLocaleUpperCase() + text.slice(1);
  return /[.!?]$/.test(whole) ? whole : `${whole}.`;
}
