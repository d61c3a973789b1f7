/** The quiet pages: no link, a link that no longer works, and after the meeting. */

import { h } from '../ui/dom.js';
import { words } from './strings.js';

/** Explain that this page is opened by a link. */
export function noLink() {
  return plain(words.noLinkTitle, words.noLink);
}

/** Say that one is coming back, after a reload. */
export function joining() {
  return plain(words.joining, []);
}

/** Say why the link cannot be used. */
export function badLink(why) {
  return plain(words.badLinkTitle, [why, ...words.noLink.slice(1)].filter(Boolean));
}

/**
 * Say that it is over, why, and how long it took. *again* joins once more, or is absent where
 * the meeting cannot be joined any more.
 */
export function ended({ reason, lastedMs, again }) {
  const title =
    reason === 'left' ? words.youLeft : again || AWAY.has(reason) ? words.out : words.over;
  const lines = [words.reasons[reason] ?? '', lastedMs ? words.lasted(lastedMs) : ''];
  const button = h(
    'button',
    { type: 'button', class: 'primary large', onclick: again },
    words.rejoin,
  );
  return plain(title, [...lines.filter(Boolean), words.canClose], again ? button : null);
}

const AWAY = new Set(['removed', 'refused', 'transferred', 'elsewhere', 'expired']);

function plain(title, lines, ...more) {
  const heading = h('h1', { tabindex: -1 }, title);
  const element = h(
    'main',
    { class: 'plain' },
    h('p', { class: 'brand' }, words.product),
    heading,
    lines.map((line) => h('p', {}, line)),
    more,
  );
  element.focusFirst = () => heading.focus();
  return element;
}
