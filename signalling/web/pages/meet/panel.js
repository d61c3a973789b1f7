/** The panel beside the tiles (over them on a phone): one is open at a time. */

import { fill, h, iconButton, unique } from '../ui/dom.js';
import { words } from './strings.js';

export class Panels {
  /**
   * *views* is {name: {title, element, opened?, closed?, focus?}}; *changed* (name or null)
   * follows; *control* (name) is what opens it, for the focus to go back to.
   */
  constructor(views, changed, control) {
    this.views = views;
    this.changed = changed;
    this.control = control;
    this.open = null;
    this.title = h('h2', { id: unique('panel'), tabindex: -1 });
    this.body = h('div', { class: 'panel-body' });
    const close = iconButton('close', words.close, { onclick: () => this.close() });
    this.element = h(
      'aside',
      { class: 'panel', hidden: true, 'aria-labelledby': this.title.id },
      h('header', {}, this.title, close),
      this.body,
    );
  }

  toggle(name) {
    if (this.open === name) this.close();
    else this.show(name);
  }

  show(name) {
    this.views[this.open]?.closed?.();
    const view = this.views[name];
    this.open = name;
    this.title.textContent = view.title;
    fill(this.body, view.element);
    this.element.hidden = false;
    this.element.dataset.view = name;
    this.changed(name);
    view.opened?.();
    (view.focus?.() ?? this.title).focus();
  }

  /** Close what is open, and give the focus back to what opened it. Return whether one was. */
  close() {
    if (!this.open) return false;
    const name = this.open;
    this.views[name].closed?.();
    this.open = null;
    this.element.hidden = true;
    this.changed(null);
    this.control(name).focus();
    return true;
  }
}
