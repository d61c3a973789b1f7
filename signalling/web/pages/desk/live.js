/** The one session of a page: the client, the server's clock, and what this server can do. */

import { Client, ClientError } from '/client.js';
import { storageOfTab } from '../ui/token.js';

/**
 * Opens once, and stays: see client.js. Sections call `call`, listen by `on` to the events of the
 * protocol, and by `onOpened` to each beginning, with a snapshot where events were missed.
 */
export class Live {
  #methods = new Map();
  #schemas = {};
  #aheadMs = 0;

  constructor(token) {
    this.token = token;
    this.client = new Client({ token, storage: storageOfTab() });
    this.client.on('opened', () => this.#set(this.client.info.server_time));
  }

  /** Open the session and learn what the server offers; rejects when the token is refused. */
  async open() {
    await this.client.open();
    const { methods, components } = await this.client.call('rpc.discover');
    this.#schemas = components.schemas;
    for (const { name, params } of methods) {
      this.#methods.set(name, new Set(params.map((param) => param.name)));
    }
  }

  get user() {
    return this.client.user;
  }

  /** Whether this server has a method, and takes a param of it. */
  has(method, param) {
    const params = this.#methods.get(method);
    return Boolean(params) && (param === undefined || params.has(param));
  }

  /** Whether a type of the protocol, e.g. InterpreterProfile, has a field. */
  knows(type, field) {
    return Boolean(this.#schemas[type]?.properties?.[field]);
  }

  call(method, params) {
    return this.client.call(method, params);
  }

  /** Call where a failure needs no words, for it is told elsewhere or the next time is soon. */
  attempt(method, params) {
    return quietly(this.call(method, params));
  }

  /** Call `fn` with the params of each event of *name*, e.g. offer.made. */
  on(name, fn) {
    return this.client.on(`event:${name}`, (params) => {
      this.#set(params.server_time);
      fn(params);
    });
  }

  /**
   * Call `fn` with the snapshot of each beginning; null where every missed event follows. If the
   * connection is lost again while it works, the next beginning calls it anew.
   */
  onOpened(fn) {
    return this.client.on('opened', ({ snapshot }) => quietly(fn(snapshot ?? null)));
  }

  /** The server's clock, in ms since 1970: deadlines are counted down on it. */
  now() {
    return Date.now() + this.#aheadMs;
  }

  #set(serverTime) {
    if (serverTime) this.#aheadMs = Date.parse(serverTime) - Date.now();
  }
}

async function quietly(work) {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    return null;
  }
}
