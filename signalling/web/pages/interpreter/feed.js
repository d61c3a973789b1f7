/** The address by which calendar programs follow one's bookings. */

import { said } from '../desk/said.js';
import { moment } from '../desk/times.js';
import { field, h, write } from '../ui/dom.js';
import { toast } from '../ui/toast.js';
import { words } from './strings.js';

export class Feed {
  constructor(live, profile) {
    Object.assign(this, { live, profile });
    this.about = h('p', { class: 'hint', role: 'status' });
    this.problem = h('p', { class: 'problem', role: 'alert' });
    this.address = h('input', {
      type: 'text',
      readonly: true,
      onfocus: () => this.address.select(),
    });
    const copy = h('button', { type: 'button', onclick: () => this.#copy() }, words.copy);
    this.shown = h('div', { class: 'row' }, field(words.feedAddress, this.address), copy);
    this.renew = h('button', { type: 'button', onclick: () => this.#ask('renew') }, words.feedMake);
    this.revoke = h(
      'button',
      { type: 'button', onclick: () => this.#ask('revoke') },
      words.feedRevoke,
    );
    this.element = h(
      'section',
      { class: 'card', 'aria-label': words.feed },
      h('h2', {}, words.feed),
      h('p', {}, words.feedLead),
      this.about,
      this.shown,
      this.problem,
      h('div', { class: 'answers' }, this.renew, this.revoke),
    );
    this.#show({});
    this.#ask('show');
  }

  async #ask(action) {
    write(this.problem, '');
    try {
      this.#show(await this.live.call('interpreter.calendar', { action }));
      if (action === 'revoke') toast(words.feedRevoked);
    } catch (error) {
      write(this.problem, said(error));
    }
  }

  /** The path is told only when the address is made. */
  #show({ path, created_at: since }) {
    const exists = Boolean(since);
    this.shown.hidden = !path;
    this.address.value = path ? new URL(path, location.origin).href : '';
    const when = exists ? words.feedSince(moment(since, this.profile.zone)) : '';
    write(this.about, exists ? when : words.feedNone);
    write(this.renew, exists ? words.feedRenew : words.feedMake);
    this.revoke.hidden = !exists;
  }

  async #copy() {
    this.address.select();
    try {
      await navigator.clipboard.writeText(this.address.value);
      toast(words.copied);
    } catch {
      toast(words.notCopied); // a page that is not secure has no clipboard
    }
  }
}
