/** The start page of a demo server: makes somebody up, and opens their page. */

import { choice, form, group, labelled } from './desk/form.js';
import { languages, options, SPOKEN } from './desk/languages.js';
import { words as common } from './desk/strings.js';
import { available, make, openMeeting } from './start/door.js';
import { words } from './start/strings.js';
import { fill, h, write } from './ui/dom.js';

const LOOK_MS = 1_000; // simulated interpreters come within seconds of the server's start
const LOOKS = 30;

/** One side of the page: a form that leads to a page of one's own. */
function door({ title, text, submit, fields, identity }) {
  return h(
    'section',
    { class: 'card' },
    h('h2', {}, title),
    h('p', {}, text),
    form({ submit, act: async () => location.assign(await make(identity())) }, ...fields),
  );
}

function customer() {
  const name = h('input', { value: words.customer.name, autocomplete: 'off', maxlength: 200 });
  const from = choice(options(SPOKEN), 'no');
  const to = choice(options(languages), 'so');
  return door({
    ...words.customer,
    fields: [
      labelled(words.name, name, { path: 'name' }),
      h(
        'div',
        { class: 'row' },
        labelled(words.customer.from, from, { path: 'languages.0' }),
        labelled(words.customer.to, to, { path: 'languages.1' }),
      ),
    ],
    identity: () => ({ role: 'customer', name: name.value, languages: [from.value, to.value] }),
  });
}

function interpreter() {
  const name = h('input', { value: words.interpreter.name, autocomplete: 'off', maxlength: 200 });
  const language = choice(options(languages), 'vi');
  const qualification = choice(words.categories, 'B');
  const modes = Object.entries(common.modes).map(([value, text]) => ({
    box: h('input', { type: 'checkbox', value, checked: true }),
    text,
  }));
  return door({
    ...words.interpreter,
    fields: [
      labelled(words.name, name, { path: 'name' }),
      h(
        'div',
        { class: 'row' },
        labelled(words.interpreter.language, language, { path: 'languages' }),
        labelled(words.interpreter.qualification, qualification, { path: 'qualification' }),
      ),
      h('p', { class: 'hint' }, words.interpreter.hint),
      group(
        words.interpreter.modes,
        { path: 'modes' },
        h(
          'div',
          { class: 'boxes' },
          modes.map(({ box, text }) => h('label', { class: 'toggle' }, box, text)),
        ),
      ),
    ],
    identity: () => ({
      role: 'interpreter',
      name: name.value,
      languages: [language.value],
      ...(qualification.value && { qualification: qualification.value }),
      modes: modes.filter(({ box }) => box.checked).map(({ box }) => box.value),
    }),
  });
}

/** A meeting without anybody being looked for: two links, for two windows. */
function meeting() {
  const links = h('ul', { class: 'links', hidden: true });
  const open = form(
    {
      submit: words.meeting.open,
      kind: '',
      act: async () => {
        const rows = (await openMeeting()).map((href, at) =>
          h('li', {}, h('a', { href, target: '_blank', rel: 'noopener' }, words.meeting.links[at])),
        );
        fill(links, rows);
        links.hidden = false;
      },
    },
    h('p', {}, words.meeting.text),
  );
  return [open, links];
}

/** The names of what is interpreted, in the order of the lists. */
function interpreted(pairs) {
  const tags = new Set(pairs.flatMap(({ languages: { from, to } }) => [from, to]));
  return languages.filter((tag) => tags.has(tag)).map(common.language);
}

/** Say who is online, and look again while nobody is. */
async function tell(place, looks = LOOKS) {
  const found = await available();
  write(place, '');
  if (found.available) {
    const text = words.company(found.available, interpreted(found.pairs));
    place.append(h('span', { class: 'dot' }), h('span', {}, text));
  } else if (looks > 0) {
    write(place, words.coming);
    setTimeout(() => tell(place, looks - 1), LOOK_MS);
  }
}

fill(document.getElementById('doors'), customer(), interpreter());
fill(document.getElementById('meeting'), ...meeting());
tell(document.getElementById('company'));
