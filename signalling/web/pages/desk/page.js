/** How a page begins and ends: sign in, open the session, show it; say so when that is over. */

import { ClientError } from '/client.js';
import { toast } from '../ui/toast.js';
import { Live } from './live.js';
import { said } from './said.js';
import { plain } from './shell.js';
import { signIn, signOut } from './sign_in.js';
import { words } from './strings.js';

/**
 * Open the page *name*. *build* ({live, name}) makes what is shown once the session is open; it
 * may return a promise of that element.
 */
export async function openPage(name, build) {
  const who = signIn(name);
  addEventListener('hashchange', () => changeOfHands(name, who?.token));
  if (!who) {
    show(plain(words.noLinkTitle, words.noLink));
    return;
  }
  show(plain(words.opening, []));
  const live = new Live(who.token);
  live.on('session.expiring', () => toast(words.expiring));
  let opened = false;
  live.client.on('state', ({ state, code }) => {
    if (state !== 'closed' || !opened) return;
    signOut(name);
    show(plain(words.overTitle, [words.over[code] ?? words.overAnyhow]));
  });
  try {
    await live.open();
    show(await build({ live, name: who.name }));
    opened = true;
  } catch (error) {
    if (live.client.state === 'closed') signOut(name);
    show(plain(words.badLinkTitle, [said(error), ...words.noLink.slice(1)]));
    if (!(error instanceof ClientError)) reportError(error);
  }
}

/** Another link was opened in this tab: begin anew with it. */
function changeOfHands(name, token) {
  if (location.hash.includes('token=') && signIn(name).token !== token) location.reload();
}

function show(element) {
  document.getElementById('page').replaceChildren(element);
}
