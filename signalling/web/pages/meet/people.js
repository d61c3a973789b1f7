/** Who is inside and who waits; the link for guests, the lock. */

import { ask, button, fill, h, iconButton, set, toggle, unique, write } from '../ui/dom.js';
import { icon } from '../ui/icons.js';
import { plainly } from './plainly.js';
import { words } from './strings.js';

const until = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });

export class People {
  /** *role* is of whoever looks: guests let nobody in or out. */
  constructor(meeting, role, signal) {
    const may = role !== 'guest';
    this.signal = signal; // aborts when one is out of the meeting
    this.role = role;
    this.title = words.people;
    this.meeting = meeting;
    this.may = may;
    this.count = h('p', { class: 'hint' });
    this.waiting = h('ul', { class: 'persons waiting-list' });
    this.list = h('ul', { class: 'persons' });
    this.wrong = h('p', { class: 'problem', role: 'alert', hidden: true });
    this.said = h('p', { class: 'hint', role: 'status' });
    this.link = h('div', { class: 'link', hidden: true });
    this.lock = toggle(words.lock, false, (on) => this.#lock(on));
    this.wanted = null; // whether it is to be locked, until the meeting is as wanted
    const invite = button('people', words.invite, {
      class: 'quiet',
      onclick: () => this.#invite(),
    });
    const tools = h(
      'div',
      { class: 'tools' },
      invite,
      h('p', { class: 'hint' }, words.inviteHint),
      this.link,
      this.said,
      this.lock,
      h('p', { class: 'hint' }, words.lockHint),
    );
    this.element = h(
      'div',
      { class: 'people' },
      this.count,
      this.waiting,
      this.list,
      this.wrong,
      may ? tools : null,
    );
  }

  /** Show the people inside and those who wait. */
  show(people, waiting) {
    write(this.count, words.inMeeting(people.length));
    this.#draw(this.list, people, (person) => this.#row(person));
    this.#draw(this.waiting, waiting, (person) => this.#knock(person));
    this.waiting.hidden = !waiting.length;
    if (this.wanted === this.meeting.locked) this.wanted = null;
    this.#showLock();
  }

  #showLock() {
    this.lock.querySelector('input').checked = this.wanted ?? this.meeting.locked;
  }

  /** Draw a list anew only if it differs, and leave the focus where it was. */
  #draw(list, persons, row) {
    const shown = JSON.stringify(
      persons.map(({ id, name, role, state, media }) => [id, name, role, state, media?.audio]),
    );
    if (list.shown === shown) return;
    list.shown = shown;
    const at = list.contains(document.activeElement) && document.activeElement;
    const rows = persons.map((person) => {
      const element = row(person);
      element.dataset.id = person.id;
      return element;
    });
    const focused = at && [at.closest('li').dataset.id, at.getAttribute('aria-label')];
    fill(list, rows);
    if (!focused) return;
    const same = rows.find((element) => element.dataset.id === focused[0]);
    const buttons = [...(same?.querySelectorAll('button') ?? [])];
    buttons.find((button) => button.getAttribute('aria-label') === focused[1])?.focus();
  }

  #row(person) {
    const { name, role, media, own, state } = person;
    const notes = [words.roles[role], state === 'reconnecting' ? words.reconnecting : ''];
    const sound = media.audio ? 'microphone' : 'microphone-off';
    const remove = iconButton('remove', words.removeName(name), {
      onclick: () => this.#remove(person),
    });
    return h(
      'li',
      {},
      h(
        'span',
        { class: 'who' },
        h('strong', {}, own ? `${name} (${words.you})` : name),
        h('span', { class: 'hint' }, notes.filter(Boolean).join(' · ')),
      ),
      h(
        'span',
        { class: 'state', role: 'img', 'aria-label': media.audio ? words.unmuted : words.muted },
        icon(sound),
      ),
      this.#mayRemove(person) ? remove : null,
    );
  }

  /** The server lets operators remove anybody, and others only guests. */
  #mayRemove({ own, role }) {
    return !own && (this.role === 'operator' || (this.may && role === 'guest'));
  }

  #knock({ id, name }) {
    const who = h('span', { class: 'who' }, h('strong', {}, words.isWaiting(name)));
    return this.may
      ? h(
          'li',
          {},
          who,
          knockButtons(this.meeting, id, name, (work) => this.#try(work)),
        )
      : h('li', {}, who);
  }

  async #remove({ id, name }) {
    const answer = await ask(
      words.removeAsk(name),
      [words.removeText],
      [
        { value: '', text: words.cancel },
        { value: 'yes', text: words.remove, kind: 'danger' },
      ],
      this.signal,
    );
    if (answer === 'yes') await this.#try(() => this.meeting.remove(id));
  }

  async #lock(on) {
    this.wanted = on;
    if (await this.#try(() => this.meeting.lock(on))) return;
    this.wanted = null;
    this.#showLock();
  }

  async #invite() {
    await this.#try(async () => {
      const { path, expires_at: expires } = await this.meeting.invite({});
      const url = new URL(path, window.location.href).href;
      const shown = h('input', { type: 'text', readonly: true, id: unique('link') });
      shown.value = url;
      const copy = button('copy', words.copy, { class: 'quiet', onclick: () => this.#copy(shown) });
      const label = h('label', { for: shown.id }, words.inviteLink);
      const limit = expires
        ? h('p', { class: 'hint' }, words.inviteUntil(until.format(new Date(expires))))
        : null;
      fill(this.link, label, shown, copy, limit);
      this.link.hidden = false;
      await this.#copy(shown);
    });
  }

  async #copy(shown) {
    try {
      await navigator.clipboard.writeText(shown.value);
      write(this.said, words.copied);
    } catch {
      shown.select();
      write(this.said, words.notCopied);
    }
  }

  /** Do something and say what goes wrong; return whether it went well. */
  async #try(work) {
    this.wrong.hidden = true;
    try {
      await work();
      return true;
    } catch (error) {
      write(this.wrong, `${words.failed} ${plainly(error)}`);
      set(this.wrong, 'hidden', false);
      return false;
    }
  }
}

/** "Let in" and "Refuse" for one who waits; *run* does the work and says what goes wrong. */
export function knockButtons(meeting, id, name, run) {
  const admit = h(
    'button',
    {
      type: 'button',
      class: 'primary',
      'aria-label': words.letInName(name),
      onclick: () => run(() => meeting.admit(id)),
    },
    words.letIn,
  );
  const refuse = h(
    'button',
    {
      type: 'button',
      'aria-label': words.refuseName(name),
      onclick: () => run(() => meeting.remove(id)),
    },
    words.refuse,
  );
  return h('span', { class: 'answers' }, admit, refuse);
}
