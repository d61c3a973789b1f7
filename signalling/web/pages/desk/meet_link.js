/** The way into a meeting: a page of its own, so that this one stays and keeps its place. */

import { h } from '../ui/dom.js';
import { icon } from '../ui/icons.js';

export function meetLink({ token }, meeting, text) {
  const fragment = new URLSearchParams({ meeting, token });
  const attributes = { target: '_blank', rel: 'noopener', 'data-act': 'join' };
  const link = { class: 'button primary', href: `/meet#${fragment}`, ...attributes };
  return h('a', link, icon('camera'), text);
}
