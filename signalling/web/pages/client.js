import { check } from './check.js';
import { Meeting } from './meeting.js';
import { Session } from './session.js';

export * as devices from './devices.js';
export { ClientError, ConnectionLost, Late, RemoteError } from './errors.js';
export { explain } from './explain.js';
export { Meeting };

/**
 * A session of a user at this server, and the way into meetings.
 *
 *     const client = new Client({ token });
 *     await client.open();
 *     const meeting = await client.join(id, { stream: await devices.open() });
 *     meeting.on('change', () => draw(meeting.participants));
 */
export class Client extends Session {
  /**
   * Enter a meeting. `stream` is one's own microphone and camera, or null to listen only.
   * @param {string} id
   * @param {{name?: string, stream?: MediaStream | null, audio?: boolean, video?: boolean}} options
   * @returns {Promise<Meeting>} in the state `joined`, or `waiting` for who has to be let in
   */
  async join(id, options = {}) {
    const meeting = new Meeting(this, id, options);
    await meeting.join();
    return meeting;
  }
  /**
   * Check microphone, camera and network against the server.
   * @param {MediaStream} stream
   * @returns {Promise<{verdict: 'good' | 'fair' | 'bad', words: string[]}>} what to do, for people
   */
  checkDevice(stream, seconds = 5) {
    return check(this, stream, seconds);
  }
}
