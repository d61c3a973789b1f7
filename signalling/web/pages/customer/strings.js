/** The English words of the customer's page. Another language is another file with these names. */

import { locale, words as common } from '../desk/strings.js';

const list = new Intl.ListFormat(locale);
const percent = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 });
const people = (count) => (count === 1 ? '1 interpreter' : `${count} interpreters`);
const somebody = (names) => (names.length ? list.format(names) : 'Your interpreter');
const several = (names) => names.length > 1;

// By the rule that they do not meet.
const EXCLUDED = {
  language: 'without these languages',
  modality: 'for whom that way is impossible',
  mode: 'not working that way',
  qualification: 'without the category',
  gender: 'of another gender',
  dialect: 'without the dialect',
  specialism: 'from other fields of work',
  not_present: 'not there now',
  until: 'stopping before',
  calendar: 'outside their hours',
  booked: 'booked then',
  distance: 'too far away',
  already_asked: 'asked already',
};

// Where the state that follows does not say it.
const HAPPENED = {
  created: 'Asked for',
  cancel: 'Called off or given back',
  complete: 'Said to be done',
  never_came: 'Did not come',
  interested: 'Said that they could',
  interest_over: 'No longer among those who could',
  'offer.accepted': 'Accepted',
};

export const words = {
  page: 'Customer',
  ask: 'Ask',
  current: 'Current',
  past: 'Past',

  // --- asking ----------------------------------------------------------------------------
  from: 'You speak',
  to: 'The other speaks',
  mode: 'How',
  when: 'When',
  now: 'Now',
  later: 'Later',
  startsAt: 'Date and time',
  dateTime: 'It begins',
  zone: 'On the clock of',
  twice: 'The clock is set back that night, and shows this time twice',
  which: { first: 'The first time', second: 'The second' },
  duration: 'How long, minutes',
  place: 'Where',
  repeat: 'Again',
  repeats: [
    { value: '', text: 'Only once' },
    { value: 'day 1', text: 'Every day' },
    { value: 'week 1', text: 'Every week' },
    { value: 'week 2', text: 'Every other week' },
    { value: 'month 1', text: 'Every month' },
  ],
  times: 'How many times',
  window: 'Who could',
  windowHint: 'Interpreters may first say that they could. Meanwhile nobody is asked.',
  windows: [
    { value: '', text: 'Ask at once' },
    { value: '300', text: 'Gather for 5 minutes' },
    { value: '3600', text: 'Gather for an hour' },
    { value: '86400', text: 'Gather for a day' },
  ],
  confirm: 'Who chooses',
  confirms: [
    { value: 'rank', text: 'The best is taken' },
    { value: 'customer', text: 'I choose' },
  ],
  wishes: 'More wishes',
  specialisms: 'Field of work',
  minimum: 'Lowest category',
  floor: (category) => (category ? `${category}${category === 'A' ? '' : ' or better'}` : 'Any'),
  gender: 'Gender',
  genders: [
    { value: '', text: 'Any' },
    { value: 'female', text: 'A woman' },
    { value: 'male', text: 'A man' },
  ],
  dialect: 'Dialect',
  needed: 'How many interpreters',
  strategy: 'How they are asked',
  strategies: [
    { value: 'waves', text: 'The best few at a time' },
    { value: 'one_at_a_time', text: 'One after the other' },
    { value: 'broadcast', text: 'Many at once' },
  ],
  preferred: 'Rather one you know',
  preferredFirst: 'Ask them before all others',
  flags: {
    emergency: 'An emergency: life or health is at stake',
    public_body: 'A public body asks (category E at least)',
    accept_substitutes: 'A closely related language will do, if it is said which',
  },
  note: 'Note',
  noteHint: 'For the interpreter who accepts. No names, please.',
  askNow: 'Ask now',
  book: 'Book',

  // --- what to expect ----------------------------------------------------------------------
  estimate: 'What to expect',
  online: (count, mode) =>
    count ? `${people(count)} available now, ${mode}.` : `Nobody is available now, ${mode}.`,
  percent: (share) => percent.format(share),
  basis: ({ online, recent }) =>
    `An estimate, from ${people(online)} and ${recent === 1 ? '1 earlier request' : `${recent} earlier requests`}.`,
  apply: 'Do that',

  // --- where it stands ---------------------------------------------------------------------
  progress: 'Progress',
  steps: {
    interest: 'Who could',
    asked: 'Asking',
    accepted: 'Accepted',
    meeting: 'Meeting',
    done: 'Wrap-up',
  },
  searching: (asked) =>
    asked ? `${people(asked)} asked so far. Looking for more.` : 'Looking for interpreters who fit.',
  gathering: (count, until, choose) =>
    `${count ? `${people(count)} could do it.` : 'Interpreters may say that they could.'} ` +
    (choose ? `Choose one of them by ${until}.` : `The best is taken on ${until}.`),
  offering: (wave, asked) => `Wave ${wave}: ${people(asked)} asked so far.`,
  confirmed: (names, opens) =>
    `${somebody(names)} will come.${opens ? ` The meeting opens on ${opens}.` : ''}`,
  held: (names) => `${somebody(names)} accepted, and ${several(names) ? 'wait' : 'waits'} for you.`,
  connecting: (names) => `The meeting is open. Waiting until you and ${somebody(names)} are in it.`,
  in_progress: (names) => `${somebody(names)} ${several(names) ? 'are' : 'is'} at work.`,
  wrapUp: 'The work is over. Say that it is done, and how it was.',
  left: {
    search: (time) => `Ends in ${time} if nobody accepts.`,
    hold: (time) => `Enter within ${time}.`,
  },
  late: 'Has not come yet.',
  category: (name) => `category ${name}`,
  field: (word) => common.field(word).toLowerCase(),
  why: (name) => `Why ${name}?`,
  noReasons: 'No more than that they met all that was asked for.',
  nobodyYet: 'Nobody has said so yet.',
  choose: 'Choose',
  chosen: (name) => `${name} is chosen.`,
  cancelledLate: 'It was called off later than is free of charge.',
  excluded: (rule, count) => `${count} ${EXCLUDED[rule] ?? common.field(rule).toLowerCase()}`,
  leftOut: (parts) => `Interpreters who could not be asked: ${list.format(parts)}.`,
  relaxed: (change, adds) => `${change} (${people(adds)} more)`,
  helps: (parts) => `What would have helped: ${list.format(parts)}.`,
  currentNone: 'Nothing is asked for. Whatever you ask for stands here until it is over.',
  pastNone: 'Nothing is over yet.',

  // --- what can be done --------------------------------------------------------------------
  join: 'Enter the meeting',
  cancel: 'Call off',
  cancelTitle: 'Call it off?',
  cancelLead: 'Whoever was asked or has accepted is told at once.',
  reason: 'Why (optional)',
  following: 'And all later ones of the series',
  move: 'Change the time',
  moveTitle: 'Change the time',
  moveLead: (zone) => `On the clock of ${zone}. Whoever has accepted is asked again.`,
  finish: 'It is done',
  finishTitle: 'Is it done?',
  finishLead: 'These are the times as measured. Change them if they are wrong.',
  began: 'It began',
  ended: 'It ended',
  rate: 'Rate',
  rateAgain: 'Rate anew',
  rateTitle: 'How was it?',
  starsHint: 'Stars: 5 is excellent, 1 is poor',
  comment: 'In words (optional)',
  staff: 'Staff of the service reads it. No names, please.',
  rated: (stars) => `You gave ${stars === 1 ? '1 star' : `${stars} stars`}.`,
  thanks: 'Thank you.',
  whom: 'Whom',
  report: 'Report a problem',
  reportTitle: 'Report a problem',
  reportLead: 'A human looks at it and answers you.',
  kind: 'What it is about',
  kinds: [
    { value: 'quality', text: 'How it was interpreted' },
    { value: 'conduct', text: 'How they behaved' },
    { value: 'no_show', text: 'They never came' },
    { value: 'times', text: 'The times are wrong' },
    { value: 'technical', text: 'Sound or picture' },
    { value: 'other', text: 'Something else' },
  ],
  minutes: 'How long it took, minutes',
  what: 'What happened',
  reported: 'Your report was received.',
  again: 'Ask again',

  // --- what is told meanwhile --------------------------------------------------------------
  told: {
    more: (count) => `${people(count)} asked so far.`,
    could: (count) => `${people(count)} could do it.`,
    held: (names) => `${somebody(names)} accepted.`,
    confirmed: (names) => `${somebody(names)} accepted.`,
    in_progress: (names) => `${somebody(names)} ${several(names) ? 'are' : 'is'} in the meeting.`,
    wrap_up: () => 'The meeting is over.',
    completed: () => 'It is done.',
    cancelled: () => 'It was called off.',
    unfilled: (_, pair) => `Nobody was found for ${common.pair(pair)}.`,
    no_show: () => 'It ended, for somebody did not come.',
  },

  // --- what happened -----------------------------------------------------------------------
  history: 'What happened',
  happened: (what) => HAPPENED[what] ?? common.states[what] ?? common.field(what.replaceAll('.', ' ')),
  became: (state) => common.states[state] ?? state,
  by: {
    customer: 'by you',
    interpreter: 'by the interpreter',
    operator: 'by staff',
    app: 'by the service',
    guest: 'by a guest',
  },
};
