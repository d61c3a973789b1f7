import { ConnectionLost, Late, RemoteError } from './errors.js';

const PROTOCOL = 'dragoman.v1.json';
const HANDSHAKE_MS = 10_000;
export const ANSWER_MS = 30_000;

/** One WebSocket that speaks JSON-RPC 2.0, from its handshake to its end; it never comes back. */
export class Wire {
  #socket;
  #pending = new Map();
  #lastId = 0;
  #handlers;
  #opened = resolvers();
  /** @type {ConnectionLost | null} why it is down */
  lost = null;
  /** When the last frame came, as `performance.now()`. */
  heard = performance.now();

  /**
   * @param {string} url
   * @param {{event: (method: string, params: any) => void, lost: (wire: Wire) => void}} handlers
   */
  constructor(url, handlers) {
    this.#handlers = handlers;
    this.#socket = new WebSocket(url, PROTOCOL);
    this.#socket.onopen = () => this.#opened.resolve();
    this.#socket.onmessage = ({ data }) => this.#read(data);
    this.#socket.onclose = ({ code, reason }) => this.#end(new ConnectionLost(code, reason));
    const late = setTimeout(() => this.drop('no handshake in time'), HANDSHAKE_MS);
    this.opened = this.#opened.promise.finally(() => clearTimeout(late));
    this.opened.catch(() => {}); // nobody may be waiting for it
  }

  /** Ask and wait. Rejects with RemoteError, ConnectionLost, or Late after `withinMs`. */
  call(method, params = {}, withinMs = ANSWER_MS) {
    if (this.lost) return Promise.reject(this.lost);
    const id = ++this.#lastId;
    const { promise, resolve, reject } = resolvers();
    const late = setTimeout(() => reject(new Late(method)), withinMs);
    this.#pending.set(id, { resolve, reject });
    this.#send({ jsonrpc: '2.0', id, method, params });
    return promise.finally(() => {
      clearTimeout(late);
      this.#pending.delete(id);
    });
  }

  /** End with a goodbye. */
  close() {
    this.#socket.close(1000);
  }

  /** Count as lost now: closing shakes hands, and a dead network never answers that. */
  drop(reason) {
    this.#end(new ConnectionLost(1006, reason));
    this.#socket.close();
  }

  #send(message) {
    // a socket that is closing drops it without a word; its end then rejects the call
    this.#socket.send(JSON.stringify(message));
  }

  #read(frame) {
    if (this.lost) return;
    this.heard = performance.now();
    let parts;
    try {
      const message = JSON.parse(frame);
      parts = Array.isArray(message) ? message : [message];
    } catch {
      this.drop('an unreadable frame');
      return;
    }
    for (const part of parts) this.#receive(part);
  }

  #receive(message) {
    if (message?.method) {
      this.#handlers.event(message.method, message.params ?? {});
      return;
    }
    const waiting = this.#pending.get(message?.id);
    if (message?.error) waiting?.reject(new RemoteError(message.error));
    else waiting?.resolve(message?.result ?? {});
  }

  #end(lost) {
    if (this.lost) return;
    this.lost = lost;
    this.#opened.reject(lost);
    for (const { reject } of this.#pending.values()) reject(lost);
    this.#handlers.lost(this);
  }
}

function resolvers() {
  let resolve, reject;
  const promise = new Promise((yes, no) => [resolve, reject] = [yes, no]);
  return { promise, resolve, reject };
}
