/** The meeting itself: joins what the client tells with what is shown. */

import { ask, h } from '../ui/dom.js';
import { toast } from '../ui/toast.js';
import { Bar } from './bar.js';
import { Chat } from './chat.js';
import { DeviceForm } from './device_form.js';
import { Help, Keys } from './keys.js';
import { ConnectionNotice, Head, Knocks } from './notices.js';
import { Panels } from './panel.js';
import { People } from './people.js';
import { plainly } from './plainly.js';
import { Recording } from './recording.js';
import { Stage } from './stage.js';
import { words } from './strings.js';
import { Wake } from './wake.js';

const INSIDE = new Set(['joined', 'reconnecting']);

/** *gone* (reason) is called once when this person is out of the meeting. */
export class Room {
  constructor({ client, meeting, local, gone }) {
    Object.assign(this, { client, meeting, local, gone });
    this.names = new Map();
    this.inside = new Set();
    this.locked = meeting.locked;
    this.closing = new AbortController();
    this.wake = new Wake();
    const may = client.role !== 'guest';
    const nameOf = (id) => this.names.get(id) ?? words.somebody;
    this.stage = new Stage();
    this.recording = new Recording(meeting, may, nameOf, this.closing.signal);
    this.head = new Head(this.recording.mark);
    this.connection = new ConnectionNotice(client);
    this.knocks = new Knocks(meeting, may);
    this.chat = new Chat(
      (text) => this.#say(text),
      (count) => this.bar.count(count),
    );
    this.people = new People(meeting, client.role, this.closing.signal);
    this.devices = new DeviceForm(
      () => this.#ids(),
      (kind, id) => this.#choose(kind, id),
    );
    const act = this.#acts();
    this.bar = new Bar(act, { record: may, end: may });
    this.keys = new Keys({
      m: act.microphone,
      v: act.camera,
      c: act.chat,
      p: act.people,
      '?': act.help,
      Escape: () => this.#escape(),
    });
    this.panels = new Panels(
      {
        chat: this.chat,
        people: this.people,
        devices: {
          title: words.devices,
          element: this.devices.element,
          opened: () => this.devices.refresh(),
        },
        help: new Help(this.keys),
      },
      (name) => this.bar.opened(name),
      (name) => this.bar.control(name),
    );
    const notices = h('div', { class: 'notices' }, this.connection.element, this.knocks.element);
    const middle = h(
      'div',
      { class: 'middle' },
      h('div', { class: 'view' }, notices, this.stage.element),
      this.panels.element,
    );
    this.element = h('main', { class: 'room' }, this.head.element, middle, this.bar.element);
    this.element.focusFirst = () => this.head.title.focus();
    this.#listen();
    this.stage.speakOn(local.choices.sinkId);
    this.update();
  }

  /** Show everything as it is now. */
  update() {
    if (this.closing.signal.aborted) return;
    const { meeting } = this;
    const everybody = [...meeting.participants.values()];
    for (const { id, name } of everybody) if (name) this.names.set(id, name);
    const people = everybody
      .filter((p) => INSIDE.has(p.state))
      .map((p, order) => this.#person(p, order));
    const waiting = everybody
      .filter((p) => p.state === 'waiting')
      .map((p) => ({ id: p.id, name: p.name || words.somebody }));
    this.inside = new Set(people.map((person) => person.id));
    this.stage.show(people);
    this.people.show(people, waiting);
    this.knocks.show(waiting);
    this.recording.show();
    this.#lock(meeting.locked);
    this.bar.show(this.#mine().media);
    this.bar.recording(meeting.recording?.state ?? 'off');
  }

  dispose() {
    this.closing.abort();
    for (const part of [this.stage, this.head, this.connection, this.devices, this.keys, this.wake])
      part.dispose();
  }

  #mine() {
    return this.meeting.participants.get(this.meeting.me);
  }

  #person(p, order) {
    const own = p.id === this.meeting.me;
    return {
      id: p.id,
      own,
      order,
      name: p.name || words.somebody,
      role: p.role,
      state: p.state,
      media: p.media ?? { audio: false, video: false },
      stream: own ? this.meeting.stream : p.stream,
      quality: p.quality,
      speaking: p.speaking,
      connecting: !own && p.leg !== 'connected',
    };
  }

