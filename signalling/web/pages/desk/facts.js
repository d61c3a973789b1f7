/** What an assignment is about, as a list of facts: the same for an offer and for a booking. */

import { h } from '../ui/dom.js';
import { price, words } from './strings.js';
import { alike, city, clock, day, lasting, moment, span } from './times.js';

/** The states in which nothing is still to come. */
export const OVER = new Set(['completed', 'cancelled', 'unfilled', 'no_show']);

/** The name of an assignment: its languages, with what is special about it as badges. */
export function heading(tag, assignment, attributes = {}) {
  const marks = [
    assignment.emergency && ['urgent', words.emergency],
    assignment.again && ['', words.again],
    assignment.public_body && ['', words.publicBody],
  ];
  return h(
    tag,
    { class: 'pair', ...attributes },
    words.pair(assignment.languages),
    marks
      .filter(Boolean)
      .flatMap(([kind, text]) => [' ', h('span', { class: `badge ${kind}` }, text)]),
  );
}

/** The facts of an assignment or of its summary, with times in *zone*. */
export function facts(assignment, zone) {
  const rows = [
    ...times(assignment, zone),
    [words.facts.mode, words.modesLong[assignment.mode]],
    [words.facts.where, assignment.location && place(assignment.location)],
    [words.facts.lasts, lasting(assignment.duration_min)],
    [words.facts.field, assignment.requirements?.specialisms?.map(words.field).join(', ')],
    [words.facts.needs, needs(assignment.requirements ?? {})],
    [words.facts.travel, travel(assignment)],
    [
      words.facts.team,
      assignment.interpreters_needed > 1 && words.team(assignment.interpreters_needed),
    ],
    [words.facts.substitute, assignment.substitute && words.language(assignment.substitute)],
    [words.facts.pay, assignment.pay && price(assignment.pay)],
    series(assignment, zone),
    [words.facts.note, assignment.note],
  ];
  return h(
    'dl',
    { class: 'facts' },
    rows
      .filter(([, value]) => value)
      .map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', { dir: 'auto' }, value))),
  );
}

/** When it is; in the assignment's own zone too, where the clock shows another time there. */
function times({ starts_at: at, timezone, duration_min: minutes, state, created_at: created }, zone) {
  if (!at) return [[words.facts.when, OVER.has(state) ? moment(created, zone) : words.now]];
  const rows = [[words.facts.when, span(at, minutes, zone)]];
  if (timezone && !alike(at, timezone, zone)) {
    const there =
      day(at, timezone) === day(at, zone) ? clock(at, timezone) : span(at, minutes, timezone);
    rows.push([words.facts.there(city(timezone)), there]);
  }
  return rows;
}

/** An offer of a series names its later dates; an assignment says where in its series it is. */
function series({ series: found }, zone) {
  if (Array.isArray(found)) {
    return [words.facts.series, found.map((at) => moment(at, zone)).join('; ')];
  }
  return [words.facts.place, found && words.place(found.index, found.count)];
}

/** A point; a phone opens it on its map. */
function place({ lat, lon }) {
  return h('a', { href: `geo:${lat},${lon}` }, `${lat.toFixed(4)}, ${lon.toFixed(4)}`);
}

function needs(required) {
  const { min_qualification: floor, gender, dialect, clearance } = required;
  const parts = [
    floor && words.needs.min_qualification(typeof floor === 'string' ? { category: floor } : floor),
    gender && words.needs.gender[gender],
    dialect && words.needs.dialect(dialect),
    clearance && words.needs.clearance(clearance),
  ];
  return parts.filter(Boolean).join(', ');
}

function travel({ distance_band: band, travel_min: minutes }) {
  const parts = [band, minutes && words.travel(lasting(Math.round(minutes)))];
  return parts.filter(Boolean).join(', ');
}
