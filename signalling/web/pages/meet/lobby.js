/** Before the meeting: how one looks and sounds, which devices, and the button that joins. */

import { fill, field, h, iconButton, relabel, set, toggle, write } from '../ui/dom.js';
import { icon } from '../ui/icons.js';
import { ConnectionCheck } from './check.js';
import { DeviceForm } from './device_form.js';
import { Meter } from './meter.js';
import { ConnectionNotice } from './notices.js';
import { plainly } from './plainly.js';
import { words } from './strings.js';

/** *join* (name) starts joining; it rejects if that fails. *stopWaiting* takes a guest back. */
export class Lobby {
  constructor({ client, local, place, join, stopWaiting }) {
    this.local = local;
    this.place = place;
    this.join = join;
    this.stopWaiting = stopWaiting;
    this.meter = new Meter();
    this.check = new ConnectionCheck(client, () => local.stream);
    this.devices = new DeviceForm(
      () => ({ audio: id(local, 'audio'), video: id(local, 'video'), sink: local.choices.sinkId }),
      (kind, value) => this.#choose(kind, value),
    );
    this.connection = new ConnectionNotice(client);
    this.element = h(
      'main',
      { class: 'lobby' },
      this.#head(),
      this.#preview(),
      this.#form(),
      this.#more(),
      this.check.element,
    );
    this.update = this.update.bind(this);
    local.addEventListener('change', this.update);
    this.update();
  }

  /** Ask for the devices. Apart from the constructor, so that the page stands already. */
  async open() {
    await this.local.open();
    await this.devices.refresh();
  }

  dispose() {
    this.local.removeEventListener('change', this.update);
    this.meter.stop();
    this.devices.dispose();
    this.connection.dispose();
  }

  /** Say that something went wrong; nothing with an empty text. */
  problem(text) {
    write(this.wrong, text);
    this.wrong.hidden = !text;
  }

  /** Show that the guest waits until somebody inside lets them in. */
  waits(waiting) {
    this.waiting.hidden = !waiting;
    this.form.hidden = waiting;
    if (waiting) this.waiting.querySelector('h2').focus();
  }

  update() {
    const { local } = this;
    const picture = local.sends('video');
    if (this.video.srcObject !== local.stream) this.video.srcObject = local.stream;
    this.video.hidden = !picture;
    this.empty.hidden = picture;
    write(this.emptyText, this.#emptyWords());
    for (const [kind, control, on, off] of [
      ['audio', this.microphone, words.mute, words.unmute],
      ['video', this.camera, words.cameraOff, words.cameraOn],
    ]) {
      const name = kind === 'audio' ? 'microphone' : 'camera';
      const sends = local.sends(kind);
      relabel(control, sends ? name : `${name}-off`, sends ? on : off);
      set(control, 'data-off', !sends);
      control.disabled = local.busy || (kind === 'video' && local.choices.audioOnly);
    }
    this.check.button.disabled = local.busy || !local.sends('audio');
    this.#meter();
    this.#problems();
  }

  #head() {
    return h(
      'header',
      {},
      h('p', { class: 'brand' }, words.product),
      h('h1', {}, words.lobbyTitle),
      h('p', { class: 'lead' }, words.lobbyLead),
      this.connection.element,
    );
  }

