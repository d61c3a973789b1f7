/** Recording: it is asked for, everybody agrees or not, and a mark shows while it runs. */

import { ask, h, set, write } from '../ui/dom.js';
import { toast } from '../ui/toast.js';
import { plainly } from './plainly.js';
import { words } from './strings.js';

const MARKS = { asked: words.recAsked, on: words.recOn, paused: words.recPaused };
const TOLD = { on: words.recStarted, paused: words.recPausedToast, off: words.recStopped };

export class Recording {
  /** *may* says whether this person may start and stop it; *nameOf* (id) is for who is missing. */
  constructor(meeting, may, nameOf, signal) {
    this.signal = signal; // aborts when one is out of the meeting
    this.over = new AbortController(); // aborts when there is nothing to answer any more
    this.meeting = meeting;
    this.may = may;
    this.nameOf = nameOf;
    this.state = 'off';
    this.answered = false;
    this.text = h('span', {});
    this.mark = h(
      'button',
      { type: 'button', class: 'rec', hidden: true, onclick: () => this.details() },
      h('span', { class: 'dot', 'aria-hidden': 'true' }),
      this.text,
    );
  }

  /** Follow the meeting; ask for consent once, when it is wanted. */
  show() {
    const { state, consents = [], failure } = this.#view();
    this.mark.hidden = state === 'off';
    set(this.mark, 'data-state', state);
    write(this.text, MARKS[state] ?? '');
    if (state !== this.state) this.#tell(state, failure);
    this.state = state;
    if (state === 'off') {
      this.answered = false;
      this.over.abort();
      this.over = new AbortController();
    }
    const agreed = consents.includes(this.#me());
    if ((state === 'asked' || state === 'paused') && !agreed && !this.answered) this.#consent();
  }

  /** What the button of the bar does. */
  async press() {
    if (this.state !== 'off') return this.details();
    const answer = await ask(
      words.recAsk,
      [words.recAskText],
      [
        { value: '', text: words.cancel },
        { value: 'yes', text: words.recAskYes, kind: 'primary' },
      ],
      this.signal,
    );
    if (answer !== 'yes') return undefined;
    return this.#try(async () => {
      try {
        await this.meeting.record('start');
      } catch (error) {
        throw error.kind === 'forbidden' ? new Error(words.recImpossible) : error;
      }
    });
  }

  /** Say how it stands, and let this person agree, withdraw or stop it. */
  async details() {
    const { state, consents = [] } = this.#view();
    const agreed = consents.includes(this.#me());
    const missing = this.#inside().filter((id) => !consents.includes(id) && id !== this.#me());
    const lines = [agreed ? words.recMine : words.recNotMine];
    if (missing.length) lines.push(words.recMissing(missing.map(this.nameOf)));
    const answers = [{ value: '', text: words.close }];
    if (agreed) answers.push({ value: 'withdraw', text: words.withdraw });
    else answers.push({ value: 'agree', text: words.agree, kind: 'primary' });
    if (this.may)
      answers.push({
        value: 'stop',
        text: state === 'asked' ? words.recCancel : words.recStop,
        kind: 'danger',
      });
    const answer = await ask(MARKS[state] ?? words.recStopped, lines, answers, this.#until());
    if (answer === 'stop') await this.#try(() => this.meeting.record('stop'));
    else if (answer) await this.#answer(answer === 'agree');
  }

  #tell(state, failure) {
    if (state === 'off' && failure) toast(words.recFailed);
    else if (TOLD[state]) toast(TOLD[state]);
  }

  async #consent() {
    this.answered = true;
    const until = this.#until();
    // Both answers look alike: a choice that is pushed is no consent.
    const answer = await ask(
      words.consentTitle,
      words.consentText,
      [
        { value: 'no', text: words.disagree },
        { value: 'yes', text: words.agree },
      ],
      until,
    );
    if (!until.aborted) await this.#answer(answer === 'yes');
  }

  async #answer(agrees) {
    await this.#try(() => this.meeting.consent(agrees));
  }

  async #try(work) {
    try {
      await work();
    } catch (error) {
      toast(`${words.failed} ${plainly(error)}`);
    }
  }

  #until() {
    return AbortSignal.any([this.signal, this.over.signal]);
  }

  #view() {
    return this.meeting.recording ?? { state: 'off' };
  }

  #me() {
    return this.meeting.me;
  }

  #inside() {
    return [...this.meeting.participants.keys()];
  }
}
