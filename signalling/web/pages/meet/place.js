/** Where this page belongs: the meeting and the token of its link, kept for a reload. */

import { claimsOf, storageOfTab } from '../ui/token.js';

const KEPT = 'dragoman.meet';

/**
 * Take the link out of the address bar, so that nobody reads or shares it by mistake.
 *
 * Return {meeting, token, guest, name}, from the fragment or as kept for a reload; null without.
 */
export function takePlace(location = window.location, storage = storageOfTab()) {
  const link = new URLSearchParams(location.hash.slice(1));
  if (location.hash) history.replaceState(null, '', location.pathname + location.search);
  const token = link.get('invite') ?? link.get('token');
  if (!token) return kept(storage);
  const claims = claimsOf(token);
  const meeting = link.get('meeting') ?? claims.meeting;
  if (typeof meeting !== 'string' || !meeting) return null;
  const place = {
    meeting,
    token,
    guest: claims.role === 'guest' || link.has('invite'),
    name: typeof claims.name === 'string' ? claims.name : '',
  };
  const before = kept(storage);
  // The same link opened again in the same tab goes on as a reload does.
  const same = before?.token === token && before.meeting === meeting;
  return keep(same ? { ...before, ...place, name: before.name } : place, storage);
}

/** Remember the place, with what else is to survive a reload; return it. */
export function keep(place, storage = storageOfTab()) {
  try {
    storage?.setItem(KEPT, JSON.stringify(place));
  } catch {
    // A full storage only costs the way back after a reload.
  }
  return place;
}

/** Forget the place: the meeting is over. */
export function forget(storage = storageOfTab()) {
  storage?.removeItem(KEPT);
}

function kept(storage) {
  try {
    return JSON.parse(storage?.getItem(KEPT) ?? 'null');
  } catch {
    return null;
  }
}
