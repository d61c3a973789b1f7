/** What is said of work once it is done, or given back before: dialogs of an assignment. */

import { askForm } from '../desk/dialogs.js';
import { choice, labelled } from '../desk/form.js';
import { segments } from '../desk/segments.js';
import { momentOf, wall } from '../desk/times.js';
import { h } from '../ui/dom.js';
import { toast } from '../ui/toast.js';
import { words } from './strings.js';

const LONGEST_NOTE = 2000;
const STARS = ['1', '2', '3', '4', '5'];

/** Give it back. Return the answer, null if it was kept after all. */
export function giveBack(live, assignment) {
  const reason = choice(words.giveBackReasons, '');
  return askForm({
    title: words.giveBackTitle,
    lead: words.giveBackLead,
    fields: [labelled(words.giveBackReason, reason, { path: 'reason' })],
    submit: words.giveBack,
    kind: 'danger',
    act: () =>
      live.call('assignment.cancel', {
        assignment: assignment.id,
        ...(reason.value && { reason: reason.value }),
      }),
  });
}

/** Say that it is done, with the times as they were. */
export function complete(live, assignment, zone) {
  const began = assignment.started_at ?? assignment.starts_at ?? assignment.created_at;
  const from = timeField(wall(began, zone), 'started_at');
  const to = timeField(wall(assignment.ended_at ?? live.now(), zone), 'ended_at');
  const asMeasured = [from.value, to.value].join();
  return askForm({
    title: words.completeTitle,
    lead: words.completeLead,
    fields: [h('div', { class: 'row' }, labelled(words.started, from), labelled(words.ended, to))],
    submit: words.complete,
    act: () =>
      live.call('assignment.complete', {
        assignment: assignment.id,
        ...([from.value, to.value].join() !== asMeasured && {
          started_at: momentOf(from.value, zone),
          ended_at: momentOf(to.value, zone),
        }),
      }),
  });
}

function timeField(value, path) {
  const control = h('input', { type: 'datetime-local', required: true, 'data-path': path });
  control.value = value;
  return control;
}

/** Rate the other side: stars, and words for the staff. Return whether it was sent. */
export async function rate(live, assignment) {
  const options = STARS.map((value) => ({ value, text: value }));
  const stars = segments(options, '', words.stars, 'stars'); // none is proposed
  const text = textField({ path: 'text', maxlength: LONGEST_NOTE });
  const done = await askForm({
    title: words.rateTitle,
    lead: words.rateLead,
    fields: [stars.element, labelled(words.rateText, text)],
    submit: words.send,
    act: () =>
      live.call('feedback.rate', {
        assignment: assignment.id,
        stars: Number(stars.value),
        ...(text.value.trim() && { text: text.value.trim() }),
      }),
  });
  if (done) toast(words.rated);
  return done;
}

/** Report something of it to the staff. */
export async function report(live, assignment) {
  const kind = choice(words.reportKinds, 'times', { 'data-path': 'kind' });
  const text = textField({ path: 'text', maxlength: LONGEST_NOTE, required: true });
  const minutes = h('input', {
    type: 'number',
    min: 0,
    max: 1440,
    step: 1,
    'data-path': 'minutes',
  });
  const worked = labelled(words.reportMinutes, minutes);
  kind.addEventListener('change', () => {
    worked.hidden = kind.value !== 'times';
  });
  const done = await askForm({
    title: words.reportTitle,
    lead: words.reportLead,
    fields: [labelled(words.reportKind, kind), worked, labelled(words.reportText, text)],
    submit: words.send,
    act: () =>
      live.call('feedback.report', {
        assignment: assignment.id,
        kind: kind.value,
        text: text.value.trim(),
        ...(kind.value === 'times' && minutes.value && { minutes: Number(minutes.value) }),
      }),
  });
  if (done) toast(words.reported);
}

/** Appeal against an absence that counts. Return whether it was sent. */
export function appeal(live, assignment) {
  const text = textField({ path: 'text', maxlength: LONGEST_NOTE, required: true });
  return askForm({
    title: words.appealTitle,
    lead: words.appealLead,
    fields: [labelled(words.reportText, text)],
    submit: words.appeal,
    act: () =>
      live.call('feedback.report', { assignment, kind: 'appeal', text: text.value.trim() }),
  });
}

function textField({ path, ...attributes }) {
  return h('textarea', { rows: 4, 'data-path': path, ...attributes });
}
