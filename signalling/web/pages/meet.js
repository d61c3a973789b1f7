/** The meeting page: lobby, meeting, end. Opened by a link; see meet/place.js. */

import { Client } from '/client.js';
import { badLink, ended, joining, noLink } from './meet/end.js';
import { Lobby } from './meet/lobby.js';
import { LocalMedia } from './meet/local.js';
import { forget, keep, takePlace } from './meet/place.js';
import { plainly } from './meet/plainly.js';
import { Room } from './meet/room.js';
import { words } from './meet/strings.js';
import { storageOfTab } from './ui/token.js';

const BACK = new Set(['left', 'connection_lost', 'session_closed']); // who may come back
const CLOSED = { 4501: 'expired', 4502: 'elsewhere' }; // of the protocol's close codes

class Page {
  constructor(place) {
    this.place = place;
    this.view = null;
    this.local = new LocalMedia(place.choices);
  }

  /** Go on in the meeting after a reload, else stand in the lobby. */
  async start() {
    const { token } = this.place;
    this.client = new Client({ token, storage: storageOfTab() });
    this.client.on('state', (change) => this.#state(change));
    const opened = this.client.open();
    if (this.place.inside) {
      show(joining());
      try {
        await Promise.all([opened, this.local.open()]);
        await this.join(this.place.name);
      } catch (error) {
        if (this.client.state === 'closed') this.#refused(error);
        else if (!this.out) this.lobby(plainly(error));
      }
      return;
    }
    this.lobby();
    await opened.catch((error) => this.#refused(error));
  }

  lobby(problem = '') {
    const lobby = new Lobby({
      client: this.client,
      local: this.local,
      place: this.place,
      join: (name) => this.join(name),
      stopWaiting: () => this.stopWaiting(),
    });
    this.#show(lobby);
    document.title = `${words.lobbyTitle} · ${words.product}`;
    lobby.problem(problem);
    if (!this.local.stream) lobby.open();
  }

  async join(name) {
    const { local, place } = this;
    this.#keep({ name });
    await local.opened;
    const meeting = await this.client.join(place.meeting, {
      name,
      stream: local.stream,
      audio: local.sends('audio'),
      video: local.sends('video'),
    });
    this.meeting = meeting;
    meeting.on('ended', ({ reason }) => this.ended(reason));
    if (meeting.state !== 'waiting') return this.enter();
    if (!(this.view instanceof Lobby)) this.lobby();
    const follow = () => this.#follow(meeting);
    local.addEventListener('change', follow);
    meeting.on('admitted', () => {
      local.removeEventListener('change', follow);
      this.enter();
    });
    return this.view.waits(true);
  }

  enter() {
    if (this.view instanceof Room) return;
    this.began = this.place.inside ?? Date.now();
    this.#keep({ inside: this.began, choices: this.local.choices });
    this.#show(
      new Room({
        client: this.client,
        meeting: this.meeting,
        local: this.local,
        gone: (reason) => this.ended(reason),
      }),
    );
    document.title = `${words.meeting} · ${words.product}`;
  }

  /** While one waits, the lobby still changes what will be sent. */
  #follow(meeting) {
    const { local } = this;
    if (local.busy || meeting.state !== 'waiting') return;
    meeting.useStream(local.stream);
    meeting.mute(!local.sends('audio'));
    if (!local.sends('video')) meeting.camera(false);
  }

  async stopWaiting() {
    await this.meeting.leave();
    this.view.waits(false);
    await this.view.open(); // leaving has let go of the devices
  }

  /** Show why and how it ended. Who may come back keeps the session: a guest's link works once. */
  ended(reason) {
    if (this.out) return;
    this.out = true;
    if (!this.began && reason === 'removed') reason = 'refused';
    const lastedMs = this.began ? Date.now() - this.began : 0;
    this.local.stop();
    this.#keep({ inside: undefined });
    const again = BACK.has(reason) ? () => this.#again() : undefined;
    if (!again) {
      this.client.close();
      forget();
    }
    this.#show({ element: ended({ reason, lastedMs, again }), dispose() {} });
  }

  #again() {
    if (this.client.state === 'closed') {
      go(this.place);
      return;
    }
    this.out = false;
    this.began = undefined;
    this.lobby();
  }

  #state({ state, code }) {
    if (state === 'open') this.wasOpen = true;
    if (state === 'closed' && this.wasOpen) this.ended(CLOSED[code] ?? 'session_closed');
  }

  #refused(error) {
    this.out = true;
    forget();
    this.local.stop();
    this.#show({ element: badLink(plainly(error)), dispose() {} });
  }

  #keep(changes) {
    this.place = keep({ ...this.place, ...changes });
  }

  #show(view) {
    this.view?.dispose();
    this.view = view;
    show(view.element);
  }
}

function show(element) {
  document.getElementById('page').replaceChildren(element);
  element.focusFirst?.();
}

function go(place) {
  if (!place) show(noLink());
  else new Page(place).start();
}

go(takePlace());
