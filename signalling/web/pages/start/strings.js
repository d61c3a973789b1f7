/** The English words of the start page. */

import { locale } from '../desk/strings.js';

const list = new Intl.ListFormat(locale);

export const words = {
  name: 'Your name',
  company: (count, names) =>
    `${count} interpreters are online, simulated ones among them: ${list.format(names)}.`,
  coming: 'The simulated interpreters are coming online…',
  customer: {
    title: 'You need an interpreter',
    text: 'Ask for one, now or for a later time. Watch who is asked and who accepts, meet them, rate them.',
    name: 'Kari Nordmann',
    from: 'You speak',
    to: 'The other speaks',
    submit: 'I am a customer',
  },
  interpreter: {
    title: 'You are an interpreter',
    text: 'Go online, answer offers, keep your calendar. Open a customer in another window to have somebody who asks.',
    name: 'Linh Prøverud',
    language: 'You interpret',
    qualification: 'Category',
    hint: 'Besides Norwegian and English. In a language that no simulated interpreter speaks, all offers are yours.',
    modes: 'How you work',
    submit: 'I am an interpreter',
  },
  categories: [
    { value: 'A', text: 'A' },
    { value: 'B', text: 'B' },
    { value: 'C', text: 'C' },
    { value: 'D', text: 'D' },
    { value: 'E', text: 'E' },
    { value: '', text: 'none' },
  ],
  meeting: {
    text: 'Look at a meeting alone, without anybody being asked: it opens two links, for two windows.',
    open: 'Open a meeting of two',
    links: ['Join it as Ann, the customer', 'Join it as Hodan, the interpreter'],
  },
};