  #acts() {
    const media = () => this.#mine().media;
    return {
      microphone: () => this.#try(() => this.#microphone()),
      camera: () => this.#try(() => this.meeting.camera(!media().video)),
      chat: () => this.panels.toggle('chat'),
      people: () => this.panels.toggle('people'),
      devices: () => this.panels.toggle('devices'),
      help: () => this.panels.toggle('help'),
      record: () => this.recording.press(),
      leave: () => this.#leave(),
      end: () => this.#end(),
    };
  }

  #listen() {
    const { meeting } = this;
    const on = (name, work) => meeting.on(name, work);
    for (const name of ['change', 'track', 'quality', 'speaking', 'waiting', 'recording']) {
      on(name, () => this.update());
    }
    on('joined', (p) => toast(words.joined(p.name || words.somebody)));
    on('left', (p) => this.#left(p));
    on('reconnecting', (p) => toast(words.away(p.name)));
    on('topology', (topology) => toast(words.topology[topology]));
    on('fallback', ({ video }) => toast(video ? words.recovered : words.fallback));
    on('message', (said) => this.#message(said));
    on('error', (error) => toast(plainly(error)));
    on('ended', (end) => this.gone(end.reason));
  }

  /** Say that somebody has gone, and why; of who only waited there is nothing to say. */
  #left({ id, state, reason }) {
    if (!this.inside.has(id)) return;
    const name = this.names.get(id) ?? words.somebody;
    if (state === 'removed') toast(words.removedThem(name));
    else if (reason === 'connection_lost') toast(words.lostThem(name));
    else toast(words.left(name));
  }

  #lock(locked) {
    if (locked !== this.locked) toast(locked ? words.nowLocked : words.nowUnlocked);
    this.locked = locked;
    this.head.lock(locked);
  }

  #message({ message, from, text, sent_at: sentAt }) {
    const name = this.names.get(from) ?? words.somebody;
    const own = from === this.meeting.me;
    const isNew = this.chat.add({ message, name, text, sentAt, own });
    if (isNew && !own && !this.chat.open) toast(words.wrote(name));
  }

  async #say(text) {
    const said = await this.meeting.say(text);
    this.#message({ ...said, from: this.meeting.me, text });
  }

  #ids() {
    const id = (kind) =>
      this.meeting.stream
        ?.getTracks()
        .find((t) => t.kind === kind)
        ?.getSettings().deviceId;
    return { audio: id('audio'), video: id('video'), sink: this.local.choices.sinkId };
  }

  async #choose(kind, id) {
    this.local.choices[`${kind}Id`] = id;
    if (kind === 'sink') await this.stage.speakOn(id);
    else await this.#try(() => this.meeting.useDevice(`${kind}input`, id));
    await this.devices.refresh();
  }

  #escape() {
    if (!this.bar.folded) {
      this.bar.fold(false);
      this.bar.controls.more.focus();
    } else this.panels.close();
  }

  /** Mute or unmute; whoever came without a microphone tries to open one. */
  async #microphone() {
    const { stream } = this.meeting;
    if (stream?.getAudioTracks().length) this.meeting.mute(this.#mine().media.audio);
    else await this.meeting.useDevice('audioinput');
  }

  /** Go at once: whether the server heard of it is nothing to wait for. */
  #leave() {
    this.meeting.leave();
    this.gone('left');
  }

  async #end() {
    const answer = await ask(
      words.endAsk,
      [words.endText],
      [
        { value: '', text: words.cancel },
        { value: 'yes', text: words.endYes, kind: 'danger' },
      ],
      this.closing.signal,
    );
    if (answer === 'yes') await this.#try(() => this.meeting.end());
  }

  async #try(work) {
    try {
      await work();
      this.update();
    } catch (error) {
      if (!this.closing.signal.aborted) toast(`${words.failed} ${plainly(error)}`);
    }
  }
}
