/** What a customer does to an assignment: call off, move, choose, finish, rate, report. */

import { askForm } from '../desk/dialogs.js';
import { choice, labelled } from '../desk/form.js';
import { segments } from '../desk/segments.js';
import { momentOf, wall } from '../desk/times.js';
import { h } from '../ui/dom.js';
import { toast } from '../ui/toast.js';
import { Start } from './start.js';
import { words } from './strings.js';

const HERE = Intl.DateTimeFormat().resolvedOptions().timeZone;
const STARS = ['1', '2', '3', '4', '5'];

export class Changes {
  constructor({ live, assignments }) {
    Object.assign(this, { live, assignments });
  }

  async cancel({ id, series }) {
    const reason = h('input', { maxlength: 200, autocomplete: 'off' });
    const following = h('input', { type: 'checkbox' });
    const fields = [labelled(words.reason, reason, { path: 'reason' })];
    if (series) fields.push(h('label', { class: 'toggle' }, following, words.following));
    await askForm({
      title: words.cancelTitle,
      lead: words.cancelLead,
      fields,
      submit: words.cancel,
      kind: 'danger',
      act: () =>
        this.#do('assignment.cancel', {
          assignment: id,
          ...(reason.value.trim() && { reason: reason.value.trim() }),
          ...(following.checked && { following: true }),
        }),
    });
  }

  /** Another time: whoever had accepted is asked again. */
  async move({ id, starts_at: at, timezone, duration_min: minutes, version }) {
    const zone = timezone ?? HERE;
    const start = new Start(() => zone, { value: wall(at, zone) });
    const duration = h('input', { type: 'number', min: 1, max: 1440, value: minutes });
    await askForm({
      title: words.moveTitle,
      lead: words.moveLead(zone.replaceAll('_', ' ')),
      fields: [
        labelled(words.dateTime, start.control, { path: 'starts_at' }),
        start.which.element,
        labelled(words.duration, duration, { path: 'duration_min' }),
      ],
      submit: words.move,
      act: () =>
        this.#do('assignment.update', {
          ...{ assignment: id, starts_at: start.value, timezone: zone },
          duration_min: Number(duration.value),
          ...(version && { version }),
        }),
    });
  }

  async choose(assignment, interpreter) {
    await this.#do('assignment.confirm', { assignment: assignment.id, interpreter: interpreter.id });
    toast(words.chosen(interpreter.name));
  }

  /** Say that it is done, and how long it took. */
  async finish({ id, started_at: began, ended_at: ended }) {
    const from = h('input', { type: 'datetime-local', value: began ? wall(began, HERE) : '' });
    const to = h('input', { type: 'datetime-local', value: wall(ended ?? this.live.now(), HERE) });
    const before = [from.value, to.value];
    await askForm({
      title: words.finishTitle,
      lead: words.finishLead,
      fields: [
        labelled(words.began, from, { path: 'started_at' }),
        labelled(words.ended, to, { path: 'ended_at' }),
      ],
      submit: words.finish,
      act: () =>
        this.#do('assignment.complete', {
          assignment: id,
          // what was measured is more exact than the minutes shown here
          ...(from.value !== before[0] && { started_at: momentOf(from.value, HERE) }),
          ...(to.value !== before[1] && { ended_at: momentOf(to.value, HERE) }),
        }),
    });
  }

  async rate({ id, slots }) {
    const worked = people(slots);
    const unrated = slots.find(({ interpreter, stars }) => interpreter && !stars);
    const who = choice(worked, unrated?.interpreter.id ?? worked[0]?.value);
    const stars = segments(
      STARS.map((value) => ({ value, text: value })),
      '', // none is proposed
      words.starsHint,
      'stars',
    );
    const text = h('textarea', { maxlength: 2000 });
    const fields = [stars.element, labelled(words.comment, text, { path: 'text', hint: words.staff })];
    if (worked.length > 1) fields.unshift(labelled(words.whom, who, { path: 'interpreter' }));
    const done = await askForm({
      title: words.rateTitle,
      fields,
      submit: words.rate,
      act: async () => {
        await this.live.call('feedback.rate', {
          ...{ assignment: id, stars: Number(stars.value) },
          ...(text.value.trim() && { text: text.value.trim() }),
          ...(worked.length > 1 && { interpreter: who.value }),
        });
        await this.#look(id);
      },
    });
    if (done) toast(words.thanks);
  }

  async report({ id, slots }) {
    const worked = people(slots);
    const kind = choice(words.kinds, 'quality');
    const who = choice(worked, worked[0]?.value);
    const minutes = h('input', { type: 'number', min: 0, max: 1440 });
    const text = h('textarea', { maxlength: 2000, required: true });
    const taken = labelled(words.minutes, minutes, { path: 'minutes' });
    const follow = () => (taken.hidden = kind.value !== 'times');
    kind.addEventListener('change', follow);
    follow();
    const fields = [
      labelled(words.kind, kind, { path: 'kind' }),
      taken,
      labelled(words.what, text, { path: 'text', hint: words.staff }),
    ];
    if (worked.length > 1) fields.unshift(labelled(words.whom, who, { path: 'interpreter' }));
    const done = await askForm({
      title: words.reportTitle,
      lead: words.reportLead,
      fields,
      submit: words.report,
      act: () =>
        this.live.call('feedback.report', {
          ...{ assignment: id, kind: kind.value, text: text.value.trim() },
          ...(kind.value === 'times' && minutes.value && { minutes: Number(minutes.value) }),
          ...(worked.length > 1 && { interpreter: who.value }),
        }),
    });
    if (done) toast(words.reported);
  }

  async #do(method, params) {
    const { assignment } = await this.live.call(method, params);
    this.assignments.put(assignment);
  }

  async #look(id) {
    await this.#do('assignment.get', { assignment: id });
  }
}

function people(slots) {
  const found = slots.map(({ interpreter }) => interpreter).filter(Boolean);
  return found.map(({ id, name }) => ({ value: id, text: name }));
}
