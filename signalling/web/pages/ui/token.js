/** Where a page keeps its token, and what a token says. */

/** The tab's storage; null where the browser forbids it: then a reload needs the link again. */
export function storageOfTab() {
  try {
    return window.sessionStorage;
  } catch {
    return null;
  }
}

/** Read what a token says, unchecked: the server checks; here it only fills in a name. */
export function claimsOf(token) {
  try {
    const body = token.split('.')[1].replaceAll('-', '+').replaceAll('_', '/');
    const bytes = Uint8Array.from(atob(body), (letter) => letter.charCodeAt(0));
    return JSON.parse(new TextDecoder().decode(bytes)) ?? {};
  } catch {
    return {};
  }
}