  #preview() {
    const { local } = this;
    this.video = h('video', {
      muted: true,
      autoplay: true,
      playsinline: true,
      'aria-label': words.preview,
    });
    this.video.muted = true; // the attribute alone counts only for what is parsed
    this.emptyText = h('p', {});
    this.empty = h('div', { class: 'no-picture' }, icon('camera-off'), this.emptyText);
    this.microphone = iconButton('microphone', words.mute, {
      class: 'round',
      onclick: () => local.turn('audio', !local.sends('audio')),
    });
    this.camera = iconButton('camera', words.cameraOff, {
      class: 'round',
      onclick: () => local.turn('video', !local.sends('video')).then(() => this.devices.refresh()),
    });
    this.spoken = h('p', { class: 'hint', role: 'status' }, words.speak);
    this.meter.onheard = () => write(this.spoken, words.heard);
    const below = h('div', { class: 'level' }, this.meter.element, this.spoken);
    const buttons = h('div', { class: 'preview-buttons' }, this.microphone, this.camera);
    this.frame = h('div', { class: 'preview' }, this.video, this.empty, buttons);
    return h('section', { class: 'preview-side', 'aria-label': words.preview }, this.frame, below);
  }

  #form() {
    this.name = h('input', { type: 'text', maxlength: 100, autocomplete: 'name', required: true });
    this.name.value = this.place.name;
    this.wrong = h('p', { class: 'problem', role: 'alert', hidden: true });
    this.hints = h('div', { class: 'hints' });
    this.button = h('button', { type: 'submit', class: 'primary large' }, this.#joinWords());
    const soundOnly = toggle(words.audioOnly, this.local.choices.audioOnly, (only) =>
      this.local.soundOnly(only),
    );
    this.form = h(
      'form',
      { class: 'join', novalidate: true, onsubmit: (event) => this.#submit(event) },
      this.hints,
      field(words.name, this.name),
      soundOnly,
      this.wrong,
      this.button,
    );
    this.waiting = h(
      'div',
      { class: 'join waiting', hidden: true },
      h('span', { class: 'pulse', 'aria-hidden': 'true' }),
      h('h2', { tabindex: -1 }, words.waitingTitle),
      h('p', { role: 'status' }, words.waiting),
      h('button', { type: 'button', onclick: () => this.stopWaiting() }, words.stopWaiting),
    );
    return h('div', { class: 'join-side' }, this.form, this.waiting);
  }

  #more() {
    const title = h('h2', { class: 'small' }, words.devices);
    return h(
      'section',
      { class: 'device-side', 'aria-label': words.devices },
      title,
      this.devices.element,
    );
  }

  #joinWords() {
    return this.place.guest ? words.askToJoin : words.join;
  }

  async #submit(event) {
    event.preventDefault();
    const name = this.name.value.trim();
    if (!name) {
      this.problem(words.nameMissing);
      this.name.focus();
      return;
    }
    this.problem('');
    this.button.disabled = true;
    write(this.button, words.joining);
    try {
      await this.join(name);
    } catch (error) {
      this.problem(plainly(error));
    }
    this.button.disabled = false;
    write(this.button, this.#joinWords());
  }

  async #choose(kind, value) {
    if (kind === 'sink') this.local.choices.sinkId = value;
    else await this.local.choose(kind, value);
    await this.devices.refresh();
  }

  #meter() {
    const { local } = this;
    const shown = local.sends('audio') ? local.track('audio') : null;
    if (shown !== this.metered) {
      this.metered = shown;
      this.meter.show(shown ? local.stream : null);
    }
    this.meter.element.parentElement.hidden = !local.has('audio');
  }

  #emptyWords() {
    if (this.local.busy) return words.asking;
    return this.local.problems.video?.name === 'NotFoundError' ? words.noCamera : words.noPicture;
  }

  /** Say in plain words what cannot be had, and what to do. */
  #problems() {
    const { problems, busy } = this.local;
    const all = [problems.audio, problems.video].filter(Boolean);
    const found = [...new Set(all.map((error) => error.message))]; // devices.open has plain words
    if (!window.isSecureContext) found.splice(0, found.length, words.insecure);
    const lines = busy ? [] : found.map((text) => h('p', {}, icon('warning'), h('span', {}, text)));
    if (lines.length && window.isSecureContext) {
      lines.push(
        h('p', { class: 'after' }, h('span', {}, problems.audio ? words.listenOnly : words.unseen)),
      );
      const again = async () => {
        await this.local.open();
        await this.devices.refresh();
      };
      lines.push(h('button', { type: 'button', class: 'quiet', onclick: again }, words.tryAgain));
    }
    fill(this.hints, lines);
    this.hints.hidden = !lines.length;
  }
}

function id(local, kind) {
  return local.track(kind)?.getSettings().deviceId ?? local.choices[`${kind}Id`];
}
