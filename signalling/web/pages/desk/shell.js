/** What stands around the sections of a page: a header, the way between them, and one of them. */

import { h, set, write } from '../ui/dom.js';
import { icon } from '../ui/icons.js';
import { ConnectionSign } from './connection.js';
import { words } from './strings.js';

/**
 * Shows one section at a time, named by the fragment of the address.
 *
 * *sections* is a list of {id, title, icon, view}: a view has `element`, and perhaps `shown()`.
 * *head* are elements for the header, beside the name.
 */
export class Shell {
  constructor({ client, title, name, sections, head = [] }) {
    this.title = title;
    this.places = new Map(sections.map((section) => [section.id, place(section)]));
    this.main = h(
      'main',
      { id: 'content', tabindex: -1 },
      [...this.places.values()].map(({ element }) => element),
    );
    const skip = h(
      'a',
      { class: 'skip', href: '#content', onclick: (event) => this.#skip(event) },
      words.skip,
    );
    this.element = h(
      'div',
      { class: 'desk' },
      skip,
      h(
        'header',
        { class: 'top' },
        h('p', { class: 'brand' }, words.product),
        h('p', { class: 'who' }, name),
        ...head,
        new ConnectionSign(client).element,
      ),
      h(
        'nav',
        { class: 'rail', 'aria-label': words.sections },
        h(
          'ul',
          {},
          [...this.places.values()].map(({ link }) => h('li', {}, link)),
        ),
      ),
      this.main,
    );
    addEventListener('hashchange', () => this.#follow());
    this.#open(this.#wanted() ?? sections[0].id);
  }

  /** Show how many things wait in a section, beside its name. */
  count(id, number) {
    const { badge } = this.places.get(id);
    badge.hidden = !number;
    write(badge, number ? String(number) : '');
  }

  /** Whether a section is the one that is shown. */
  shows(id) {
    return this.shown === id;
  }

  /** Go to a section, as by its link. */
  go(id) {
    if (this.shown === id) this.places.get(id).heading.focus();
    else location.hash = id;
  }

  #wanted() {
    const id = location.hash.slice(1);
    return this.places.has(id) ? id : null;
  }

  #follow() {
    const id = this.#wanted();
    if (!id || id === this.shown) return;
    this.#open(id);
    scrollTo(0, 0);
    this.places.get(id).heading.focus({ preventScroll: true });
  }

  #open(id) {
    this.shown = id;
    for (const [each, { element, link }] of this.places) {
      element.hidden = each !== id;
      set(link, 'aria-current', each === id ? 'page' : null);
    }
    const { title, view } = this.places.get(id);
    document.title = `${title} · ${this.title} · ${words.product}`;
    view.shown?.();
  }

  #skip(event) {
    event.preventDefault(); // the fragment names a section
    this.main.focus();
  }
}

function place({ id, title, icon: drawing, view }) {
  const heading = h('h1', { id: `${id}-title`, tabindex: -1 }, title);
  const badge = h('span', { class: 'count', hidden: true });
  const link = h(
    'a',
    { href: `#${id}` },
    icon(drawing),
    h('span', { class: 'label' }, title),
    badge,
  );
  const element = h('section', { 'aria-labelledby': heading.id, class: id }, heading, view.element);
  return { title, view, heading, badge, link, element };
}

/** A page with one text: no link, one that is refused, or the end of a session. */
export function plain(title, lines) {
  return h(
    'main',
    { class: 'plain' },
    h('p', { class: 'brand' }, words.product),
    h('h1', { tabindex: -1 }, title),
    lines.map((line) => h('p', {}, line)),
  );
}
