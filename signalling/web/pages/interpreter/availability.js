/** The section of one's hours: every week, single dates, time off, quiet hours, and the feed. */

import { form } from '../desk/form.js';
import { words as common } from '../desk/strings.js';
import { city } from '../desk/times.js';
import { h, write } from '../ui/dom.js';
import { toast } from '../ui/toast.js';
import { DatedHours, TimesOff } from './exceptions.js';
import { Feed } from './feed.js';
import { QuietHours } from './quiet.js';
import { words } from './strings.js';
import { WeeklyHours } from './weekly.js';

export class Availability {
  constructor({ live, profile }) {
    Object.assign(this, { live, profile });
    this.lead = h('p', { class: 'lead' });
    this.parts = [new WeeklyHours(), new DatedHours(), new TimesOff()];
    this.quiet = live.knows('InterpreterProfile', 'quiet') ? new QuietHours() : null;
    const cards = [...this.parts, this.quiet].filter(Boolean).map(({ element }) => element);
    this.element = h(
      'div',
      { class: 'stack' },
      this.lead,
      form({ submit: common.save, act: () => this.#save() }, ...cards),
      live.has('interpreter.calendar') ? new Feed(live, profile).element : null,
    );
    profile.addEventListener('change', () => this.#show());
    this.#show();
  }

  #show() {
    const { calendar, quiet, timezone } = this.profile.value;
    write(this.lead, words.hoursLead(city(timezone)));
    for (const part of this.parts) part.show(calendar ?? {}, timezone);
    this.quiet?.show(quiet);
  }

  async #save() {
    const parts = this.parts.map((part) => part.value(this.profile.zone));
    const changes = { calendar: Object.assign({}, ...parts) };
    if (this.quiet) changes.quiet = this.quiet.value;
    await this.profile.save(changes);
    toast(common.saved);
  }
}
