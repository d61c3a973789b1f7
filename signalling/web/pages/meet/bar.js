/** The controls at the foot of the meeting. */

import { button, h, relabel, set, write } from '../ui/dom.js';
import { words } from './strings.js';

/**
 * *act* has a function for each control: microphone, camera, chat, people, devices, record, help,
 * leave, end. *may* says what this person may do: {record, end}.
 */
export class Bar {
  constructor(act, may) {
    const plain = (name, icon, text, extra = {}) =>
      button(icon, text, { onclick: () => this.#run(name, act), 'data-act': name, ...extra });
    const panel = (name, icon, text, extra) =>
      plain(name, icon, text, { 'aria-expanded': 'false', ...extra });
    this.controls = {
      microphone: plain('microphone', 'microphone', words.mute, { 'aria-keyshortcuts': 'm' }),
      camera: plain('camera', 'camera', words.cameraOff, { 'aria-keyshortcuts': 'v' }),
      chat: panel('chat', 'chat', words.chat, { 'aria-keyshortcuts': 'c' }),
      people: panel('people', 'people', words.people, { 'aria-keyshortcuts': 'p' }),
      devices: panel('devices', 'devices', words.devices, { class: 'extra' }),
      record: may.record ? plain('record', 'record', words.record, { class: 'extra' }) : null,
      help: panel('help', 'help', words.help, { class: 'extra' }),
      more: button('more', words.more, {
        class: 'only-narrow',
        'aria-expanded': 'false',
        onclick: () => this.fold(this.folded),
      }),
      leave: plain('leave', 'leave', words.leave, {
        class: 'danger',
        'aria-label': words.leaveName,
      }),
      end: may.end ? plain('end', 'end', words.end, { class: 'extra quiet-danger' }) : null,
    };
    this.unread = h('span', { class: 'count', hidden: true, 'aria-hidden': 'true' });
    this.controls.chat.append(this.unread);
    this.element = h(
      'nav',
      { class: 'bar', 'aria-label': words.meeting },
      Object.values(this.controls),
    );
    this.folded = true;
  }

  /** Show or put away what has no room on a narrow screen. */
  fold(open) {
    this.folded = !open;
    this.element.classList.toggle('unfolded', open);
    set(this.controls.more, 'aria-expanded', String(open));
    if (open) this.controls.devices.focus();
  }

  /** What opens a panel: on a narrow screen some controls are behind another. */
  control(name) {
    const control = this.controls[name];
    return control.checkVisibility() ? control : this.controls.more;
  }

  /** *media* is {audio, video}, what is sent. */
  show(media) {
    const { microphone, camera } = this.controls;
    for (const [control, name, text, lit, key] of [
      [microphone, 'microphone', media.audio ? words.mute : words.unmute, media.audio, 'm'],
      [camera, 'camera', media.video ? words.cameraOff : words.cameraOn, media.video, 'v'],
    ]) {
      relabel(control, lit ? name : `${name}-off`, text);
      set(control, 'title', words.withKey(text, key));
      set(control, 'data-off', !lit);
    }
  }

  /** Which panel stands open, by name; null for none. */
  opened(name) {
    for (const panel of ['chat', 'people', 'devices', 'help']) {
      set(this.controls[panel], 'aria-expanded', String(panel === name));
    }
  }

  count(unread) {
    this.unread.hidden = !unread;
    write(this.unread, unread > 99 ? '99+' : unread ? String(unread) : '');
    set(this.controls.chat, 'aria-label', unread ? `${words.chat}, ${words.unread(unread)}` : null);
  }

  recording(state) {
    if (this.controls.record)
      set(this.controls.record, 'data-recording', state === 'off' ? false : state);
  }

  #run(name, act) {
    if (!this.folded) this.fold(false);
    act[name]();
  }
}
