/** What happens meanwhile: passing words, the state of the connection, and who knocks. */

import { h, write } from '../ui/dom.js';
import { icon } from '../ui/icons.js';
import { toast } from '../ui/toast.js';
import { knockButtons } from './people.js';
import { words } from './strings.js';

/** The state of the connection to the server, with the seconds until the next try. */
export class ConnectionNotice {
  constructor(client) {
    this.text = h('span', {});
    this.element = h(
      'p',
      { class: 'notice connection', role: 'status', hidden: true },
      icon('warning'),
      this.text,
    );
    this.lost = false;
    this.timer = null;
    this.off = client.on('state', (change) => this.show(change));
  }

  show({ state, retryInMs = 0 }) {
    clearInterval(this.timer);
    if (state === 'open' && this.lost) toast(words.connection.back);
    if (state === 'open' || state === 'closed') {
      this.lost = false;
      this.element.hidden = true;
      return;
    }
    this.lost ||= state === 'reconnecting';
    this.element.hidden = !this.lost;
    const due = performance.now() + retryInMs;
    const tell = () => {
      const seconds = Math.max(0, Math.ceil((due - performance.now()) / 1000));
      const kind = navigator.onLine ? 'reconnecting' : 'offline';
      write(this.text, words.connection[kind](seconds));
    };
    tell();
    this.timer = setInterval(tell, 500);
  }

  dispose() {
    this.off();
    clearInterval(this.timer);
  }
}

/** "Anna is waiting", with the buttons to let her in or not. */
export class Knocks {
  constructor(meeting, may) {
    this.meeting = meeting;
    this.may = may;
    this.rows = new Map();
    this.element = h('div', { class: 'knocks', role: 'status' });
  }

  show(waiting) {
    if (!this.may) return;
    const ids = new Set(waiting.map((person) => person.id));
    for (const [id, row] of this.rows) {
      if (ids.has(id)) continue;
      row.remove();
      this.rows.delete(id);
    }
    for (const { id, name } of waiting) {
      if (this.rows.has(id)) continue;
      const buttons = knockButtons(this.meeting, id, name, (work) => this.#run(work));
      const row = h('p', { class: 'notice knock' }, h('span', {}, words.isWaiting(name)), buttons);
      this.rows.set(id, row);
      this.element.append(row);
    }
  }

  async #run(work) {
    try {
      await work();
    } catch {
      toast(words.failed);
    }
  }
}

/** Words that stand still at the top: the meeting's time, whether it is locked. */
export class Head {
  constructor(recording) {
    this.time = h('time', { class: 'elapsed', 'aria-label': words.elapsed, role: 'timer' });
    this.locked = h('span', { class: 'chip', hidden: true }, icon('lock'), words.locked);
    this.title = h('h1', { tabindex: -1 }, words.meeting);
    this.element = h('header', { class: 'head' }, this.title, this.time, this.locked, recording);
    this.began = Date.now();
    this.timer = setInterval(() => this.#tick(), 1000);
    this.#tick();
  }

  lock(locked) {
    this.locked.hidden = !locked;
  }

  dispose() {
    clearInterval(this.timer);
  }

  #tick() {
    const seconds = Math.floor((Date.now() - this.began) / 1000);
    const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
    const shown = parts[0] ? parts : parts.slice(1);
    write(this.time, shown.map((part) => String(part).padStart(2, '0')).join(':'));
  }
}
