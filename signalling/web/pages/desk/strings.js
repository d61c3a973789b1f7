/** The English words that both pages use. Another language is another file with these names. */

export const locale = 'en-GB';

const languages = new Intl.DisplayNames(locale, { type: 'language' });
// What browsers have no name for, or another than people use.
const NAMES = {
  acm: 'Iraqi Arabic',
  apc: 'Levantine Arabic',
  apd: 'Sudanese Arabic',
  arb: 'Standard Arabic',
  ary: 'Moroccan Arabic',
  arz: 'Egyptian Arabic',
  ckb: 'Kurdish (Sorani)',
  kmr: 'Kurdish (Kurmanji)',
  cmn: 'Mandarin Chinese',
  pes: 'Persian',
  prs: 'Dari',
  nsl: 'Norwegian Sign Language',
  swl: 'Swedish Sign Language',
  dsl: 'Danish Sign Language',
  bfi: 'British Sign Language',
  ase: 'American Sign Language',
};

export const words = {
  product: 'Dragoman',
  skip: 'Skip to the content',
  sections: 'Sections',
  cancel: 'Cancel',
  close: 'Close',
  save: 'Save',
  saved: 'Saved.',
  more: 'Show more',

  // --- the way in ------------------------------------------------------------------------
  opening: 'Connecting…',
  noLinkTitle: 'This page needs your personal link',
  noLink: [
    'It opens by a link with your name in it, from whoever runs this service. Follow that link again.',
    'A link works for a limited time. If yours no longer works, ask for a new one.',
  ],
  badLinkTitle: 'This link does not work any more',
  overTitle: 'You are signed out here',
  over: {
    4501: 'Your link was for a limited time, which is over. Ask for a new one, and open it here.',
    4502: 'You went on in another window or on another device.',
  },
  expiring: 'Your link ends within a minute. Open a new one in this tab to go on.',
  overAnyhow: 'Your session was closed.',

  // --- the connection --------------------------------------------------------------------
  connection: {
    open: 'Connected',
    connecting: 'Connecting…',
    reconnecting: (seconds) =>
      seconds > 0
        ? `Connection lost. Trying again in ${seconds} s.`
        : 'Connection lost. Trying again…',
    offline: 'You are offline.',
    back: 'You are connected again.',
  },
  errors: {
    unauthenticated: 'The link is not valid, or its time is over.',
    reauthentication_required: 'The link is not valid, or its time is over.',
    forbidden: 'You may not do that.',
    not_found: 'That is not here any more.',
    conflict: 'It was changed elsewhere meanwhile. Look at it again.',
    connection_lost: 'The connection was lost: perhaps it is done, perhaps not. Look, and try again.',
    rate_limited: 'That was too much at once. Try again in a moment.',
    unavailable: 'The server cannot do that now. Try again in a moment.',
  },

  bounds: {
    least: (number) => `${Number(number)} at least.`,
    most: (number) => `${Number(number)} at most.`,
    whole: 'A whole number, please.',
    missing: 'Please fill this in.',
  },

  // --- an assignment ---------------------------------------------------------------------
  language: (tag) => NAMES[tag] ?? languages.of(tag),
  pair: ({ from, to }) => `${words.language(from)} – ${words.language(to)}`,
  modes: { audio: 'Phone', video: 'Video', onsite: 'On site' },
  modesLong: { audio: 'By phone', video: 'By video', onsite: 'In person, on site' },
  minutes: (count) => `${count} min`,
  hours: (count) => `${count} h`,
  facts: {
    when: 'When',
    there: (city) => `There (${city})`,
    mode: 'How',
    where: 'Where',
    lasts: 'Takes',
    field: 'Field',
    needs: 'Asked for',
    travel: 'Travel',
    pay: 'Pay',
    team: 'Team',
    series: 'Also on',
    place: 'Series',
    substitute: 'Instead of',
    note: 'Note',
  },
  place: (index, count) => `${index} of ${count}`,
  now: 'Now',
  emergency: 'Emergency',
  publicBody: 'Public body',
  again: 'Changed',
  needs: {
    min_qualification: ({ category }) => `category ${category} or better`,
    gender: { female: 'a woman', male: 'a man', other: 'another gender' },
    dialect: (name) => `dialect: ${name}`,
    clearance: (name) => `clearance: ${name}`,
  },
  travel: (minutes) => `about ${minutes}`,
  team: (count) => `${count} interpreters together`,
  per: { minute: 'a minute', hour: 'an hour', session: 'for all of it' },
  field: (word) => {
    const text = word.replaceAll('_', ' ');
    return text.charAt(0).toUpperCase() + text.slice(1);
  },
  states: {
    searching: 'Looking for an interpreter',
    gathering: 'Interpreters may say they could',
    offering: 'Interpreters are being asked',
    confirmed: 'Confirmed',
    held: 'Ready to begin',
    connecting: 'Connecting',
    in_progress: 'In progress',
    wrap_up: 'Wrap-up',
    completed: 'Done',
    cancelled: 'Called off',
    unfilled: 'Nobody was found',
    no_show: 'Nobody came',
  },
};

/** An amount of money, e.g. "NOK 650 an hour". */
export function price({ amount, currency, per = 'hour' }) {
  const shown = new Intl.NumberFormat(locale, {
    style: 'currency',
    currency,
    maximumFractionDigits: Number.isInteger(amount) ? 0 : 2,
  });
  return `${shown.format(amount)} ${words.per[per]}`;
}
