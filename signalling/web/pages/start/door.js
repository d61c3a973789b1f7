/** What the start page asks of the server. */

import { RemoteError } from '/client.js';

/** Make somebody up; return the path of their page, with their token. */
export async function make(identity) {
  const { link } = await ask('POST', 'identity', identity);
  return link;
}

/** Open a meeting; return the customer's path into it, and the interpreter's. */
export async function openMeeting() {
  const { links } = await ask('POST', 'meeting');
  return links;
}

/** Who is available now: {available, pairs}. */
export function available() {
  return ask('GET', 'available');
}

async function ask(method, what, body) {
  const answer = await fetch(`/demo/${what}`, {
    method,
    ...(body && { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }),
  });
  const said = await answer.json();
  if (answer.ok) return said;
  const { code, title, name, detail, path } = said;
  throw new RemoteError({ code, message: title, data: { name, detail, path } });
}
