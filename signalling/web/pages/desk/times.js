/** Times as people read them, in a zone that has a name (IANA). Zones are the browser's. */

import { locale, words } from './strings.js';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const HERE = Intl.DateTimeFormat().resolvedOptions().timeZone;

const formats = new Map();

function format(zone, options) {
  const key = `${zone} ${JSON.stringify(options)}`;
  if (!formats.has(key)) {
    formats.set(key, new Intl.DateTimeFormat(locale, { ...options, timeZone: known(zone) }));
  }
  return formats.get(key);
}

/** A zone that this browser knows; its own for one that it does not. */
function known(zone) {
  try {
    Intl.DateTimeFormat(locale, { timeZone: zone });
    return zone;
  } catch {
    return HERE;
  }
}

/** "14:30" */
export function clock(at, zone) {
  return format(zone, { hour: '2-digit', minute: '2-digit' }).format(new Date(at));
}

/** "Thursday 26 November", with the year if it is another one. */
export function day(at, zone) {
  const options = { weekday: 'long', day: 'numeric', month: 'long' };
  const year = (ms) => format(zone, { year: 'numeric' }).format(ms);
  const same = year(new Date(at)) === year(Date.now());
  return format(zone, same ? options : { ...options, year: 'numeric' }).format(new Date(at));
}

/** "Thursday 26 November, 14:30–15:30" */
export function span(at, minutes, zone) {
  const end = Date.parse(at) + minutes * MINUTE_MS;
  const last = day(end, zone) === day(at, zone) ? '' : `${day(end, zone)}, `;
  return `${day(at, zone)}, ${clock(at, zone)}–${last}${clock(end, zone)}`;
}

/** "Thu 26 Nov 2026, 14:30" */
export function moment(at, zone) {
  const options = { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' };
  return `${format(zone, options).format(new Date(at))}, ${clock(at, zone)}`;
}

/** "Oslo", of Europe/Oslo. */
export function city(zone) {
  return zone.split('/').at(-1).replaceAll('_', ' ');
}

/** Whether two zones show the same time at a moment. */
export function alike(at, one, other) {
  return wall(at, one) === wall(at, other);
}

/** "1 h 30 min" */
export function lasting(minutes) {
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  if (!hours) return words.minutes(rest);
  return rest ? `${words.hours(hours)} ${words.minutes(rest)}` : words.hours(hours);
}

/** "0:59" or "12:05" or "1:02:03": what is left, never below nothing. */
export function left(ms) {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const [first, ...rest] = parts[0] ? parts : parts.slice(1);
  return [first, ...rest.map((part) => String(part).padStart(2, '0'))].join(':');
}

/** What the clock of a zone shows, as date and time fields take it: "2026-11-26T14:30". */
export function wall(at, zone) {
  const options = {
    ...{ year: 'numeric', month: '2-digit', day: '2-digit' },
    ...{ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  };
  const parts = format(zone, options).formatToParts(new Date(at));
  const of = (type) => parts.find((part) => part.type === type).value;
  return `${of('year')}-${of('month')}-${of('day')}T${of('hour')}:${of('minute')}`;
}

/**
 * The moment at which the clock of a zone shows *shown*, in RFC 3339 (UTC). Of a time that comes
 * twice the first; of one that is left out, what it were if the clock had not been put forward.
 */
export function momentOf(shown, zone) {
  const [first = asUtc(shown) - Math.min(...around(shown, zone))] = momentsOf(shown, zone);
  return new Date(first).toISOString();
}

/** Every moment, ms, at which the clock of a zone shows *shown*: mostly one; none, or two. */
export function momentsOf(shown, zone) {
  if (!shown) return [];
  const moments = new Set(around(shown, zone).map((ms) => asUtc(shown) - ms));
  return [...moments].filter((ms) => wall(ms, zone) === shown).sort((a, b) => a - b);
}

function asUtc(shown) {
  return Date.parse(`${shown}:00Z`);
}

/** How far the clock is ahead of UTC before and after a time that it shows. */
function around(shown, zone) {
  return [-DAY_MS, DAY_MS].map((ms) => offset(asUtc(shown) + ms, zone));
}

/** How far the clock of a zone is ahead of UTC at a moment, ms. */
function offset(ms, zone) {
  return Date.parse(`${wall(ms, zone)}:00Z`) - Math.floor(ms / MINUTE_MS) * MINUTE_MS;
}
