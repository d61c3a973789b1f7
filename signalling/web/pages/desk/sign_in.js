/** Who opened this page: the token of the link, kept for a reload of this tab. */

import { claimsOf, storageOfTab } from '../ui/token.js';

/**
 * Take the token out of the address bar, so that nobody reads or shares it by mistake.
 *
 * Return {token, name}, from the fragment or as kept for *page*; null without. What else stands in
 * the fragment, the section that is shown, stays there.
 */
export function signIn(page, location = window.location, storage = storageOfTab()) {
  const key = `dragoman.${page}`;
  const link = new URLSearchParams(location.hash.slice(1));
  const given = link.get('token');
  if (given) {
    history.replaceState(null, '', location.pathname + location.search);
    keep(storage, key, given);
  }
  const token = given ?? storage?.getItem(key);
  if (!token) return null;
  const { name } = claimsOf(token);
  return { token, name: typeof name === 'string' ? name : '' };
}

/** Forget the token: it is no longer good. */
export function signOut(page, storage = storageOfTab()) {
  storage?.removeItem(`dragoman.${page}`);
}

function keep(storage, key, token) {
  try {
    storage?.setItem(key, token);
  } catch {
    // A full storage only costs the way back after a reload.
  }
}
