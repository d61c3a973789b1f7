/** The drawings of the page: 24 × 24, lines of the colour of the text around them. */

const NAMESPACE = 'http://www.w3.org/2000/svg';
const SHAPES = {
  microphone: [
    'M12 3a3 3 0 0 0-3 3v6a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3Z',
    'M5 11a7 7 0 0 0 14 0',
    'M12 18v3',
  ],
  'microphone-off': [
    'M9 9v3a3 3 0 0 0 5.1 2.1M15 11V6a3 3 0 0 0-5.9-.8',
    'M5 11a7 7 0 0 0 11.3 5.5M19 11a7 7 0 0 1-.6 2.8',
    'M12 18v3',
    'M4 3l16 18',
  ],
  camera: [
    'M4 6h9a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2H4a2 2 0 0 1-2-2V8a2 2 0 0 1 2-2Z',
    'M15 11l7-4v10l-7-4',
  ],
  'camera-off': [
    'M9.5 6H13a2 2 0 0 1 2 2v3l7-4v10l-4-2.3',
    'M15 15.5V16a2 2 0 0 1-2 2H4a2 2 0 0 1-2-2V8a2 2 0 0 1 2-2h.5',
    'M3 3l18 18',
  ],
  chat: ['M4 4h16a1 1 0 0 1 1 1v11a1 1 0 0 1-1 1h-8l-5 4v-4H4a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1Z'],
  people: [
    'M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7Z',
    'M2 20c0-3.5 3-5.5 7-5.5s7 2 7 5.5',
    'M16 4.3a3.5 3.5 0 0 1 0 6.4M18 14.9c2.4.7 4 2.5 4 5.1',
  ],
  devices: [
    'M4 7h9M17 7h3M4 17h3M11 17h9',
    'M15 9a2 2 0 1 0 0-4 2 2 0 0 0 0 4Z',
    'M9 19a2 2 0 1 0 0-4 2 2 0 0 0 0 4Z',
  ],
  record: [
    'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Z',
    'M12 15.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7Z',
  ],
  more: ['M5 12h.01', 'M12 12h.01', 'M19 12h.01'],
  help: [
    'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Z',
    'M9.5 9.3a2.5 2.5 0 1 1 3.6 2.3c-.8.4-1.1.9-1.1 1.9',
    'M12 16.8v.01',
  ],
  leave: ['M14 4H6a1 1 0 0 0-1 1v14a1 1 0 0 0 1 1h8', 'M10 12h11M17 8l4 4-4 4'],
  end: ['M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Z', 'M9 9l6 6M15 9l-6 6'],
  lock: [
    'M6 11h12a1 1 0 0 1 1 1v7a1 1 0 0 1-1 1H6a1 1 0 0 1-1-1v-7a1 1 0 0 1 1-1Z',
    'M8 11V8a4 4 0 0 1 8 0v3',
  ],
  copy: [
    'M9 9h10a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1H9a1 1 0 0 1-1-1V10a1 1 0 0 1 1-1Z',
    'M4 15V4a1 1 0 0 1 1-1h10',
  ],
  close: ['M5 5l14 14M19 5L5 19'],
  check: ['M4 12.5l5.5 5.5L20 7'],
  warning: ['M12 4L2.5 20h19L12 4Z', 'M12 10v5', 'M12 17.5v.01'],
  speaker: [
    'M4 9.5v5h3.5L12 18.5v-13L7.5 9.5H4Z',
    'M15.5 9a4.2 4.2 0 0 1 0 6M18 6.5a8 8 0 0 1 0 11',
  ],
  send: ['M4 12l16-8-5 16-3-7-8-1Z'],
  remove: [
    'M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7Z',
    'M2 20c0-3.5 3-5.5 7-5.5s7 2 7 5.5',
    'M17 9h5',
  ],
  bell: ['M6 16v-5a6 6 0 0 1 12 0v5l1.5 2h-15L6 16Z', 'M10 20.5a2.2 2.2 0 0 0 4 0'],
  star: ['M12 3.5l2.6 5.5 6 .8-4.4 4.2 1.1 6L12 17.1 6.7 20l1.1-6-4.4-4.2 6-.8L12 3.5Z'],
  calendar: [
    'M5 5h14a1 1 0 0 1 1 1v13a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1Z',
    'M4 10h16M8 3v4M16 3v4',
  ],
  clock: ['M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Z', 'M12 7v5l3.5 2'],
  person: ['M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8Z', 'M4.5 20.5c.5-4 3.5-6 7.5-6s7 2 7.5 6'],
  scales: [
    'M12 4v16M7 20h10M5 7h14',
    'M5 7l-3 7a3.2 3.2 0 0 0 6 0L5 7Z',
    'M19 7l-3 7a3.2 3.2 0 0 0 6 0l-3-7Z',
  ],
  add: ['M12 5v14M5 12h14'],
};
const BARS = ['M5 19v-4', 'M12 19v-9', 'M19 19V5'];
const LIT = { poor: 1, bad: 1, fair: 2, good: 3 };

/** Draw one of the shapes; it is decoration, whatever it stands in has a name of its own. */
export function icon(name) {
  const svg = document.createElementNS(NAMESPACE, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  svg.dataset.name = name;
  (SHAPES[name] ?? BARS).forEach((shape, index) => {
    const path = document.createElementNS(NAMESPACE, 'path');
    path.setAttribute('d', shape);
    if (index >= (LIT[name] ?? Infinity)) path.setAttribute('class', 'faint');
    svg.append(path);
  });
  return svg;
}
