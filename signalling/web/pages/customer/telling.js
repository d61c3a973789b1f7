/** Says what has become of an assignment, wherever on the page one is. */

import { toast } from '../ui/toast.js';
import { words } from './strings.js';

export function tellChanges(assignments) {
  assignments.addEventListener('told', ({ detail: { assignment, before } }) => {
    const text = news(assignment, before);
    if (text) toast(text);
  });
}

function news(assignment, before) {
  const { state, languages } = assignment;
  const asked = (one) => one?.slots.reduce((sum, slot) => sum + slot.asked, 0) ?? 0;
  const could = (one) => one?.interested?.length ?? 0;
  if (state === before?.state) {
    if (state === 'offering' && asked(assignment) > asked(before)) return words.told.more(asked(assignment));
    if (state === 'gathering' && could(assignment) > could(before)) return words.told.could(could(assignment));
    return '';
  }
  const names = assignment.slots.map(({ interpreter }) => interpreter?.name).filter(Boolean);
  return words.told[state]?.(names, languages) ?? '';
}
