/** The controls of one's availability: what one is, for which work, and until when. */

import { choice, labelled } from '../desk/form.js';
import { said } from '../desk/said.js';
import { words as common } from '../desk/strings.js';
import { clock } from '../desk/times.js';
import { h, set, toggle, write } from '../ui/dom.js';
import { Chime } from './chime.js';
import { deviceCheckButton } from './device_check.js';
import { words } from './strings.js';

const WISHES = ['available', 'busy', 'away'];
const HOURS = [1, 2, 4, 8, 12];
const HOUR_MS = 3_600_000;
const PUSH_HOURS = 8; // where no end was chosen: reaching a phone needs one

export class Status {
  constructor({ live, presence, profile }) {
    Object.assign(this, { live, presence, profile, wish: null });
    this.problem = h('p', { class: 'problem', role: 'alert' });
    this.hint = h('p', { class: 'hint', role: 'status' });
    this.element = h(
      'div',
      { class: 'card status' },
      h('h2', { id: 'status-title' }, words.statusTitle),
      this.#wishes(),
      this.hint,
      this.problem,
      this.#options(),
    );
    presence.addEventListener('change', () => this.#show());
    profile.addEventListener('change', () => this.#showModes());
    this.#showModes();
    this.#show();
  }

  #wishes() {
    this.buttons = WISHES.map((wish) =>
      h(
        'button',
        { type: 'button', 'aria-pressed': 'false', onclick: () => this.#set(wish) },
        words.status[wish],
      ),
    );
    return h(
      'div',
      { class: 'wishes', role: 'group', 'aria-labelledby': 'status-title' },
      this.buttons,
    );
  }

  #options() {
    this.modes = h('div', { class: 'boxes' });
    this.until = choice([], '', { onchange: () => this.#changed() });
    const push = this.live.has('presence.set', 'push')
      ? toggle(words.push, false, () => this.#pushed())
      : null;
    this.push = push?.querySelector('input') ?? null;
    const chime = new Chime();
    const options = h(
      'div',
      { class: 'stack options' },
      h('fieldset', {}, h('legend', {}, words.takeModes), this.modes),
      labelled(words.untilLabel, this.until),
      push && h('div', {}, push, h('p', { class: 'hint' }, words.pushHint)),
      toggle(words.sound, chime.wanted, (on) => chime.want(on)),
      deviceCheckButton(this.live),
    );
    return h('details', {}, h('summary', {}, words.options), options);
  }

  #showModes() {
    const chosen = this.presence.value.modes ?? this.profile.value.modes;
    this.modes.replaceChildren(
      ...this.profile.value.modes.map((mode) => {
        const shown = toggle(common.modes[mode], chosen.includes(mode), () => this.#changed());
        shown.querySelector('input').value = mode;
        return shown;
      }),
    );
  }

  #show() {
    const { status, until, push } = this.presence.value;
    if (WISHES.includes(status)) this.wish = status;
    else if (status === 'offline') this.wish = null;
    for (const [at, wish] of WISHES.entries()) {
      set(this.buttons[at], 'aria-pressed', String(wish === this.wish));
    }
    const end = until ? ` (${words.until(clock(until, this.profile.zone))})` : '';
    write(this.hint, `${words.statusHints[status]}${end}`);
    this.#showUntil(until);
    if (this.push && status === 'available') this.push.checked = Boolean(push);
  }

  /** The list begins with what holds now. */
  #showUntil(until) {
    const options = HOURS.map((count) => h('option', { value: count }, words.untilHours(count)));
    const now = until ? words.untilAsIs(clock(until, this.profile.zone)) : words.untilNever;
    const kept = h('option', { value: until ? 'kept' : '' }, now);
    const never = until ? [h('option', { value: '' }, words.untilNever)] : [];
    this.until.replaceChildren(kept, ...options, ...never);
  }

  #pushed() {
    if (this.push.checked && !this.until.value) this.until.value = String(PUSH_HOURS);
    this.#changed();
  }

  /** Options count while one is available; else they count once one is. */
  #changed() {
    if (this.wish === 'available') this.#set('available');
  }

  async #set(status) {
    const params = { status, ...(status === 'available' ? this.#chosen() : {}) };
    write(this.problem, '');
    if (params.modes?.length === 0) {
      write(this.problem, words.noMode);
      return;
    }
    this.wish = status;
    try {
      await this.presence.set(params);
    } catch (error) {
      write(this.problem, said(error));
      this.#show();
    }
  }

  #chosen() {
    const boxes = [...this.modes.querySelectorAll('input')];
    const modes = boxes.filter(({ checked }) => checked).map(({ value }) => value);
    const { value } = this.until;
    const end = value === 'kept' ? this.presence.value.until : value && this.#in(Number(value));
    return {
      ...(modes.length < boxes.length && { modes }),
      ...(end && { until: end }),
      ...(this.push?.checked && { push: true }),
    };
  }

  #in(hours) {
    return new Date(this.live.now() + hours * HOUR_MS).toISOString();
  }
}
