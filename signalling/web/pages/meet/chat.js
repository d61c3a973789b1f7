/** What people write to each other. */

import { h, iconButton, write } from '../ui/dom.js';
import { plainly } from './plainly.js';
import { words } from './strings.js';

const LONGEST = 4000; // characters, as meeting.message takes
const KEPT = 500; // messages shown; older ones go
const NEAR_PX = 60;

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });

export class Chat {
  /** *say* (text) sends; *unread* (count) is told of messages that came while it was closed. */
  constructor(say, unread) {
    this.title = words.chat;
    this.say = say;
    this.tellUnread = unread;
    this.unread = 0;
    this.open = false;
    this.seen = new Set();
    this.list = h('ol', { class: 'messages', 'aria-label': words.chat });
    this.empty = h('p', { class: 'hint empty' }, words.chatEmpty);
    this.text = h('textarea', {
      rows: 1,
      maxlength: LONGEST,
      'aria-label': words.write,
      placeholder: words.write,
      onkeydown: (event) => this.#key(event),
    });
    this.wrong = h('p', { class: 'problem', role: 'alert', hidden: true });
    const send = iconButton('send', words.send, { type: 'submit', class: 'primary' });
    this.form = h(
      'form',
      { class: 'say', onsubmit: (event) => this.#submit(event) },
      this.text,
      send,
    );
    this.scroller = h(
      'div',
      { class: 'scroll', tabindex: 0, role: 'log', 'aria-label': words.chat },
      this.empty,
      this.list,
    );
    this.element = h('div', { class: 'chat' }, this.scroller, this.wrong, this.form);
  }

  /** Show a message: {message, name, text, sentAt, own}. The same one twice is shown once. */
  add({ message, name, text, sentAt, own }) {
    if (this.seen.has(message)) return false;
    this.seen.add(message);
    const near =
      this.scroller.scrollHeight - this.scroller.scrollTop - this.scroller.clientHeight < NEAR_PX;
    const at = new Date(sentAt);
    this.list.append(
      h(
        'li',
        { class: own ? 'own' : '' },
        h(
          'p',
          { class: 'by' },
          h('strong', {}, own ? words.me : name),
          h('time', { datetime: sentAt }, clock.format(at)),
        ),
        h('p', { class: 'text', dir: 'auto' }, text),
      ),
    );
    if (this.list.children.length > KEPT) this.list.firstElementChild.remove();
    this.empty.hidden = true;
    if (near || own) this.scroller.scrollTop = this.scroller.scrollHeight;
    if (!this.open && !own) {
      this.unread += 1;
      this.tellUnread(this.unread);
    }
    return true;
  }

  opened() {
    this.open = true;
    this.unread = 0;
    this.tellUnread(0);
    this.scroller.scrollTop = this.scroller.scrollHeight;
  }

  closed() {
    this.open = false;
  }

  focus() {
    return this.text;
  }

  #key(event) {
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      this.form.requestSubmit();
    }
  }

  async #submit(event) {
    event.preventDefault();
    const text = this.text.value.trim();
    if (!text || this.sending) return;
    this.sending = true;
    this.wrong.hidden = true;
    try {
      await this.say(text);
      this.text.value = '';
    } catch (error) {
      write(this.wrong, `${words.notSent} ${plainly(error)}`);
      this.wrong.hidden = false;
    }
    this.sending = false;
  }
}
