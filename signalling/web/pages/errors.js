/**
 * What goes wrong on the way to the server.
 *
 * ClientError
 * ├── RemoteError      the server answered with an error: `code` and `kind` as in protocol.md
 * ├── ConnectionLost   the socket is down: close code and reason; the outcome of a call is unknown
 * └── Late             no answer within the deadline; the outcome is unknown
 */
export class ClientError extends Error {
  name = 'ClientError';
}

/** The server refused. */
export class RemoteError extends ClientError {
  name = 'RemoteError';

  /** @param {{code: number, message: string, data?: Record<string, any>}} error */
  constructor({ code, message, data = {} }) {
    super(data.detail || message);
    this.code = code;
    this.kind = data.name ?? '';
    this.data = data;
  }

  /** Whether the same request, unchanged, may succeed later. */
  get retryable() {
    return Boolean(this.data.retryable);
  }
}

/** The socket is down, or never came up. */
export class ConnectionLost extends ClientError {
  name = 'ConnectionLost';

  constructor(code = 1006, reason = '') {
    super(`The connection to the server was lost (${code}${reason ? ` ${reason}` : ''}).`);
    this.code = code;
    this.reason = reason;
  }

  /** Whether coming back is allowed: never after 4500 to 4999 (protocol.md). */
  get mayReturn() {
    return !(this.code >= 4500 && this.code <= 4999);
  }
}

/** No answer in time. */
export class Late extends ClientError {
  name = 'Late';

  constructor(method) {
    super(`The server did not answer ${method} in time.`);
  }
}
